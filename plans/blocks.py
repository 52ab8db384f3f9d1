"""Goals, indicators and actions as blocks of the plan, and their rows, which follow the blocks.

A block holds the fields in one shape for history, merging, freezing and comparing:

    goal       text: title, rationale               data: criteria (keys)
    indicator  text: name, unit, source             data: goal (block id), baseline, baseline_year, target, target_year
    action     text: title, description, schedule   data: goal (block id), roles, starts_on, ends_on, resources, euros,
                                                          extra_1, extra_2 (never printed, see ExtraField)

`project_*` write the rows from the blocks after every change, so a restored, merged or moved block needs no code of
its own here.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from html import escape, unescape
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from documents.blocks import Block, Texts
from documents.models import Section
from documents.richtext import plain
from documents.services.versions import labels
from plans.models import Action, ActionEuro, ActionRole, Goal, Indicator, Plan, Source, StatusEntry
from plans.models.extra import EXTRA_KEYS, extra_key
from regions.models import Organisation, OrganisationGroup

GOAL, INDICATOR, ACTION = "goal", "indicator", "action"


def extra_of(block: Block) -> dict[str, str]:
    """What stands in the extra fields of an action, by their place."""
    return {key.removeprefix("extra_"): block.data[key] for key in sorted(EXTRA_KEYS) if block.data.get(key)}


def to_html(text: str) -> str:
    """A plain text from a form as block text: line breaks kept."""
    return "<br>".join(escape(line.strip(), quote=False) for line in text.strip().splitlines())


def to_plain(html: str) -> str:
    """A block's text as a form's field shows it."""
    lines = html.split("<br>")
    return "\n".join(plain(line) if "<" in line else unescape(line) for line in lines)


def _to_html(texts: Mapping[str, str]) -> Texts:
    return {language: to_html(text) for language, text in texts.items() if text.strip()}


def _to_plain(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: to_plain(text) for language, text in texts.items() if text}


# --- Blocks -----------------------------------------------------------------------------------------------


def goal_block(
    block_id: str, *, title: Mapping[str, str], rationale: Mapping[str, str] | None = None, criteria: Iterable[str] = ()
) -> Block:
    """A goal's block; texts are plain, by language."""
    return Block(
        id=block_id,
        kind=GOAL,
        text={"title": _to_html(title), "rationale": _to_html(rationale or {})},
        data={"criteria": sorted(criteria)},
    )


def indicator_block(
    block_id: str,
    *,
    goal: str,
    name: Mapping[str, str],
    unit: Mapping[str, str] | None = None,
    source: Mapping[str, str] | None = None,
    baseline: Decimal | None = None,
    baseline_year: int | None = None,
    target: Decimal | None = None,
    target_year: int | None = None,
) -> Block:
    """An indicator's block. Numbers are kept as strings, exactly as given; `goal` is the goal's block id."""
    return Block(
        id=block_id,
        kind=INDICATOR,
        text={"name": _to_html(name), "unit": _to_html(unit or {}), "source": _to_html(source or {})},
        data={
            "goal": goal,
            "baseline": _number(baseline),
            "baseline_year": baseline_year,
            "target": _number(target),
            "target_year": target_year,
        },
    )


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def action_block(
    block_id: str,
    *,
    goal: str,
    title: Mapping[str, str],
    description: Mapping[str, str] | None = None,
    schedule: Mapping[str, str] | None = None,
    roles: Sequence[tuple[str, str]] = (),
    starts_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
    resources: Sequence[str] = (),
    euros: Mapping[int, int] | None = None,
    extra: Mapping[str, str] | None = None,
) -> Block:
    """An action's block. `roles` are pairs of `organisation:<public id>` or `group:<public id>` and the role.

    `extra` are the texts of the plan's extra fields, by their place.
    """
    return Block(
        id=block_id,
        kind=ACTION,
        text={
            "title": _to_html(title),
            "description": _to_html(description or {}),
            "schedule": _to_html(schedule or {}),
        },
        data={
            "goal": goal,
            "roles": [{"key": key, "role": role} for key, role in roles],
            "starts_on": starts_on.isoformat() if starts_on else None,
            "ends_on": ends_on.isoformat() if ends_on else None,
            "resources": [resource for resource in Action.Resource.values if resource in resources],
            "euros": {str(year): int(amount) for year, amount in sorted((euros or {}).items())},
            **{extra_key(place): text.strip() for place, text in sorted((extra or {}).items()) if text.strip()},
        },
    )


