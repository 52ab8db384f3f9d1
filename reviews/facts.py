"""Facts that many pages, files and mails tell, always in the same words."""

import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from reviews.models import CommentRound, Statement


def in_words(moment: datetime.datetime) -> str:
    """A time as it is read in Finland, in the language in use: 13.11.2026 klo 16.00, 13.11.2026 kl. 16.00."""
    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def contact_line(comment_round: CommentRound) -> str:
    """Who can be asked: name, telephone number, address; in the language in use."""
    phone = _("tel. %(number)s") % {"number": comment_round.contact_phone} if comment_round.contact_phone else ""
    return ", ".join(part for part in (comment_round.contact, phone, comment_round.contact_email) if part)


def handled_in_words(statement: Statement) -> str:
    """Which body decided on it, when and under which paragraph of its minutes, as far as that is known.

    The same in every language, because published summaries keep it as it is.
    """
    day = statement.handled_on
    parts = [
        statement.handled_in,
        f"{day.day}.{day.month}.{day.year}" if day else "",
        f"§ {statement.item_no}" if statement.item_no else "",
    ]
    return " ".join(part for part in parts if part)
