"""The words of mails about invitations: the original ones, a region's own, and the names in braces between them.

A name in braces is replaced when the mail is sent. A line whose name has nothing to say (no case number, no attachment)
is left out, so one text serves every receiver.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from regions.models import Region
from reviews.models import InvitationMail, MailText

Kind = InvitationMail.Kind

PLACEHOLDERS: dict[str, Promise] = {
    "request": gettext_lazy("what is asked and by when, in a sentence that fits the receiver"),
    "receiver": gettext_lazy("who is asked"),
    "deadline": gettext_lazy("until when one can answer"),
    "document": gettext_lazy("the title of the document"),
    "round": gettext_lazy("the title of the round"),
    "instructions": gettext_lazy("the instructions of the round"),
    "link": gettext_lazy("the receiver’s own link"),
    "code": gettext_lazy("the code that can be typed instead of the link"),
    "code_page": gettext_lazy("the address where the code is typed"),
    "attachments": gettext_lazy("the names of the attachments"),
    "case_number": gettext_lazy("the case number of the round"),
    "contact": gettext_lazy("the contact person with telephone number and e-mail address"),
    "sender": gettext_lazy("the name of the contact person"),
    "region": gettext_lazy("the name of the region"),
    "passed_on_by": gettext_lazy("who passed the request on"),
}
"""What a text may name, and what that is."""

NEEDED = ("link", "code", "code_page", "deadline")
"""Without these a mail cannot be answered. The sentence of the request names the deadline too."""

LONGEST_BODY = 5_000
_NAME = re.compile(r"\{([^{}\n]*)\}")


@dataclass(frozen=True)
class Words:
    """The subject and the text of one kind of mail in one language, with names in braces."""

    subject: str
    body: str
    is_own: bool = False


def words_for(region: Region, kind: str, language: str) -> Words:
    """The region's own words, or the original ones."""
    own = MailText.objects.filter(region=region, kind=kind, language=language).first()
    return Words(own.subject, own.body, is_own=True) if own else original_words(kind, language)


def original_words(kind: str, language: str) -> Words:
    with override(language):
        subject, paragraphs = _originals()[Kind(kind)]
        return Words(subject, "\n\n".join(paragraphs))


def _originals() -> dict[InvitationMail.Kind, tuple[str, list[str]]]:
    receiver = _("To: {receiver}")
    how = _("Answer by the link, send your statement as a file, or tell us that you have nothing to state:")
    go_on = _("Answer by this link, or go on from where you stopped:")
    colleague = _(
        "The link may be given to a colleague. All who come by the links of this request write in the same statement."
    )
    code = _("If the link does not open, type the code {code} at the address {code_page}")
    contact = _("If you want to ask something, get in touch: {contact}")
    case_number = _("Our case number: {case_number}")
    signature = "{sender}\n{region}"
    attachments = _("Attached: {attachments}")
    return {
        Kind.REQUEST: (
            _("Request for a statement, at the latest on {deadline}: {document}"),
            [
                receiver,
                "{request}",
                f"{how}\n{{link}}",
                colleague,
                code,
                "{instructions}",
                f"{attachments}\n{case_number}",
                contact,
                signature,
            ],
        ),
        Kind.REMINDER: (
            _("Reminder: statement at the latest on {deadline}: {document}"),
            [
                receiver,
                _(
                    "We have asked you for a statement on “{document}”, and there is time until {deadline}. We have "
                    "not received your answer yet."
                ),
                f"{go_on}\n{{link}}",
                _(
                    "If you have nothing to state, tell us so by the link: it takes a minute. There you can also ask "
                    "for more time."
                ),
                code,
                case_number,
                contact,
                signature,
            ],
        ),
        Kind.LAST_REMINDER: (
            _("Today is the last day to answer: {document}"),
            [
                receiver,
                _(
                    "We have asked you for a statement on “{document}”. The time for answering ends on {deadline}, "
                    "and we have not received your answer yet."
                ),
                f"{go_on}\n{{link}}",
                _("If you have nothing to state, tell us so by the link: it takes a minute."),
                code,
                case_number,
                contact,
                signature,
            ],
        ),
        Kind.FORWARDED: (
            _("{passed_on_by} asks you to take part in a statement: {document}"),
            [
                _("{passed_on_by} has passed on to you a request for a statement that came to: {receiver}"),
                "{request}",
                _("By this link you write in the same statement as your colleagues:") + "\n{link}",
                code,
                "{instructions}",
                f"{attachments}\n{case_number}",
                contact,
                _("If you do not know what this is about, do nothing."),
                signature,
            ],
        ),
    }


def check_words(subject: str, body: str) -> None:
    """Refuse words that would not make a mail. ValidationError by field.

    `unknown_name` for names in braces that there are not, `brace_open`, `name_missing` for what a mail needs,
    `subject_lines`, `too_long`.
    """
    errors: dict[str, list[ValidationError]] = {"subject": [], "body": []}
    for name, text in (("subject", subject), ("body", body)):
        found = _NAME.findall(text)
        for unknown in dict.fromkeys(one for one in found if one not in PLACEHOLDERS):
            errors[name].append(
                ValidationError(_("There is no {%(name)s}."), code="unknown_name", params={"name": unknown[:40]})
            )
        if set(_NAME.sub("", text)) & {"{", "}"}:
            errors[name].append(
                ValidationError(_("A brace stands alone. Names are written like {link}."), code="brace_open")
            )
    secret = [one for one in ("link", "code") if f"{{{one}}}" in subject]
    if secret:
        errors["subject"].append(
            ValidationError(
                _("The link and the code belong in the text, not in the subject."), code="secret_in_subject"
            )
        )
    if "\n" in subject.strip():
        errors["subject"].append(ValidationError(_("The subject is one line."), code="subject_lines"))
    if len(body) > LONGEST_BODY:
        errors["body"].append(
            ValidationError(
                _("The text is too long: at most %(count)d characters."),
                code="too_long",
                params={"count": LONGEST_BODY},
            )
        )
    named = set(_NAME.findall(body))
    if "request" in named:
        named.add("deadline")
    missing = [name for name in NEEDED if name not in named]
    if missing:
        names = ", ".join(f"{{{name}}}" for name in missing)
        errors["body"].append(
            ValidationError(_("The text also needs: %(names)s."), code="name_missing", params={"names": names})
        )
    if any(errors.values()):
        raise ValidationError({name: found for name, found in errors.items() if found})


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its names replaced, once: what a value says is never read as a name.

    A line is left out where it has names and one of them has nothing to say; so are the empty lines around it.
    """
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        names = _NAME.findall(line)
        if any(not values.get(name) for name in names):
            continue
        lines.append(_NAME.sub(lambda found: values[found.group(1)], line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
