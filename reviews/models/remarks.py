"""What is said about places in a version, and what was answered."""

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.identifiers import new_public_id
from documents.models import Revision, Version
from regions.models import Region
from reviews.models.statements import Statement


class RemarkQuerySet(models.QuerySet["Remark"]):
    def proposals(self) -> Self:
        """Remarks that propose other words or another change of the text."""
        return self.exclude(operations=[])

    def answered(self) -> Self:
        return self.filter(Exists(_standing_answers()))

    def unanswered(self) -> Self:
        return self.filter(~Exists(_standing_answers()))

    def received(self) -> Self:
        """Those that somebody has handed in, and those of members, who hand nothing in; not what was taken back."""
        return self.said().filter(Q(statement=None) | Q(statement__received_at__isnull=False))

    def said(self) -> Self:
        """Without those that their respondents took back after somebody had begun to handle them."""
        return self.filter(withdrawn_at=None)

    def shown(self) -> Self:
        return self.said().filter(hidden_at=None)

    def for_list(self) -> Self:
        return self.said().select_related("statement__organisation", "author").order_by("pk")


def _standing_answers() -> models.QuerySet[Any]:
    """Of one remark: its answers that were not undone."""
    links = Answer.remarks.through._default_manager
    return links.filter(remark=OuterRef("pk"), answer__withdrawn_at=None)


class Remark(models.Model):
    """Something said about one place in a frozen version, or about all of it; perhaps with a proposal for other words.

    Where its place is in today's draft is traced by `documents.tracing`; the remark itself never moves.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    statement = models.ForeignKey(
        Statement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="remarks",
        verbose_name=_("statement"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="remarks",
        verbose_name=_("author"),
        help_text=_("Whose remark it is where it belongs to no statement."),
    )
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="remarks", verbose_name=_("version"))
    language = models.CharField(_("language"), max_length=2, default="fi")
    section_key = models.CharField(
        _("section"), max_length=60, blank=True, help_text=_("Empty where it is about the whole.")
    )
    order = models.PositiveIntegerField(
        _("order in the text"), default=0, help_text=_("Of its place in the version, so that lists follow the text.")
    )
    question = models.CharField(_("question"), max_length=20, blank=True, help_text=_("That it was picked from."))
    picked_starts_at = models.PositiveIntegerField(
        _("first sign of what was picked"),
        null=True,
        blank=True,
        help_text=_("In the statement's own words, or in the answer to the question."),
    )
    picked_ends_at = models.PositiveIntegerField(_("sign after what was picked"), null=True, blank=True)
    block_id = models.CharField(_("place in the text"), max_length=10, blank=True)
    unplaced = models.BooleanField(
        _("without a place"), default=False, help_text=_("It came in a file, and a person has yet to find its place.")
    )
    unit = models.CharField(_("part of the place"), max_length=40, blank=True)
    quote = models.TextField(_("quoted words"), blank=True)
    starts_at = models.PositiveIntegerField(_("first sign of the quote"), null=True, blank=True)
    ends_at = models.PositiveIntegerField(_("sign after the quote"), null=True, blank=True)
    text = models.TextField(_("remark"), blank=True)
    operations = models.JSONField(
        _("proposed change"), default=list, blank=True, help_text=_("Operations on blocks of the version.")
    )
    key = models.CharField(
        max_length=40,
        blank=True,
        editable=False,
        help_text=_("The form that was sent: sending it twice is saying it once."),
    )
    edit = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("Counts the changes, so that two who write at once are noticed.")
    )
    edited_with = models.CharField(
        max_length=40,
        blank=True,
        editable=False,
        help_text=_("The form that wrote last: what it sends again is not a colleague's change."),
    )
    withdrawn_at = models.DateTimeField(
        _("taken back"),
        null=True,
        blank=True,
        help_text=_("By its respondent, after somebody had begun to handle it. Lists leave it out."),
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_remarks",
        verbose_name=_("handled by"),
    )
    place_in_draft = models.CharField(
        _("place in the draft"),
        max_length=10,
        blank=True,
        help_text=_("Chosen by a person, where the words that it is about are gone from the text."),
    )
    section_in_draft = models.CharField(
        _("section in the draft"),
        max_length=60,
        blank=True,
        help_text=_("Chosen by a person, where no single place of the text is the right one."),
    )
    proposal_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who wrote the proposal"),
        help_text=_("A handler who put a remark's own words into the form of a proposal."),
    )
    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True)
    hidden_reason = models.CharField(_("why it is hidden"), max_length=300, blank=True)
    redactions = models.JSONField(
        _("blacked out"),
        default=list,
        blank=True,
        help_text=_("First sign, sign after, and why: what is published leaves these words out."),
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["version", "block_id"]),
            models.Index(fields=["version", "order", "id"], name="remark_in_order_of_text"),
            # The reading page counts thousands of remarks by place without fetching them.
            models.Index(
                fields=["version", "section_key", "block_id", "statement", "hidden_at", "withdrawn_at", "unplaced"],
                name="remark_counted_by_place",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(statement=None, author__isnull=False) | Q(statement__isnull=False, author=None),
                name="remark_is_of_a_statement_or_of_an_author",
                violation_error_message=_("A remark belongs to a statement or to its author."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None)
                | Q(starts_at__isnull=False, ends_at__isnull=False, ends_at__gt=F("starts_at"), quote__gt=""),
                name="remark_quotes_what_lies_between_its_ends",
                violation_error_message=_("The quoted words and where they stand must agree."),
            ),
            models.CheckConstraint(
                condition=Q(hidden_at=None) | ~Q(hidden_reason=""),
                name="hidden_remark_has_a_reason",
                violation_error_message=_("Tell why the remark is hidden."),
            ),
            models.UniqueConstraint(
                fields=["statement", "key"], condition=~Q(key=""), name="remark_form_is_saved_once"
            ),
            models.CheckConstraint(
                condition=~Q(block_id="") | Q(quote="", unit=""),
                name="remark_on_the_whole_quotes_nothing",
                violation_error_message=_("Words can be quoted from one place only."),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80] or self.quote[:80] or self.public_id

    def clean(self) -> None:
        if not self.text.strip() and not self.operations:
            raise ValidationError(_("Write a remark or propose other words."), code="remark_empty")

    @property
    def is_proposal(self) -> bool:
        return bool(self.operations)


class RemarkNote(models.Model):
    """What those who handle remarks say to each other about one. Never shown to respondents, in no file."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    remark = models.ForeignKey(Remark, on_delete=models.CASCADE, related_name="notes", verbose_name=_("remark"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("author")
    )
    text = models.TextField(_("text"))
    written_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        verbose_name = _("internal note on a remark")
        verbose_name_plural = _("internal notes on remarks")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:80]


