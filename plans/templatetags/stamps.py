"""Partials that a page repeats hundreds of times: rendered once, then filled in for each row."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, cast

from django import template
from django.forms import BoundField, ChoiceField
from django.template.loader import get_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.goal_list import STATUS_BADGES, ShownAction, SourceLink
from plans.models import ExtraField

register = template.Library()

# A name between two private characters, which no text has.
MARK = re.compile("\ue000(\\w+)\ue001")


class _Marks(dict[str, str]):
    """Gives a mark for every name that a template asks for."""

    def __missing__(self, name: str) -> str:
        return f"\ue000{name}\ue001"


class Stamp:
    """A partial with marks where its rows differ."""

    def __init__(self, html: str) -> None:
        self._parts = MARK.split(html)

    def fill(self, values: Mapping[str, Any]) -> SafeString:
        """One row. Values are escaped as in a template."""
        escaped = {name: _escaped(value) for name, value in values.items()}
        parts = self._parts.copy()
        parts[1::2] = [escaped[name] for name in parts[1::2]]
        return mark_safe("".join(parts))  # noqa: S308 a template with escaped words in it


def _escaped(value: Any) -> str:
    """As a template escapes it, without the lazy texts that cost half of the time."""
    if type(value) is str:
        return escape(value)
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


@register.simple_tag(takes_context=True)
def stamp(context: Any, name: str, **values: Any) -> Stamp:
    """Render a partial once: `{% stamp "plans/_row_menu.html" kind="goal" as goal_menu %}`.

    What differs between rows is `{{ mark.<name> }}` in the partial, and can only be written there: no filter, no `if`.
    """
    with context.push(mark=_Marks(), **values):
        return Stamp(context.template.engine.get_template(name).render(context))


@register.simple_tag
def stamped(stamp: Stamp, **values: Any) -> SafeString:
    """The partial with these values: `{% stamped goal_menu label=goal_label url=row.url %}`."""
    return stamp.fill(values)


@register.simple_tag(takes_context=True)
def measure_rows(context: Any, stamp: Stamp, actions: Sequence[ShownAction]) -> SafeString:
    """Measures as rows of a table; the one that the page's `at` names gets the focus and what was said of it."""
    badges = {status: _badge(status) for status in {action.status for action in actions}}
    in_table, at, extra = context["in_table"], context["at"], context["extra"]
    said = format_html(' data-announce="{}"', context["said"]) if context["said"] else ""
    rows = (
        stamp.fill(
            {
                "block_id": action.block_id,
                "public_id": action.public_id,
                "label": action.number,
                "url": action.url,
                "goal_url": action.goal_url,
                "title": action.title,
                "more": "" if in_table else _extra_lines(action, extra),
                "sources": source_links(action.sources),
                "responsible": _responsible(action, with_partners=not in_table),
                "partners": action.partners or "–",
                "schedule": _schedule(action) if in_table else action.time or "–",
                "resources": action.resources or "–",
                "status": badges[action.status],
                "extra": _extra_cells(action, extra) if in_table else "",
                "focus": FOCUS if at == action.block_id else "",
                "said": said if at == action.block_id else "",
            }
        )
        for action in actions
    )
    return mark_safe("".join(rows))  # noqa: S308 filled templates


FOCUS = mark_safe(" data-focus")
SELECTED = mark_safe(" selected")


def _schedule(action: ShownAction) -> SafeString:
    """The dates, and below them how the schedule is printed."""
    if action.schedule and action.dates:
        return format_html('{}<span class="fc-measures__partners">{}</span>', action.dates, action.schedule)
    return format_html("{}", action.time or "–")


def _extra_cells(action: ShownAction, extra: Sequence[ExtraField]) -> SafeString:
    return format_html_join(
        "",
        '<td data-label="{}" data-field="{}"><span>{}</span></td>',
        ((str(field), field.key, action.extra.get(str(field.place)) or "–") for field in extra),
    )


def _extra_lines(action: ShownAction, extra: Sequence[ExtraField]) -> SafeString:
    return format_html_join(
        "",
        '<span class="fc-measures__extra">{}: {}</span>',
        ((str(field), text) for field in extra if (text := action.extra.get(str(field.place)))),
    )


def _badge(status: str) -> str:
    kind = STATUS_BADGES.get(status, status)
    return get_template("plans/_measure_status.html").render({"badge": kind}) if status else "–"


def _responsible(action: ShownAction, *, with_partners: bool) -> SafeString:
    """The lead in bold, then who else is responsible, then the partners where they have no column of their own."""
    if action.lead:
        names = format_html("<strong>{}</strong>{}{}", action.lead, ", " if action.owners else "", action.owners)
    elif action.owners:
        names = format_html("{}", action.owners)
    else:
        names = format_html('<span class="fc-muted">{}</span>', _("Nobody yet"))
    if not (with_partners and action.partners):
        return names
    partners = _("With: %(names)s") % {"names": action.partners}
    return names + format_html('<span class="fc-muted fc-measures__partners">{}</span>', partners)


@register.simple_tag
def plain_select(field: BoundField) -> SafeString:
    """A list of choices as its widget draws it; a template for each of a hundred choices takes too long."""
    chosen = field.value() or ""
    choices = cast("Iterable[tuple[str, str]]", cast("ChoiceField", field.field).choices)
    options = "".join(
        f'<option value="{_escaped(value)}"{SELECTED if value == chosen else ""}>{_escaped(label)}</option>'
        for value, label in choices
    )
    return format_html(
        '<select name="{}" id="{}" class="form-select">{}</select>',
        field.html_name,
        field.id_for_label,
        mark_safe(options),  # noqa: S308 escaped above
    )


@register.simple_tag
def source_links(sources: Sequence[SourceLink]) -> SafeString:
    """Where a goal or measure comes from, folded, with the handbook's own words behind each link."""
    if not sources:
        return SafeString()
    count = len(sources)
    summary = ngettext(
        "Where does this come from? %(count)s place", "Where does this come from? %(count)s places", count
    )
    return format_html(
        '<details class="fc-from"><summary>{}</summary><ul class="fc-sources">{}</ul></details>',
        summary % {"count": count},
        format_html_join(
            "",
            '<li><a href="{}">{}</a>{}</li>',
            ((link.url, link.label, _quoted(link.quote)) for link in sources),
        ),
    )


def _quoted(words: str) -> str:
    return format_html(": <q>{}</q>", Truncator(words).words(30)) if words else ""
