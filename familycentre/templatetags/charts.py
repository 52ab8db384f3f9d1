"""Charts drawn on the server: the page and the PDF show the same picture, with its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django import template
from django.utils import formats

register = template.Library()

Number = int | float | Decimal

# Lengths in units of the picture's own coordinates.
WIDTH = 480
ROW = 46
VALUE_ROOM = 74
TOP_WITH_TARGET = 20


@dataclass(frozen=True)
class Bar:
    """One bar: what it tells, and where it lies in the picture."""

    label: str
    value: str
    text_y: int
    y: int
    width: str
    value_x: str


@register.inclusion_tag("components/_chart_bar.html")
def bar_chart(
    rows: Sequence[tuple[str, Number]],
    *,
    id: str,  # the HTML attribute that it becomes
    title: str,
    label_heading: str,
    value_heading: str,
    unit: str = "",
    target: Number | None = None,
    accent: str = "#17566b",
) -> dict[str, object]:
    """Lying bars of not negative values: `rows` are (label, value); `target` draws a dashed line.

    `id` must be unique on the page. `accent` colours the bars where no stylesheet does (in print).
    """
    largest = max([value for _label, value in rows] + ([target] if target is not None else []), default=0)
    scale = float(WIDTH - VALUE_ROOM) / float(largest) if largest else 0.0
    top = TOP_WITH_TARGET if target is not None else 0

    def said(value: Number) -> str:
        number = formats.number_format(value, force_grouping=True)
        return f"{number}\u00a0{unit}" if unit else number

    bars = []
    for index, (label, value) in enumerate(rows):
        y = top + index * ROW
        length = float(value) * scale
        bars.append(
            Bar(
                label=str(label),
                value=said(value),
                text_y=y + 16,
                y=y + 22,
                width=f"{length:.1f}",
                value_x=f"{length + 6:.1f}",
            )
        )
    return {
        "id": id,
        "title": title,
        "label_heading": label_heading,
        "value_heading": value_heading,
        "bars": bars,
        "accent": accent,
        "width": WIDTH,
        "height": top + len(rows) * ROW,
        "target": None if target is None else said(target),
        "target_x": None if target is None else f"{float(target) * scale:.1f}",
        "target_label_end": target is not None and float(target) * scale > WIDTH / 2,
    }
