"""A frozen version as a printed page: what stands in it, in which order, with which headings."""

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import lxml.html
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import formats, timezone, translation
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy
from lxml import etree

from documents import kinds
from documents.blocks import FIGURE, HEADING, Block
from documents.frozen import Frozen, FrozenSection
from documents.html import Rendering, render
from documents.models import Document
from documents.models.document import in_language
from documents.printing.engine import IMAGE_SCHEME, Fetch, make_pdf
from documents.rendering import interface_language
from documents.richtext import plain, sanitise
from documents.translation import only_in

Draw = Callable[[Block], str]
"""Draws a structured block as HTML; an empty string where it is shown elsewhere."""

_YEARS = re.compile(r"\d{4}–\d{4}")
ONE_PAGE_OF_CONTENTS = 48
"""So many lines of contents stand on a page together with those of the appendices; more are set closer, so that a few
do not spill over."""
_COLOUR = re.compile(r"#([0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Edition:
    """One version about to be printed in one language."""

    frozen: Frozen
    language: str
    number: int
    """The version's number."""
    frozen_at: datetime.datetime
    is_draft: bool
    identifier: str
    """Names the content and how it is printed: what is equal here is equal in print."""
    picture: Fetch
    content: bytes = b""
    """The bytes that were frozen."""

    @property
    def title(self) -> str:
        return in_language(self.frozen.document["title"], self.language)

    @property
    def region(self) -> str:
        return in_language(self.frozen.document["region"]["name"], self.language)

    @property
    def original(self) -> str:
        return self.frozen.document["languages"][0]

    @property
    def date(self) -> str:
        return formats.date_format(timezone.localtime(self.frozen_at), "SHORT_DATE_FORMAT")

    def says(self, texts: Mapping[str, str] | None) -> str:
        """A label in the language of print, or in the first one that there is."""
        return in_language(texts or {}, self.language)


@dataclass(frozen=True)
class PrintedSection:
    """A section as it is printed, with its place in the contents."""

    key: str
    number: str
    heading: str
    lang: str
    """The heading's language where it is another one than the document's."""
    depth: int
    html: SafeString
    below: list["PrintedSection"] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"s-{self.key}"


@dataclass(frozen=True)
class Extra:
    """A part that is made from the rest: a closing chapter or an appendix, for the contents."""

    anchor: str
    number: str
    heading: str


def print_pdf(edition: Edition, template: str, *, draw: Draw | None = None, **context: Any) -> bytes:
    """The PDF of an edition by a template of `templates/print/`.

    `draw` draws the structured blocks, which otherwise are told as lines; what else the template needs is given by
    name. Raises ValidationError (`picture_without_alt`) for what the writers can mend, PrintError for what they cannot.
    """
    _require_alternatives(edition)
    with translation.override(interface_language(edition.language)):
        whole = {**_frame(edition), **_sections(edition, draw or _lines(edition)), "extras": [], **context}
        html = render_to_string(template, whole)
        return make_pdf(
            html,
            language=edition.language,
            title=f"{edition.title}, {edition.region}",
            created_at=edition.frozen_at,
            identifier=edition.identifier,
            fetch=edition.picture,
        )


def _frame(edition: Edition) -> dict[str, Any]:
    """What stands around the text: cover, head and foot of the page."""
    document = edition.frozen.document
    accent = _COLOUR.fullmatch(document["region"].get("accent") or "")
    cover = document.get("cover")
    period = edition.frozen.whole.get("period") or str(edition.frozen.whole.get("year") or "")
    return {
        "edition": edition,
        "language": edition.language,
        "title": edition.title,
        "region": edition.region,
        "date": edition.date,
        "is_draft": edition.is_draft,
        "sample_mark": _sample_mark(document) if document.get("is_sample") else "",
        "accent": accent[1].lower() if accent else "17566b",
        "description": edition.says(document.get("description")),
        "cover_title": _whole_years(edition.title),
        "period": "" if period in edition.title else period,
        "cover": f"{IMAGE_SCHEME}{cover['file']}" if cover else "",
        "cover_alt": (edition.says(cover["alt"]) or gettext("Cover picture")) if cover else "",
        "coordinating_body": edition.says(document.get("coordinating_body")),
        "writing_body": edition.says(document.get("writing_body")),
        "gap_note": gap_note(edition),
        "no_answer": gettext("No answer") if document["kind"] == Document.Kind.HANDBOOK else "",
    }


def gap_note(edition: Edition) -> str:
    """What tells the reader that some texts stand in another language; empty where none does."""
    return only_in(edition.original) if edition.frozen.is_partly_untranslated(edition.language) else ""


def _whole_years(title: str) -> SafeString:
    """A title whose years ("2023–2025") are not cut by the end of a line."""
    return mark_safe(_YEARS.sub(r'<span class="whole">\g<0></span>', escape(title)))  # noqa: S308 escaped


def _sample_mark(document: Mapping[str, Any]) -> str:
    if document["kind"] == Document.Kind.PLAN:
        return gettext("Sample text – not an official plan")
    return gettext("Sample text – not an official document")


# --- Sections ---------------------------------------------------------------------------------------------


def _sections(edition: Edition, draw: Draw) -> dict[str, Any]:
    printed: list[PrintedSection] = []
    by_key: dict[str, PrintedSection] = {}
    for section in edition.frozen.sections:
        row = _section(edition, section, draw)
        by_key[section.key] = row
        if section.parent in by_key:
            by_key[section.parent].below.append(row)
        else:
            printed.append(row)
    entries = len(printed) + sum(len(row.below) for row in printed)
    return {"chapters": printed, "long_contents": entries > ONE_PAGE_OF_CONTENTS}


def _section(edition: Edition, section: FrozenSection, draw: Draw) -> PrintedSection:
    own = section.heading.get(edition.language)
    return PrintedSection(
        key=section.key,
        number=section.number,
        heading=section.heading_in(edition.language),
        lang="" if own else next((code for code, text in section.heading.items() if text), ""),
        depth=section.depth,
        html=_text(edition, section, draw),
    )


def _text(edition: Edition, section: FrozenSection, draw: Draw) -> SafeString:
    how = Rendering(
        language=edition.language,
        heading_level=section.depth + 2,
        fallback=edition.original if edition.original != edition.language else None,
        image_url=lambda key: f"{IMAGE_SCHEME}{key}",
        structured=draw,
    )
    html = render(_without_heading_gaps(section.blocks), how)
    heading = section.heading_in(edition.language)
    everywhere = _places(edition)
    places = {block.id: everywhere[block.id] for block in section.blocks if block.id in everywhere}
    # A chapter about Koillismaa need not say so after each line.
    places = {block_id: place for block_id, place in places.items() if place not in heading}
    return _with_places(html, places) if places else html


def _without_heading_gaps(blocks: Iterable[Block]) -> list[Block]:
    """A small heading that no larger one stands above is printed as a larger one: no level may be skipped."""
    result: list[Block] = []
    highest_seen = False
    for block in blocks:
        if block.kind == HEADING:
            if not highest_seen and int(block.data.get("level", 1)) > 1:
                result.append(replace(block, data={**block.data, "level": 1}))
                continue
            highest_seen = True
        result.append(block)
    return result


def _places(edition: Edition) -> dict[str, str]:
    """Block id -> where its words come from: "Oulu, Koillismaa"."""
    places: dict[str, list[str]] = {}
    for source in edition.frozen.whole.get("sources", []):
        place = edition.says(source["handbook"].get("place")) or edition.says(source["handbook"].get("title"))
        if place and place not in places.setdefault(source["block"], []):
            places[source["block"]].append(place)
    return {block_id: ", ".join(names) for block_id, names in places.items() if names}


def _with_places(html: str, places: Mapping[str, str]) -> SafeString:
    """The text with the places it was compiled from, small, at the end of each block that does not name them itself."""
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    for element in root.xpath(".//*[@id]"):
        place = places.get(element.get("id").removeprefix("b-"))
        words = element.text_content()
        if not place or element.tag not in {"p", "li"} or all(name in words for name in place.split(", ")):
            continue
        nested = next((child for child in element if child.tag in {"ul", "ol"}), None)
        at = len(element) if nested is None else element.index(nested)
        if at:
            element[at - 1].tail = f"{element[at - 1].tail or ''} "
        else:
            element.text = f"{element.text or ''} "
        mark = etree.Element("span", {"class": "from"})
        mark.text = f"({place})"
        element.insert(at, mark)
    return mark_safe("".join(lxml.html.tostring(child, encoding="unicode") for child in root))  # noqa: S308 sanitised


# --- What is not running text -----------------------------------------------------------------------------


def _lines(edition: Edition) -> Draw:
    """Structured blocks as lines of label and text, for kinds that no print template knows."""

    def draw(block: Block) -> str:
        kind = kinds.block_kind(block.kind)
        if kind is None:
            return ""
        rows = kind.lines(block, edition.frozen.resolved.get(block.id, {}), edition.language)
        # Every text is sanitised once more on the way out.
        said = [(label, mark_safe(sanitise(text))) for label, text in rows]  # noqa: S308
        return render_to_string("print/_lines.html", {"block": block, "rows": said})

    return draw


def _require_alternatives(edition: Edition) -> None:
    """Every picture must say in words what it shows: without that no accessible file can be made."""
    missing = [
        section.number
        for section in edition.frozen.sections
        for block in section.blocks
        if block.kind == FIGURE
        and not block.is_decorative
        and not plain(block.get("alt", edition.language))
        and not plain(block.get("alt", edition.original))
    ]
    if missing:
        raise ValidationError(
            gettext_lazy(
                "A picture has no text alternative. Write one and save a new version. Sections: %(sections)s."
            ),
            code="picture_without_alt",
            params={"sections": ", ".join(dict.fromkeys(missing))},
        )
