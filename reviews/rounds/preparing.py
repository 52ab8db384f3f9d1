"""What is still to be done before a round is announced, and what deserves a second look."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.models import Version
from documents.models.document import in_language
from documents.rendering import language_name
from documents.services.publishing import missing_translations, translations_behind
from reviews.finding import address
from reviews.models import CommentRound
from reviews.rounds.timetable import calendar_warnings

TEXTS = ("title", "background", "instructions")


@dataclass(frozen=True)
class Item:
    """One line of the list before announcing."""

    text: str
    is_done: bool
    is_required: bool
    """Without it the round cannot be announced."""
    url: str = ""


def version_warnings(version: Version) -> list[str]:
    """Languages in which respondents would read less than in the original. The version is read with its content."""
    found = []
    for language, count in missing_translations(version).items():
        text = ngettext(
            "%(count)d paragraph of the version is not translated: %(language)s.",
            "%(count)d paragraphs of the version are not translated: %(language)s.",
            count,
        )
        found.append(text % {"count": count, "language": language_name(language)})
    for language, count in translations_behind(version).items():
        text = ngettext(
            "The translation of %(count)d paragraph is of an earlier text: %(language)s.",
            "The translations of %(count)d paragraphs are of an earlier text: %(language)s.",
            count,
        )
        found.append(text % {"count": count, "language": language_name(language)})
    return found


def round_warnings(comment_round: CommentRound) -> list[str]:
    """What the coordinator may leave as it is, and should know of."""
    found = calendar_warnings(comment_round.opens_at, comment_round.closes_at)
    languages = comment_round.version.document.languages
    for code in languages:
        missing = [
            name
            for name in TEXTS
            if in_language(getattr(comment_round, name)) and not getattr(comment_round, name).get(code, "").strip()
        ]
        if missing:
            found.append(
                _("The request is not complete in this language: %(language)s.") % {"language": language_name(code)}
            )
    return [*found, *version_warnings(comment_round.version)]


def before_announcing(comment_round: CommentRound, *, asked: int) -> list[Item]:
    """The list of a draft's page; `asked` is how many are invited."""
    edit = address(comment_round, "round-edit")
    has_contact = bool(comment_round.contact.strip() and (comment_round.contact_email or comment_round.contact_phone))
    items = [
        Item(_("Title"), bool(in_language(comment_round.title).strip()), True, edit),
        Item(_("Contact person with a telephone number or an e-mail address"), has_contact, True, edit),
        Item(_("Background and aims"), bool(in_language(comment_round.background).strip()), False, edit),
        Item(_("Day by which respondents are answered"), comment_round.answers_by is not None, False, edit),
        Item(_("Case number"), bool(comment_round.case_number.strip()), False, edit),
    ]
    if comment_round.kind != CommentRound.Kind.OPEN:
        invitations = address(comment_round, "invitation-list")
        text = _("Those who are asked")
        if asked:
            text = ngettext("%(count)d is asked", "%(count)d are asked", asked) % {"count": asked}
        items.append(Item(text, asked > 0, False, invitations))
    return items
