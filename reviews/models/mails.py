"""The words of mails about invitations where a region has written its own."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from regions.models import Region
from reviews.models.rounds import InvitationMail


class MailText(models.Model):
    """A region's own words for one kind of mail in one language. Without such a row the original words are sent."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="mail_texts", verbose_name=_("region"))
    kind = models.CharField(_("kind"), max_length=15, choices=InvitationMail.Kind.choices)
    language = models.CharField(_("language"), max_length=2)
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("text"), help_text=_("With names in braces that are replaced when the mail is sent."))

    class Meta:
        verbose_name = _("text of a mail")
        verbose_name_plural = _("texts of mails")
        ordering = ["region", "kind", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "kind", "language"],
                name="mail_text_is_once",
                violation_error_message=_("This mail has a text in this language already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.language})"
