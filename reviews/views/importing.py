"""Bringing in a file of another service: choose it, say what its columns are, look, bring in."""

import difflib
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import Request
from documents.views.finding import first_error, require
from regions.models import Organisation
from reviews.finding import address, find_round
from reviews.forms.importing import (
    MOST_NAMES,
    MOST_VALUES,
    ImportFileForm,
    ReadingForm,
    sent_mapping,
    sent_names,
    sent_values,
    targets,
)
from reviews.intake.mapping import AS_TEXT, KEEP, REASONS, Incoming
from reviews.intake.names import folded, names_of
from reviews.intake.reading import MAX_BYTES
from reviews.models import CommentRound, StatementImport
from reviews.permissions import can_run
from reviews.rounds.page import round_context
from reviews.rounds.questions import answer_in_words, questions_of
from reviews.services.importing import (
    AT_ONCE,
    ENTERED,
    REFUSED,
    Preview,
    explain,
    give_up,
    go_on_here,
    look,
    receive,
    start,
    surroundings_of,
)

SHOWN = 10
"""Rows of the preview."""
NEAR = 3
"""Organisations that are offered first for a name."""


def _find(request: Request, region: str, round_id: str) -> CommentRound:
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    return comment_round


def _find_import(comment_round: CommentRound, import_id: str) -> StatementImport:
    row = get_object_or_404(comment_round.imports.select_related("file", "created_by"), public_id=import_id)
    row.round = comment_round
    return row


@require_http_methods(["GET", "POST"])
def import_add(request: Request, region: str, round_id: str) -> HttpResponse:
    """Choose a file. It is read and kept; nothing of the round changes yet."""
    comment_round = _find(request, region, round_id)
    sent = request.method == "POST"
    form = ImportFileForm(*((request.POST, request.FILES) if sent else ()))
    if sent and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            row = receive(comment_round, name=upload.name, content=upload.read(MAX_BYTES + 1), by=request.user)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect(address(comment_round, "statement-import-detail", row.public_id))
    earlier = [
        (row, address(comment_round, "statement-import-detail", row.public_id))
        for row in comment_round.imports.for_list()[:20]
    ]
    context = _context(comment_round, (_("Bring in from another service"), "")) | {
        "form": form,
        "earlier": earlier,
        "back_url": address(comment_round, "statement-list"),
    }
    return render(request, "reviews/import_add.html", context, status=422 if form.errors else 200)


def _context(comment_round: CommentRound, *crumbs: tuple[str, str]) -> dict[str, Any]:
    return round_context(
        comment_round, "statement-list", (_("Statements"), address(comment_round, "statement-list")), *crumbs
    )


@require_http_methods(["GET", "POST"])
def import_detail(request: Request, region: str, round_id: str, import_id: str) -> HttpResponse:
    """What a file would bring, what of it must be explained, and later what came of it. POST explains or brings in."""
    comment_round = _find(request, region, round_id)
    row = _find_import(comment_round, import_id)
    if row.state != StatementImport.State.WAITING:
        return render(request, "reviews/import_done.html", _told(comment_round, row))
    preview = look(row)
    problem, form = "", _reading_form(row, preview)
    if request.method == "POST":
        form = _reading_form(row, preview, request)
        try:
            if form.is_valid():
                before = (row.reading, row.mapping, row.choices)
                row = _explained(request, row, preview, form)
                if request.POST.get("step") != "apply":
                    return redirect(address(comment_round, "statement-import-detail", row.public_id) + "#preview")
                if before == (row.reading, row.mapping, row.choices):
                    return _brought(request, row)
                problem = _("You changed what the file means. Look at the rows again before you bring them in.")
                preview = look(row)
                form = _reading_form(row, preview)
        except ValidationError as error:
            problem = first_error(error)
    context = _context(comment_round, (row.name, "")) | _shown(row, preview)
    context |= {"form": form, "problem": problem}
    return render(request, "reviews/import_detail.html", context, status=422 if problem or form.errors else 200)


def _reading_form(row: StatementImport, preview: Preview, request: Request | None = None) -> ReadingForm:
    return ReadingForm(
        *((request.POST,) if request else ()),
        comment_round=row.round,
        sheets=preview.sheets,
        reading=row.reading,
        choices=row.choices,
    )


def _explained(request: Request, row: StatementImport, preview: Preview, form: ReadingForm) -> StatementImport:
    questions = questions_of(row.round.questions)
    around = surroundings_of(row.round)
    known = {value for _label, options in targets(questions, "fi") for value, _text in options}
    mapping = row.mapping | sent_mapping(request.POST, preview.table, known)
    names = row.choices.get("organisations", {}) | sent_names(request.POST, list(around.organisations))
    values = {key: dict(chosen) for key, chosen in row.choices.get("values", {}).items()}
    for key, chosen in sent_values(request.POST, questions).items():
        values.setdefault(key, {}).update(chosen)
    # What is left as it is needs no choice: it is how such names and values are kept anyway.
    names = {name: chosen for name, chosen in names.items() if chosen != KEEP}
    values = {
        key: rest
        for key, chosen in values.items()
        if (rest := {value: option for value, option in chosen.items() if option != AS_TEXT})
    }
    choices = form.choices() | ({"organisations": names} if names else {}) | ({"values": values} if values else {})
    explained = explain(row, reading=form.reading(), mapping=mapping, choices=choices)
    explained.round = row.round
    return explained


