"""The choices of a list to choose from. Django includes two templates for each; ours name hundreds of organisations."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def options(groups: Iterable[tuple[str | None, Sequence[Mapping[str, Any]], int]]) -> SafeString:
    """The choices as a widget gives them: (name of the group or None, its choices, its place)."""
    return format_html_join("", "{}", ((_group(name, choices),) for name, choices, _place in groups))


def _group(name: str | None, choices: Sequence[Mapping[str, Any]]) -> SafeString:
    drawn = format_html_join(
        "",
        '\n  <option value="{}"{}>{}</option>',
        ((choice["value"], flatatt(choice["attrs"]), choice["label"]) for choice in choices),
    )
    return format_html('\n  <optgroup label="{}">{}\n  </optgroup>', name, drawn) if name else drawn
