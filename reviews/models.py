"""What others say of a document and decide of it: rounds, statements, remarks, answers, handling, decisions."""

import datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.identifiers import new_public_id
from accounts.models import AccessLink
from documents.models import Document, Revision, Version
from documents.models.document import in_language
from regions.models import Body, Organisation, Region, StoredFile


class CommentRoundQuerySet(models.QuerySet["CommentRound"]):
    def coming(self, now: datetime.datetime | None = None) -> Self:
        return self.filter(opens_at__gt=now or timezone.now())

    def open(self, now: datetime.datetime | None = None) -> Self:
        now = now or timezone.now()
        return self.filter(opens_at__lte=now, closes_at__gt=now)

    def over(self, now: datetime.datetime | None = None) -> Self:
        return self.filter(closes_at__lte=now or timezone.now())

    def for_list(self) -> Self:
        return self.select_related("version__document__region").defer("version__content").order_by("-opens_at", "-pk")


class CommentRound(models.Model):
    """One period during which a frozen version can be commented on. It stays on that version whatever is frozen later.

    Whether it is open follows from its two times and the clock; nothing opens or closes it.
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("Open to anyone with the link")
        INVITED = "invited", _("For those invited")
        INTERNAL = "internal", _("Inside the region's own groups")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="comment_rounds", verbose_name=_("region")
    )
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="comment_rounds", verbose_name=_("version")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    title = models.JSONField(_("title"), default=dict, help_text=_("Language code and title."))
    questions = models.JSONField(
        _("questions"), default=list, blank=True, help_text=_("What is asked of the whole, in order.")
    )
    instructions = models.JSONField(
        _("instructions"), default=dict, blank=True, help_text=_("Language code and text for respondents.")
    )
    contact = models.CharField(_("contact person"), max_length=200, blank=True)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"), help_text=_("What arrives later is kept and marked late."))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = CommentRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment round")
        verbose_name_plural = _("comment rounds")
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="comment_round_closes_after_it_opens",
                violation_error_message=_("The round must close after it opens."),
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.title) or self.public_id

    def is_open(self, now: datetime.datetime | None = None) -> bool:
        """Whether comments are asked for at this moment. A service asks under the document's lock."""
        return self.opens_at <= (now or timezone.now()) < self.closes_at

    def is_over(self, now: datetime.datetime | None = None) -> bool:
        return (now or timezone.now()) >= self.closes_at

    def title_in(self, language: str) -> str:
        return in_language(self.title, language)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def in_force(self) -> Self:
        return self.filter(withdrawn_at=None)

    def unanswered(self) -> Self:
        """Those in force that have not led to a statement that was handed in."""
        return self.in_force().exclude(statements__received_at__isnull=False)


