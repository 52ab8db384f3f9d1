"""Bodies and organisations of a region that can be asked in a round, with the address of each where one is known."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from regions.models import Body, Membership, Organisation
from reviews.inviting.silence import BODIES, kind_label
from reviews.models import CommentRound, Invitation
from reviews.services.invitations import Asked


@dataclass(frozen=True)
class Candidate:
    """One organisation or body, as its line of the form shows it."""

    key: str
    """`o-` or `b-` and the public identifier; part of the names of its fields."""
    one: Organisation | Body
    email: str
    language: str
    note: str = ""
    """Where the address comes from."""
    is_asked: bool = False
    is_chosen: bool = False
    error: str = ""

    @property
    def name(self) -> str:
        return self.one.name

    @property
    def place(self) -> str:
        area = self.one.area if isinstance(self.one, Body) else None
        where = area or self.one.municipality
        return where.name if where else ""

    def asked(self, closes_at: datetime.datetime | None) -> Asked:
        return Asked(
            self.email,
            language=self.language,
            closes_at=closes_at,
            organisation=self.one if isinstance(self.one, Organisation) else None,
            body=self.one if isinstance(self.one, Body) else None,
        )


@dataclass(frozen=True)
class Group:
    """Candidates of one kind."""

    key: str
    label: str
    candidates: list[Candidate]


def groups_of(comment_round: CommentRound, *, area: str = "", municipality: str = "", kind: str = "") -> list[Group]:
    """Everybody who can be asked, by kind, filtered by place; at most nine queries.

    The address is the one that was used last; a body's is else that of its secretary or chair.
    """
    region = comment_round.version.document.region
    asked = comment_round.invitations.in_force()
    asked_organisations = set(asked.exclude(organisation=None).values_list("organisation_id", flat=True))
    asked_bodies = set(asked.exclude(body=None).values_list("body_id", flat=True))
    organisations = Organisation.objects.valid_on().filter(region=region).select_related("municipality")
    bodies = Body.objects.filter(region=region).select_related("area", "municipality")
    if area:
        organisations = organisations.filter(municipality__areas__key=area, municipality__areas__region=region)
        bodies = bodies.filter(area__key=area)
    if municipality:
        organisations = organisations.filter(municipality__code=municipality)
        bodies = bodies.filter(municipality__code=municipality)
    earlier = _earlier(region.pk)
    officers = _officers(region.pk)
    first = _first(region.languages, region.languages)
    found: dict[str, list[Candidate]] = {}
    for organisation in organisations.order_by("name").distinct():
        used = earlier.get(("organisation", organisation.pk))
        own = organisation.municipality.languages if organisation.municipality else []
        candidate = Candidate(
            f"o-{organisation.public_id}",
            organisation,
            used.email if used else "",
            used.language if used else _first(own, region.languages),
            _("asked at this address before") if used else "",
            organisation.pk in asked_organisations,
        )
        found.setdefault(organisation.kind, []).append(candidate)
    for body in bodies.order_by("name"):
        used = earlier.get(("body", body.pk))
        officer = officers.get(body.pk)
        note = ""
        if used:
            note = _("asked at this address before")
        elif officer:
            note = officer.get_role_display().lower()
        candidate = Candidate(
            f"b-{body.public_id}",
            body,
            used.email if used else officer.user.email if officer else "",
            used.language if used else officer.user.language if officer else first,
            note,
            body.pk in asked_bodies,
        )
        found.setdefault(BODIES, []).append(candidate)
    order = [*Organisation.Kind.values, BODIES]
    return [Group(key, kind_label(key), found[key]) for key in order if key in found and kind in ("", key)]


def _first(wanted: list[str], known: list[str]) -> str:
    """The first language that the region uses and that our mails are written in."""
    possible = [code for code, _name in settings.LANGUAGES]
    for code in [*wanted, *known]:
        if code in known and code in possible:
            return code
    return settings.LANGUAGE_CODE


def _earlier(region: int) -> dict[tuple[str, int], Invitation]:
    """The newest invitation with a working address of each organisation and body."""
    rows = (
        Invitation.objects.filter(region_id=region, bounced_at=None)
        .exclude(email="")
        .exclude(organisation=None, body=None)
    )
    newest: dict[tuple[str, int], Invitation] = {}
    for row in rows.only("email", "language", "organisation_id", "body_id").order_by("pk"):
        if row.organisation_id:
            newest["organisation", row.organisation_id] = row
        elif row.body_id:
            newest["body", row.body_id] = row
    return newest


def _officers(region: int) -> dict[int, Membership]:
    """The secretary of each body, else its chair."""
    roles = (Membership.Role.CHAIR, Membership.Role.SECRETARY)
    rows = Membership.objects.valid_on().filter(region_id=region, role__in=roles, user__is_active=True)
    found: dict[int, Membership] = {}
    for row in rows.select_related("user").order_by("pk"):
        if row.body_id not in found or row.role == Membership.Role.SECRETARY:
            found[row.body_id] = row
    return found


def filled_in(
    groups: Iterable[Group], chosen: set[str], sent: Mapping[str, str], *, needs_address: bool
) -> list[Group]:
    """The groups as they were sent: what is ticked, with addresses and languages typed beside, and faults."""
    return [
        replace(group, candidates=[_filled(row, chosen, sent, needs_address) for row in group.candidates])
        for group in groups
    ]


def _filled(row: Candidate, chosen: set[str], sent: Mapping[str, str], needs_address: bool) -> Candidate:
    if row.is_asked:
        return row
    email = sent.get(f"email-{row.key}", row.email).strip()
    language = sent.get(f"language-{row.key}", row.language)
    error = ""
    if row.key in chosen:
        if not email:
            if needs_address or isinstance(row.one, Organisation):
                error = _("Write the e-mail address of %(name)s.") % {"name": row.name}
        else:
            try:
                validate_email(email)
            except ValidationError:
                error = _("“%(text)s” is not an e-mail address.") % {"text": email[:80]}
    if language not in dict(settings.LANGUAGES):
        language = row.language
    return replace(row, email=email, language=language, is_chosen=row.key in chosen, error=error)
