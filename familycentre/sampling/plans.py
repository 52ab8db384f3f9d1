"""A sample plan from its `plan.yaml`, made through the services that the browser uses."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from criteria.models import CriteriaSet
from documents.html import Rendering, render
from documents.models import Section
from documents.services.outline import add_section
from documents.services.sections import save_section
from familycentre.sampling.people import SampleRegion
from plans.answers import Answer, handed_in_answers
from plans.models import Goal, Indicator, Plan
from plans.services.compiling import compile_plan
from plans.services.goals import add_action, add_goal, add_indicator, add_status, decide_need, set_indicator_value
from plans.services.needs import add_group, needs_among
from plans.services.plans import create_plan, set_feed
from plans.services.priorities import MeetingOf, join_group, leave_group, take_in_group
from plans.services.proposals import join_answers


def criteria_set_named(name: str) -> CriteriaSet:
    """The set that a file calls "sample-2025": key and version."""
    key, _separator, version = name.rpartition("-")
    return CriteriaSet.objects.get(key=key, version=version)


@transaction.atomic
def load_plan(sample: SampleRegion, data: Mapping[str, Any]) -> Plan:
    """Make the plan with its chapters, compile it from the handed-in handbooks, and write its goals and actions."""
    by = sample.coordinator
    plan = create_plan(
        sample.region,
        title=data["title"],
        description=data.get("description"),
        starts_on=_date(data["period"]["starts"]),
        ends_on=_date(data["period"]["ends"]),
        criteria_set=criteria_set_named(data["criteria_set"]),
        writing_body=sample.bodies.get(data.get("writing_body", "")),
        languages=data.get("languages") or sample.region.languages,
        by=by,
        is_sample=True,
        with_outline=False,
    )
    sections: dict[str, Section] = {}
    for chapter in data["chapters"]:
        _load_chapter(sample, plan, chapter, None, sections, by)
    answers = handed_in_answers(plan)
    if answers:
        compile_plan(plan, by=by)
        for chapter in _with_selection(data["chapters"]):
            _shorten(plan, chapter, answers, by)
    for row in data["goals"]:
        _load_goal(sample, plan, sections[row["section"]], row, answers, by)
    grouped: set[str] = set()
    for row in data.get("need_groups", []):
        _load_need_group(sample, plan, sections, row, answers, grouped)
    for row in data.get("need_decisions", []):
        for answer in _quoted(answers, [row]):
            reason = row["reason"][plan.document.original]
            decide_need(plan, version=answer.version, block_ids=[answer.block.id], reason=reason, by=by)
    return plan


def _date(value: datetime.date | str) -> datetime.date:
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value


def _load_chapter(
    sample: SampleRegion,
    plan: Plan,
    row: Mapping[str, Any],
    parent: Section | None,
    sections: dict[str, Section],
    by: User | None,
) -> None:
    section = add_section(
        plan.document,
        heading=row["heading"],
        key=row["key"],
        facet=row.get("facet", Section.Facet.FREE),
        numbered=row.get("numbered", True),
        parent=parent,
        by=by,
    )
    sections[row["key"]] = section
    if row.get("text"):
        save_section(section, by=by, base=None, html=row["text"])
    if row.get("feed"):
        feed = row["feed"]
        criteria = {criterion.key: criterion for criterion in plan.criteria_set.criteria.all()}
        set_feed(
            section,
            criteria=[criteria[key] for key in feed.get("criteria", [])],
            areas=[sample.areas[key] for key in feed.get("areas", [])],
            facets=feed.get("facets", []),
            arrangement=feed.get("arrangement", "facet"),
        )
    for child in row.get("sections", []):
        _load_chapter(sample, plan, child, section, sections, by)


def _with_selection(chapters: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The chapters whose compiled draft is edited down: `keep` in their feed says how many lines of each facet stay."""
    for chapter in chapters:
        if (chapter.get("feed") or {}).get("keep"):
            yield chapter
        yield from _with_selection(chapter.get("sections", []))


def _shorten(plan: Plan, row: Mapping[str, Any], answers: list[Answer], by: User | None) -> None:
    """Do what a writer does with a compiled draft: keep a line or two of each theme and delete the rest."""
    section = plan.document.sections.select_related("head", "document").get(key=row["key"])
    by_id = {answer.block.id: answer for answer in answers}
    source_of = dict(plan.sources.values_list("block_id", "source_block_id"))
    rivals: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    seen: Counter[tuple[str, str]] = Counter()
    for place, block in enumerate(section.blocks):
        if block.id in source_of:
            answer = by_id[source_of[block.id]]
            if answer.words.endswith("?"):  # the form's own question, brought along with the answer
                continue
            theme = (answer.facet, answer.chapter.key)
            rivals[answer.facet].append((seen[theme], place, block.id))
            seen[theme] += 1
    kept = {
        block_id
        for facet, lines in rivals.items()
        for _turn, _place, block_id in sorted(lines)[: row["feed"]["keep"].get(facet, len(lines))]
    }
    blocks = [block for block in section.blocks if block.id not in source_of or block.id in kept]
    language = plan.document.original
    html = render(blocks, Rendering(language, editing=True))
    save_section(section, by=by, base=section.head, html={language: html})


