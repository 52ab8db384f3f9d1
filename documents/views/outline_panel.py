"""The outline beside a text: what stands where, how far it is, and what may be done with each section."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from accounts.http import Request
from accounts.models import User
from documents.blocks import TABLE_ROW
from documents.models import Document
from documents.queries import Outline, OutlineRow, outline_of
from documents.views.finding import address, content_language
from documents.visits import unread_sections

PANEL = "outline"
"""The panel's id in the page: what is changed there is answered with the panel alone."""
DIALOG = "outline-dialog-body"
"""Where the forms of the outline open beside the text."""


@dataclass(frozen=True)
class PanelRow:
    """A section in the outline beside the text."""

    key: str
    number: str
    title: str
    url: str
    current: bool
    states: list[tuple[str, str]]
    can: str
    """What may be done with it, as words for the menu: "up down in out below split join"."""
    children: list["PanelRow"]


def panel_rows(outline: Outline, language: str, current: str, *, unread: Mapping[int, int]) -> list[PanelRow]:
    """The outline with states; `unread` says for each section how many changes by others the reader has not seen."""
    base = address(outline.document, "section-detail", "key").removesuffix("key/")

    def made(row: OutlineRow) -> PanelRow:
        section = row.section
        return PanelRow(
            key=section.key,
            number=row.number,
            title=section.heading_in(language),
            url=f"{base}{section.key}/",
            current=section.key == current,
            states=_states(row, unread),
            can=" ".join(possible_changes(row)),
            children=[made(child) for child in row.children],
        )

    return [made(row) for row in outline.top]


def _states(row: OutlineRow, unread: Mapping[int, int]) -> list[tuple[str, str]]:
    count = unread.get(row.section.pk)
    return [*row.states, *([("unread", str(count))] if count else [])]


def states_in_outline(outline: Outline, row: OutlineRow, reader: User) -> list[tuple[str, str]]:
    """The states of one section, to be shown anew beside its line after something was done in another panel."""
    return _states(row, unread_sections(outline.document, reader))


def possible_changes(row: OutlineRow) -> list[str]:
    """What may be done with a section where it stands; the rest is possible everywhere."""
    pieces = sum(1 for block in row.blocks if block.kind != TABLE_ROW)
    following = row.next_sibling
    possible = {
        "up": row.previous_sibling is not None,
        "down": following is not None,
        "out": row.parent is not None,
        "in": row.can_move_in,
        "below": row.can_add_below,
        "split": pieces > 1,
        "join": following is not None and not following.children,
    }
    return [name for name, is_possible in possible.items() if is_possible]


def outline_panel(
    request: Request,
    outline: Outline,
    current: str,
    *,
    may_change: bool,
    said: str = "",
    focus: str = "",
    undo: str = "",
) -> dict[str, Any]:
    """What the panel shows beside the section `current`: the rows, and after a change what was done and where to undo
    it.
    """
    document = outline.document
    language = content_language(document, None)
    return {
        "document": document,
        "rows": panel_rows(outline, language, current, unread=unread_sections(document, request.user)),
        "language": language,
        "current": current,
        "may_change": may_change,
        "said": said,
        "focus": focus,
        "undo": undo,
        "tone": "good",
    }


def is_from_panel(request: Request) -> bool:
    """Whether the outline beside a text asks: then it is answered in place, and not with a page of its own."""
    return bool(request.htmx) and request.htmx.target in {PANEL, DIALOG}


def changed(
    request: Request, document: Document, said: str, *, focus: str = "", undo: str = "", touches: tuple[str, ...] = ()
) -> HttpResponse:
    """After a change: the panel with it, or the page on which the outline is edited.

    `touches` are the sections whose text changed with it: whoever has one of them open gets the whole page anew.
    """
    if not is_from_panel(request):
        messages.success(request, said, extra_tags=undo)
        return redirect(address(document, "document-outline"))
    outline = outline_of(document)
    at = request.POST.get("beside", "")
    if at not in outline.by_key or at in touches:
        messages.success(request, said, extra_tags=undo)
        return HttpResponseClientRedirect(_nearest(outline, at, focus))
    context = {"panel": outline_panel(request, outline, at, may_change=True, said=said, focus=focus, undo=undo)}
    response = render(request, "documents/_editor_outline.html", context)
    return reswap(retarget(response, f"#{PANEL}"), "outerHTML")


def refused(request: Request, document: Document, why: str, *, focus: str = "") -> HttpResponse:
    """What could not be done, said where it was asked for."""
    at = request.POST.get("beside", "")
    outline = outline_of(document)
    if not is_from_panel(request) or at not in outline.by_key:
        messages.error(request, why)
        target = address(document, "document-outline")
        return HttpResponseClientRedirect(target) if request.htmx and is_from_panel(request) else redirect(target)
    panel = outline_panel(request, outline, at, may_change=True, said=why, focus=focus) | {"tone": "bad"}
    return reswap(
        retarget(render(request, "documents/_editor_outline.html", {"panel": panel}), f"#{PANEL}"), "outerHTML"
    )


def _nearest(outline: Outline, at: str, focus: str) -> str:
    """The section that is open, the one that took its text, or the whole document."""
    key = next((key for key in (at, focus) if key in outline.by_key), None)
    if key is None:
        return address(outline.document, "document-detail")
    return address(outline.document, "section-detail", key)
