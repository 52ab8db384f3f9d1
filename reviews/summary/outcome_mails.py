"""The words of the mail that tells a respondent what came of her remarks."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import link_path
from jobs.registry import Payload
from reviews.facts import contact_line
from reviews.inviting.mails import mail_language, payload_of
from reviews.models import Statement
from reviews.summary.outcomes import in_a_sentence, own_remarks


def outcome_mail(statement: Statement, *, to: str, site: str, token: str) -> Payload:
    """How many remarks led to what, and the link to each one's outcome and reason."""
    comment_round, language = statement.round, mail_language(statement.language)
    with override(language):
        title = {"title": comment_round.title_in(language)}
        rows = own_remarks(statement, language)
        # Whoever had nothing to state, or sent a statement as a whole, would look for reasons that are not there.
        here = _("The reasons are here, beside your own words:") if rows else _("You can read your own answer here:")
        paragraphs = [
            _("Thank you for your answer to “%(title)s”.") % title,
            in_a_sentence(rows),
            here + "\n" + site + link_path(token, language),
            contact_line(comment_round),
            comment_round.version.document.region.name,
        ]
        subject = _("What your answer led to: %(title)s") % title
    return payload_of(comment_round, to, subject, "\n\n".join(part for part in paragraphs if part))