class Invitation(models.Model):
    """An organisation, a body or an address that is asked for its comments in one round."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    round = models.ForeignKey(
        CommentRound, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("comment round")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("organisation"),
    )
    body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=pgettext_lazy("group of people", "body"),
    )
    email = models.EmailField(_("e-mail address"), blank=True, help_text=_("Where the request is sent."))
    language = models.CharField(_("language"), max_length=2, default="fi")
    link = models.ForeignKey(
        AccessLink,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="invitations",
        verbose_name=_("access link"),
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation=None) | Q(body=None),
                name="invitation_is_for_one",
                violation_error_message=_("Invite either an organisation or a body."),
            ),
            models.CheckConstraint(
                condition=~Q(organisation=None) | ~Q(body=None) | ~Q(email=""),
                name="invitation_is_for_somebody",
                violation_error_message=_("Tell who is invited."),
            ),
            models.UniqueConstraint(
                fields=["round", "organisation"],
                condition=Q(withdrawn_at=None),
                name="organisation_is_invited_once",
                violation_error_message=_("This organisation is invited already."),
            ),
            models.UniqueConstraint(
                fields=["round", "body"],
                condition=Q(withdrawn_at=None),
                name="body_is_invited_once",
                violation_error_message=_("This body is invited already."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation or self.body or self.email)


class StatementQuerySet(models.QuerySet["Statement"]):
    def received(self) -> Self:
        return self.exclude(received_at=None)

    def public(self) -> Self:
        return self.received().filter(visibility=Statement.Visibility.PUBLIC)

    def for_list(self) -> Self:
        return self.select_related("organisation", "user", "round").order_by("received_at", "pk")


class Statement(models.Model):
    """What one respondent says in a round: answers to its questions, attachments and remarks.

    A draft until it is received. One that arrives after the closing is kept and marked late.
    """

    class Kind(models.TextChoices):
        OFFICIAL = "official", _("Official statement of an organisation")
        PERSONAL = "personal", _("Somebody's own")
        ANONYMOUS = "anonymous", _("Without a name")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        HIDDEN = "hidden", _("Not shown in public")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    round = models.ForeignKey(
        CommentRound, on_delete=models.PROTECT, related_name="statements", verbose_name=_("comment round")
    )
    invitation = models.ForeignKey(
        Invitation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("invitation"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("organisation"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("person"),
    )
    signed_by = models.CharField(_("signed by"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=2, default="fi")
    answers = models.JSONField(
        _("answers"), default=dict, blank=True, help_text=_("Key of the question and the answer.")
    )
    attachments = models.ManyToManyField(
        StoredFile, blank=True, related_name="statements", verbose_name=_("attachments")
    )
    item_no = models.CharField(_("section (§)"), max_length=20, blank=True)
    case_number = models.CharField(_("case number"), max_length=60, blank=True)
    started_at = models.DateTimeField(_("begun"), auto_now_add=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    late = models.BooleanField(_("late"), default=False)
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    hidden_ground = models.CharField(
        _("why it is not shown"), max_length=300, blank=True, help_text=_("The ground in law, as it is told who asks.")
    )

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["received_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="official") | ~Q(organisation=None),
                name="official_statement_names_its_organisation",
                violation_error_message=_("An official statement needs its organisation."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="anonymous") | Q(user=None, organisation=None, signed_by=""),
                name="anonymous_statement_names_nobody",
                violation_error_message=_("An anonymous statement cannot name anybody."),
            ),
            models.CheckConstraint(
                condition=Q(visibility="public") | ~Q(hidden_ground=""),
                name="hidden_statement_has_a_ground",
                violation_error_message=_("Tell why the statement is not shown in public."),
            ),
            models.CheckConstraint(
                condition=Q(late=False) | Q(received_at__isnull=False),
                name="only_a_received_statement_is_late",
                violation_error_message=_("Only a statement that has arrived can be late."),
            ),
            models.UniqueConstraint(
                fields=["round", "organisation"],
                condition=Q(kind="official"),
                name="organisation_gives_one_official_statement",
                violation_error_message=_("This organisation has an official statement in the round already."),
            ),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.ANONYMOUS:
            return str(self.Kind.ANONYMOUS.label)
        return str(self.organisation or self.signed_by or self.user or self.public_id)


class RemarkQuerySet(models.QuerySet["Remark"]):
    def proposals(self) -> Self:
        """Remarks that propose other words or another change of the text."""
        return self.exclude(operations=[])

    def unanswered(self) -> Self:
        return self.filter(answers=None)

    def for_list(self) -> Self:
        return self.select_related("statement__organisation", "author").order_by("pk")


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
    block_id = models.CharField(_("place in the text"), max_length=10, blank=True)
    unit = models.CharField(_("part of the place"), max_length=40, blank=True)
    quote = models.TextField(_("quoted words"), blank=True)
    starts_at = models.PositiveIntegerField(_("first sign of the quote"), null=True, blank=True)
    ends_at = models.PositiveIntegerField(_("sign after the quote"), null=True, blank=True)
    text = models.TextField(_("remark"), blank=True)
    operations = models.JSONField(
        _("proposed change"), default=list, blank=True, help_text=_("Operations on blocks of the version.")
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["pk"]
        indexes = [models.Index(fields=["version", "block_id"])]
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


class Answer(models.Model):
    """What was done about one or several remarks, and why: shown to those who made them."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        CHANGED = "changed", _("Accepted in a changed form")
        PARTLY = "partly", _("Accepted in part")
        NO_CHANGE = "no_change", _("Not accepted")
        NOTED = "noted", _("Noted")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    remarks = models.ManyToManyField(Remark, related_name="answers", verbose_name=_("remarks"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    reason = models.TextField(_("reason"), blank=True)
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

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["accepted", "noted"]) | Q(reason__gt=""),
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


class ChainStep(models.Model):
    """One body on a plan's way from draft to decision, and what it does with the plan."""

    class Handling(models.TextChoices):
        PREPARES = "prepares", _("Prepares")
        COMMENTS = "comments", _("Comments")
        PROPOSES = "proposes", _("Proposes for decision")
        APPROVES_PART = "approves_part", _("Approves for its own part")
        APPROVES = "approves", _("Approves")
        NOTES = "notes", _("Notes for information")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="chain_steps", verbose_name=_("document")
    )
    body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        related_name="chain_steps",
        verbose_name=pgettext_lazy("group of people", "body"),
    )
    position = models.PositiveSmallIntegerField(
        _("order"), help_text=_("Bodies with the same number handle the plan side by side.")
    )
    handling = models.CharField(_("handling"), max_length=15, choices=Handling.choices)

    class Meta:
        verbose_name = _("step of handling")
        verbose_name_plural = _("steps of handling")
        ordering = ["document", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "position", "body"],
                name="body_handles_once_in_a_step",
                violation_error_message=_("The body already handles the plan in this step."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.body}: {self.get_handling_display()}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def for_list(self) -> Self:
        return (
            self.select_related("body", "version", "approved_version")
            .defer("version__content", "approved_version__content")
            .order_by("-meeting_date", "-pk")
        )


