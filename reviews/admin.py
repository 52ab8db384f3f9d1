"""Rounds, statements and decisions in the admin. What was received or decided can be read and not rewritten."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.admin import ReadOnlyAdmin
from regions.admin import RegionalAdmin, RegionalInline
from reviews.models import (
    Answer,
    ChainStep,
    CommentRound,
    Decision,
    Invitation,
    InvitationMail,
    Receipt,
    Remark,
    RemarkReport,
    RoundChange,
    Statement,
)
from reviews.services.rounds import FIXED_AFTER_ANNOUNCING


class InvitationInline(RegionalInline):
    model = Invitation
    fields = [
        "organisation",
        "body",
        "name",
        "email",
        "language",
        "closes_at",
        "sent_at",
        "reminded_at",
        "withdrawn_at",
    ]
    readonly_fields = ["closes_at", "sent_at", "reminded_at"]
    autocomplete_fields = ["organisation", "body"]


class RoundChangeInline(admin.TabularInline):
    """What was done to the round. Its own page writes these rows."""

    model = RoundChange
    fields = ("kind", "closes_at", "reason", "by", "at")
    readonly_fields = ("kind", "closes_at", "reason", "by", "at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CommentRound)
class CommentRoundAdmin(RegionalAdmin):
    """A round stays on the version that it was opened on. Announcing, more time and closing have their own page.

    What respondents are promised and asked is read here and changed there, so that the round's history tells of every
    change.
    """

    list_display = ["__str__", "version", "kind", "opens_at", "closes_at", "announced_at", "open_now"]
    list_filter = ["region", "kind"]
    readonly_fields = ["announced_at", "people_removed_at"]
    list_select_related = ["version__document"]
    search_fields = ["public_id", "title", "contact"]
    date_hierarchy = "opens_at"
    raw_id_fields = ["version"]
    exclude = ["created_by"]
    inlines = [InvitationInline, RoundChangeInline]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[CommentRound]:
        return super().get_queryset(request).defer("version__content")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        readonly = super().get_readonly_fields(request, obj)
        return [*readonly, "version", "questions", *FIXED_AFTER_ANNOUNCING] if obj else readonly

    @admin.display(description=_("open now"), boolean=True)
    def open_now(self, comment_round: CommentRound) -> bool:
        return comment_round.is_open()


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "round", "kind", "received_at", "late", "visibility"]
    list_filter = ["region", "kind", "late", "visibility"]
    list_select_related = ["round", "organisation", "user"]
    search_fields = ["public_id", "organisation__name", "signed_by", "case_number"]
    date_hierarchy = "received_at"


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    """What a respondent was given as proof of what she handed in."""

    list_display = ["statement", "made_at"]
    list_filter = ["region"]
    list_select_related = ["statement__organisation", "statement__user"]
    search_fields = ["statement__public_id", "statement__signed_by", "statement__organisation__name"]
    date_hierarchy = "made_at"


@admin.register(InvitationMail)
class InvitationMailAdmin(ReadOnlyAdmin):
    list_display = ["email", "invitation", "kind", "sent_at", "bounced_at"]
    list_filter = ["region", "kind"]
    list_select_related = ["invitation__organisation", "invitation__body"]
    search_fields = ["email", "invitation__organisation__name"]
    date_hierarchy = "sent_at"


@admin.register(RemarkReport)
class RemarkReportAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "remark", "reported_at", "settled_at"]
    list_filter = ["region"]
    list_select_related = ["remark"]
    search_fields = ["text", "remark__text"]


@admin.register(Remark)
class RemarkAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "version", "language", "block_id", "created_at"]
    list_filter = ["region", "language"]
    list_select_related = ["version__document"]
    search_fields = ["public_id", "text", "quote", "block_id"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Remark]:
        return super().get_queryset(request).defer("version__content")


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "reason", "answered_by", "answered_at"]
    list_filter = ["region", "outcome"]
    list_select_related = ["answered_by"]
    search_fields = ["public_id", "remarks__text"]


@admin.register(ChainStep)
class ChainStepAdmin(RegionalAdmin):
    list_display = ["document", "position", "body", "handling"]
    list_filter = ["region", "handling"]
    list_select_related = ["document", "body"]
    search_fields = ["document__public_id", "body__name"]
    raw_id_fields = ["document"]
    autocomplete_fields = ["body"]


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Decisions are recorded on their own page, which also makes the approved version."""

    list_display = ["body", "meeting_date", "item_no", "case_number", "outcome", "version"]
    list_filter = ["region", "outcome"]
    list_select_related = ["body", "version__document"]
    search_fields = ["public_id", "case_number", "item_no", "body__name"]
    date_hierarchy = "meeting_date"
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Decision]:
        return super().get_queryset(request).defer("version__content")