def _brought(request: Request, row: StatementImport) -> HttpResponse:
    started = start(row, by=request.user)
    if started.total <= AT_ONCE and go_on_here(started):
        started.refresh_from_db()
        count = started.counts.get(ENTERED, 0)
        message = ngettext("%(count)d statement was brought in.", "%(count)d statements were brought in.", count)
        messages.success(request, message % {"count": count})
    return redirect(address(row.round, "statement-import-detail", row.public_id))


def _shown(row: StatementImport, preview: Preview) -> dict[str, Any]:
    """The columns, what must be explained, and the first rows as they would be."""
    language = get_language() or "fi"
    questions = questions_of(row.round.questions)
    organisations = list(surroundings_of(row.round).organisations)
    understood = preview.understood
    names, values = row.choices.get("organisations", {}), row.choices.get("values", {})
    by_key = {question.key: question for question in questions}
    return {
        "row": row,
        "groups": targets(questions, language),
        "columns": [
            {"head": head, "target": row.mapping.get(head, ""), "examples": preview.table.examples(place)}
            for place, head in enumerate(preview.table.heads)
        ],
        "names": [
            {
                "name": name,
                "count": count,
                "chosen": names.get(folded(name), ""),
                "near": _near(name, organisations),
            }
            for name, count in understood.unknown_names.most_common(MOST_NAMES)
        ],
        "organisations": organisations,
        "keep": KEEP,
        "as_text": AS_TEXT,
        "values": [
            {
                "question": by_key[key],
                "asked": by_key[key].text_in(language),
                "options": [(option.key, option.text_in(language)) for option in by_key[key].options],
                "value": value,
                "count": count,
                "chosen": values.get(key, {}).get(folded(value), ""),
            }
            for (key, value), count in understood.unknown_values.most_common(MOST_VALUES)
        ],
        "ready": len(preview.ready),
        "left_out": [(_(REASONS[reason]), count) for reason, count in preview.left_out.most_common()],
        "total": len(understood.rows),
        "previewed": [_preview_line(incoming, by_key, language) for incoming in understood.rows[:SHOWN]],
        "is_large": len(understood.rows) > AT_ONCE,
        "remove_url": address(row.round, "statement-import-remove", row.public_id),
    }


def _near(name: str, organisations: list[Organisation]) -> list[Organisation]:
    by_name = {own: row for row in organisations for own in names_of(row)}
    wanted = folded(name)
    near = difflib.get_close_matches(wanted, by_name, n=NEAR, cutoff=0.7)
    near += [own for own in by_name if own not in near and (own in wanted or wanted in own)][:NEAR]
    return list(dict.fromkeys(by_name[own] for own in near))[:NEAR]


def _preview_line(incoming: Incoming, questions: dict[str, Any], language: str) -> dict[str, Any]:
    return {
        "incoming": incoming,
        "kind": incoming.kind.label,
        "reason": _(REASONS[incoming.reason]) if incoming.reason else "",
        "answers": [
            (questions[key].text_in(language), answer_in_words(questions[key], answer, language))
            for key, answer in incoming.answers.items()
        ],
    }


def _told(comment_round: CommentRound, row: StatementImport) -> dict[str, Any]:
    """How far it is, and what came of each row that was left out."""
    counts = dict(row.counts)
    entered = counts.pop(ENTERED, 0)
    words = {reason: str(_(text)) for reason, text in REASONS.items()} | {REFUSED: _("Cannot be kept as it is")}
    return _context(comment_round, (row.name, "")) | {
        "row": row,
        "is_running": row.state == StatementImport.State.RUNNING,
        "entered": entered,
        "left_out": [(words.get(reason, reason), count) for reason, count in sorted(counts.items())],
        "problems": [
            (problem["row"], words.get(problem["reason"], ""), problem.get("message", "")) for problem in row.problems
        ],
        "own_url": address(comment_round, "statement-import-detail", row.public_id),
        "list_url": address(comment_round, "statement-list") + "?origin=import",
        "another_url": address(comment_round, "statement-import"),
    }


@require_POST
def import_remove(request: Request, region: str, round_id: str, import_id: str) -> HttpResponse:
    """Take away a file that waits."""
    comment_round = _find(request, region, round_id)
    give_up(_find_import(comment_round, import_id))
    messages.success(request, _("The file was taken away. Nothing was brought in from it."))
    return redirect(address(comment_round, "statement-import"))
