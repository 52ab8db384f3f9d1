"""The front page of a region: what there is, where the newest plan stands, what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from documents.models import Document, Publication, Revision, Section, Version
from documents.queries import ListedDocument, Outline, listed_documents, outline_of
from documents.views.finding import LIST_TITLES, address
from handbooks.models import Handbook
from plans.models import Plan, Priority
from plans.permissions import can_read_digest
from plans.queries import loose_ends
from regions.models import Region
from regions.permissions import Rights
from reviews.rounds.overview import Listed, current_rounds, steps_of_rounds

MOST_STEPS = 7
LATEST = 5

Phase = tuple[str, str, str]


@dataclass(frozen=True)
class Shelf:
    """The documents of one kind that the reader may open."""

    title: str
    kind: str
    url: str
    rows: list[tuple[str, ListedDocument]]
    """Name of the badge, and the document."""


@dataclass(frozen=True)
class Step:
    """One thing to do next."""

    text: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Work:
    """What a coordinator sees of the newest plan."""

    plan: Plan | None
    phases: list[Phase]
    steps: list[Step]


def shelves(rights: Rights, region: Region) -> list[Shelf]:
    """Everything in the region that the reader may open, by kind; kinds without anything are left out."""
    handed_in = set(Handbook.objects.handed_in().filter(region=region).values_list("document_id", flat=True))

    def badge(row: ListedDocument) -> str:
        if row.badge == "published":
            return "published"
        return "handed_in" if row.document.pk in handed_in else "draft"

    found = [
        Shelf(
            title=str(title),
            kind=kind.value,
            url=reverse("documents:document-list", args=[region.slug, kind.value]),
            rows=[(badge(row), row) for row in listed_documents(rights, region.pk, kind.value)],
        )
        for kind, title in LIST_TITLES.items()
    ]
    return [shelf for shelf in found if shelf.rows]


def newest_plan(region: Region) -> Plan | None:
    return (
        Plan.objects.filter(region=region, parent=None)
        .select_related("document__region", "criteria_set")
        .order_by("-starts_on", "-pk")
        .first()
    )


@dataclass(frozen=True)
class Chosen:
    """The priorities of the newest plan, for those who may read the digest of needs."""

    plan: Plan
    priorities: list[Priority]
    groups: int


def chosen_priorities(rights: Rights, plan: Plan | None) -> Chosen | None:
    """None where there is no plan that the reader may read the digest of, or nothing has been grouped or chosen."""
    if plan is None or not can_read_digest(rights, plan):
        return None
    rows = list(plan.priorities.standing().select_related("section").in_order())
    groups = plan.need_groups.count()
    return Chosen(plan, rows, groups) if rows or groups else None


def coordinators_work(region: Region, plan: Plan | None) -> Work:
    """Where the region's newest plan stands and what to do next, computed from what there is."""
    handbooks = list(Handbook.objects.filter(region=region).for_list().order_by("area__position", "pk"))
    waiting = [row for row in handbooks if row.handed_in_id is None]
    version = _last_version(plan) if plan else None
    rounds = current_rounds(region)
    # A round has a date that others were promised, so it comes before what can wait.
    steps = [Step(row.text, row.url) for row in steps_of_rounds(rounds)]
    steps += _steps(region, plan, handbooks, waiting, version)
    return Work(plan, _phases(plan, handbooks, waiting, version, rounds), steps[:MOST_STEPS])


def _last_version(plan: Plan) -> Version | None:
    return plan.document.versions.defer("content").order_by("-number").first()


# --- The phase line -----------------------------------------------------------------------------------------


def _phases(
    plan: Plan | None,
    handbooks: Sequence[Handbook],
    waiting: Sequence[Handbook],
    version: Version | None,
    rounds: Sequence[Listed],
) -> list[Phase]:
    """Handbooks – compiling – statements – decision – follow-up."""
    names = [
        _("Handbooks"),
        _("Compiling"),
        _("Statements"),
        pgettext("phase of a plan", "Decision"),
        pgettext("phase of a plan", "Follow-up"),
    ]
    notes = ["", "", "", "", ""]
    if handbooks:
        notes[0] = _("%(done)d of %(all)d handed in") % {"done": len(handbooks) - len(waiting), "all": len(handbooks)}
    if version:
        when = formats.date_format(timezone.localtime(version.frozen_at), "SHORT_DATE_FORMAT")
        notes[1] = _("Version %(number)d, %(date)s") % {"number": version.number, "date": when}
    now = 0
    if plan and (not waiting or version or plan.sources.exists()):
        now = 1
    of_plan = [row for row in rounds if plan and row.round.version.document_id == plan.document_id]
    announced = [row for row in of_plan if not row.round.is_draft]
    if announced:
        now = 2
        notes[2] = announced[0].state.text
    if plan and _is_public(plan):
        now = 4
        notes[3] = _("Published")
    return [
        (name, "done" if index < now else "current" if index == now else "coming", notes[index])
        for index, name in enumerate(names)
    ]


def _is_public(plan: Plan) -> bool:
    return Publication.objects.filter(version__document=plan.document_id, withdrawn_at=None).exists()


# --- What to do next ------------------------------------------------------------------------------------------


