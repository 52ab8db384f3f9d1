"""What the county says to remarks, who handles them, and what those who do say to each other.

Each function locks the document's row first and then the remarks in the order of their keys, so that two people who
answer the same remark at the same moment do so one after the other, and the second one is told.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.models import Document, Revision
from documents.permissions import draft_readers
from documents.services.documents import lock
from jobs.models import Job
from jobs.services import enqueue
from regions.sealing import require_one_region
from reviews.models import Answer, Remark, RemarkMeeting, RemarkNote
from reviews.services.meetings import require_going_on

LONGEST_REASON = 5_000
"""Signs in one language; one remark's reason is a few sentences."""

LONGEST_NOTE = 5_000

MOST_AT_ONCE = 500
"""Remarks that one answer can be given to; more are chosen by mistake."""

TELL_ASSIGNED = "tell_assigned"
"""The job that tells somebody which remarks wait for her."""

TELL_AFTER = datetime.timedelta(minutes=30)
"""Whoever gives out remarks gives out many in a row: they are told of in one mail."""

TELL_EVERY = datetime.timedelta(days=1)


def lock_remarks(remarks: Iterable[Remark], *, taken_back: bool = False) -> tuple[Document, list[Remark]]:
    """The document and the remarks, locked until the transaction ends, in the order of their keys.

    Raises ValidationError: `nothing_chosen`, `too_many_remarks`, `remark_gone` (its respondent took one back, and
    `taken_back` does not say that this is all the same); ValueError for remarks on several documents or such as nobody
    has handed in, because no page shows them together.
    """
    chosen = {remark.pk: remark for remark in remarks}
    if not chosen:
        raise ValidationError(_("Choose the remarks first."), code="nothing_chosen")
    if len(chosen) > MOST_AT_ONCE:
        raise ValidationError(
            _("Choose at most %(count)d remarks at once."), code="too_many_remarks", params={"count": MOST_AT_ONCE}
        )
    documents = Document.objects.filter(versions__remarks__in=list(chosen)).distinct()
    found = list(documents[:2])
    if len(found) > 1:
        raise ValueError("Remarks on several documents are not handled together.")
    if not found:
        raise _gone()
    document = lock(found[0])
    rows = Remark.objects.select_for_update(of=("self",)).select_related("statement", "version__document")
    locked = list(rows.defer("version__content").filter(pk__in=list(chosen)).order_by("pk"))
    if len(locked) < len(chosen) or (not taken_back and any(remark.withdrawn_at for remark in locked)):
        raise _gone()
    if any(remark.statement and remark.statement.received_at is None for remark in locked):
        raise ValueError("What nobody has handed in is not handled.")
    return document, locked


def _gone() -> ValidationError:
    return ValidationError(_("The respondent has taken the remark back meanwhile."), code="remark_gone")


def language_of(remark: Remark, document: Document) -> str:
    """In which language a remark is answered: the respondent's own, where the document has it."""
    return remark.language if remark.language in document.languages else document.original


@transaction.atomic
def answer(
    remarks: Iterable[Remark],
    *,
    outcome: str,
    reason: Mapping[str, str],
    by: User | None,
    revision: Revision | None = None,
    meeting: RemarkMeeting | None = None,
    instead_of: Answer | None = None,
) -> Answer:
    """Answer one or several remarks of a document with one outcome and one reason.

    A reason is written at least in the language of each respondent; that it is missing in the other one is for the
    page to say. `instead_of` is the answer that the writer saw: it is undone for these remarks, and if the new outcome
    changes the text too, what it led to goes over to the new answer. Locks as the module says. Raises ValidationError:
    `meeting_ended`, `answered` (also when another has changed the answer meanwhile), `reason_missing`,
    `reason_too_long`, and as `lock_remarks` does.
    """
    document, locked = lock_remarks(remarks)
    require_one_region(document.region, revision, meeting)
    if meeting is not None:
        require_going_on(meeting)
    _require_free(locked, instead_of)
    words = _reason(reason, outcome, {language_of(remark, document) for remark in locked})
    given = Answer(
        region_id=document.region_id,
        outcome=outcome,
        reason=words,
        revision=revision,
        meeting=meeting,
        answered_by=by,
    )
    if instead_of is not None:
        part = _undo(instead_of, locked)
        if outcome in Answer.CHANGES_TEXT and revision is None:
            given.revision, given.first_version = part.revision, part.first_version
    given.clean_fields(exclude=["region", "revision", "meeting", "answered_by"])
    given.validate_constraints()
    given.save()
    given.remarks.set(locked)
    record(
        by,
        "remark.answered",
        document,
        answer=given.public_id,
        outcome=str(outcome),
        remarks=[remark.public_id for remark in locked],
        instead_of=instead_of.public_id if instead_of else "",
    )
    return given


def _require_free(locked: Sequence[Remark], instead_of: Answer | None) -> None:
    standing = Answer.objects.in_force().filter(remarks__in=locked).distinct()
    others = [row for row in standing if instead_of is None or row.pk != instead_of.pk]
    if others or (instead_of is not None and not _counts_for(instead_of, locked)):
        raise ValidationError(
            _("Somebody has answered meanwhile. Look at the answer before you change it."), code="answered"
        )


