"""Entering what came by mail, on paper or from a meeting; putting it right; picking passages from it as remarks."""

import secrets
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import Request
from documents.views.finding import first_error, require
from regions.models import Organisation, StoredFile
from regions.scanning import require_clean
from regions.services import store_file
from reviews.finding import address, find_round
from reviews.forms.entering import AddToForm, ChangeForm, EnterForm, StatementForm
from reviews.models import CommentRound, Statement
from reviews.permissions import can_run
from reviews.rounds.page import round_context
from reviews.services.entering import (
    AnsweredAlreadyError,
    add_to,
    change_entered,
    enter,
    is_entered,
    pick,
    put_back,
    words_of,
)
from reviews.views.received import find_statement, statement_context

SALT = "reviews.kept_files"
KEPT = 24 * 60 * 60
"""Seconds for which files wait with a form that had to be corrected."""


class Files:
    """The files that came with a form, and those that it held already when it had to be corrected."""

    def __init__(self, request: Request, comment_round: CommentRound) -> None:
        self.request, self.region = request, comment_round.version.document.region
        token = request.POST.get("kept_files", "")
        keys: list[str] = []
        if token:
            try:
                user, keys = signing.loads(token, salt=SALT, max_age=KEPT)
            except signing.BadSignature:
                user = None
            keys = keys if user == request.user.pk else []
        self.kept = list(StoredFile.objects.filter(public_id__in=keys, region=self.region).order_by("pk"))

    def take(self, form: Any) -> list[StoredFile]:
        """All files of the form; new ones are stored, and what cannot be stored stands beside the field."""
        form.is_valid()  # also of a form with faults the files are kept
        for upload in form.cleaned_data.get("files", ()):
            try:
                content = upload.read()
                require_clean(content)
                stored = store_file(self.region, name=upload.name, content=content, by=self.request.user)
            except ValidationError as error:
                form.add_error("files", ValidationError(f"{upload.name}: {first_error(error)}", code="file"))
            else:
                self.kept.append(stored)
        return self.kept

    def show(self, form: StatementForm) -> None:
        """Let a form that goes back to its writer keep them."""
        if self.kept:
            token = signing.dumps([self.request.user.pk, [row.public_id for row in self.kept]], salt=SALT)
            form.show_kept(self.kept, token)


@require_http_methods(["GET", "POST"])
def statement_enter(request: Request, region: str, round_id: str) -> HttpResponse:
    """Enter a statement in its respondent's name: one form, then its page, where passages are picked."""
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    sent = request.method == "POST"
    form = EnterForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        comment_round=comment_round,
        organisations=Organisation.objects.valid_on().filter(region=comment_round.region_id).order_by("name"),
        invitations=comment_round.invitations.in_force().select_related("organisation", "body"),
        initial={"name": request.GET.get("name", "")},
    )
    files = Files(request, comment_round)
    already: Statement | None = None
    if sent:
        kept = files.take(form)
        if form.is_valid():
            try:
                statement = _enter(request, comment_round, form, kept)
            except AnsweredAlreadyError as error:
                already = error.statement
                if request.POST.get("then") == "add" and already.received_at:
                    return _added(request, already, form.cleaned_data, kept)
            except ValidationError as error:
                _put(form, error)
            else:
                return _entered(request, comment_round, statement)
    if sent:
        files.show(form)
    context = round_context(
        comment_round,
        "statement-list",
        (_("Statements"), address(comment_round, "statement-list")),
        (_("Enter a statement"), ""),
    ) | {
        "form": form,
        "already": already,
        "already_url": address(comment_round, "statement", already.public_id)
        if already and already.received_at
        else "",
        "cancel_url": address(comment_round, "statement-list"),
        "key": request.POST.get("key") or secrets.token_urlsafe(16),
    }
    return render(request, "reviews/statement_enter.html", context, status=422 if form.errors or already else 200)


