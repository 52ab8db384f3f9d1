"""The summary of a round as PDF: the same words as its pages, with contents and numbered remarks."""

from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from documents.rendering import interface_language
from regions.models import Region
from reviews.answering.paper import set_pdf
from reviews.summary.content import Summary
from reviews.summary.differences import Run, told
from reviews.summary.numbering import numbered, remark_numbers
from reviews.summary.page import Page, PartRow, page_of
from reviews.summary.signs import MARK, showable_summary

LONG_CONTENTS = 40
"""Entries from which the contents are set closer."""


@dataclass(frozen=True)
class Entry:
    """A chapter or a section in the contents."""

    anchor: str
    number: str
    heading: str
    below: tuple["Entry", ...] = ()
    lang: str = ""
    """The heading's language where it is another one than the file's."""


def summary_pdf(summary: Summary, language: str, *, region: Region, is_draft: bool) -> bytes:
    """Raises PrintError where the file would not be accessible."""
    shown = interface_language(language)
    with override(shown):
        shown_summary = showable_summary(summary)
        page = page_of(shown_summary, language)
        return set_pdf(
            "print/summary.html",
            region=region,
            is_sample=page.is_sample,
            language=shown,
            title=f"{_('Summary of statements')}: {page.title}",
            made=page.made,
            has_marks=shown_summary != summary,
            mark=MARK,
            **_context(page, is_draft=is_draft, accent=region.accent),
        )


def _context(page: Page, *, is_draft: bool, accent: str) -> dict[str, Any]:
    chapters = _chapters(page)
    numbers = remark_numbers(page)
    return {
        "page": page,
        "is_draft": is_draft,
        "chart_colour": accent,
        "made_on": formats.date_format(page.made, "SHORT_DATE_FORMAT"),
        "contents": chapters,
        "long_contents": sum(1 + len(chapter.below) for chapter in chapters) > LONG_CONTENTS,
        "chapters": {chapter.anchor: chapter for chapter in chapters},
        "numbers": numbers,
        "changes": [
            {
                "row": row,
                "lines": _lines(row.html),
                "remarks": [(one, numbers[one]) for one in row.remarks if one in numbers],
            }
            for row in page.changes
        ],
        "parts": [_part(part, numbers) for part in page.parts],
        "respondents": [{"row": row, "remarks": numbered(row.remarks, numbers)} for row in page.respondents],
    }


def _chapters(page: Page) -> list[Entry]:
    """What there is to tell, in order."""
    other = page.language if page.language != interface_language(page.language) else ""
    parts = tuple(Entry(anchor_of(part), part.number, part.heading, lang=other) for part in page.parts)
    wanted: list[tuple[str, str, bool, tuple[Entry, ...]]] = [
        ("numbers", _("The round in brief"), True, ()),
        ("changes", _("What was changed"), bool(page.changes), ()),
        ("asked", _("Who was asked"), bool(page.asked or page.asked_people), ()),
        ("questions", _("Questions"), bool(page.questions), ()),
        ("remarks", _("Remarks and answers"), bool(page.parts), parts),
        ("respondents", _("Respondents"), bool(page.respondents), ()),
    ]
    there = [row for row in wanted if row[2]]
    return [
        Entry(anchor, str(number), heading, below)
        for number, (anchor, heading, _is_there, below) in enumerate(there, 1)
    ]


def anchor_of(part: PartRow) -> str:
    return f"s-{part.key or 'whole'}"


def _part(part: PartRow, numbers: dict[str, int]) -> dict[str, Any]:
    remarks = [
        {
            "row": row,
            "number": numbers[row.id],
            "proposal": [{**change, "lines": _lines(change["html"])} for change in row.proposal],
        }
        for row in part.remarks
    ]
    return {"anchor": anchor_of(part), "row": part, "remarks": remarks}


def _lines(html: str) -> list[list[Run]]:
    """A difference as lines of marked words."""
    lines: list[list[Run]] = [[]]
    for run in told(html):
        if run.text == "\n":
            lines.append([])
        else:
            lines[-1].append(run)
    return [line for line in lines if any(run.text.strip() for run in line)]
