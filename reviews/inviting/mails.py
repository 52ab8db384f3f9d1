"""The words of all mails of rounds, each in its receiver's language. Each mail is a function of its own."""

import datetime
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.links import link_path
from documents.models import Rendition
from documents.renditions import find_rendition
from jobs.registry import Payload
from jobs.services import mail_payload
from regions.models import Organisation, Region
from reviews.facts import contact_line, in_words
from reviews.inviting.mailtexts import Words, filled, words_for
from reviews.models import CommentRound, Invitation, InvitationMail

EXAMPLE_CODE = "K7QF-2MXR-9TDA"


def payload_of(
    comment_round: CommentRound,
    to: str,
    subject: str,
    text: str,
    *,
    attachments: Sequence[dict[str, str]] = (),
) -> Payload:
    """A mail of a round: the contact person's name stands before our address, and answers go to her."""
    return mail_payload(
        [to],
        subject=subject,
        text=text.strip("\n") + "\n",
        from_name=comment_round.contact or comment_round.version.document.region.name,
        reply_to=[comment_round.contact_email] if comment_round.contact_email else [],
        attachments=attachments,
        region_code=comment_round.version.document.region.code,
    )


def mail_language(language: str) -> str:
    """A language that our own words are written in."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


# --- Requests and reminders ---------------------------------------------------------------------------------


def invitation_mail(mail: InvitationMail, *, token: str, code: str) -> Payload:
    """The request, a reminder, or the request passed on, with the receiver's own link and code."""
    invitation = mail.invitation
    language = mail_language(invitation.language)
    comment_round = invitation.round
    words = words_for(comment_round.version.document.region, mail.kind, language)
    is_reminder = mail.kind in (InvitationMail.Kind.REMINDER, InvitationMail.Kind.LAST_REMINDER)
    attachments = [] if is_reminder else attachments_of(invitation)
    with override(language):
        values = _values(invitation, attachments) | {
            "link": mail.site + link_path(token, language),
            "code": code,
            "code_page": _code_page(mail.site),
            "passed_on_by": mail.passed_on_by,
        }
        return payload_of(
            comment_round,
            mail.email,
            filled(words.subject, values),
            filled(words.body, values),
            attachments=attachments,
        )


def attachments_of(invitation: Invitation) -> list[dict[str, str]]:
    """What goes with a request: the version as PDF in the receiver's language, if it has been made."""
    version = invitation.round.version
    languages = version.document.languages
    language = invitation.language if invitation.language in languages else version.document.original
    rendition = find_rendition(version, format=Rendition.Format.PDF, layout=Rendition.Layout.FULL, language=language)
    if rendition is None:
        return []
    file = rendition.file
    return [{"name": file.name, "content_type": file.content_type, "path": file.file.name or ""}]


def preview(region: Region, words: Words, kind: str, language: str) -> tuple[str, str]:
    """The subject and the text of a mail as an example; its names are of nobody and its link opens nothing."""
    with override(language):
        values = {
            "request": _request("municipality", _("Action plan of the family centre"), _example_deadline()),
            "receiver": _("The town of Example"),
            "deadline": _example_deadline(),
            "document": _("Action plan of the family centre"),
            "round": _("Statements on the draft"),
            "instructions": _("The instructions of the round stand here."),
            "link": "https://example.org/link/Xw3k…",
            "code": EXAMPLE_CODE,
            "code_page": "https://example.org" + (_code_page("") or "/"),
            "attachments": "luonnos.pdf",
            "case_number": "123/2026",
            "contact": _("Liisa Example, tel. 040 123 4567, liisa@example.org"),
            "sender": _("Liisa Example"),
            "region": region.name,
            "passed_on_by": _("Esko Example"),
        }
        return filled(words.subject, values), filled(words.body, values)


def _example_deadline() -> str:
    today = timezone.localdate() + datetime.timedelta(days=42)
    return in_words(timezone.make_aware(datetime.datetime.combine(today, datetime.time(16))))


