"""A meeting goes through the remarks that are open: begun, its people and note kept, ended."""

import datetime
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.models import Document
from regions.models import Body
from regions.sealing import require_one_region
from reviews.models import RemarkMeeting

MOST_PRESENT = 100
LONGEST_NAME = 150
LONGEST_NOTE = 10_000


@transaction.atomic
def begin_meeting(
    document: Document, *, body: Body | None, held_on: datetime.date, present: Sequence[str], by: User
) -> RemarkMeeting:
    """A meeting about a document's remarks. Raises ValidationError: `too_many_present`, `name_too_long`."""
    require_one_region(document.region, body)
    meeting = RemarkMeeting.objects.create(
        region_id=document.region_id,
        document=document,
        body=body,
        held_on=held_on,
        present=_names(present),
        created_by=by,
    )
    record(by, "remark_meeting.begun", document, meeting=meeting.public_id)
    return meeting


@transaction.atomic
def change_meeting(meeting: RemarkMeeting, *, present: Sequence[str], note: str, by: User) -> RemarkMeeting:
    """Who was present, and what else the memo tells; also after the meeting was ended. Raises as `begin_meeting`."""
    locked = _locked(meeting)
    locked.present, locked.note = _names(present), note.strip()[:LONGEST_NOTE]
    locked.save(update_fields=["present", "note"])
    record(by, "remark_meeting.changed", locked.document, meeting=locked.public_id)
    return locked


@transaction.atomic
def end_meeting(meeting: RemarkMeeting, *, by: User) -> RemarkMeeting:
    """Nothing more is recorded in it. Ending twice is ending once."""
    locked = _locked(meeting)
    if locked.ended_at is None:
        locked.ended_at = timezone.now()
        locked.save(update_fields=["ended_at"])
        record(by, "remark_meeting.ended", locked.document, meeting=locked.public_id)
    return locked


def require_going_on(meeting: RemarkMeeting) -> None:
    """ValidationError (`meeting_ended`) once it has been ended, perhaps by somebody else. Locks its row."""
    if _locked(meeting).ended_at is None:
        return
    raise ValidationError(_("The meeting has been ended. Begin a new one to record more."), code="meeting_ended")


def _names(present: Sequence[str]) -> list[str]:
    names = [" ".join(name.split()) for name in present if name.strip()]
    if len(names) > MOST_PRESENT:
        raise ValidationError(
            {
                "present": ValidationError(
                    _("At most %(count)d people can be named."),
                    code="too_many_present",
                    params={"count": MOST_PRESENT},
                )
            }
        )
    if any(len(name) > LONGEST_NAME for name in names):
        raise ValidationError({"present": ValidationError(_("Write one name on each line."), code="name_too_long")})
    return list(dict.fromkeys(names))


def _locked(meeting: RemarkMeeting) -> RemarkMeeting:
    return RemarkMeeting.objects.select_for_update(of=("self",)).select_related("document__region").get(pk=meeting.pk)
