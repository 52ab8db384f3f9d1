"""The rounds of a document, the form of one, and its page."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request, site_of
from documents import kinds
from documents.models import Document, Version
from documents.permissions import can_coordinate
from documents.rendering import language_name
from documents.views.finding import address as document_address
from documents.views.finding import document_crumbs, find_draft, find_version, require
from documents.views.versions import label_of
from regions.models import Organisation
from reviews.facts import in_words
from reviews.finding import address, find_round
from reviews.models import CommentRound, RoundChange
from reviews.permissions import can_run
from reviews.rounds.asking import FOR_ALL, attention_by_kind
from reviews.rounds.overview import Listed, listed, rounds_of
from reviews.rounds.page import round_context
from reviews.rounds.preparing import before_announcing, round_warnings, version_warnings
from reviews.rounds.questions import questions_of
from reviews.rounds.ready_texts import ready_round
from reviews.rounds.timetable import first_dates
from reviews.services.rounds import FIXED_AFTER_ANNOUNCING, change_round, make_round
from reviews.views.round_form import RoundFormPage


@require_safe
def round_list(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Every round of a document, and the versions on which a new one can be made."""
    document, rights = find_draft(request, region, kind, public_id)
    may_run = can_coordinate(rights, document)
    versions = list(document.versions.for_list()) if may_run else []
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Rounds"), "")),
        "tabs": kinds.tabs_of(document, "round-list"),
        "rows": rounds_of(document),
        "may_run": may_run,
        "choices": [
            (version, label_of(version), document_address_of_new(document, version.number)) for version in versions
        ],
        "versions_url": document_address(document, "version-list"),
    }
    return render(request, "reviews/round_list.html", context)


def document_address_of_new(document: Document, number: int) -> str:
    """Where a round on a version is made."""
    return reverse("reviews:round-add", args=[document.region.slug, document.kind, document.public_id, number])


@require_http_methods(["GET", "POST"])
def round_add(request: Request, region: str, kind: str, public_id: str, number: int) -> HttpResponse:
    """A new round on a version, filled in as most rounds are."""
    document, rights = find_draft(request, region, kind, public_id)
    version = find_version(document, number)
    require(can_coordinate(rights, document))
    rounds_url = reverse("reviews:round-list", args=[document.region.slug, document.kind, document.public_id])
    page = RoundFormPage(request, document, _first_values(request, version))
    if page.is_sent:
        try:
            comment_round = make_round(version, by=request.user, **page.values())
        except ValidationError as error:
            page.take(error)
        else:
            messages.success(request, _("The round was saved as a draft. Nobody has been told of it yet."))
            return redirect(address(comment_round, "round"))
    title = _("New round on version %(number)d") % {"number": number}
    context = {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Rounds"), rounds_url), (title, "")),
        "title": title,
        "lead": _("The form is filled in as most rounds are. Nobody is told anything before you announce the round."),
        "warnings": version_warnings(version),
        "cancel_url": rounds_url,
        **page.context(),
    }
    return render(request, "reviews/round_form.html", context, status=page.status)


def _first_values(request: Request, version: Version) -> dict[str, Any]:
    """A round as it begins: ready texts, dates without holidays, the one who makes it as the contact person."""
    opens_at, closes_at, answers_by = first_dates(timezone.localdate())
    ready = ready_round(version, version.document.languages)
    new = CommentRound(
        kind=CommentRound.Kind.OPEN,
        **{name: ready[name] for name in ("title", "background", "instructions", "questions")},
        attention=[{"kind": FOR_ALL, "text": ready["attention"]}],
        opens_at=opens_at,
        closes_at=closes_at,
        answers_by=answers_by,
        contact=request.user.name,
        contact_email=request.user.email,
    )
    return values_of(new)


def values_of(comment_round: CommentRound) -> dict[str, Any]:
    """A round as its form takes it."""
    names = (
        *FIXED_AFTER_ANNOUNCING,
        *("title", "background", "instructions", "attention", "questions", "case_number", "answers_by"),
        *("contact", "contact_email", "contact_phone", "has_family_form", "has_children_form"),
        *("smallest_group", "reminds", "reminds_in_holidays", "retention_months"),
    )
    return {name: getattr(comment_round, name) for name in names}


@require_http_methods(["GET", "POST"])
def round_edit(request: Request, region: str, round_id: str) -> HttpResponse:
    """Change a round: all of a draft, and of an announced one what was not promised."""
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    document = comment_round.version.document
    page = RoundFormPage(
        request,
        document,
        values_of(comment_round),
        is_announced=not comment_round.is_draft,
        has_answers=comment_round.statements.exists(),
    )
    if page.is_sent:
        try:
            change_round(comment_round, by=request.user, fields=page.values())
        except ValidationError as error:
            page.take(error)
        else:
            messages.success(request, _("The round was saved."))
            return redirect(address(comment_round, "round"))
    context = {
        **round_context(comment_round, "round", (_("Edit"), "")),
        "title": _("Edit the round"),
        "lead": "",
        "warnings": version_warnings(comment_round.version) if comment_round.is_draft else [],
        "cancel_url": address(comment_round, "round"),
        "promised": [] if comment_round.is_draft else promised(comment_round),
        "asked_questions": request_in(comment_round, get_language() or document.original)["questions"],
        **page.context(),
    }
    return render(request, "reviews/round_form.html", context, status=page.status)