# --- Rows follow ------------------------------------------------------------------------------------------


def project_goals(section: Section, standing: list[Block], changed: set[str], gone: set[str]) -> None:
    """Let the goals of a section be as its blocks say, in their order."""
    _remove(Goal, section, gone)
    wanted = [block for block in standing if block.id in changed]
    if wanted:
        _project_changed_goals(section, wanted)
    _number_rows(Goal, standing)


def _project_changed_goals(section: Section, wanted: list[Block]) -> None:
    plan = Plan.objects.select_related("criteria_set").filter(document_id=section.document_id).first()
    if plan is None:
        return
    rows = _rows(Goal, wanted)
    criteria = {row.key: row for row in plan.criteria_set.criteria.all()}
    for block in wanted:
        goal = rows.get(block.id) or Goal(region_id=section.region_id, plan=plan, block_id=block.id)
        goal.section, goal.removed_at = section, None
        goal.title = _to_plain(block.text.get("title", {}))
        goal.rationale = _to_plain(block.text.get("rationale", {}))
        goal.save()
        goal.criteria.set([criteria[key] for key in block.data.get("criteria", []) if key in criteria])


def project_indicators(section: Section, standing: list[Block], changed: set[str], gone: set[str]) -> None:
    """Let the indicators of a section be as its blocks say."""
    _remove(Indicator, section, gone)
    wanted = [block for block in standing if block.id in changed]
    goals = _goals_of(wanted)
    rows = _rows(Indicator, wanted)
    for block in wanted:
        goal = goals[block.data["goal"]]
        row = rows.get(block.id) or Indicator(region_id=section.region_id, plan_id=goal.plan_id, block_id=block.id)
        row.goal, row.section, row.removed_at = goal, section, None
        row.name = _to_plain(block.text.get("name", {}))
        row.unit = _to_plain(block.text.get("unit", {}))
        row.source = _to_plain(block.text.get("source", {}))
        row.baseline = _decimal(block.data.get("baseline"))
        row.target = _decimal(block.data.get("target"))
        row.baseline_year, row.target_year = block.data.get("baseline_year"), block.data.get("target_year")
        row.save()
    _number_rows(Indicator, standing)


def project_actions(section: Section, standing: list[Block], changed: set[str], gone: set[str]) -> None:
    """Let the actions of a section be as its blocks say, with their roles and costs."""
    _remove(Action, section, gone)
    wanted = [block for block in standing if block.id in changed]
    goals = _goals_of(wanted)
    rows = _rows(Action, wanted)
    new: list[Action] = []
    others: dict[tuple[str, ...], list[Action]] = defaultdict(list)
    for block in wanted:
        goal = goals[block.data["goal"]]
        row = rows.setdefault(
            block.id, Action(region_id=section.region_id, plan_id=goal.plan_id, goal=goal, block_id=block.id)
        )
        values = {
            "goal_id": goal.pk,
            "section_id": section.pk,
            "removed_at": None,
            "title": _to_plain(block.text.get("title", {})),
            "description": _to_plain(block.text.get("description", {})),
            "schedule": _to_plain(block.text.get("schedule", {})),
            "starts_on": iso_date(block.data.get("starts_on")),
            "ends_on": iso_date(block.data.get("ends_on")),
            "resources": list(block.data.get("resources", [])),
            "extra": extra_of(block),
        }
        changed_fields = tuple(name for name, value in values.items() if getattr(row, name) != value)
        for name in changed_fields:
            setattr(row, name, values[name])
        if row.pk is None:
            new.append(row)
        elif changed_fields:
            others[changed_fields].append(row)
    Action.objects.bulk_create(new)
    # All fields of a row at once: between two of them it might end before it starts.
    for fields, those in others.items():
        Action.objects.bulk_update(those, [name.removesuffix("_id") for name in fields])
    _set_roles(rows, wanted)
    _set_euros(rows, wanted)
    _number_rows(Action, standing)


