"""Changing who takes part in a region, and storing files."""

import datetime
import hashlib
from collections.abc import Iterable
from typing import IO

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from regions.files import IMAGES, content_type_of, safe_name
from regions.models import Body, Mandate, Meeting, Membership, Organisation, OrganisationGroup, Region, StoredFile
from regions.pictures import settled_picture
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
def end_membership(
    membership: Membership,
    *,
    by: User | None,
    on: datetime.date | None = None,
) -> None:
    """Let `on` (today in Finland) be the last day of a membership. One that has ended can only be shortened.

    Raises ValidationError (`already_ended`, `last_coordinator`).
    """
    last_day = on or timezone.localdate()
    locked = locked_membership(membership)
    if locked.ends_on and locked.ends_on < last_day:
        raise ValidationError(_("This membership has already ended."), code="already_ended")
    require_another_coordinator(locked, first_day=last_day + datetime.timedelta(days=1))
    locked.ends_on = last_day
    locked.full_clean()
    locked.save(update_fields=["ends_on"])
    membership.ends_on = last_day
    record(by, "membership.ended", locked, user=locked.user_id, ends_on=last_day.isoformat())


def lock_region(region_id: int) -> None:
    """Let one at a time change who takes part in a region: whoever does so locks it first, in the own transaction.

    Those who write texts in the region do not wait for it, though every row of theirs names the region.
    """
    Region.objects.select_for_update(of=("self",), no_key=True).get(pk=region_id)


def locked_membership(membership: Membership) -> Membership:
    """A membership under its lock, in the caller's transaction; its region is locked first.

    So two coordinators cannot end each other at the same moment and leave a region to nobody.
    """
    lock_region(membership.region_id)
    rows = Membership.objects.select_related("body", "region").select_for_update(of=("self",))
    return rows.get(pk=membership.pk)


def is_last_coordinator(
    membership: Membership, *, first_day: datetime.date, last_day: datetime.date | None = None
) -> bool:
    """Would the region be without anybody who coordinates it on some day from `first_day` (today if that is past) to
    `last_day` (the same day), if this member did not?

    Only somebody who can sign in counts: an invitation may never be answered.
    """
    if membership.body_id != membership.region.coordinating_body_id:
        return False
    day = max(first_day, timezone.localdate())
    until = max(last_day or day, day)
    others = Membership.objects.not_over(day).filter(body_id=membership.body_id, user__is_active=True)
    others = others.exclude(user_id=membership.user_id).exclude(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    for starts_on, ends_on in others.order_by("starts_on").values_list("starts_on", "ends_on"):
        if starts_on > day:
            return True
        if ends_on is None or ends_on >= until:
            return False
        day = max(day, ends_on + datetime.timedelta(days=1))
    return True


def require_another_coordinator(
    membership: Membership, *, first_day: datetime.date, last_day: datetime.date | None = None
) -> None:
    """Refuse what would leave a region to nobody on these days, as `is_last_coordinator` counts them.

    ValidationError (`last_coordinator`).
    """
    if is_last_coordinator(membership, first_day=first_day, last_day=last_day):
        raise ValidationError(
            _(
                "The region would be left without a coordinator. Invite another one first; this membership can be "
                "ended when that person has come in."
            ),
            code="last_coordinator",
        )


@transaction.atomic
def change_membership(
    membership: Membership,
    *,
    by: User | None,
    role: Membership.Role,
    represents: Organisation | None,
    starts_on: datetime.date,
    ends_on: datetime.date | None,
) -> None:
    """Correct what a membership says: role, organisation and days.

    Raises ValidationError: `other_region`, `last_coordinator`, days in the wrong order, days that meet another
    membership of the same person in the body (`already_member`).
    """
    locked = locked_membership(membership)
    require_one_region(locked.region, represents)
    others = Membership.objects.filter(body=locked.body_id, user=locked.user_id).exclude(pk=locked.pk)
    if others.overlapping(starts_on, ends_on).exists():
        raise ValidationError(_("This person is already a member of the body in these days."), code="already_member")
    if ends_on and (locked.ends_on is None or ends_on < locked.ends_on):
        require_another_coordinator(locked, first_day=ends_on + datetime.timedelta(days=1))
    if starts_on > max(locked.starts_on, timezone.localdate()):
        last_day = starts_on - datetime.timedelta(days=1)
        require_another_coordinator(locked, first_day=locked.starts_on, last_day=last_day)
    names = ("role", "represents", "starts_on", "ends_on")
    values = dict(zip(names, (role, represents, starts_on, ends_on), strict=True))
    changed = sorted(name for name in names if getattr(locked, name) != values[name])
    if not changed:
        return
    for name in changed:
        setattr(locked, name, values[name])
        setattr(membership, name, values[name])
    locked.full_clean()
    locked.save(update_fields=changed)
    record(by, "membership.changed", locked, user=locked.user_id, changed=changed)


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
def change_meeting(meeting: Meeting, *, starts_at: datetime.datetime, by: User | None, place: str, note: str) -> None:
    """Move a meeting or say where it is. Raises ValidationError when the body has another one at that time."""
    meeting.starts_at, meeting.place, meeting.note = starts_at, place, note
    meeting.full_clean()
    meeting.save(update_fields=["starts_at", "place", "note"])
    record(by, "meeting.changed", meeting)


@transaction.atomic
def remove_meeting(meeting: Meeting, *, by: User | None) -> None:
    """Take a meeting out of the calendar."""
    record(by, "meeting.removed", meeting)
    meeting.delete()


@transaction.atomic
def save_body(body: Body, *, by: User | None) -> None:
    """Keep a new body or what was changed in one: its kind, its names, its area and municipality."""
    is_new = body._state.adding
    require_one_region(body.region, body.area, body.municipality)
    body.full_clean()
    body.save()
    record(by, "body.added" if is_new else "body.changed", body, kind=body.kind)


@transaction.atomic
def describe_person(user: User, *, name: str, language: str, by: User) -> None:
    """Keep a person's own name and language."""
    user.name, user.language = name, language
    user.full_clean(exclude=["password"])
    user.save(update_fields=["name", "language"])
    record(by, "user.changed", user)


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

    The type is told by the bytes. A picture is kept without metadata and no larger than it is needed
    (`settled_picture`), so its SHA-256 may be another than that of what was brought. Raises ValidationError
    (`too_large`, `file_type`, `broken_image`, `too_many_pixels`). If the caller's transaction is undone later, the
    bytes stay on disk without a row, until `sweep_files` finds them.
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
        content = settled_picture(content, content_type, name=safe_name(name))
    return _store(region, name=name, content=content, content_type=content_type, by=by)


@transaction.atomic
def store_made_file(region: Region, *, name: str, content: bytes, content_type: str, by: User | None) -> StoredFile:
    """Store a file that this program made, so that its type and size are its own business."""
    return _store(region, name=name, content=content, content_type=content_type, by=by)


@transaction.atomic
def store_made_archive(region: Region, *, name: str, file: IO[bytes], content_type: str, by: User | None) -> StoredFile:
    """Store a large file that this program made, piece by piece and never whole in memory."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(File.DEFAULT_CHUNK_SIZE):
        digest.update(piece)
        size += len(piece)
    file.seek(0)
    stored = StoredFile(
        region=region,
        name=safe_name(name),
        content_type=content_type,
        size=size,
        sha256=digest.hexdigest(),
        uploaded_by=by,
    )
    stored.file.save(stored.name, File(file), save=False)
    stored.save()
    record(by, "file.stored", stored, sha256=stored.sha256)
    return stored


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