class Decision(models.Model):
    """What a body decided of a version that was presented to it, as its minutes have it.

    "Approved with changes" is the presented version with the body's operations, sealed as a version of its own.
    """

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("Approved as presented")
        APPROVED_WITH_CHANGES = "approved_with_changes", _("Approved with changes")
        APPROVED_PART = "approved_part", _("Approved for its own part")
        RETURNED = "returned", _("Returned for new preparation")
        TABLED = "tabled", _("Left on the table")
        NOTED = "noted", _("Noted for information")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("region"))
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("presented version")
    )
    step = models.ForeignKey(
        ChainStep,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("step of handling"),
    )
    body = models.ForeignKey(
        Body, on_delete=models.PROTECT, related_name="decisions", verbose_name=pgettext_lazy("group of people", "body")
    )
    meeting_date = models.DateField(_("date of the meeting"))
    item_no = models.CharField(_("section (§)"), max_length=20, blank=True)
    case_number = models.CharField(
        _("case number"), max_length=60, blank=True, help_text=_("As the body's own registry writes it.")
    )
    outcome = models.CharField(_("outcome"), max_length=25, choices=Outcome.choices)
    operations = models.JSONField(
        _("the body's changes"), default=list, blank=True, help_text=_("Operations on blocks of the version.")
    )
    approved_version = models.OneToOneField(
        Version,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="approval",
        verbose_name=_("version with the changes"),
    )
    minutes = models.URLField(_("minutes"), blank=True)
    note = models.TextField(_("note"), blank=True, help_text=_("A resolution, a vote or a dissenting opinion."))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-meeting_date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "body", "meeting_date"],
                name="body_decides_once_in_a_meeting",
                violation_error_message=_("The decision of this meeting is recorded already."),
            ),
            models.CheckConstraint(
                condition=Q(outcome="approved_with_changes") | Q(operations=[], approved_version=None),
                name="only_approval_with_changes_has_changes",
                violation_error_message=_("Only a decision with changes can name changes."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome="approved_with_changes") | ~Q(operations=[]),
                name="approval_with_changes_has_changes",
                violation_error_message=_("Tell what the body changed."),
            ),
        ]

    def __str__(self) -> str:
        parts = [str(self.body), self.meeting_date.isoformat(), f"§ {self.item_no}" if self.item_no else ""]
        return " ".join(part for part in parts if part)
