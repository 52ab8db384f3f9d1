"""What one respondent says in a round, and what she was given as proof of it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from regions.models import Area, Municipality, Organisation, Region, StoredFile
from reviews.models.rounds import CommentRound, Invitation


class StatementQuerySet(models.QuerySet["Statement"]):
    def received(self) -> Self:
        return self.exclude(received_at=None)

    def public(self) -> Self:
        return self.received().filter(visibility=Statement.Visibility.PUBLIC)

    def for_list(self) -> Self:
        return self.select_related("organisation", "user", "round").order_by("received_at", "pk")


class Statement(models.Model):
    """What one respondent says in a round: answers to its questions, attachments, a whole text and remarks.

    A draft until it is received; then whoever holds its link may change it until the closing. One that arrives after
    the closing is kept and marked late. All who come by the links of one invitation write in one statement.
    """

    class Kind(models.TextChoices):
        OFFICIAL = "official", _("Official statement of an organisation")
        PERSONAL = "personal", _("Somebody's own")
        ANONYMOUS = "anonymous", _("Without a name")

    class Stance(models.TextChoices):
        STATEMENT = "statement", _("Gives a statement")
        SUPPORTS = "supports", _("Supports without remarks")
        NOTHING = "nothing", _("Has nothing to state")
        JOINS = "joins", _("Joins the statement of another")

    class Origin(models.TextChoices):
        """By which way it came in."""

        WEB = "web", _("By the link")
        MAIL = "mail", _("By e-mail")
        PAPER = "paper", _("On paper")
        MEETING = "meeting", _("In a meeting")
        WORD = "word", _("As a Word file")
        IMPORT = "import", _("From another service")

    class Form(models.TextChoices):
        FULL = "full", _("The whole form")
        FAMILY = "family", _("Three questions for families")
        CHILDREN = "children", _("The form for children")

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
    organisation_name = models.CharField(
        _("organisation as the respondent wrote it"),
        max_length=200,
        blank=True,
        help_text=_("Where it is not among the region's organisations, or another statement stands in its name."),
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
    email = models.EmailField(
        _("e-mail address"), blank=True, help_text=_("Where the receipt and the answers are sent. Never shown.")
    )
    stance = models.CharField(_("how it answers"), max_length=10, choices=Stance.choices, default=Stance.STATEMENT)
    joins = models.CharField(_("whose statement it joins"), max_length=200, blank=True)
    form = models.CharField(_("form"), max_length=10, choices=Form.choices, default=Form.FULL)
    origin = models.CharField(_("how it came"), max_length=10, choices=Origin.choices, default=Origin.WEB)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
    )
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("operational area")
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("municipality")
    )
    text = models.TextField(
        _("statement as a whole"), blank=True, help_text=_("Words that stand at no place of the text.")
    )
    language = models.CharField(_("language"), max_length=2, default="fi")
    answers = models.JSONField(
        _("answers"), default=dict, blank=True, help_text=_("Key of the question and the answer.")
    )
    attachments = models.ManyToManyField(
        StoredFile, blank=True, related_name="statements", verbose_name=_("attachments")
    )
    handled_in = models.CharField(
        _("handled in"), max_length=200, blank=True, help_text=_("The body that decided on it.")
    )
    handled_on = models.DateField(_("date of the meeting"), null=True, blank=True)
    item_no = models.CharField(_("section (§)"), max_length=20, blank=True)
    case_number = models.CharField(_("case number"), max_length=60, blank=True)
    started_at = models.DateTimeField(_("begun"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    edit = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("Counts the changes, so that two who write at once are noticed.")
    )
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    late = models.BooleanField(_("late"), default=False)
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    hidden_ground = models.CharField(
        _("why it is not shown"), max_length=300, blank=True, help_text=_("The ground in law, as it is told who asks.")
    )

    shows_name = models.BooleanField(
        _("the name may be published"),
        default=False,
        help_text=_("A person's own consent. An organisation's name is public with its statement."),
    )
    redactions = models.JSONField(
        _("blacked out"),
        default=list,
        blank=True,
        help_text=_("Field or question, first sign, sign after, and why: what is published leaves these words out."),
    )
    told_at = models.DateTimeField(
        _("told what came of it"), null=True, blank=True, help_text=_("When the mail about the outcome was sent.")
    )
    people_removed_at = models.DateTimeField(_("personal data removed"), null=True, blank=True, editable=False)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["received_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="official") | ~Q(organisation=None, organisation_name="") | Q(received_at=None),
                name="official_statement_names_its_organisation",
                violation_error_message=_("An official statement needs its organisation."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="anonymous")
                | Q(user=None, organisation=None, organisation_name="", signed_by="", email=""),
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
            models.CheckConstraint(
                condition=~Q(stance="joins") | ~Q(joins="") | Q(received_at=None),
                name="joining_statement_names_the_other",
                violation_error_message=_("Tell whose statement you join."),
            ),
            models.UniqueConstraint(
                fields=["invitation"],
                name="invitation_has_one_statement",
                violation_error_message=_("This invitation has a statement already."),
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
        # Never her e-mail address: it would stand in lists and files.
        return self.organisation_told or self.signed_by or (self.user.name if self.user else "") or self.public_id

    @property
    def organisation_told(self) -> str:
        """Whose statement it is, or says that it is: the organisation's name, or nothing."""
        return self.organisation.name if self.organisation else self.organisation_name


class Receipt(models.Model):
    """What a respondent handed in at one moment, word for word, as it was mailed to her. Rows are only added."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("region"))
    statement = models.ForeignKey(
        Statement, on_delete=models.CASCADE, related_name="receipts", verbose_name=_("statement")
    )
    key = models.CharField(
        max_length=40, editable=False, help_text=_("The form that was sent: sending it twice is handing in once.")
    )
    made_at = models.DateTimeField(_("handed in"))
    content = models.JSONField(_("contents"), help_text=_("All that was said, as it stood then."))

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "key"], name="form_is_handed_in_once"),
        ]

    def __str__(self) -> str:
        return f"{self.statement} {self.made_at:%Y-%m-%d %H:%M}"
