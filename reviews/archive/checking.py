"""Whether an archive is as it was written: every file there, none added, none changed."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext as _

from reviews.archive.names import CHECKSUMS, INDEX

PIECE = 1024 * 1024
"""Bytes read at once."""


def problems_in(file: IO[bytes] | str) -> list[str]:
    """A sentence for each difference between an archive's files and its checksums; nothing where it is whole."""
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        if CHECKSUMS not in names:
            return [_("There is no list of checksums in it.")]
        listed = dict(_lines(archive.read(CHECKSUMS).decode()))
        told = [_("Missing: %(name)s") % {"name": name} for name in sorted(listed.keys() - names)]
        told += [
            _("Not in the list of checksums: %(name)s") % {"name": name}
            for name in sorted(names - listed.keys() - {CHECKSUMS})
        ]
        digests = {name: digest_of(archive, name) for name in sorted(names & listed.keys())}
        told += [_("Changed: %(name)s") % {"name": name} for name, digest in digests.items() if digest != listed[name]]
        if INDEX in names and not told:
            told += _index_problems(archive, digests)
        return told


def _index_problems(archive: zipfile.ZipFile, digests: dict[str, str]) -> list[str]:
    rows = json.loads(archive.read(INDEX))["files"]
    return [
        _("The index says otherwise of: %(name)s") % {"name": row["path"]}
        for row in rows
        if digests.get(row["path"]) != row["sha256"]
    ]


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        digest, _spaces, name = line.partition("  ")
        yield name, digest


def digest_of(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
