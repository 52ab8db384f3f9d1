"""The answers in the wide table of the compile desk. There are hundreds on a page, and a template for each is slow."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from plans.theme import Piece

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_pieces(context: Mapping[str, Any], pieces: Iterable[Piece], several: bool) -> SafeString:
    """The answers of one cell below one heading, each with its box, its words and what became of it.

    `several` is whether the place of each has to be told. The page's context says whether they can be ticked
    (`may_edit`), which are (`chosen`) and which one gets the focus (`focus`); the table's template gives the icons.
    """
    may_edit, chosen, focus = context["may_edit"], context["chosen"], context["focus"]
    handbook = _("Handbook")
    return format_html_join(
        "\n",
        '<li class="fc-piece{}" id="a-{}" data-piece="{}">{}<p class="fc-piece__state">{}'
        '<a class="fc-quiet-link" href="{}">{}<span class="visually-hidden">: {}</span></a></p></li>',
        (
            (
                "" if piece.waits else " fc-piece--handled",
                piece.id,
                "waits" if piece.waits else "",
                _ticked(piece, several, chosen, focus)
                if may_edit
                else format_html("<p>{}</p>", _words(piece, several)),
                _became(piece, context),
                piece.url,
                handbook,
                piece.label,
            )
            for piece in pieces
        ),
    )


def _ticked(piece: Piece, several: bool, chosen: Collection[str], focus: str) -> SafeString:
    return format_html(
        '<div class="form-check">'
        '<input class="form-check-input" type="checkbox" name="answer" value="{0}" id="c-{0}"{1}>'
        '<label class="form-check-label" for="c-{0}">{2}</label></div>',
        piece.id,
        SafeString((" checked" if piece.id in chosen else "") + (" data-focus" if piece.id == focus else "")),
        _words(piece, several),
    )


def _words(piece: Piece, several: bool) -> SafeString:
    words = format_html_join(" / ", '<span lang="{}">{}</span>', piece.texts)
    place = format_html(' <span class="fc-muted">({})</span>', piece.place) if several else ""
    return format_html("<span data-words>{}</span>{}", words, place)


def _became(piece: Piece, context: Mapping[str, Any]) -> SafeString:
    parts = []
    if piece.places:
        places = format_html_join(", ", '<a href="{1}">{0}</a>', piece.places)
        parts.append(format_html("<span>{}{}</span> {} ", context["icon_check"], _("In the plan:"), places))
    elif piece.reason:
        told = _("Left out: %(reason)s") % {"reason": piece.reason}
        parts.append(format_html("<span>{}{}</span> ", context["icon_remove"], told))
    if piece.has_changed:
        parts.append(format_html('<a href="#changed-title">{}{}</a> ', context["icon_edit"], _("Changed since")))
    return SafeString("".join(parts))