def _values(invitation: Invitation, attachments: Sequence[Mapping[str, str]]) -> dict[str, str]:
    comment_round = invitation.round
    document = comment_round.version.document
    language = get_language() or settings.LANGUAGE_CODE
    title, deadline = document.title_in(language), in_words(invitation.deadline)
    return {
        "request": _request(_kind_of(invitation), title, deadline),
        "receiver": str(invitation),
        "deadline": deadline,
        "document": title,
        "round": comment_round.title_in(language),
        "instructions": _text_in(comment_round.instructions, language),
        "attachments": ", ".join(row["name"] for row in attachments),
        "case_number": comment_round.case_number,
        "contact": contact_line(comment_round),
        "sender": comment_round.contact,
        "region": document.region.name,
    }


def _text_in(texts: Mapping[str, str], language: str) -> str:
    return (texts.get(language) or next((text for text in texts.values() if text), "")).strip()


def _kind_of(invitation: Invitation) -> str:
    if invitation.organisation:
        return invitation.organisation.kind
    return "body" if invitation.body else ""


def _request(kind: str, title: str, deadline: str) -> str:
    """What is asked and by when, in a sentence that fits the receiver."""
    sentences = {
        Organisation.Kind.MUNICIPALITY.value: _(
            "We ask your municipality for a statement on the document “%(document)s” at the latest on %(deadline)s."
        ),
        Organisation.Kind.NGO.value: _(
            "We ask your association for a statement on the document “%(document)s” at the latest on %(deadline)s."
        ),
        Organisation.Kind.PARISH.value: _(
            "We ask your parish for a statement on the document “%(document)s” at the latest on %(deadline)s."
        ),
        "body": _("We ask your group for a statement on the document “%(document)s” at the latest on %(deadline)s."),
    }
    sentence = sentences.get(kind) or _(
        "We ask you for a statement on the document “%(document)s” at the latest on %(deadline)s."
    )
    return sentence % {"document": title, "deadline": deadline}


def _code_page(site: str) -> str:
    """Where a code is typed."""
    try:
        return site + reverse("reviews:code")
    except NoReverseMatch:
        return site + reverse("home")


# --- More time ----------------------------------------------------------------------------------------------


def time_request_mail(invitation: Invitation, *, site: str) -> Payload:
    """To the contact person: somebody asks for more time, and where it is answered."""
    comment_round = invitation.round
    document = comment_round.version.document
    with override(mail_language(document.region.original_language)):
        names = {
            "name": str(invitation),
            "until": in_words(invitation.asked_until) if invitation.asked_until else "",
            "round": comment_round.title_in(get_language() or ""),
        }
        page = reverse(
            "reviews:invitation-time", args=[document.region.slug, comment_round.public_id, invitation.public_id]
        )
        paragraphs = [
            _("%(name)s asks for more time until %(until)s in the round “%(round)s”.") % names,
            _("Reason: %(reason)s") % {"reason": invitation.asked_reason} if invitation.asked_reason else "",
            _("Answer here:") + "\n" + site + page,
        ]
        subject = _("%(name)s asks for more time") % names
        return payload_of(comment_round, comment_round.contact_email, subject, _joined(paragraphs))


def time_answer_mail(invitation: Invitation, *, until: datetime.datetime | None) -> Payload:
    """To the one who asked for more time: until when she has it, or why not. The earlier link goes on working."""
    comment_round = invitation.round
    language = mail_language(invitation.language)
    with override(language):
        names = {
            "document": comment_round.version.document.title_in(language),
            "until": in_words(until or invitation.deadline),
        }
        if until:
            subject = _("You have time until %(until)s: %(document)s") % names
            said = _("You asked for more time for your statement on “%(document)s”. You can answer until %(until)s.")
        else:
            subject = _("Your request for more time: %(document)s") % names
            said = _(
                "You asked for more time for your statement on “%(document)s”. It cannot be given: the time for "
                "answering ends on %(until)s. What arrives later is kept and marked late."
            )
        paragraphs = [
            _("To: {receiver}").replace("{receiver}", str(invitation)),
            said % names,
            invitation.time_answer,
            _("The link in our earlier mail works as before."),
            _("If you want to ask something, get in touch: {contact}").replace(
                "{contact}", contact_line(comment_round)
            ),
            f"{comment_round.contact}\n{comment_round.version.document.region.name}",
        ]
        return payload_of(comment_round, invitation.asked_by or invitation.email, subject, _joined(paragraphs))


def _joined(paragraphs: Sequence[str]) -> str:
    return "\n\n".join(text for text in paragraphs if text)
