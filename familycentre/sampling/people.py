"""A sample region's areas, organisations, bodies and people, from its `region.yaml`."""

import datetime
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from regions.models import Area, Body, Membership, Municipality, Organisation, OrganisationGroup, Region
from regions.services import add_member, set_coordinating_body, set_group_members

LANGUAGES = ("fi", "sv", "en", "se")
SINCE = datetime.date(2022, 1, 1)


@dataclass(frozen=True)
class SignIn:
    """What a new sample account signs in with; the password is made here and kept nowhere else."""

    region: str
    body: str
    """The kind of the body in which the person takes part, for choosing one of each."""
    role: str
    email: str
    password: str

    def __str__(self) -> str:
        return f"{self.email:<44} {self.password:<21} {self.role}, {self.region}".rstrip(", ")


def new_password() -> str:
    """A random password of 64 bits in groups that can be typed from a screen."""
    return "-".join(secrets.token_hex(2) for _part in range(4))


def confirm_address(user: User) -> None:
    """Count an invented address as confirmed: no mail reaches it, and the second step of signing in asks for it."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


@dataclass
class SampleRegion:
    """A region as the sample's documents refer to it: rows by their key in the file."""

    region: Region
    areas: dict[str, Area] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    groups: dict[str, OrganisationGroup] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    coordinator: User | None = None
    sign_ins: list[SignIn] = field(default_factory=list)

    def role_key(self, role: Mapping[str, str]) -> str:
        """An action's role as `plans.blocks.action_block` names it."""
        if "group" in role:
            return f"group:{self.groups[role['group']].public_id}"
        return f"organisation:{self.organisations[role['org']].public_id}"


def translated(name: str, texts: Mapping[str, str] | None) -> dict[str, str]:
    """A label's columns: `{"name_fi": …, "name_sv": …}`."""
    return {f"{name}_{language}": text for language, text in (texts or {}).items() if language in LANGUAGES}


@transaction.atomic
def load_region(code: str, data: Mapping[str, Any]) -> SampleRegion:
    """Make the rows that are not there yet. Running it again changes nothing."""
    region = Region.objects.get(code=code)
    if not region.public:
        region.public = True
        region.save(update_fields=["public"])
    sample = SampleRegion(region)
    _load_areas(sample, data.get("areas", []))
    _load_organisations(sample, data)
    for row in data["bodies"]:
        sample.bodies[row["key"]] = _load_body(sample, row)
    for row in data["people"]:
        _load_person(sample, row)
    coordinating = sample.bodies[data["coordinating_body"]]
    if region.coordinating_body_id != coordinating.pk:
        set_coordinating_body(region, coordinating, by=None)
    memberships = Membership.objects.filter(body=coordinating).select_related("user").order_by("pk")
    sample.coordinator = memberships[0].user
    return sample


def _load_areas(sample: SampleRegion, rows: list[dict[str, Any]]) -> None:
    for position, row in enumerate(rows):
        area, made = Area.objects.get_or_create(
            region=sample.region, key=row["key"], defaults={"position": position, **translated("name", row["name"])}
        )
        if made and row.get("municipalities"):
            area.municipalities.set(
                Municipality.objects.filter(region=sample.region, name_fi__in=row["municipalities"])
            )
        sample.areas[row["key"]] = area


def _load_organisations(sample: SampleRegion, data: Mapping[str, Any]) -> None:
    for row in data.get("organisations", []):
        municipality = None
        if row.get("municipality"):
            municipality = Municipality.objects.get(region=sample.region, name_fi=row["municipality"])
        organisation, _made = Organisation.objects.get_or_create(
            region=sample.region,
            name_fi=row["name"]["fi"],
            defaults={
                "kind": row["kind"],
                "municipality": municipality,
                **translated("name", row["name"]),
                **translated("short_name", row.get("short_name")),
            },
        )
        sample.organisations[row["key"]] = organisation
    for row in data.get("groups", []):
        group, made = OrganisationGroup.objects.get_or_create(
            region=sample.region, name_fi=row["name"]["fi"], defaults=translated("name", row["name"])
        )
        if made:
            set_group_members(group, [sample.organisations[key] for key in row["members"]], by=None)
        sample.groups[row["key"]] = group


def _load_body(sample: SampleRegion, row: Mapping[str, Any]) -> Body:
    body, _made = Body.objects.get_or_create(
        region=sample.region,
        name_fi=row["name"]["fi"],
        defaults={
            "kind": row["kind"],
            "area": sample.areas[row["area"]] if row.get("area") else None,
            **translated("name", row["name"]),
        },
    )
    return body


def _load_person(sample: SampleRegion, row: Mapping[str, Any]) -> None:
    user = User.objects.filter(email__iexact=row["email"]).first()
    if user is None:
        password = new_password()
        user = User.objects.create_user(
            row["email"], password, name=row["name"], language=row.get("language", sample.region.languages[0])
        )
        confirm_address(user)
        kind = sample.bodies[row["memberships"][0]["body"]].kind if row["memberships"] else ""
        sample.sign_ins.append(SignIn(sample.region.name, kind, row["role"], row["email"], password))
    for membership in row["memberships"]:
        body = sample.bodies[membership["body"]]
        if not Membership.objects.filter(user=user, body=body).exists():
            represents = membership.get("represents")
            add_member(
                body,
                user=user,
                role=Membership.Role(membership.get("role", "member")),
                represents=sample.organisations[represents] if represents else None,
                starts_on=SINCE,
                by=None,
            )
