"""Keeping the passages: after each save of a draft, when a version is frozen, and all of them anew."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from documents import frozen, kinds
from documents.blocks import HEADING, Block
from documents.lemmas import tidy
from documents.models import Document, Passage, PassageQuerySet, Publication, Section, Version
from documents.richtext import plain
from documents.search import tokens

BATCH = 500


@dataclass(frozen=True)
class Words:
    """What a passage says, before it has a row."""

    block_id: str
    language: str
    text: str
    is_heading: bool = False


def _of_heading(heading: Mapping[str, str]) -> list[Words]:
    rows = [Words("", language, " ".join(tidy(text).split()), True) for language, text in heading.items()]
    return [row for row in rows if row.text]


def _of_blocks(blocks: Iterable[Block]) -> list[Words]:
    rows = [
        Words(block.id, language, tidy(plain(block.html_in(language))), block.kind == HEADING)
        for block in blocks
        for language in sorted(block.languages())
    ]
    return [row for row in rows if row.text]


def index_section(section: Section, blocks: Sequence[Block]) -> None:
    """Let search follow a section of the draft after a save: only what changed is written.

    Up to five queries, and none for paragraphs that stayed as they were. Part of the save's own transaction.
    """
    _follow(section, _of_blocks(blocks), Passage.objects.exclude(block_id=""))


def index_heading(section: Section) -> None:
    """Let search follow a section's heading."""
    _follow(section, _of_heading(section.heading), Passage.objects.filter(block_id=""))


def _follow(section: Section, wanted: list[Words], among: PassageQuerySet) -> None:
    missing = set(wanted)
    gone = []
    for standing in among.filter(section=section):
        row = Words(standing.block_id, standing.language, standing.text, standing.is_heading)
        if row in missing:
            missing.discard(row)
        else:
            gone.append(standing.pk)
    if gone:
        Passage.objects.filter(pk__in=gone).delete()
        tokens.remove(gone)
    now = timezone.now()
    _add([_of_draft(section, row, now) for row in wanted if row in missing])


def _of_draft(section: Section, row: Words, dated: datetime) -> Passage:
    return Passage(
        region_id=section.region_id,
        document_id=section.document_id,
        section=section,
        section_key=section.key,
        block_id=row.block_id,
        language=row.language,
        is_heading=row.is_heading,
        text=row.text,
        dated=dated,
    )


def index_title(document: Document) -> None:
    """Let search follow the title and description of a document."""
    _remove(Passage.objects.of_draft().filter(document=document, section=None))
    _add(_titles(document, timezone.now()))


def _titles(document: Document, dated: datetime) -> list[Passage]:
    return [
        Passage(
            region_id=document.region_id,
            document=document,
            language=row.language,
            is_heading=row.is_heading,
            text=row.text,
            dated=dated,
        )
        for row in _whole(document.title, document.description)
    ]


def _whole(title: Mapping[str, str], description: Mapping[str, str]) -> list[Words]:
    about = [Words("", row.language, row.text) for row in _of_heading(description)]
    return [*_of_heading(title), *about]


def index_version(version: Version) -> None:
    """Make a version findable, and forget those of its document that are read no more.

    Findable are the newest version, the public ones, and those that an upper package names (a handbook as it was
    handed in). Doing it twice does no harm.
    """
    document = version.document
    _forget_versions(document, keep={version.pk, *_read_versions(document)})
    if not Passage.objects.filter(version=version).exists():
        _add(_passages_of(version))


def _read_versions(document: Document) -> set[int]:
    newest = document.versions.order_by("-number").values_list("pk", flat=True).first()
    public = Publication.objects.filter(version__document=document, withdrawn_at=None).values_list("version", flat=True)
    kind = kinds.document_kind(document.kind)
    standing = kind.standing_versions(document) if kind else set()
    return {*public, *standing, *([newest] if newest else [])}


def forget_document(document: Document) -> None:
    """Take a document that is being removed out of the search."""
    _remove(document.passages.all())


def _forget_versions(document: Document, keep: set[int]) -> None:
    _remove(Passage.objects.filter(document=document, version__isnull=False).exclude(version__in=keep))


def _passages_of(version: Version) -> list[Passage]:
    content = frozen.read(version)
    languages = set(content.document["languages"])

    def passage(row: Words, key: str = "", number: str = "") -> Passage:
        return Passage(
            region_id=version.region_id,
            document_id=version.document_id,
            version=version,
            section_key=key,
            number=number,
            block_id=row.block_id,
            language=row.language,
            is_heading=row.is_heading,
            text=row.text,
            dated=version.frozen_at,
        )

    whole = _whole(content.document["title"], content.document.get("description") or {})
    rows = [passage(row) for row in whole if row.language in languages]
    for section in content.sections:
        said = [*_of_heading(section.heading), *_of_blocks(section.blocks)]
        rows += [passage(row, section.key, section.number) for row in said if row.language in languages]
    return rows


def _add(rows: list[Passage]) -> None:
    made = Passage.objects.bulk_create(rows, batch_size=BATCH)
    tokens.write((row.pk, row.language, row.text) for row in made)


def _remove(rows: PassageQuerySet) -> None:
    pks = list(rows.values_list("pk", flat=True))
    if pks:
        rows.delete()
        tokens.remove(pks)


def build(tell: Callable[[str], None] = lambda line: None) -> int:
    """Write every passage anew; answers how many there are. Doing it again changes nothing.

    Each document in a transaction of its own and under its lock, so that people can go on writing meanwhile.
    """
    count = 0
    for pk in Document.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            document = Document.objects.select_for_update(of=("self",)).get(pk=pk)
            _remove(Passage.objects.filter(document=document))
            rows = _everything_of(document)
            _add(rows)
        count += len(rows)
        tell(f"{document}: {len(rows)}")
    with transaction.atomic():
        tokens.remove_strays()
        tokens.sign()
    return count


def _everything_of(document: Document) -> list[Passage]:
    rows = _titles(document, document.created_at)
    for section in document.sections.select_related("head").annotate(saved_at=F("head__created_at")):
        said = [*_of_heading(section.heading), *_of_blocks(section.blocks)]
        rows += [_of_draft(section, row, section.saved_at or document.created_at) for row in said]
    for version in document.versions.filter(pk__in=_read_versions(document)):
        rows += _passages_of(version)
    return rows
