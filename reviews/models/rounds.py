"""Rounds of comments on a version, what was done to them, and who is asked."""

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.identifiers import new_public_id
from accounts.models import AccessLink
from documents.models import Version
from documents.models.document import in_language
from regions.models import Body, Organisation, Region


class CommentRoundQuerySet(models.QuerySet["CommentRound"]):
    def drafts(self) -> Self:
        return self.filter(announced_at=None)

    def announced(self) -> Self:
        """Those that the coordinator has finished preparing; only these ever open."""
        return self.exclude(announced_at=None)

    def coming(self, now: datetime.datetime | None = None) -> Self:
        return self.announced().filter(opens_at__gt=now or timezone.now())

    def open(self, now: datetime.datetime | None = None) -> Self:
        now = now or timezone.now()
        return self.announced().filter(opens_at__lte=now, closes_at__gt=now)

    def over(self, now: datetime.datetime | None = None) -> Self:
        return self.announced().filter(closes_at__lte=now or timezone.now())

    def for_list(self) -> Self:
        return self.select_related("version__document__region").defer("version__content").order_by("-opens_at", "-pk")


class CommentRound(models.Model):
    """One period during which a frozen version can be commented on. It stays on that version whatever is frozen later.

    A draft until its coordinator announces it. From then on whether it is open follows from its two times and the
    clock; nothing opens or closes it. It carries all that a Finnish request for statements tells: the schedule, who
    to ask, who is asked, background and aims, points that need attention.
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("Open to anyone with the link")
        INVITED = "invited", _("For those invited")
        INTERNAL = "internal", _("Inside the region's own groups")

    class Sharing(models.TextChoices):
        """Who may see what others say."""

        NOBODY = "nobody", _("Nobody but the coordinators")
        AFTERWARDS = "afterwards", _("All respondents, after the round has closed")
        AT_ONCE = "at_once", _("All respondents, at once")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="comment_rounds", verbose_name=_("region")
    )
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="comment_rounds", verbose_name=_("version")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    title = models.JSONField(_("title"), default=dict, help_text=_("Language code and title."))
    background = models.JSONField(
        _("background and aims"), default=dict, blank=True, help_text=_("Language code and text.")
    )
    instructions = models.JSONField(
        _("instructions"), default=dict, blank=True, help_text=_("Language code and text for respondents.")
    )
    attention = models.JSONField(
        _("points that need attention"),
        default=list,
        blank=True,
        help_text=_("Kind of organisation, or nothing for all, and the text in each language."),
    )
    questions = models.JSONField(
        _("questions"), default=list, blank=True, help_text=_("What is asked of the whole, in order.")
    )
    contact = models.CharField(_("contact person"), max_length=200, blank=True)
    contact_email = models.EmailField(_("contact person's e-mail address"), blank=True)
    contact_phone = models.CharField(_("contact person's telephone number"), max_length=40, blank=True)
    case_number = models.CharField(
        _("case number"), max_length=60, blank=True, help_text=_("As the region's own registry writes it.")
    )
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"), help_text=_("What arrives later is kept and marked late."))
    answers_by = models.DateField(
        _("answered at the latest"),
        null=True,
        blank=True,
        help_text=_("The day on which respondents are told at the latest what came of their remarks."),
    )
    allows_official = models.BooleanField(_("organisations may answer"), default=True)
    allows_personal = models.BooleanField(_("people may answer in their own name"), default=True)
    allows_anonymous = models.BooleanField(_("people may answer without a name"), default=False)
    requires_sign_in = models.BooleanField(_("only for those who sign in"), default=False)
    has_family_form = models.BooleanField(_("three questions for families"), default=False)
    has_children_form = models.BooleanField(_("a form for children"), default=False)
    sharing = models.CharField(
        _("who sees what others say"), max_length=10, choices=Sharing.choices, default=Sharing.NOBODY
    )
    smallest_group = models.PositiveSmallIntegerField(
        _("smallest group shown"),
        default=5,
        help_text=_("Breakdowns do not show groups of fewer respondents than this."),
    )
    reminds = models.BooleanField(_("reminders are sent"), default=True)
    reminder_days = models.PositiveSmallIntegerField(
        _("days from the first reminder to the deadline"),
        default=7,
        help_text=_("The second one is sent on the last day."),
    )
    reminds_in_holidays = models.BooleanField(
        _("reminders also in July and at Christmas"),
        default=False,
        help_text=_("In July and from 23 December to 6 January."),
    )
    retention_months = models.PositiveSmallIntegerField(
        _("how long personal data is kept"),
        default=24,
        help_text=_("Months after the closing; then names and addresses are removed and the remarks stay."),
    )
    people_removed_at = models.DateTimeField(_("personal data removed"), null=True, blank=True, editable=False)
    announced_at = models.DateTimeField(_("announced"), null=True, blank=True, editable=False)
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
            models.CheckConstraint(
                condition=Q(allows_official=True) | Q(allows_personal=True) | Q(allows_anonymous=True),
                name="comment_round_lets_somebody_answer",
                violation_error_message=_("Choose who may answer."),
            ),
            models.CheckConstraint(
                condition=Q(requires_sign_in=False) | Q(allows_anonymous=False),
                name="signed_in_round_has_names",
                violation_error_message=_("Those who sign in cannot answer without a name."),
            ),
            models.CheckConstraint(
                condition=Q(reminder_days__gte=2, reminder_days__lte=60),
                name="round_reminds_in_time",
                violation_error_message=_("The first reminder is sent 2 to 60 days before the deadline."),
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.title) or self.public_id

    @property
    def is_draft(self) -> bool:
        return self.announced_at is None

    def is_open(self, now: datetime.datetime | None = None) -> bool:
        """Whether comments are asked for at this moment. A service asks under the round's lock."""
        return not self.is_draft and self.opens_at <= (now or timezone.now()) < self.closes_at

    def is_over(self, now: datetime.datetime | None = None) -> bool:
        return not self.is_draft and (now or timezone.now()) >= self.closes_at

    def title_in(self, language: str) -> str:
        return in_language(self.title, language)


