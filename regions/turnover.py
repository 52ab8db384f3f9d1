"""Members who leave: ended, replaced, and what they hold handed over."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from jobs.services import enqueue
from regions.holdings import Holding, holdings_of
from regions.invitations import Person, account_for, ask_for_mail, require_mails_left
from regions.mails import ended_mail, left_mail
from regions.models import Mandate, Membership, Region
from regions.services import (
    add_member,
    end_mandate,
    end_membership,
    grant_mandate,
    locked_membership,
    require_another_coordinator,
)

END: Literal["end"] = "end"
SUCCESSOR: Literal["successor"] = "successor"

Choice = User | Literal["end", "successor"]
"""What becomes of a holding: a person takes it over, it ends on the same day, or the one who comes takes it."""


@dataclass(frozen=True)
class _Leaving:
    """Who leaves what, after which day, and who sees to it."""

    user: User
    membership: Membership
    last_day: datetime.date
    by: User


@transaction.atomic
def end_and_hand_over(
    membership: Membership,
    *,
    by: User,
    on: datetime.date,
    site: str,
    choices: Mapping[str, Choice] | None = None,
    tell: bool = True,
) -> None:
    """Let `on` be the last day of a membership, and hand over what the person holds: all or nothing.

    `choices` says what becomes of holdings, by their key; the others stay as they are. `tell` asks for a mail to the
    person; when the person leaves by herself, the other coordinators get one, with a link that begins with `site`.
    Raises ValidationError: those of `end_membership`, `unknown_holding` for what she does not hold any more,
    and what the holdings themselves refuse.
    """
    _leave(membership, None, by=by, on=on, site=site, choices=choices or {}, tell=tell)


@transaction.atomic
def hand_over(membership: Membership, *, by: User, choices: Mapping[str, Choice]) -> None:
    """Hand over what a member or past member holds: today is the last day for all of it.

    Raises ValidationError: `unknown_holding`, and what the holdings themselves refuse.
    """
    locked = locked_membership(membership)
    locked.user = User.objects.get(pk=locked.user_id)
    _hand_over(_Leaving(locked.user, locked, timezone.localdate(), by), choices, None)


@transaction.atomic
def replace(
    membership: Membership,
    *,
    successor: Person,
    by: User,
    on: datetime.date,
    site: str,
    language: str,
    choices: Mapping[str, Choice] | None = None,
    tell: bool = True,
) -> Membership:
    """Let `on` be the last day of a membership and invite somebody else to its place from the day after.

    The new membership has the same role and organisation, and ends on the day that the old one was to end. A holding
    with the choice `SUCCESSOR` goes to the one who comes. The last coordinator of a region keeps the place until
    somebody else has come in, so is not replaced by who could not sign in yet (`last_coordinator`). Raises
    ValidationError: `same_person`, `already_member`, `already_ended`, `too_many_mails`, and those of `account_for` and
    of `end_and_hand_over`.
    """
    locked = locked_membership(membership)
    require_mails_left(locked.region, 1)
    user = account_for(successor, language=language, by=by)
    if user.pk == locked.user_id:
        message = _("This is the person who leaves. Write the address of the one who comes.")
        raise ValidationError(message, code="same_person")
    first_day = on + datetime.timedelta(days=1)
    if locked.ends_on and locked.ends_on < on:
        raise ValidationError(_("This membership has already ended."), code="already_ended")
    until = locked.ends_on if locked.ends_on and locked.ends_on >= first_day else None
    if locked.body.memberships.filter(user=user).overlapping(first_day, until).exists():
        raise ValidationError(
            _("%(name)s is already a member of this group. End the membership instead."),
            code="already_member",
            params={"name": str(user)},
        )
    new = add_member(
        locked.body,
        user=user,
        by=by,
        role=Membership.Role(locked.role),
        represents=locked.represents,
        starts_on=first_day,
        ends_on=until,
    )
    _leave(membership, new, by=by, on=on, site=site, choices=choices or {}, tell=tell)
    ask_for_mail(new, by=by, site=site)
    record(by, "membership.replaced", locked, user=locked.user_id, successor=user.pk)
    return new


def _leave(
    membership: Membership,
    successor: Membership | None,
    *,
    by: User,
    on: datetime.date,
    site: str,
    choices: Mapping[str, Choice],
    tell: bool,
) -> None:
    locked = locked_membership(membership)
    locked.user = User.objects.get(pk=locked.user_id)
    # First what is handed over: somebody who takes over a coordinator's place must be there before she leaves.
    _hand_over(_Leaving(locked.user, locked, on, by), choices, successor)
    end_membership(locked, on=on, by=by)
    membership.ends_on = on
    if locked.user_id == by.pk:
        _tell_coordinators(locked, site=site)
    elif tell and locked.user.is_active and locked.user.last_login:
        enqueue("send_mail", ended_mail(locked, by=by), key=f"membership-ended-{locked.public_id}")


def _tell_coordinators(left: Membership, *, site: str) -> None:
    """Somebody has left by herself: they find a successor, and see to what she holds."""
    coordinating = left.region.coordinating_body_id
    members = Membership.objects.valid_on().filter(body=coordinating).exclude(user=left.user_id)
    for user in User.objects.filter(pk__in=members.values("user"), is_active=True).exclude(last_login=None):
        mail = left_mail(left, to=user, site=site)
        enqueue("send_mail", mail, key=f"membership-left-{left.public_id}-{user.pk}")


def _hand_over(leaving: _Leaving, choices: Mapping[str, Choice], successor: Membership | None) -> None:
    """Do what was chosen for each holding, in the order in which they are shown."""
    held = {row.key: row for row in holdings_of(leaving.user, leaving.membership.region, leaving.membership)}
    if unknown := [key for key in choices if key not in held]:
        raise ValidationError(
            _("What %(name)s holds has changed meanwhile. Look at the list again."),
            code="unknown_holding",
            params={"name": str(leaving.user), "keys": unknown},
        )
    for key, holding in held.items():
        if key in choices:
            _settle(leaving, holding, choices[key], successor)


def _settle(leaving: _Leaving, holding: Holding, choice: Choice, successor: Membership | None) -> None:
    if choice == END:
        if holding.end is None:
            raise ValueError(f"{holding.key} cannot be ended.")
        holding.end(leaving.last_day, leaving.by)
        return
    taker = successor.user if choice == SUCCESSOR and successor else choice
    if not isinstance(taker, User) or holding.give is None:
        raise ValueError(f"Nobody can take over {holding.key}.")
    _require_part_in_region(taker, leaving.membership.region)
    holding.give(taker, leaving.last_day, leaving.by)
    record(leaving.by, "holding.handed_over", leaving.membership, holding=holding.key, taker=taker.pk)


def _require_part_in_region(taker: User, region: Region) -> None:
    """Regions are sealed: only who takes part in a region may take over what is its."""
    if not taker.is_active or not taker.memberships.not_over().filter(region=region).exists():
        raise ValidationError(
            _("%(name)s is not a member of any group of the region."),
            code="not_in_region",
            params={"name": str(taker)},
        )


# --- Memberships and mandates ---------------------------------------------------------------------------------


def memberships_and_mandates(user: User, region: Region, leaving: Membership) -> list[Holding]:
    """Her other memberships in the region, and the organisations for which she may speak."""
    memberships = Membership.objects.not_over().filter(user=user, region=region).exclude(body=leaving.body_id)
    mandates = Mandate.objects.not_over().filter(user=user, region=region)
    return [
        *(_membership(row) for row in memberships.select_related("body", "represents", "region")),
        *(_mandate(row) for row in mandates.select_related("organisation", "region")),
    ]


def _membership(row: Membership) -> Holding:
    said = [row.get_role_display(), row.represents.name if row.represents else "", _until(row.ends_on)]
    return Holding(
        key=f"membership-{row.public_id}",
        title=_("Member of “%(body)s”") % {"body": row.body},
        text=", ".join(part for part in said if part),
        give=lambda taker, last_day, by: _give_membership(row, to=taker, on=last_day, by=by),
        end=lambda last_day, by: _take_away(row, on=last_day, by=by),
    )


def _mandate(row: Mandate) -> Holding:
    return Holding(
        key=f"mandate-{row.right}-{row.organisation.public_id}",
        title=_("Speaks for %(organisation)s") % {"organisation": row.organisation},
        text=", ".join(part for part in (row.get_right_display(), _until(row.ends_on)) if part),
        give=lambda taker, last_day, by: _give_mandate(row, to=taker, on=last_day, by=by),
        end=lambda last_day, by: _take_away(row, on=last_day, by=by),
    )


def _until(day: datetime.date | None) -> str:
    return _("until %(date)s") % {"date": formats.date_format(day, "SHORT_DATE_FORMAT")} if day else ""


def _give_membership(row: Membership, *, to: User, on: datetime.date, by: User) -> None:
    """The same place in another body. Who is a member of it already only sees the leaver go."""
    first_day = max(on + datetime.timedelta(days=1), row.starts_on)
    if row.ends_on and row.ends_on < first_day:
        return  # over before anybody could take it
    if not row.body.memberships.filter(user=to).overlapping(first_day, row.ends_on).exists():
        role = Membership.Role(row.role)
        add_member(
            row.body, user=to, by=by, role=role, represents=row.represents, starts_on=first_day, ends_on=row.ends_on
        )
    _take_away(row, on=on, by=by)


def _give_mandate(row: Mandate, *, to: User, on: datetime.date, by: User) -> None:
    first_day = max(on + datetime.timedelta(days=1), row.starts_on)
    if row.ends_on and row.ends_on < first_day:
        return
    theirs = Mandate.objects.filter(user=to, organisation=row.organisation_id, right=row.right).not_over(first_day)
    if not theirs.exists():
        right = Mandate.Right(row.right)
        grant_mandate(row.organisation, user=to, right=right, by=by, starts_on=first_day, ends_on=row.ends_on)
    _take_away(row, on=on, by=by)


def _take_away(row: Membership | Mandate, *, on: datetime.date, by: User) -> None:
    """End it on the day; what would have begun later is removed, and what ends before keeps its own last day."""
    if row.starts_on > on:
        if isinstance(row, Membership):
            require_another_coordinator(row, first_day=row.starts_on)
        record(by, f"{row._meta.model_name}.removed_before_it_began", row, user=row.user_id)
        row.delete()
    elif row.ends_on is None or row.ends_on > on:
        if isinstance(row, Membership):
            end_membership(row, on=on, by=by)
        else:
            end_mandate(row, on=on, by=by)