def _enter(request: Request, comment_round: CommentRound, form: EnterForm, files: Sequence[StoredFile]) -> Statement:
    data = form.cleaned_data
    return enter(
        comment_round,
        by=request.user,
        origin=Statement.Origin(data["origin"]),
        received_on=data["received_on"],
        files=files,
        key=f"enter-{request.POST['key'][:30]}" if request.POST.get("key") else "",
        instead_of_draft=request.POST.get("then") == "instead",
        **{**form.said(), **form.respondent()},
    )


def _entered(request: Request, comment_round: CommentRound, statement: Statement) -> HttpResponse:
    messages.success(request, _("The statement was entered: %(name)s.") % {"name": str(statement)})
    if request.POST.get("next") == "another":
        return redirect(address(comment_round, "statement-enter"))
    where = address(comment_round, "statement", statement.public_id)
    return redirect(f"{where}?pick#words" if statement.text else where)


def _added(request: Request, statement: Statement, data: dict[str, Any], files: Sequence[StoredFile]) -> HttpResponse:
    key = f"enter-{request.POST['key'][:30]}" if request.POST.get("key") else ""
    add_to(statement, by=request.user, received_on=data["received_on"], text=data["text"], files=files, key=key)
    messages.success(request, _("It was added to the statement: %(name)s.") % {"name": str(statement)})
    return redirect(address(statement.round, "statement", statement.public_id))


def _put(form: Any, error: ValidationError) -> None:
    """A rule that was broken, beside the field it is about where the form has that field."""
    for name, found in getattr(error, "error_dict", {"": [error]}).items():
        # The organisation is typed as a name.
        shown = "name" if name in ("organisation", "signed_by") and "name" in form.fields else name
        form.add_error(shown if shown in form.fields else None, found)


@require_http_methods(["GET", "POST"])
def statement_change(request: Request, region: str, round_id: str, statement_id: str) -> HttpResponse:
    """Put right what was entered. What it said before stays as a receipt."""
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    statement = find_statement(comment_round, statement_id)
    require(is_entered(statement))
    sent = request.method == "POST"
    attachments = list(statement.attachments.order_by("name", "pk"))
    form = ChangeForm(
        *((request.POST, request.FILES) if sent else ()),
        statement=statement,
        attachments=attachments,
    )
    files = Files(request, comment_round)
    if sent:
        kept = files.take(form)
        if form.is_valid():
            try:
                return _changed(request, statement, form, kept, attachments)
            except ValidationError as error:
                _put(form, error)
    if sent:
        files.show(form)
    where = address(comment_round, "statement", statement.public_id)
    context = round_context(
        comment_round,
        "statement-list",
        (_("Statements"), address(comment_round, "statement-list")),
        (str(statement), where),
        (_("Change"), ""),
    ) | {
        "form": form,
        "statement": statement,
        "edit": request.POST.get("edit", statement.edit),
        "cancel_url": where,
    }
    return render(request, "reviews/statement_change.html", context, status=422 if form.errors else 200)


def _changed(
    request: Request,
    statement: Statement,
    form: ChangeForm,
    files: Sequence[StoredFile],
    attachments: Sequence[StoredFile],
) -> HttpResponse:
    edit = request.POST.get("edit", "")
    without = form.cleaned_data.get("without", [])
    _statement, lost = change_entered(
        statement,
        by=request.user,
        fields=form.said(),
        received_on=form.cleaned_data["received_on"],
        origin=Statement.Origin(form.cleaned_data["origin"]),
        files=files,
        without=[row for row in attachments if row.public_id in without],
        edit=int(edit) if edit.isdecimal() else None,
    )
    messages.success(request, _("The changes were saved."))
    if lost:
        message = ngettext(
            "The words of %(count)d picked remark are no longer in the text. The remark stays.",
            "The words of %(count)d picked remarks are no longer in the text. The remarks stay.",
            lost,
        )
        messages.warning(request, message % {"count": lost})
    return redirect(address(statement.round, "statement", statement.public_id))


