"""Freezing: from the draft, or from another version and operations on it. And accepting operations into the draft."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents import frozen, kinds
from documents.blocks import FIGURE, Block, dump, load, same_blocks
from documents.merge import merge
from documents.models import Document, Revision, Section, Version, VersionLabel
from documents.operations import INSERT_AFTER, MOVE, BlockGoneError, Operation, apply_in
from documents.search.index import index_version
from documents.services.documents import lock
from documents.services.identities import issue_ids, place_identities
from documents.services.revisions import add_revision, open_conflict
from documents.services.sections import Saved, meet
from regions.models import StoredFile


def outline_order(sections: Iterable[Section]) -> list[Section]:
    """Sections in reading order: each followed by those below it. Takes present sections of one document."""
    below: dict[int | None, list[Section]] = {}
    for section in sorted(sections, key=lambda row: (row.position, row.pk)):
        below.setdefault(section.parent_id, []).append(section)
    ordered: list[Section] = []

    def walk(parent_id: int | None) -> None:
        for section in below.get(parent_id, []):
            ordered.append(section)
            walk(section.pk)

    walk(None)
    return ordered


@transaction.atomic
def freeze(document: Document, *, by: User | None, label: str = "") -> Version:
    """Freeze the draft as the next version, whole: no save can come in between, because all lock the document."""
    return _freeze(lock(document), by=by, label=label)


@transaction.atomic
def freeze_if_changed(document: Document, *, by: User | None, label: str = "") -> tuple[Version, bool]:
    """Freeze the draft, unless it is to the byte what the latest version says: then that one, and False."""
    document = lock(document)
    latest = document.versions.order_by("-number").defer("content").first()
    if latest:
        content, _sections = _draft(document)
        if frozen.digest(content) == latest.sha256:
            return latest, False
    return _freeze(document, by=by, label=label), True


def _freeze(document: Document, *, by: User | None, label: str) -> Version:
    content, sections = _draft(document)
    heads = {section.key: section.head.number for section in sections if section.head}
    version = _store(document, content, heads=heads, by=by, label=label)
    kinds.version_was_frozen(version)
    record(by, "document.frozen", document, version=version.number, sha256=version.sha256)
    return version


def _draft(document: Document) -> tuple[bytes, list[Section]]:
    """The draft as the bytes of a version, and its sections in reading order."""
    sections = outline_order(document.sections.present().select_related("head", "criterion", "criterion__set"))
    keys = {section.pk: section.key for section in sections}
    rows = [
        {
            "key": section.key,
            "parent": keys.get(section.parent_id) if section.parent_id else None,
            "heading": section.heading,
            # Only where there is something to say, so that a draft without it keeps its bytes.
            **({"heading_shown": section.heading_shown} if section.heading_shown else {}),
            "facet": section.facet,
            "numbered": section.numbered,
            "criterion": _criterion(section),
            "guidance": section.guidance,
            "blocks": dump(kinds.without_internal(block) for block in section.blocks),
        }
        for section in sections
    ]
    blocks = [block for section in sections for block in section.blocks]
    content = {
        "schema": frozen.SCHEMA,
        "document": _document(document),
        "sections": rows,
        "resolved": _resolved(blocks),
        "whole": _whole(document),
        "files": _files(document, blocks),
    }
    return frozen.canonical(content), sections


def _criterion(section: Section) -> dict[str, Any] | None:
    criterion = section.criterion
    if criterion is None:
        return None
    return {"key": criterion.key, "code": criterion.code, "title": labels(criterion, "title")}


def labels(row: Any, name: str) -> dict[str, str]:
    """A reference label in every language that it has."""
    values = {language: getattr(row, f"{name}_{language}", None) for language in ("fi", "sv", "en", "se")}
    return {language: value for language, value in values.items() if value}


def _document(document: Document) -> dict[str, Any]:
    cover = document.cover
    texts_shown = {name: shown for name, shown in document.texts_shown.items() if shown}
    return {
        "public_id": document.public_id,
        "kind": document.kind,
        "region": {
            "code": document.region.code,
            "name": labels(document.region, "name"),
            "accent": document.region.accent,
        },
        "title": document.title,
        "description": document.description,
        **({"texts_shown": texts_shown} if texts_shown else {}),
        "languages": document.languages,
        "is_sample": document.is_sample,
        "cover": {"file": cover.public_id, "sha256": cover.sha256, "alt": document.cover_alt} if cover else None,
        "coordinating_body": labels(document.coordinating_body, "name") if document.coordinating_body else {},
        "writing_body": labels(document.writing_body, "name") if document.writing_body else {},
    }


def _resolved(blocks: Sequence[Block]) -> dict[str, dict[str, Any]]:
    resolved: dict[str, dict[str, Any]] = {}
    for name, kind in sorted(kinds.structured_kinds().items()):
        if any(block.kind == name for block in blocks):
            resolved.update(kind.resolve(blocks))
    return resolved


def _files(document: Document, blocks: Iterable[Block]) -> dict[str, str]:
    """The pictures in the text, each with the SHA-256 of its bytes."""
    keys = {str(block.data.get("file")) for block in blocks if block.kind == FIGURE}
    rows = StoredFile.objects.filter(region_id=document.region_id, public_id__in=keys) if keys else ()
    return {row.public_id: row.sha256 for row in rows}


def _whole(document: Document) -> dict[str, Any]:
    kind = kinds.document_kind(document.kind)
    return kind.snapshot(document) if kind else {}


def _store(
    document: Document,
    content: bytes,
    *,
    heads: dict[str, int],
    by: User | None,
    label: str,
    made_from: Version | None = None,
) -> Version:
    last = document.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = Version.objects.create(
        region_id=document.region_id,
        document=document,
        number=last + 1,
        content=content,
        sha256=frozen.digest(content),
        heads=heads,
        made_from=made_from,
        frozen_by=by,
    )
    if label.strip():
        name_version(version, name=label, by=by)
    index_version(version)
    return version


@transaction.atomic
def name_version(version: Version, *, name: str, by: User | None) -> None:
    """Give a version a name, or another one. The version itself stays as it is."""
    VersionLabel.objects.update_or_create(
        version=version, defaults={"name": name.strip()[:120], "given_by": by, "region_id": version.region_id}
    )


@transaction.atomic
def freeze_with_operations(
    version: Version, operations: Sequence[Operation], *, by: User | None, label: str = ""
) -> Version:
    """A new version that is exactly `version` with these operations done. The draft is not touched.

    Inserted blocks keep ids that this document issued (`issue_ids`), so that the same operations can put the same
    blocks into the draft. Raises ValidationError when an operation names a block that the version does not have
    (`block_gone`).
    """
    document = lock(version.document)
    before = {row["key"]: load(row["blocks"]) for row in version.json["sections"]}
    after = before
    for operation in issue_ids(document, operations):
        try:
            after = apply_in(after, operation, original=version.json["document"]["languages"][0])
        except BlockGoneError as error:
            raise ValidationError(
                _("This version does not have the text that the change names."), code="block_gone"
            ) from error
    content = {
        **version.json,
        "sections": [{**row, "blocks": dump(after[row["key"]])} for row in version.json["sections"]],
        "resolved": _resolved_again(version.json["resolved"], before, after),
        "files": {**version.json.get("files", {}), **_files(document, _in_order(after))},
    }
    sealed = _store(document, frozen.canonical(content), heads=version.heads, by=by, label=label, made_from=version)
    record(by, "document.frozen", document, version=sealed.number, sha256=sealed.sha256, made_from=version.number)
    return sealed


def _in_order(sections: Mapping[str, Sequence[Block]]) -> list[Block]:
    return [block for blocks in sections.values() for block in blocks]


def _resolved_again(
    old: dict[str, dict[str, Any]], before: Mapping[str, Sequence[Block]], after: Mapping[str, Sequence[Block]]
) -> dict[str, dict[str, Any]]:
    """What structured blocks also say: told anew for those that changed; of the others only the running number."""
    known = {block.id: block for block in _in_order(before)}
    if [block for block in known.values() if not block.is_text] == [
        block for block in _in_order(after) if not block.is_text
    ]:
        return old
    fresh = _resolved(_in_order(after))
    for block in _in_order(after):
        if block.id in fresh and block.id in old and block == known.get(block.id):
            number = {"number": fresh[block.id]["number"]} if "number" in old[block.id] else {}
            fresh[block.id] = {**old[block.id], **number}
    return fresh


@transaction.atomic
def accept_operations(
    version: Version,
    operations: Sequence[Operation],
    *,
    by: User | None,
    note: str = "",
    shown: Mapping[str, Block] | None = None,
) -> list[Saved]:
    """Merge proposed operations on a version into today's draft, wherever their blocks stand now.

    For each block the merge is between the version's block (base), the draft's head and the proposal. An insertion that
    the draft has already is not done again. `shown` are blocks that whoever wrote the operations had before her eyes
    instead of the version's, by id: then those are the base. Raises ValidationError when a block is no longer in the
    draft (`block_gone`); then nothing is saved and a person decides.
    """
    document = lock(version.document)
    original = {block.id: block for block in frozen.read(version).blocks()} | dict(shown or {})
    operations = issue_ids(document, operations)
    inserted = {operation.new["id"] for operation in operations if operation.op == INSERT_AFTER}
    targets = {str(operation.value) for operation in operations if operation.op == MOVE}
    named = {operation.block_id for operation in operations} - inserted
    placed = document.block_identities.filter(block_id__in=named | targets | inserted, section__removed_at=None)
    homes = dict(placed.filter(section__isnull=False).values_list("block_id", "section_id"))
    if not named <= homes.keys() & original.keys():
        raise _not_in_draft()
    sections = list(document.sections.select_related("head").filter(pk__in=set(homes.values())))
    heads = {section.key: section.blocks for section in sections}
    bases = {
        key: [original[block.id] if block.id in named else block for block in blocks] for key, blocks in heads.items()
    }
    mine = {key: list(blocks) for key, blocks in bases.items()}
    try:
        for operation in operations:
            if operation.op != INSERT_AFTER or operation.new["id"] not in homes:
                mine = apply_in(mine, operation, original=document.original)
    except BlockGoneError as error:
        raise _not_in_draft() from error
    meet(bases, heads, mine)
    results: list[Saved] = []
    for section in sections:
        outcome = merge(bases[section.key], heads[section.key], mine[section.key])
        if same_blocks(outcome.blocks, section.blocks) and not outcome.clashes:
            results.append(Saved(section.head, unchanged=True))
            continue
        revision = add_revision(
            section, outcome.blocks, by=by, base=section.head, origin=Revision.Origin.ACCEPTED, note=note
        )
        conflicts = [open_conflict(revision, clash, by) for clash in outcome.clashes]
        results.append(Saved(revision, merged=True, conflicts=conflicts))
    place_identities(document, sections)
    record(by, "proposal.accepted", document, version=version.number, blocks=sorted(named))
    return results


def _not_in_draft() -> ValidationError:
    return ValidationError(_("The text that the proposal changes is no longer in the draft."), code="block_gone")


def first_version_with(revision: Revision) -> Version | None:
    """The first version frozen after this revision was made, so the one in which its change can be read."""
    versions = Version.objects.defer("content").filter(document_id=revision.document_id).order_by("number")
    key = revision.section.key
    return next(
        (row for row in versions if row.made_from_id is None and row.heads.get(key, 0) >= revision.number), None
    )
