"""The translation catalogues: what is in them, what is missing, and their compiled form."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.conf import settings
from django.core.management import call_command

# English is the language of the source, so it needs no catalogue.
LANGUAGES = ("fi", "sv")
NOT_SCANNED = (".venv", "var", "tests", "bench", "script", "docs", "node_modules", "migrations")


@dataclass(frozen=True)
class Gap:
    """One string that a reader would meet untranslated."""

    catalogue: Path
    fault: str
    msgid: str

    def __str__(self) -> str:
        return f"{self.catalogue}: {self.fault}: {self.msgid!r}"


def catalogue_files(root: Path | None = None) -> list[Path]:
    """All `.po` files of the project, for pages (`django`) and scripts (`djangojs`)."""
    return sorted(((root or settings.BASE_DIR) / "locale").glob("*/LC_MESSAGES/*.po"))


def compile_changed() -> list[Path]:
    """Write a `.mo` file beside every catalogue that is newer than its own, and return those written.

    Needs no gettext. A file appears whole or not at all, so that a running process never reads half of one.
    """
    written = []
    for source in catalogue_files():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        catalogue = polib.pofile(str(source))
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as file:
            file.write(catalogue.to_binary())
        temporary = Path(file.name)
        temporary.chmod(0o644)
        temporary.replace(target)
        written.append(target)
    return written


def collect(root: Path) -> None:
    """Bring the catalogues under `root` up to date with its source, with gettext's tools."""
    for language in LANGUAGES:
        (root / "locale" / language / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
    before = Path.cwd()
    os.chdir(root)  # the tools take every path from the working directory
    try:
        for domain, extensions in (("django", ["html", "txt", "py"]), ("djangojs", ["js"])):
            call_command(
                "makemessages",
                locale=list(LANGUAGES),
                domain=domain,
                extensions=extensions,
                ignore_patterns=[f"{name}/*" for name in NOT_SCANNED] + [f"*/{name}/*" for name in NOT_SCANNED],
                add_location="file",
                no_wrap=True,
                no_obsolete=True,
                verbosity=0,
            )
    finally:
        os.chdir(before)


def gaps() -> Iterator[Gap]:
    """Every untranslated or fuzzy entry, and every string of the source that no catalogue knows.

    The source is scanned in a copy, so that looking changes nothing.
    """
    for path in catalogue_files():
        name = path.relative_to(settings.BASE_DIR)
        for entry in polib.pofile(str(path)):
            if entry.obsolete:
                continue
            if entry.fuzzy:
                yield Gap(name, "fuzzy", entry.msgid)
            elif not entry.translated():
                yield Gap(name, "untranslated", entry.msgid)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "source"
        shutil.copytree(settings.BASE_DIR, copy, ignore=shutil.ignore_patterns(*NOT_SCANNED, ".*", "*.pyc", "*.mo"))
        collect(copy)
        for path in catalogue_files(copy):
            name = path.relative_to(copy)
            known = _strings(settings.BASE_DIR / name)
            for context, msgid, _plural in sorted(_strings(path) - known):
                yield Gap(name, "not in the catalogue", f"{context}|{msgid}" if context else msgid)


def _strings(path: Path) -> set[tuple[str, str, str]]:
    if not path.exists():
        return set()
    return {
        (entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")
        for entry in polib.pofile(str(path))
        if not entry.obsolete
    }
