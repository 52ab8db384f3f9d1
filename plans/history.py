"""What has become of one goal, measure or indicator over time: each change of its fields, with who made it and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from documents import kinds
from documents.blocks import Block
from documents.difference import mark_words
from documents.models import Revision, Section
from documents.models.document import in_language
from documents.rendering import language_name
from plans.models import Action, Goal, Indicator, Plan
from plans.telling import tell_value

Row = Goal | Action | Indicator
MOST = 200
"""Saved texts that are read at a time: a section may have thousands."""


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, the words marked in one another."""

    label: str
    html: SafeString
    language: str


@dataclass(frozen=True)
class Change:
    """One saved text in which the fields were others than before. The first one is what was written at the start."""

    revision: Revision
    fields: list[FieldChange]
    is_first: bool
    is_now: bool
    block: Block


@dataclass(frozen=True)
class History:
    changes: list[Change]
    """Newest first."""
    earlier: int | None
    """The number to go on from where there are more: the revision before which to read."""


def history_of(row: Row, *, before: int | None = None) -> History:
    """The changes of a thing, from the newest saved text or from before one; two queries, however long the history."""
    plan = row.plan
    revisions = (
        Revision.objects.line()
        .filter(section__in=_sections(plan, row))
        .annotate(words=Cast("content", TextField()))
        .filter(words__contains=row.block_id)
        .select_related("author", "section")
        .order_by("-pk")
    )
    if before is not None:
        revisions = revisions.filter(pk__lt=before)
    # One more than is told: what the oldest of them changed shows only against the one before it.
    read = list(revisions[: MOST + 1])
    states = [(revision, block) for revision in read if (block := _block(revision, row.block_id))]
    labels = _labels(plan, row)
    changes: list[Change] = []
    for place, (revision, block) in enumerate(states[:MOST]):
        older = states[place + 1][1] if place + 1 < len(states) else None
        fields = _fields(plan, older, block, labels)
        if fields or older is None:
            changes.append(Change(revision, fields, older is None, not changes and before is None, block))
    return History(changes, states[MOST - 1][0].pk if len(states) > MOST else None)


def _sections(plan: Plan, row: Row) -> Any:
    """Where goals and measures have stood; a thing is nowhere else."""
    held = Q(goals__plan=plan) | Q(actions__plan=plan) | Q(indicators__plan=plan) | Q(pk=row.section_id)
    return Section.objects.filter(held, document=plan.document_id).order_by().values("pk").distinct()


def _block(revision: Revision, block_id: str) -> Block | None:
    return next((Block.from_json(raw) for raw in revision.content if raw["id"] == block_id), None)


def _labels(plan: Plan, row: Row) -> dict[str, str]:
    kind = kinds.block_kind(str(row._meta.model_name))
    labels = {name: capfirst(str(label)) for name, label in kind.labels.items()} if kind else {}
    return labels | {extra.key: str(extra) for extra in plan.extra_fields.all()}


def _fields(plan: Plan, older: Block | None, block: Block, labels: Mapping[str, str]) -> list[FieldChange]:
    before = older or Block(block.id, block.kind)
    found: list[FieldChange] = []
    for name, label in labels.items():
        for language in _languages(plan, before, block, name):
            was, now = before.get(name, language), block.get(name, language)
            if was != now:
                said = f"{label} ({language_name(language)})" if len(plan.document.languages) > 1 else label
                found.append(FieldChange(said, mark_words(was, now), language))
        values = before.data.get(name), block.data.get(name)
        if values[0] != values[1]:
            # A goal that a measure hangs on from the start is no news.
            if name == "goal" and older is None:
                continue
            was, now = (_told(plan, name, value) for value in values)
            if was != now:
                found.append(FieldChange(label, mark_words(was, now), ""))
    return found


def _languages(plan: Plan, before: Block, after: Block, unit: str) -> Sequence[str]:
    return sorted(
        {*before.text.get(unit, {}), *after.text.get(unit, {})},
        key=lambda code: (
            (code not in plan.document.languages, plan.document.languages.index(code))
            if code in plan.document.languages
            else (True, 0)
        ),
    )


def _told(plan: Plan, name: str, value: Any) -> str:
    if not value:
        return ""
    if name == "goal":
        title = plan.goals.filter(block_id=value).values_list("title", flat=True).first()
        return in_language(title) if title else _("a goal that is no longer there")
    return tell_value(name, value)