def _counts_for(given: Answer, locked: Sequence[Remark]) -> bool:
    """Whether an answer is still the one that counts for all these remarks."""
    rows = Answer.objects.in_force().filter(pk=given.pk, remarks__in=locked)
    return rows.count() == len(locked)


def _reason(reason: Mapping[str, str], outcome: str, languages: set[str]) -> dict[str, str]:
    words = {language: text.strip() for language, text in reason.items() if text.strip()}
    if any(len(text) > LONGEST_REASON for text in words.values()):
        raise ValidationError(
            _("The reason is too long: at most %(count)d characters."),
            code="reason_too_long",
            params={"count": LONGEST_REASON},
        )
    if (words or outcome in Answer.NEEDS_REASON) and languages - words.keys():
        raise ValidationError(_("Write the reason in the respondent’s own language."), code="reason_missing")
    return words


@transaction.atomic
def undo(given: Answer, *, by: User, remarks: Iterable[Remark] | None = None) -> Answer:
    """Take an answer back, for all its remarks or for some; they may be answered anew. What was undone stays on record.

    The text stays as it is: that is put back by its history. Locks as the module says. Raises ValidationError:
    `undone` already, and as `lock_remarks` does.
    """
    document, locked = lock_remarks(given.remarks.all() if remarks is None else remarks, taken_back=True)
    if not _counts_for(given, locked):
        raise ValidationError(_("This answer has been undone already."), code="undone")
    part = _undo(given, locked)
    record(
        by,
        "remark.answer_undone",
        document,
        answer=part.public_id,
        outcome=part.outcome,
        remarks=[remark.public_id for remark in locked],
    )
    return part


def _undo(given: Answer, locked: Sequence[Remark]) -> Answer:
    """Withdraw an answer; of one that counts for others too, the part that these remarks had."""
    fresh = Answer.objects.get(pk=given.pk)
    if not fresh.remarks.exclude(pk__in=[remark.pk for remark in locked]).exists():
        fresh.withdrawn_at = timezone.now()
        fresh.save(update_fields=["withdrawn_at"])
        return fresh
    part = Answer.objects.create(
        region_id=fresh.region_id,
        outcome=fresh.outcome,
        reason=fresh.reason,
        revision_id=fresh.revision_id,
        first_version_id=fresh.first_version_id,
        answered_by_id=fresh.answered_by_id,
        meeting_id=fresh.meeting_id,
        withdrawn_at=timezone.now(),
    )
    # It was given when the others were, not now.
    Answer.objects.filter(pk=part.pk).update(answered_at=fresh.answered_at)
    part.answered_at = fresh.answered_at
    fresh.remarks.remove(*locked)
    part.remarks.set(locked)
    return part


@transaction.atomic
def assign(remarks: Iterable[Remark], *, to: User | None, by: User, site: str = "") -> int:
    """Give remarks to one of those who write the document, or to nobody; how many had another handler before.

    She is told by mail, at most once a day for a document; `site` begins the address in it.
    Locks as the module says. Raises ValidationError: `not_a_writer`, and as `lock_remarks` does.
    """
    document, locked = lock_remarks(remarks)
    if to is not None and not draft_readers(document).filter(pk=to.pk).exists():
        raise ValidationError(_("Choose somebody who writes this document."), code="not_a_writer")
    changed = [remark for remark in locked if remark.assigned_to_id != (to.pk if to else None)]
    if not changed:
        return 0
    Remark.objects.filter(pk__in=[remark.pk for remark in changed]).update(assigned_to=to)
    record(
        by,
        "remark.assigned",
        document,
        to=to.pk if to else None,
        remarks=[remark.public_id for remark in changed],
    )
    if to is not None and to != by:
        _tell_soon(document, to, site=site or settings.SITE_URL)
    return len(changed)


def _tell_soon(document: Document, user: User, *, site: str) -> None:
    key = f"{TELL_ASSIGNED}-{document.pk}-{user.pk}"
    moment = timezone.now() + TELL_AFTER
    last = Job.objects.filter(key=key).exclude(finished_at=None).order_by("-finished_at").first()
    if last is not None and last.finished_at is not None:
        moment = max(moment, last.finished_at + TELL_EVERY)
    payload = {"document": document.pk, "user": user.pk, "site": site, "region_code": document.region.code}
    enqueue(TELL_ASSIGNED, payload, key=key, run_after=moment)


@transaction.atomic
def add_note(remark: Remark, *, text: str, by: User) -> RemarkNote:
    """Say something about a remark to the others who handle it. ValidationError: `note_empty`, `note_too_long`."""
    text = text.strip()
    if not text:
        raise ValidationError(_("Write the note first."), code="note_empty")
    if len(text) > LONGEST_NOTE:
        raise ValidationError(
            _("A note may be at most %(limit)d characters long."), code="note_too_long", params={"limit": LONGEST_NOTE}
        )
    document, (locked,) = lock_remarks([remark])
    note = RemarkNote.objects.create(region_id=document.region_id, remark=locked, author=by, text=text)
    record(by, "remark.noted", document, remark=locked.public_id)
    return note
