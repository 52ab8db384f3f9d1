"""Goals, measures and indicators as they are read in a document: what their templates need to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from documents import richtext
from documents.blocks import Block
from documents.models import Document
from documents.models.document import in_language
from plans.blocks import iso_date, to_plain
from plans.goal_list import STATUS_BADGES, euros_text, measured, period_text, resource_labels, source_label
from plans.models.action import ActionRole

register = template.Library()


@dataclass(frozen=True)
class ReadSource:
    """Where a goal or measure comes from. The address is empty for those who may not read the handbook."""

    label: str
    url: str


@dataclass(frozen=True)
class ReadAction:
    """A measure in one language."""

    number: str
    title: SafeString
    description: SafeString
    lead: str
    owners: str
    partners: str
    schedule: SafeString
    resources: str
    badge: str
    status: str
    sources: list[ReadSource]


@dataclass(frozen=True)
class ReadIndicator:
    """An indicator in one language; `rows` are what has been measured, for the chart."""

    name: SafeString
    plain_name: str
    source: SafeString
    baseline: str
    target: str
    unit: str
    rows: list[tuple[str, Decimal]]
    target_value: Decimal | None


@register.simple_tag
def block_text(block: Block, unit: str, language: str, document: Document) -> SafeString:
    """The words of one unit, in the original's language and marked as such where they are not translated."""
    text = block.get(unit, language)
    if text:
        return mark_safe(richtext.sanitise(text))  # noqa: S308 sanitised
    for other in [document.original, *sorted(block.text.get(unit, {}))]:
        if text := block.get(unit, other):
            return format_html('<span lang="{}">{}</span>', other, mark_safe(richtext.sanitise(text)))  # noqa: S308
    return mark_safe("")


@register.simple_tag
def read_criteria(resolved: Mapping[str, Any], language: str) -> list[str]:
    """The criteria of a goal with their codes."""
    return [f"{row['code']} {in_language(row['title'], language)}".strip() for row in resolved.get("criteria", [])]


@register.simple_tag
def read_sources(resolved: Mapping[str, Any], language: str, document: Document, draft: bool) -> list[ReadSource]:
    """The handbooks behind a block. Who reads the draft of a plan may follow the links."""
    sources = []
    for row in resolved.get("sources", []):
        url = ""
        if draft:
            args = [document.region.slug, Document.Kind.HANDBOOK, row["handbook"], row["version"]]
            url = f"{reverse('documents:version-detail', args=args)}#b-{row['block']}"
        sources.append(ReadSource(source_label(in_language(row["title"], language), row["section"]), url))
    return sources


@register.simple_tag
def read_action(
    block: Block, resolved: Mapping[str, Any], language: str, document: Document, draft: bool
) -> ReadAction:
    def parties(role: str) -> str:
        rows = [row for row in resolved.get("roles", []) if row["role"] == role]
        return ", ".join(in_language(row["short"], language) or in_language(row["name"], language) for row in rows)

    status = resolved.get("status")
    key = status["key"] if status else ""
    schedule = block_text(block, "schedule", language, document)
    costs = euros_text({int(year): amount for year, amount in block.data.get("euros", {}).items() if amount})
    resources = ", ".join(resource_labels(block.data.get("resources", [])))
    return ReadAction(
        number=resolved.get("number", ""),
        title=block_text(block, "title", language, document),
        description=block_text(block, "description", language, document),
        lead=parties(ActionRole.Role.LEAD),
        owners=parties(ActionRole.Role.OWNER),
        partners=parties(ActionRole.Role.PARTNER),
        schedule=schedule or format_html("{}", _dates(block)),
        resources="; ".join(part for part in (resources, costs) if part),
        badge=STATUS_BADGES.get(key, key),
        status=in_language(status["label"], language) if status else "",
        sources=read_sources(resolved, language, document, draft),
    )


def _dates(block: Block) -> str:
    return period_text(iso_date(block.data.get("starts_on")), iso_date(block.data.get("ends_on")))


@register.simple_tag
def read_indicator(block: Block, resolved: Mapping[str, Any], language: str, document: Document) -> ReadIndicator:
    """An indicator with what has been measured so far."""
    unit = to_plain(block.get("unit", language) or block.get("unit", document.original))
    name = block_text(block, "name", language, document)
    baseline, target = _decimal(block.data.get("baseline")), _decimal(block.data.get("target"))
    return ReadIndicator(
        name=name,
        plain_name=richtext.plain(name),
        source=block_text(block, "source", language, document),
        baseline=measured(baseline, unit, block.data.get("baseline_year")),
        target=measured(target, unit, block.data.get("target_year")),
        unit=unit,
        rows=_rows(block, resolved.get("values", []), baseline),
        target_value=target,
    )


def _rows(block: Block, values: Sequence[Mapping[str, Any]], baseline: Decimal | None) -> list[tuple[str, Decimal]]:
    """What has been measured in the whole region by year, after the baseline. One figure alone is no chart."""
    figures = {int(row["year"]): Decimal(row["value"]) for row in values if row["area"] is None}
    year = block.data.get("baseline_year")
    if baseline is not None and year:
        figures.setdefault(int(year), baseline)
    return [(str(key), figures[key]) for key in sorted(figures)] if len(figures) > 1 else []


def _decimal(value: str | None) -> Decimal | None:
    return Decimal(value) if value else None