class RoundChange(models.Model):
    """Something done to a round after it was made, as its summary tells it. Rows are only added."""

    class Kind(models.TextChoices):
        ANNOUNCED = "announced", _("Announced")
        EXTENDED = "extended", _("Given more time")
        CLOSED = "closed", _("Closed before its time")
        REOPENED = "reopened", _("Opened again")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    round = models.ForeignKey(
        CommentRound, on_delete=models.CASCADE, related_name="changes", verbose_name=_("comment round")
    )
    kind = models.CharField(_("what was done"), max_length=10, choices=Kind.choices)
    closes_at = models.DateTimeField(_("closes since then"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("change of a round")
        verbose_name_plural = _("changes of rounds")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="reopened") | ~Q(reason=""),
                name="reopening_has_a_reason",
                violation_error_message=_("Tell why the round is opened again."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def in_force(self) -> Self:
        return self.filter(withdrawn_at=None)

    def unanswered(self) -> Self:
        """Those in force that have not led to a statement that was handed in."""
        return self.in_force().exclude(statements__received_at__isnull=False)


class Invitation(models.Model):
    """An organisation, a body or an address that is asked for its comments in one round.

    Whoever comes by one of its links writes in the same statement. Whether somebody opened a link is not kept: mail
    scanners open links before people do.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
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
    name = models.CharField(_("receiver's name"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True, help_text=_("Where the request is sent."))
    language = models.CharField(_("language"), max_length=2, default="fi")
    closes_at = models.DateTimeField(
        _("own deadline"), null=True, blank=True, help_text=_("Where it is not that of the round.")
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("came back undelivered"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    asked_until = models.DateTimeField(_("more time asked until"), null=True, blank=True)
    asked_reason = models.CharField(_("why more time was asked"), max_length=500, blank=True)
    asked_at = models.DateTimeField(_("more time asked"), null=True, blank=True)
    asked_by = models.EmailField(
        _("who asked for more time"), blank=True, help_text=_("Where the answer is sent; empty: to the address above.")
    )
    time_answered_at = models.DateTimeField(_("request for more time answered"), null=True, blank=True)
    time_answer = models.CharField(_("answer to the request for more time"), max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    people_removed_at = models.DateTimeField(_("personal data removed"), null=True, blank=True, editable=False)

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
                condition=~Q(organisation=None) | ~Q(body=None) | ~Q(email="") | ~Q(people_removed_at=None),
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
        return str(self.organisation or self.body or self.name or self.email or _("Name removed"))

    @property
    def deadline(self) -> datetime.datetime:
        """Until when this one's statement is in time: its own deadline where that is later than the round's."""
        return max(self.closes_at or self.round.closes_at, self.round.closes_at)

    @property
    def is_for_influence_body(self) -> bool:
        """Whether young people, older people or others are asked as a body of theirs: in plain words, without names."""
        return self.body is not None and self.body.kind == Body.Kind.INFLUENCE_BODY


class InvitationMailQuerySet(models.QuerySet["InvitationMail"]):
    def waiting(self) -> Self:
        """Those that nobody has begun to send and that did not come back."""
        return self.filter(started_at=None, bounced_at=None)

    def reminders(self) -> Self:
        return self.filter(kind__in=(InvitationMail.Kind.REMINDER, InvitationMail.Kind.LAST_REMINDER))


class InvitationMail(models.Model):
    """One mail about an invitation: the request, a reminder, or the request passed on to a colleague.

    The row is the asking for it; a job sends it, once. Each brings a link and a code of its own, made when it is sent,
    so that what waits holds no token and withdrawing one leaves the others.
    """

    class Kind(models.TextChoices):
        REQUEST = "request", _("Request")
        REMINDER = "reminder", _("Reminder")
        LAST_REMINDER = "last_reminder", _("Reminder on the last day")
        FORWARDED = "forwarded", _("Passed on to a colleague")

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, related_name="mails", verbose_name=_("invitation")
    )
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices)
    email = models.EmailField(_("e-mail address"))
    passed_on_by = models.CharField(
        _("passed on by"), max_length=150, blank=True, help_text=_("As the colleague wrote the name.")
    )
    key = models.CharField(
        max_length=60, blank=True, editable=False, help_text=_("What asks for it: asking twice is sending once.")
    )
    site = models.CharField(max_length=200, blank=True, editable=False, help_text=_("What its addresses begin with."))
    waits_for_opening = models.BooleanField(_("sent when the round opens"), default=False)
    link = models.ForeignKey(
        AccessLink,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("access link"),
    )
    message_id = models.CharField(
        max_length=120, blank=True, editable=False, help_text=_("By which a mail that comes back is known.")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("sending began"), null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("came back undelivered"), null=True, blank=True)
    bounce = models.CharField(_("why it came back"), max_length=300, blank=True)

    objects = InvitationMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail about an invitation")
        verbose_name_plural = _("mails about invitations")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(started_at=None, bounced_at=None), name="invitation_mail_waiting"),
            models.Index(fields=["message_id"], name="invitation_mail_message"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "key"],
                condition=~Q(key=""),
                name="invitation_mail_is_asked_once",
                violation_error_message=_("This mail has been asked for already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.email}"