def _number_rows(model: Any, standing: list[Block]) -> None:
    """Give the rows the order of their blocks; only those that moved are written."""
    places = {block.id: position for position, block in enumerate(standing)}
    moved = []
    for row in model.objects.filter(block_id__in=places).only("pk", "block_id", "position"):
        if row.position != places[row.block_id]:
            row.position = places[row.block_id]
            moved.append(row)
    model.objects.bulk_update(moved, ["position"])


def _remove(model: type[Goal] | type[Indicator] | type[Action], section: Section, gone: set[str]) -> None:
    """What left the section is removed, until it lands in another one; its row stays."""
    if gone:
        model.objects.filter(block_id__in=gone, section=section).update(removed_at=timezone.now())


def _rows(model: Any, standing: list[Block]) -> dict[str, Any]:
    return {row.block_id: row for row in model.objects.filter(block_id__in=[block.id for block in standing])}


def _goals_of(standing: list[Block]) -> dict[str, Goal]:
    ids = {block.data["goal"] for block in standing}
    return {goal.block_id: goal for goal in Goal.objects.filter(block_id__in=ids)}


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def iso_date(value: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(value) if value else None


def _named_in(blocks: Iterable[Block]) -> tuple[dict[str, Organisation], dict[str, OrganisationGroup]]:
    """The organisations and groups that actions name, by key, in two queries."""
    return _parties({role["key"] for block in blocks for role in block.data.get("roles", [])})


def parties_named(keys: Iterable[str]) -> dict[str, str]:
    """The names of organisations and groups by the key that an action names them with."""
    organisations, groups = _parties(keys)
    return {key: str(row) for key, row in {**organisations, **groups}.items()}


def _parties(keys: Iterable[str]) -> tuple[dict[str, Organisation], dict[str, OrganisationGroup]]:
    ids: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        kind, _separator, public_id = key.partition(":")
        ids[kind].add(public_id)
    organisations = Organisation.objects.filter(public_id__in=ids["organisation"])
    groups = OrganisationGroup.objects.filter(public_id__in=ids["group"])
    return (
        {f"organisation:{row.public_id}": row for row in organisations},
        {f"group:{row.public_id}": row for row in groups},
    )


def _set_roles(actions: Mapping[str, Action], blocks: Iterable[Block]) -> None:
    """Let the roles of many actions be as their blocks say; those of actions that say the same stay."""
    organisations, groups = _named_in(blocks)
    standing: dict[int, list[tuple[int | None, int | None, str]]] = defaultdict(list)
    rows = ActionRole.objects.filter(action__in=[action.pk for action in actions.values()]).order_by("position", "pk")
    named = rows.values_list("action_id", "organisation_id", "group_id", "role")
    for action_id, organisation_id, group_id, name in named:
        standing[action_id].append((organisation_id, group_id, name))
    changed: list[int] = []
    new: list[ActionRole] = []
    for block in blocks:
        action = actions[block.id]
        wanted = []
        for role in block.data.get("roles", []):
            organisation, group = organisations.get(role["key"]), groups.get(role["key"])
            if organisation or group:
                wanted.append((organisation.pk if organisation else None, group.pk if group else None, role["role"]))
        if wanted == standing[action.pk]:
            continue
        changed.append(action.pk)
        new += [
            ActionRole(
                region_id=action.region_id,
                action=action,
                organisation_id=organisation_id,
                group_id=group_id,
                role=name,
                position=place,
            )
            for place, (organisation_id, group_id, name) in enumerate(wanted)
        ]
    if changed:
        ActionRole.objects.filter(action__in=changed).delete()
        ActionRole.objects.bulk_create(new)


def _set_euros(actions: Mapping[str, Action], blocks: Iterable[Block]) -> None:
    """Let the costs of many actions be as their blocks say; those of actions that say the same stay."""
    standing: dict[int, dict[int, int]] = defaultdict(dict)
    rows = ActionEuro.objects.filter(action__in=[action.pk for action in actions.values()])
    for action_id, year, amount in rows.order_by().values_list("action_id", "year", "amount"):
        standing[action_id][year] = int(amount)
    changed: list[int] = []
    new: list[ActionEuro] = []
    for block in blocks:
        action = actions[block.id]
        wanted = {int(year): int(amount) for year, amount in block.data.get("euros", {}).items()}
        if wanted != standing[action.pk]:
            changed.append(action.pk)
            new += [
                ActionEuro(region_id=action.region_id, action=action, year=year, amount=amount)
                for year, amount in wanted.items()
            ]
    if changed:
        ActionEuro.objects.filter(action__in=changed).delete()
        ActionEuro.objects.bulk_create(new)


# --- What a frozen version also says ------------------------------------------------------------------------


def numbers(blocks: Iterable[Block]) -> dict[str, str]:
    """Goals numbered 1, 2, 3 through the whole document and their actions 1.1, 1.2, by block id."""
    blocks = list(blocks)
    result: dict[str, str] = {}
    for block in blocks:
        if block.kind == GOAL:
            result[block.id] = str(len(result) + 1)
    counts: dict[str, int] = defaultdict(int)
    for block in blocks:
        if block.kind == ACTION and block.data.get("goal") in result:
            counts[block.data["goal"]] += 1
            result[block.id] = f"{result[block.data['goal']]}.{counts[block.data['goal']]}"
    return result


def resolve_goals(blocks: Iterable[Block]) -> dict[str, dict[str, Any]]:
    """Number and criteria of each goal."""
    blocks = list(blocks)
    number = numbers(blocks)
    ids = [block.id for block in blocks if block.kind == GOAL]
    rows = Goal.objects.filter(block_id__in=ids).prefetch_related("criteria")
    criteria = {
        row.block_id: [
            {"key": item.key, "code": item.code, "title": labels(item, "title")}
            for item in sorted(row.criteria.all(), key=lambda item: (item.position, item.pk))
        ]
        for row in rows
    }
    sources = _sources(ids)
    return {
        key: {"number": number[key], "criteria": criteria.get(key, []), "sources": sources.get(key, [])} for key in ids
    }


def _sources(ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The handbook answers behind each block: which handbook, which version of it, where in it."""
    result: dict[str, list[dict[str, Any]]] = defaultdict(list)
    # Plain values: a section of goals has hundreds of them, and the handbook's row is large.
    rows = (
        Source.objects.filter(block_id__in=list(ids))
        .order_by("handbook__handbook__area__position", "pk")
        .values_list(
            *("block_id", "handbook__public_id", "handbook__title", "version__number"),
            *("section_label", "source_block_id"),
        )
    )
    for block_id, handbook, title, version, section, source_block_id in rows:
        result[block_id].append(
            {"handbook": handbook, "title": title, "version": version, "section": section, "block": source_block_id}
        )
    return result


def resolve_indicators(blocks: Iterable[Block]) -> dict[str, dict[str, Any]]:
    """Each indicator's measured values, by year and area."""
    ids = [block.id for block in blocks if block.kind == INDICATOR]
    rows = Indicator.objects.filter(block_id__in=ids).prefetch_related("values__area")
    return {
        row.block_id: {
            "values": [
                {
                    "year": value.year,
                    "area": labels(value.area, "name") if value.area else None,
                    "value": _number(value.value),
                }
                for value in sorted(row.values.all(), key=lambda value: (value.year, value.area_id or 0))
            ]
        }
        for row in rows
    }


def resolve_actions(blocks: Iterable[Block]) -> dict[str, dict[str, Any]]:
    """Number, names of those responsible and latest status of each action."""
    blocks = list(blocks)
    number = numbers(blocks)
    actions = [block for block in blocks if block.kind == ACTION]
    organisations, groups = _named_in(actions)
    rows = Action.objects.filter(block_id__in=[block.id for block in actions]).prefetch_related("status_entries")
    status = {row.block_id: row.status for row in rows}
    sources = _sources([block.id for block in actions])
    result = {}
    for block in actions:
        entry = status.get(block.id)
        result[block.id] = {
            "number": number.get(block.id, ""),
            "roles": [_role(role, organisations, groups) for role in block.data.get("roles", [])],
            "status": {"key": entry.status, "label": status_label(entry.status), "date": entry.date.isoformat()}
            if entry
            else None,
            "sources": sources.get(block.id, []),
        }
    return result


def _role(
    role: Mapping[str, str], organisations: dict[str, Organisation], groups: dict[str, OrganisationGroup]
) -> dict[str, Any]:
    row = organisations.get(role["key"]) or groups.get(role["key"])
    name = labels(row, "name") if row else {}
    short = labels(row, "short_name") if isinstance(row, Organisation) else {}
    return {"name": name, "short": {**name, **short}, "role": role["role"]}


def status_label(status: str) -> Texts:
    """A status in every language of the interface, as a version keeps it."""
    result = {}
    for language in ("fi", "sv", "en"):
        with override(language):
            result[language] = str(StatusEntry.Status(status).label)
    return result


# --- For Word, lists and reading aloud ----------------------------------------------------------------------


def goal_lines(block: Block, resolved: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    with override(language):
        title = _("Goal %(number)s") % {"number": resolved.get("number", "")}
        lines = [(title.strip(), block.get("title", language))]
        if block.get("rationale", language):
            lines.append((_("Reason"), block.get("rationale", language)))
        criteria = [_name(item["title"], language) for item in resolved.get("criteria", [])]
        if criteria:
            lines.append((_("Criteria"), escape(", ".join(criteria), quote=False)))
    return lines


def indicator_lines(block: Block, resolved: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    with override(language):
        lines = [(_("Indicator"), block.get("name", language))]
        unit = plain(block.get("unit", language))
        for name, label in (("baseline", _("Baseline")), ("target", _("Target"))):
            if block.data.get(name) is not None:
                year = block.data.get(f"{name}_year")
                number = formats.number_format(Decimal(str(block.data[name])), force_grouping=True)
                value = f"{number} {unit}".strip() + (f" ({year})" if year else "")
                lines.append((label, escape(value, quote=False)))
        if block.get("source", language):
            lines.append((_("Source"), block.get("source", language)))
    return lines


def action_lines(block: Block, resolved: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    with override(language):
        title = _("Measure %(number)s") % {"number": resolved.get("number", "")}
        lines = [(title.strip(), block.get("title", language))]
        if block.get("description", language):
            lines.append((_("Description"), block.get("description", language)))
        roles = resolved.get("roles", [])
        owners = [_name(role["name"], language) for role in roles if role["role"] != ActionRole.Role.PARTNER]
        partners = [_name(role["name"], language) for role in roles if role["role"] == ActionRole.Role.PARTNER]
        if owners:
            lines.append((_("Responsible"), escape(", ".join(owners), quote=False)))
        if partners:
            lines.append((_("Partners"), escape(", ".join(partners), quote=False)))
        if schedule := block.get("schedule", language) or _dates(block.data):
            lines.append((_("Schedule"), schedule))
        resources = [str(Action.Resource(key).label) for key in block.data.get("resources", [])]
        euros = [f"{year}: {_euros(amount)}" for year, amount in sorted(block.data.get("euros", {}).items())]
        if resources or euros:
            told = "; ".join(part for part in (", ".join(resources), ", ".join(euros)) if part)
            lines.append((_("Resources"), escape(told, quote=False)))
        if resolved.get("status"):
            lines.append((_("Status"), escape(_name(resolved["status"]["label"], language), quote=False)))
    return lines


def _dates(data: Mapping[str, Any]) -> str:
    """The dates where nobody wrote how the schedule is printed, to the day: a comparison must show that one moved."""
    days = [iso_date(data.get(name)) for name in ("starts_on", "ends_on")]
    return "–".join(formats.date_format(day, "SHORT_DATE_FORMAT") if day else "" for day in days) if any(days) else ""


def _euros(amount: float | str) -> str:
    return f"{formats.number_format(Decimal(str(amount)), force_grouping=True)}\N{NO-BREAK SPACE}€"


def _name(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next((text for text in texts.values() if text), "")
