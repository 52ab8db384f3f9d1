"""Grouping needs. The program proposes, a person names, splits, joins and moves; her work is never undone by it.

Only needs that stand in no group are ever put into one by the program, and only when somebody asks. So what a handbook
that was handed in again brings along is new and in no group until a person has looked at it.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents import similarity
from documents.richtext import plain
from documents.services.documents import lock
from plans.answers import Answer, Facet, handed_in_answers
from plans.blocks import to_plain
from plans.models import NeedGroup, NeedGroupItem, Plan
from plans.services.bearing import tie_groups

WORDS, CRITERION = "words", "criterion"
TITLE_LENGTH = 90


def needs_among(answers: Iterable[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.facet == Facet.DEVELOPMENT_NEED]


def in_no_group(plan: Plan, answers: Iterable[Answer]) -> list[Answer]:
    """The needs that nobody has put into a group yet."""
    grouped = set(plan.grouped_needs.values_list("block_id", flat=True))
    return [answer for answer in needs_among(answers) if answer.block.id not in grouped]


def similar(texts: Mapping[str, Mapping[str, str]]) -> list[similarity.Group]:
    """Groups among texts in their languages, by key."""
    return similarity.groups(
        [(key, plain(words), language) for key, said in texts.items() for language, words in said.items()]
    )


# --- Proposing ----------------------------------------------------------------------------------------------------


@transaction.atomic
def propose_groups(plan: Plan, *, way: str, by: User | None) -> int:
    """Put the needs that stand in no group into new ones, by common words or by criterion; how many groups came.

    By words, a need that is like no other stays outside. Locks the plan's document.
    """
    lock(plan.document)
    free = in_no_group(plan, handed_in_answers(plan))
    by_id = {answer.block.id: answer for answer in free}
    made = 0
    if way == CRITERION:
        titles = _criterion_titles(plan)
        sets: dict[str, list[Answer]] = {}
        for answer in free:
            sets.setdefault(answer.criterion, []).append(answer)
        for key in sorted(sets, key=lambda name: list(titles).index(name) if name in titles else len(titles)):
            rows = sets[key]
            _new_group(plan, titles.get(key) or dict(rows[0].chapter.heading), rows)
            made += 1
    else:
        for group in similar({key: answer.texts for key, answer in by_id.items()}):
            rows = [by_id[key] for key in group.keys]
            _new_group(plan, _title_of(rows), rows, shared_words=group.shared_words)
            made += 1
    if made:
        record(by, "need_groups.proposed", plan.document, groups=made, way=way)
    return made


def _criterion_titles(plan: Plan) -> dict[str, dict[str, str]]:
    rows = plan.criteria_set.criteria.order_by("group__position", "position")
    return {
        row.key: {language: getattr(row, f"title_{language}", "") or row.title for language in plan.document.languages}
        for row in rows
    }


def _title_of(answers: Sequence[Answer]) -> dict[str, str]:
    """A name to begin with: the words of the shortest need, which most often names the matter and nothing else."""
    # A list item may begin with a small letter; a heading does not.
    shortest = min(answers, key=lambda answer: len(answer.words))
    return {language: _cut(to_plain(text)) for language, text in shortest.texts.items()}


def _cut(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    text = text[:1].upper() + text[1:]
    return text if len(text) <= TITLE_LENGTH else f"{text[:TITLE_LENGTH].rsplit(' ', 1)[0]} …"


def _new_group(
    plan: Plan, title: Mapping[str, str], answers: Iterable[Answer], shared_words: Sequence[str] = ()
) -> NeedGroup:
    last = plan.need_groups.aggregate(last=Max("position"))["last"]
    group = NeedGroup.objects.create(
        region_id=plan.region_id,
        plan=plan,
        title=_cleaned(title),
        position=0 if last is None else last + 1,
        shared_words=list(shared_words),
    )
    _put(group, answers)
    return group


def _cleaned(title: Mapping[str, str]) -> dict[str, str]:
    """Raises ValidationError for a group without a name (`title_missing`)."""
    cleaned = {language: " ".join(text.split())[:200] for language, text in title.items() if text.strip()}
    if not cleaned:
        raise ValidationError(_("Give the group a name."), code="title_missing")
    return cleaned


def _put(group: NeedGroup, answers: Iterable[Answer]) -> None:
    NeedGroupItem.objects.bulk_create(
        NeedGroupItem(
            region_id=group.region_id,
            plan_id=group.plan_id,
            group=group,
            handbook_id=answer.handbook.document_id,
            version=answer.version,
            area_id=answer.handbook.area_id,
            block_id=answer.block.id,
            section_key=answer.section.key,
            section_label=answer.section.number,
            text_hash=answer.hash,
            quote=answer.words,
        )
        for answer in answers
    )


# --- A person decides -----------------------------------------------------------------------------------------------


@transaction.atomic
def add_group(plan: Plan, *, title: Mapping[str, str], block_ids: Iterable[str] = (), by: User | None) -> NeedGroup:
    """Make a group by hand, with needs that stand anywhere: in no group or in another one, which they leave."""
    lock(plan.document)
    group = _new_group(plan, title, [])
    ids = list(block_ids)
    if ids:
        _move(plan, ids, group, by)
    record(by, "need_group.added", plan.document, group=group.public_id)
    return group


@transaction.atomic
def rename_group(group: NeedGroup, *, title: Mapping[str, str], by: User | None) -> None:
    """Name a group in its own words. Raises ValidationError without any (`title_missing`)."""
    group.title = _cleaned(title)
    group.save(update_fields=["title"])
    record(by, "need_group.renamed", group.plan.document, group=group.public_id)


@transaction.atomic
def move_needs(plan: Plan, block_ids: Iterable[str], *, to: NeedGroup | None, by: User | None) -> int:
    """Put needs into a group, or out of every group; how many were moved.

    What was decided on a group holds for what is in it: a need that comes into a group that was taken in is tied to the
    priority, and one that leaves it is no longer. A group that loses its last need and waits for a decision is gone.
    Locks the plan's document. Raises ValidationError when nothing was chosen (`none_chosen`).
    """
    lock(plan.document)
    ids = list(block_ids)
    if not ids:
        raise ValidationError(_("Choose the needs first."), code="none_chosen")
    count = _move(plan, ids, to, by)
    record(by, "needs.moved", plan.document, needs=ids, group=to.public_id if to else "")
    return count


def _move(plan: Plan, ids: Sequence[str], to: NeedGroup | None, by: User | None) -> int:
    items = list(plan.grouped_needs.filter(block_id__in=ids).select_related("group"))
    leaving = [item for item in items if to is None or item.group_id != to.pk]
    left = {item.group_id: item.group for item in leaving}
    rows = plan.grouped_needs.filter(pk__in=[item.pk for item in leaving])
    if to is None:
        rows.delete()
    else:
        rows.update(group=to)
        known = {item.block_id for item in items}
        fresh = [row for row in handed_in_answers(plan) if row.block.id in set(ids) - known]
        _put(to, needs_among(fresh))
        leaving += [NeedGroupItem(block_id=row.block.id) for row in needs_among(fresh)]
    touched = [*left.values(), *([to] if to else [])]
    tie_groups(plan, touched, freed=[item.block_id for item in leaving], by=by)
    plan.need_groups.filter(pk__in=left, state=NeedGroup.State.OPEN, items=None).delete()
    return len(leaving)


@transaction.atomic
def join_groups(group: NeedGroup, *, into: NeedGroup, by: User | None) -> None:
    """Put all needs of a group into another; the first one is gone.

    Raises ValidationError when the first one has been decided on (`already_decided`) or both are
    the same (`same_group`).
    """
    plan = group.plan
    lock(plan.document)
    group = NeedGroup.objects.select_related("priority__section").get(pk=group.pk)
    if group.pk == into.pk:
        raise ValidationError(_("Choose another group."), code="same_group")
    require_open(group)
    ids = list(group.items.values_list("block_id", flat=True))
    into.shared_words = list(dict.fromkeys([*into.shared_words, *group.shared_words]))[: similarity.MOST_SHOWN]
    into.save(update_fields=["shared_words"])
    if ids:
        _move(plan, ids, into, by)
    NeedGroup.objects.filter(pk=group.pk).delete()
    record(by, "need_groups.joined", plan.document, group=group.public_id, into=into.public_id)


@transaction.atomic
def dissolve_group(group: NeedGroup, *, by: User | None) -> None:
    """Take a group apart; its needs stand in no group then. Raises ValidationError when it has been decided on."""
    lock(group.plan.document)
    group = NeedGroup.objects.select_related("priority__section", "plan__document__region").get(pk=group.pk)
    require_open(group)
    record(by, "need_group.dissolved", group.plan.document, group=group.public_id)
    group.delete()


def require_open(group: NeedGroup) -> None:
    if not group.is_open:
        raise ValidationError(
            _("“%(group)s” has been decided on already. Undo the decision first."),
            code="already_decided",
            params={"group": str(group)},
        )


def take_back_needs(plan: Plan, block_ids: Iterable[str]) -> int:
    """Needs that were left for later with their group leave it, to be considered alone; how many there were.

    Called under the document's lock.
    """
    rows = plan.grouped_needs.filter(block_id__in=list(block_ids), group__state=NeedGroup.State.LATER)
    return rows.delete()[0]
