"""Changing who takes part in a region, and storing files."""

import datetime
import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from regions.files import IMAGES, check_image, content_type_of, safe_name
from regions.models import Body, Mandate, Meeting, Membership, Organisation, OrganisationGroup, Region, StoredFile
from regions.sealing import require_one_region


@transaction.atomic
def add_member(
    body: Body,
    *,
    user: User,
    by: User | None,
    role: Membership.Role = Membership.Role.MEMBER,
    represents: Organisation | None = None,
    starts_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
) -> Membership:
    """Make a person a member of a body, from today unless told otherwise.

    Raises ValidationError when the person already is one, the dates are in the wrong order, or the
    organisation is of another region (`other_region`).
    """
    require_one_region(body.region, represents)
    membership = Membership(
        region=body.region,
        body=body,
        user=user,
        role=role,
        represents=represents,
        starts_on=starts_on or timezone.localdate(),
        ends_on=ends_on,
    )
    membership.full_clean()
    membership.save()
    record(by, "membership.added", membership, user=user.pk, body=body.public_id, role=str(role))
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, by: User | None, on: datetime.date | None = None) -> None:
    """Let `on` (today in Finland) be the last day of a membership. One that has ended can only be shortened."""
    locked = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    last_day = on or timezone.localdate()
    if locked.ends_on and locked.ends_on < last_day:
        raise ValidationError(_("This membership has already ended."), code="already_ended")
    locked.ends_on = last_day
    locked.full_clean()
    locked.save(update_fields=["ends_on"])
    membership.ends_on = last_day
    record(by, "membership.ended", locked, user=locked.user_id, ends_on=last_day.isoformat())


@transaction.atomic
def grant_mandate(
    organisation: Organisation,
    *,
    user: User,
    right: Mandate.Right,
    by: User | None,
    starts_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
) -> Mandate:
    """Let a person speak for an organisation. Raises ValidationError when the person already may."""
    mandate = Mandate(
        region=organisation.region,
        organisation=organisation,
        user=user,
        right=right,
        starts_on=starts_on or timezone.localdate(),
        ends_on=ends_on,
    )
    mandate.full_clean()
    mandate.save()
    record(by, "mandate.granted", mandate, user=user.pk, organisation=organisation.public_id, right=str(right))
    return mandate


@transaction.atomic
def end_mandate(mandate: Mandate, *, by: User | None, on: datetime.date | None = None) -> None:
    """Let `on` (today in Finland) be the last day of a mandate. One that has ended can only be shortened."""
    locked = Mandate.objects.select_for_update(of=("self",)).get(pk=mandate.pk)
    last_day = on or timezone.localdate()
    if locked.ends_on and locked.ends_on < last_day:
        raise ValidationError(_("This mandate has already ended."), code="already_ended")
    locked.ends_on = last_day
    locked.full_clean()
    locked.save(update_fields=["ends_on"])
    mandate.ends_on = last_day
    record(by, "mandate.ended", locked, user=locked.user_id, ends_on=last_day.isoformat())


@transaction.atomic
def add_meeting(
    body: Body, *, starts_at: datetime.datetime, by: User | None, place: str = "", note: str = ""
) -> Meeting:
    """Put a meeting of a body into the calendar. Raises ValidationError when it has one at that time."""
    meeting = Meeting(region=body.region, body=body, starts_at=starts_at, place=place, note=note)
    meeting.full_clean()
    meeting.save()
    record(by, "meeting.added", meeting, body=body.public_id)
    return meeting


@transaction.atomic
def set_coordinating_body(region: Region, body: Body, *, by: User | None) -> None:
    """Make a body the one that coordinates the region: its members get the right to set up everything in it."""
    require_one_region(region, body)
    locked = Region.objects.select_for_update(of=("self",)).get(pk=region.pk)
    locked.coordinating_body = body
    locked.save(update_fields=["coordinating_body"])
    region.coordinating_body = body
    record(by, "region.coordinating_body_set", locked, body=body.public_id)


@transaction.atomic
def set_group_members(group: OrganisationGroup, organisations: Iterable[Organisation], *, by: User | None) -> None:
    """Let a group of organisations be exactly these."""
    members = list(organisations)
    require_one_region(group.region, *members)
    group.members.set(members)
    record(by, "organisation_group.members_set", group, organisations=sorted(m.public_id for m in members))


@transaction.atomic
def store_file(region: Region, *, name: str, content: bytes, by: User | None) -> StoredFile:
    """Store what someone brought: a PNG, JPEG, WebP or GIF picture, a PDF or a Word file without macros.

    The type is told by the bytes. Raises ValidationError (`too_large`, `file_type`, `broken_image`). If the
    caller's transaction is undone later, the bytes stay on disk without a row; nothing leads to them.
    """
    if len(content) > settings.STORED_FILE_MAX_BYTES:
        raise ValidationError(
            _("This file is too large: it may be at most %(size)s."),
            code="too_large",
            params={"size": filesizeformat(settings.STORED_FILE_MAX_BYTES)},
        )
    content_type = content_type_of(content)
    if content_type is None:
        raise ValidationError(
            _("Choose a picture (PNG, JPEG, WebP or GIF), a PDF file or a Word file (.docx) without macros."),
            code="file_type",
        )
    if content_type in IMAGES:
        check_image(content)
    return _store(region, name=name, content=content, content_type=content_type, by=by)


@transaction.atomic
def store_made_file(region: Region, *, name: str, content: bytes, content_type: str, by: User | None) -> StoredFile:
    """Store a file that this program made, so that its type and size are its own business."""
    return _store(region, name=name, content=content, content_type=content_type, by=by)


def _store(region: Region, *, name: str, content: bytes, content_type: str, by: User | None) -> StoredFile:
    stored = StoredFile(
        region=region,
        name=safe_name(name),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
    )
    stored.file.save(stored.name, ContentFile(content), save=False)
    stored.save()
    record(by, "file.stored", stored, sha256=stored.sha256)
    return stored


def open_file(stored: StoredFile) -> File:
    """The bytes of a stored file, open for reading; the caller has asked whether the reader may and closes it."""
    return stored.file.storage.open(str(stored.file.name), "rb")