# --- The page of a round --------------------------------------------------------------------------------------


@require_safe
def round_detail(request: Request, region: str, round_id: str) -> HttpResponse:
    """Where a round stands, what it asks, what is left to do, and what was done to it."""
    comment_round, rights = find_round(request, region, round_id)
    document = comment_round.version.document
    row = listed(comment_round)
    may_run = can_run(rights, comment_round)
    is_draft = comment_round.is_draft
    items = before_announcing(comment_round, asked=row.asked) if is_draft else []
    context = {
        **round_context(comment_round, "round"),
        "may_run": may_run,
        "listed": row,
        "version_url": document_address(document, "version-detail", comment_round.version.number),
        "items": items,
        "can_announce": all(item.is_done for item in items if item.is_required),
        "warnings": round_warnings(comment_round) if is_draft else [],
        "promised": promised(comment_round),
        "requests": [request_in(comment_round, code) for code in own_language_first(document)],
        "preview_url": "" if is_draft else address(comment_round, "answer"),
        "share": share_of(request, comment_round),
        "events": _events(comment_round, row),
        "is_open": comment_round.is_open(),
        "is_over": comment_round.is_over(),
        "urls": {
            name: address(comment_round, f"round-{name}")
            for name in ("edit", "announce", "extend", "close", "reopen", "poster")
        },
        "invitations_url": address(comment_round, "invitation-list"),
    }
    return render(request, "reviews/round_detail.html", context)


def own_language_first(document: Document) -> list[str]:
    return sorted(document.languages, key=lambda code: code != get_language())


def promised(comment_round: CommentRound) -> list[tuple[str, str]]:
    """What respondents are promised, as label and words."""
    ways = [
        (comment_round.allows_official, _("organisations with an official statement")),
        (comment_round.allows_personal, _("people in their own name")),
        (comment_round.allows_anonymous, _("people without a name")),
    ]
    who = ", ".join(str(words) for allowed, words in ways if allowed)
    if comment_round.requires_sign_in:
        who = _("%(who)s; only those who sign in") % {"who": who}
    return [
        (_("Who is asked?"), str(CommentRound.Kind(comment_round.kind).label)),
        (_("Opens"), in_words(comment_round.opens_at)),
        (_("Closes"), in_words(comment_round.closes_at)),
        (_("Who may answer?"), who[:1].upper() + who[1:]),
        (_("Who sees what others say?"), str(CommentRound.Sharing(comment_round.sharing).label)),
    ]


def request_in(comment_round: CommentRound, language: str) -> dict[str, Any]:
    """All that the request says in one language, with its headings in the same."""
    points = attention_by_kind(comment_round)
    with override(language):
        labels = {FOR_ALL: "", **{kind: str(label) for kind, label in Organisation.Kind.choices}}
        headings = {
            "attention": _("Points that need attention"),
            "instructions": _("Instructions"),
            "questions": pgettext("of a round", "Questions"),
        }
    return {
        "code": language,
        "name": language_name(language),
        "headings": headings,
        "title": comment_round.title_in(language),
        "background": comment_round.background.get(language, ""),
        "instructions": comment_round.instructions.get(language, ""),
        "attention": [
            (labels.get(kind, kind), texts.get(language, "")) for kind, texts in points.items() if texts.get(language)
        ],
        "questions": [
            (question.text_in(language), [option.text_in(language) for option in question.options])
            for question in questions_of(comment_round.questions)
        ],
    }


def share_of(request: HttpRequest, comment_round: CommentRound) -> list[dict[str, str]]:
    """The address of a round in each of its languages, with its QR code. None while it is a draft."""
    if comment_round.is_draft:
        return []
    found = []
    for code in comment_round.version.document.languages:
        name = language_name(code)
        with override(code):
            url, qr = f"{site_of(request)}{address(comment_round, 'answer')}", address(comment_round, "round-qr")
        found.append({"code": code, "name": name, "url": url, "qr": qr})
    return found


def _events(comment_round: CommentRound, row: Listed) -> list[dict[str, str]]:
    """What was done to the round, newest first."""
    signs = {
        RoundChange.Kind.ANNOUNCED: "success",
        RoundChange.Kind.EXTENDED: "clock",
        RoundChange.Kind.CLOSED: "lock",
        RoundChange.Kind.REOPENED: "history",
    }
    events = [
        {
            "when": in_words(change.at),
            "title": _("%(what)s; closes on %(when)s")
            % {"what": change.get_kind_display(), "when": in_words(change.closes_at)},
            "text": ". ".join(part for part in (change.reason.rstrip("."), str(change.by or "")) if part),
            "url": "",
            "sign": signs[RoundChange.Kind(change.kind)],
        }
        for change in comment_round.changes.select_related("by").order_by("-pk")
    ]
    made = {
        "when": in_words(comment_round.created_at),
        "title": _("Made as a draft on version %(number)d") % {"number": comment_round.version.number},
        "text": str(comment_round.created_by or ""),
        "url": "",
        "sign": "edit",
    }
    return [*events, made]