def _steps(
    region: Region,
    plan: Plan | None,
    handbooks: Sequence[Handbook],
    waiting: Sequence[Handbook],
    version: Version | None,
) -> list[Step]:
    """At most seven rows, the most pressing first."""
    steps = _handbook_steps(region, handbooks, waiting)
    if plan is None:
        steps.append(Step(_("Make the region’s action plan."), reverse("plans:plan-new", args=[region.slug])))
    else:
        steps += _plan_steps(plan, version)
    return steps[:MOST_STEPS]


def _handbook_steps(region: Region, handbooks: Sequence[Handbook], waiting: Sequence[Handbook]) -> list[Step]:
    url = reverse("documents:document-list", args=[region.slug, Document.Kind.HANDBOOK])
    if not handbooks:
        return [Step(_("No area has a handbook yet: make the handbooks, or import them from Word."), url)]
    if len(waiting) > 2:
        text = ngettext(
            "%(count)d handbook has not been handed in.", "%(count)d handbooks have not been handed in.", len(waiting)
        )
        return [Step(text % {"count": len(waiting)}, url, ", ".join(row.place for row in waiting[:6]))]
    return [
        Step(_("%(handbook)s has not been handed in.") % {"handbook": row}, row.document.get_absolute_url())
        for row in waiting
    ]


def _plan_steps(plan: Plan, version: Version | None) -> list[Step]:
    document = plan.document
    args = [document.region.slug, document.public_id]
    outline = outline_of(document)
    ends = loose_ends(plan)
    steps = []
    if not plan.sources.exists() and Handbook.objects.handed_in().filter(region_id=plan.region_id).exists():
        steps.append(Step(_("Compile the plan from the handbooks."), reverse("plans:compile-desk", args=args)))
    if outline.conflicts:
        first = next(row.section for row in outline.rows if row.conflicts)
        text = ngettext(
            "Two people changed the same text in %(count)d place: choose what stays.",
            "Two people changed the same text in %(count)d places: choose what stays.",
            outline.conflicts,
        )
        url = address(document, "section-detail", first.key)
        steps.append(Step(text % {"count": outline.conflicts}, f"{url}#conflicts"))
    if ends.waiting_candidates:
        text = ngettext(
            "Consider %(count)d proposed measure.", "Consider %(count)d proposed measures.", ends.waiting_candidates
        )
        steps.append(Step(text % {"count": ends.waiting_candidates}, reverse("plans:compile-desk", args=args)))
    empty = [row for row in outline.rows if not row.blocks and not row.children]
    if empty:
        text = ngettext("%(count)d chapter is still empty.", "%(count)d chapters are still empty.", len(empty))
        url = address(document, "section-detail", empty[0].section.key)
        note = ", ".join(f"{row.number} {row.section}" for row in empty[:3]) + (" …" if len(empty) > 3 else "")
        steps.append(Step(text % {"count": len(empty)}, url, note))
    if ends.groups_to_decide:
        text = ngettext(
            "%(count)d group of needs waits for a decision on priorities.",
            "%(count)d groups of needs wait for a decision on priorities.",
            ends.groups_to_decide,
        )
        steps.append(Step(text % {"count": ends.groups_to_decide}, reverse("plans:need-list", args=args)))
    if ends.count:
        text = ngettext("%(count)d thing to complete.", "%(count)d things to complete.", ends.count)
        steps.append(Step(text % {"count": ends.count}, reverse("plans:loose-end-list", args=args)))
    if _has_text(outline) and (version is None or changed_since(outline, version)):
        if version is None:
            text = _("The plan has no version yet: save the draft as a version.")
        else:
            text = _("The draft has changed since version %(number)d.") % {"number": version.number}
        steps.append(Step(text, address(document, "version-list")))
    return steps


def _has_text(outline: Outline) -> bool:
    return any(row.blocks for row in outline.rows)


def changed_since(outline: Outline, version: Version) -> bool:
    """Whether any section has been saved, added or taken away after a version was frozen."""
    now = {row.section.key: row.section.head.number for row in outline.rows if row.section.head}
    return now != dict(version.heads)


# --- What has happened ------------------------------------------------------------------------------------------


def latest_changes(rights: Rights, region: Region) -> list[dict[str, Any]]:
    """The sections that were saved last in the drafts that the reader may read, as the timeline takes them."""
    readable = Document.objects.readable_with(rights).filter(region=region)
    rows = (
        Section.objects.present()
        .filter(document__in=readable, head__isnull=False)
        .select_related("head__author", "document__region")
        .defer("head__content")
        .order_by("-head__created_at", "-pk")[:LATEST]
    )
    return [
        {
            "when": formats.date_format(timezone.localtime(row.head.created_at), "SHORT_DATETIME_FORMAT"),
            "title": str(row),
            "text": ", ".join(str(part) for part in (row.document, row.head.author) if part),
            "url": address(row.document, "section-detail", row.key),
            "sign": _sign(row.head),
        }
        for row in rows
        if row.head
    ]


def _sign(revision: Revision) -> str:
    signs = {Revision.Origin.IMPORTED: "upload", Revision.Origin.COMPILED: "book", Revision.Origin.MOVED: "move"}
    return signs.get(Revision.Origin(revision.origin), "edit")
