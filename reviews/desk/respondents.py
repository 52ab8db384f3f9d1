"""Whose a remark is, for those who handle it."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reviews.models import Remark, Statement


def respondent_name(remark: Remark) -> str:
    """By which name a remark's respondent is known to those who handle it. Never an e-mail address."""
    statement = remark.statement
    if statement is None:
        return (remark.author.name if remark.author else "") or _("A member of our own group")
    if statement.kind == Statement.Kind.ANONYMOUS:
        return str(Statement.Kind.ANONYMOUS.label)
    if statement.organisation_told:
        return statement.organisation_told
    if statement.people_removed_at:
        return _("Name removed")
    return statement.signed_by or (statement.user.name if statement.user else "") or _("Name not given")


def how_it_came(statement: Statement | None) -> list[str]:
    """In a few words: in whose name, by which way, when."""
    if statement is None:
        return [pgettext("remark", "Written by a member")]
    is_anonymous = statement.kind == Statement.Kind.ANONYMOUS  # its name says so already
    words = [] if is_anonymous else [str(statement.get_kind_display())]
    if statement.organisation_told and statement.signed_by:
        words.append(_("signed by %(name)s") % {"name": statement.signed_by})
    words.append(str(statement.get_origin_display()))
    return words