class RemarkReport(models.Model):
    """A reader's report that a remark shown to all should not be. Who reported is not kept."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    remark = models.ForeignKey(Remark, on_delete=models.CASCADE, related_name="reports", verbose_name=_("remark"))
    text = models.CharField(_("what is wrong with it"), max_length=500, blank=True)
    reported_at = models.DateTimeField(_("reported"), auto_now_add=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("report of a remark")
        verbose_name_plural = _("reports of remarks")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:80] or str(self.remark)


class AnswerQuerySet(models.QuerySet["Answer"]):
    def in_force(self) -> Self:
        """Those that were not undone."""
        return self.filter(withdrawn_at=None)


class Answer(models.Model):
    """What was done about one or several remarks, and why: shown to those who made them.

    Of a remark's answers one counts at a time, the one that was not undone.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("outcome of a remark", "Taken into account")
        CHANGED = "changed", pgettext_lazy("outcome of a remark", "Taken into account in a changed form")
        PARTLY = "partly", pgettext_lazy("outcome of a remark", "Taken into account in part")
        NO_CHANGE = "no_change", pgettext_lazy("outcome of a remark", "No change to the text")
        NOTED = "noted", pgettext_lazy("outcome of a remark", "Noted for information")

    CHANGES_TEXT = frozenset({Outcome.ACCEPTED, Outcome.CHANGED, Outcome.PARTLY})
    NEEDS_REASON = frozenset({Outcome.CHANGED, Outcome.PARTLY, Outcome.NO_CHANGE})

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    remarks = models.ManyToManyField(Remark, related_name="answers", verbose_name=_("remarks"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    reason = models.JSONField(
        _("reason"), default=dict, blank=True, help_text=_("Language code and text, without empty ones.")
    )
    revision = models.ForeignKey(
        Revision,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        verbose_name=_("change that it led to"),
    )
    first_version = models.ForeignKey(
        Version,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        verbose_name=_("first version with the change"),
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), auto_now_add=True)
    meeting = models.ForeignKey(
        "RemarkMeeting",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        verbose_name=_("meeting"),
        help_text=_("In which the outcome was agreed."),
    )
    withdrawn_at = models.DateTimeField(
        _("undone"),
        null=True,
        blank=True,
        help_text=_("An outcome that was undone stays on record and counts no more."),
    )

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["accepted", "noted"]) | ~Q(reason={}),
                name="answer_tells_why_not_as_proposed",
                violation_error_message=_("Tell why the text was not changed as proposed."),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["accepted", "changed", "partly"]) | Q(revision=None, first_version=None),
                name="answer_without_change_names_none",
                violation_error_message=_("An answer that changes nothing cannot name a change."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_outcome_display())