def _load_goal(
    sample: SampleRegion,
    plan: Plan,
    section: Section,
    row: Mapping[str, Any],
    answers: list[Answer],
    by: User | None,
) -> None:
    goal = add_goal(
        plan,
        section=section,
        title=row["title"],
        rationale=row.get("rationale"),
        criteria=row.get("criteria", []),
        by=by,
    )
    for indicator in row.get("indicators", []):
        _load_indicator(sample, goal, indicator, by)
    for action in row["actions"]:
        _load_action(sample, plan, goal, action, answers, by)


def _load_indicator(sample: SampleRegion, goal: Goal, row: Mapping[str, Any], by: User | None) -> None:
    indicator: Indicator = add_indicator(
        goal,
        name=row["name"],
        unit=row.get("unit"),
        source=row.get("source"),
        baseline=_decimal(row.get("baseline")),
        baseline_year=row.get("baseline_year"),
        target=_decimal(row.get("target")),
        target_year=row.get("target_year"),
        by=by,
    )
    for value in row.get("values", []):
        area = sample.areas[value["area"]] if value.get("area") else None
        set_indicator_value(indicator, year=value["year"], value=_decimal(value["value"]), area=area, by=by)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _load_action(
    sample: SampleRegion, plan: Plan, goal: Goal, row: Mapping[str, Any], answers: list[Answer], by: User | None
) -> None:
    action = add_action(
        goal,
        title=row["title"],
        description=row.get("description"),
        schedule=row.get("schedule"),
        roles=[(sample.role_key(role), role["role"]) for role in row["roles"]],
        starts_on=_date(row["starts"]) if row.get("starts") else None,
        ends_on=_date(row["ends"]) if row.get("ends") else None,
        resources=row.get("resources", []),
        euros=row.get("euros"),
        by=by,
    )
    join_answers(action, _quoted(answers, row.get("sources", [])), by=by, shared=True)
    if row.get("status"):
        status = row["status"]
        add_status(action, status=status["key"], date=_date(status["date"]), note=status.get("note"), by=by)


def _load_need_group(
    sample: SampleRegion,
    plan: Plan,
    sections: Mapping[str, Section],
    row: Mapping[str, Any],
    answers: list[Answer],
    grouped: set[str],
) -> None:
    """A group of needs with its decision. `grouped` are the needs of the groups before it; its own are added."""
    by = sample.coordinator
    outside = {answer.block.id for answer in _quoted(answers, row.get("except", []))} | grouped
    wanted = [answer.block.id for answer in _quoted(answers, row.get("needs", []))]
    wanted += [
        answer.block.id
        for answer in needs_among(answers)
        if answer.criterion in row.get("criteria", []) and answer.block.id not in outside
    ]
    grouped.update(wanted)
    group = add_group(plan, title=row["title"], block_ids=wanted, by=by)
    told = row["meeting"]
    meeting = MeetingOf(sample.bodies[told["body"]], _date(told["date"]))
    if "reason" in row:
        leave_group(group, reason=row["reason"][plan.document.original], meeting=meeting, by=by)
        return
    section = sections[row["section"]]
    section.refresh_from_db()
    priority = plan.priorities.filter(section=section).select_related("section").first()
    if priority:
        join_group(group, priority=priority, meeting=meeting, by=by)
    else:
        take_in_group(group, section=section, meeting=meeting, by=by)


def _quoted(answers: list[Answer], sources: Iterable[Mapping[str, str]]) -> list[Answer]:
    """The answers whose words a source quotes. Raises LookupError for a quote that no handbook has."""
    found = []
    for source in sources:
        quote = " ".join(source["quote"].split()).casefold()
        rows = [answer for answer in answers if answer.handbook.area and answer.handbook.area.key == source["area"]]
        exact = [answer for answer in rows if answer.words.casefold() == quote]
        match = next(iter(exact or [answer for answer in rows if quote in answer.words.casefold()]), None)
        if match is None:
            raise LookupError(f"No handbook of {source['area']} says: {source['quote']}")
        found.append(match)
    return found