@require_http_methods(["GET", "POST"])
def statement_add_to(request: Request, region: str, round_id: str, statement_id: str) -> HttpResponse:
    """Add what came later to a statement that has come in, by whatever way."""
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    statement = find_statement(comment_round, statement_id)
    sent = request.method == "POST"
    form = AddToForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        try:
            with transaction.atomic():
                kept = Files(request, comment_round).take(form)
                if form.is_valid():
                    return _added(request, statement, form.cleaned_data, kept)
        except ValidationError as error:
            _put(form, error)
    where = address(comment_round, "statement", statement.public_id)
    context = round_context(
        comment_round,
        "statement-list",
        (_("Statements"), address(comment_round, "statement-list")),
        (str(statement), where),
        (_("Add to it"), ""),
    ) | {
        "form": form,
        "statement": statement,
        "cancel_url": where,
        "key": request.POST.get("key") or secrets.token_urlsafe(16),
    }
    return render(request, "reviews/statement_add_to.html", context, status=422 if form.errors else 200)


@require_POST
def statement_pick(request: Request, region: str, round_id: str, statement_id: str) -> HttpResponse:
    """Make a remark of a passage: of the words selected, or from the first ticked sentence to the last."""
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    statement = find_statement(comment_round, statement_id)
    kind, _sign, key = request.POST.get("place", "").partition(":")
    try:
        question, starts_at, ends_at = _passage(request, statement)
        remark = pick(
            statement,
            by=request.user,
            question=question,
            starts_at=starts_at,
            ends_at=ends_at,
            section_key=key if kind == "s" else "",
            block_id=key if kind == "b" else "",
        )
    except ValidationError as error:
        context = statement_context(statement, may_run=True, picks=True, problem=first_error(error))
        context["place"] = request.POST.get("place", "")
        return render(request, "reviews/statement_detail.html", context, status=422)
    messages.success(request, _("Picked as a remark: “%(words)s”") % {"words": _short(remark.text)})
    return redirect(address(comment_round, "statement", statement.public_id) + f"?pick&after={remark.public_id}#words")


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 60 else words[:60].rstrip() + "…"


def _passage(request: Request, statement: Statement) -> tuple[str, int, int]:
    """Which words were chosen. Raises ValidationError (`nothing_picked`, `two_texts`)."""
    starts, ends = request.POST.get("starts_at", ""), request.POST.get("ends_at", "")
    if starts.isdecimal() and ends.isdecimal():
        return request.POST.get("question", ""), int(starts), int(ends)
    ticked = [value.rsplit(":", 1) for value in request.POST.getlist("sentence") if ":" in value]
    if not ticked:
        raise ValidationError(_("Tick the sentences, or select the words to pick."), code="nothing_picked")
    if len({question for question, _place in ticked}) > 1:
        raise ValidationError(_("Pick from one answer at a time."), code="two_texts")
    edges = [int(edge) for _question, place in ticked for edge in place.split("-") if edge.isdecimal()]
    question = ticked[0][0]
    if len(edges) < 2 or max(edges) > len(words_of(statement, question)):
        raise ValidationError(_("Tick the sentences, or select the words to pick."), code="nothing_picked")
    return question, min(edges), max(edges)


@require_POST
def statement_put_back(request: Request, region: str, round_id: str, statement_id: str, remark_id: str) -> HttpResponse:
    """Undo a picking."""
    comment_round, rights = find_round(request, region, round_id)
    require(can_run(rights, comment_round))
    statement = find_statement(comment_round, statement_id)
    remark = get_object_or_404(statement.remarks.exclude(picked_starts_at=None), public_id=remark_id)
    remark.statement = statement
    try:
        put_back(remark, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(request, _("The remark was put back. The words of the statement are as they were."))
    return redirect(address(comment_round, "statement", statement.public_id) + "?pick#words")
