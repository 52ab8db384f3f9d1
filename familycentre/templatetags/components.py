"""Icons, badges and other small parts of every page."""

import datetime
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.templatetags.static import static
from django.utils import formats
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

register = template.Library()


@register.simple_tag
def icon(name: str, label: str | Promise = "") -> SafeString:
    """An icon of `static/icons/sprite.svg`. Without a label it is decoration and hidden from screen readers."""
    if not label:
        return _decoration(name)
    return format_html(
        '<svg class="fc-icon" role="img" aria-label="{}" focusable="false"><use href="{}#{}"></use></svg>',
        label,
        _sprite(),
        name,
    )


# Kept for the life of the process, as the files are: a page has dozens of icons, and each would look them up anew.
@cache
def _sprite() -> str:
    return static("icons/sprite.svg")


@cache
def _decoration(name: str) -> SafeString:
    return format_html(
        '<svg class="fc-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>', _sprite(), name
    )


@dataclass(frozen=True)
class Badge:
    """How a state is shown: a tone of the palette, a sign that tells it from the others, and its word."""

    tone: str
    icon: str
    label: str | Promise


BADGES = {
    # A document, a section, an answer
    "draft": Badge("quiet", "half", pgettext_lazy("state of a text", "Draft")),
    "in_progress": Badge("note", "dot", pgettext_lazy("state of a text", "In progress")),
    "ready": Badge("good", "check", pgettext_lazy("state of a text", "Ready")),
    "handed_in": Badge("good", "arrow", pgettext_lazy("state of a text", "Handed in")),
    "frozen": Badge("note", "lock", pgettext_lazy("state of a text", "Saved as a version")),
    "published": Badge("good", "success", pgettext_lazy("state of a text", "Published")),
    "approved": Badge("good", "success", pgettext_lazy("state of a text", "Approved")),
    "archived": Badge("quiet", "lock", pgettext_lazy("state of a text", "Archived")),
    "candidate": Badge("note", "flag", pgettext_lazy("state of a text", "To be considered")),
    "conflict": Badge("bad", "warning", pgettext_lazy("state of a text", "To be settled")),
    "no_longer_asked": Badge("quiet", "history", pgettext_lazy("state of a text", "No longer asked")),
    "empty": Badge("quiet", "circle", pgettext_lazy("state of a text", "Not begun")),
    "notes": Badge("note", "comment", pgettext_lazy("state of a text", "Internal notes that wait for somebody")),
    # A translation
    "unread": Badge("note", "dot", pgettext_lazy("state of a text", "Changes by others since you were last here")),
    "current": Badge("good", "check", pgettext_lazy("state of a translation", "Translated")),
    "behind": Badge("warn", "history", pgettext_lazy("state of a translation", "Translation to be updated")),
    "missing": Badge("warn", "circle", pgettext_lazy("state of a translation", "Not translated")),
    # A comment round
    "open": Badge("good", "comment", pgettext_lazy("state of a round", "Open")),
    "coming": Badge("note", "calendar", pgettext_lazy("state of a round", "Announced")),
    "closed": Badge("quiet", "lock", pgettext_lazy("state of a round", "Closed")),
    "late": Badge("warn", "clock", pgettext_lazy("state of a statement", "Arrived late")),
    # A block compared with another version
    "same": Badge("quiet", "check", pgettext_lazy("state of a paragraph", "Unchanged")),
    "changed": Badge("warn", "edit", pgettext_lazy("state of a paragraph", "Changed")),
    "added": Badge("good", "add", pgettext_lazy("state of a paragraph", "Added")),
    "moved": Badge("note", "move", pgettext_lazy("state of a paragraph", "Moved")),
    "gone": Badge("bad", "remove", pgettext_lazy("state of a paragraph", "Removed")),
    # An action
    "not_started": Badge("quiet", "circle", pgettext_lazy("state of an action", "Not started")),
    "under_way": Badge("note", "half", pgettext_lazy("state of an action", "In progress")),
    "partly_done": Badge("note", "dot", pgettext_lazy("state of an action", "Partly done")),
    "done": Badge("good", "success", pgettext_lazy("state of an action", "Done")),
    "delayed": Badge("warn", "clock", pgettext_lazy("state of an action", "Delayed")),
    "discontinued": Badge("bad", "pause", pgettext_lazy("state of an action", "Discontinued")),
    "not_done": Badge("bad", "close", pgettext_lazy("state of an action", "Will not be done")),
    "continuous": Badge("note", "repeat", pgettext_lazy("state of an action", "Continuous")),
    # Anything
    "sample": Badge("warn", "info", _("Sample")),
}


@register.simple_tag
def badge(kind: str, label: str | Promise = "") -> SafeString:
    """The badge of a state: `{% badge "behind" %}`, or with a word of its own `{% badge "open" label=text %}`."""
    look = BADGES[kind]
    return format_html('<span class="fc-badge fc-tone-{}">{}{}</span>', look.tone, icon(look.icon), label or look.label)


@register.simple_tag
def state(kind: str, short: str) -> SafeString:
    """A state in little room, as in an outline: its sign and a short word; the full word is read out."""
    look = BADGES[kind]
    return format_html(
        '<span class="fc-state fc-tone-{}">{}{}<span class="visually-hidden">: {}</span></span>',
        look.tone,
        icon(look.icon),
        short,
        look.label,
    )


@register.simple_tag
def diff_marks(parts: list[tuple[str, str]]) -> SafeString:
    """A text with its changes: `parts` are ("same" | "added" | "removed", text) in reading order.

    The marks are underlined and struck through, and say in words what they are, so they need no colour.
    """
    words = {"added": ("ins", _("Added:")), "removed": ("del", _("Removed:"))}
    return format_html_join(
        "",
        "{}",
        (
            (
                format_html(
                    '<{0}><span class="visually-hidden">{1} </span>{2}</{0}>',
                    mark_safe(words[kind][0]),  # noqa: S308 # one of two element names above
                    words[kind][1],
                    text,
                )
                if kind in words
                else format_html("{}", text),
            )
            for kind, text in parts
        ),
    )


@register.simple_tag(takes_context=True)
def address_in(context: template.Context, language: str) -> str:
    """The address of the page that is being read, in another interface language.

    Addresses differ in their first part alone, so nothing is resolved and reversed again on every page.
    """
    request = context["request"]
    here, own = request.get_full_path(), f"/{get_language()}/"
    # An address that leads nowhere (404) has no translation; the front page has.
    if not request.resolver_match or not here.startswith(own):
        return f"/{language}/"
    return f"/{language}/{here.removeprefix(own)}"


@register.filter(expects_localtime=True)
def klo(value: datetime.datetime | datetime.time | None) -> str:
    """A time with the word that stands before it: klo 16.00, kl. 16.00, 16:00."""
    return formats.time_format(value, "CLOCK_FORMAT") if value else ""


@register.filter
def page_numbers(page: Page) -> list[int | str]:
    """The page numbers to show around a page of a list, with an ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.filter
def field_errors(form: Any) -> list[tuple[str, str, str]]:
    """The form's faulty fields for a summary: (id of the input, label, error)."""
    return [
        (field.id_for_label or field.auto_id, str(field.label), str(error))
        for field in form.visible_fields()
        for error in field.errors
    ]
