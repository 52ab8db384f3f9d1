"""Proposals taken into the text and out of it again, remarks placed by hand, remarks' own words made into proposals.

Each function locks the document's row first and then the remark (`answers.lock_remarks`), so a proposal that two people
accept at the same moment goes into the text once, and the second of them is told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents import frozen
from documents.blocks import Block
from documents.models import Document, Revision, Version
from documents.operations import REPLACE_TEXT, Operation
from documents.services.identities import place_identities
from documents.services.revisions import add_revision
from documents.services.sections import Saved, fresh_sections
from documents.services.versions import accept_operations
from reviews.deciding.aiming import Aim, aims_of
from reviews.deciding.proposals import operations_of
from reviews.deciding.unmaking import BuiltUponError, Unmade, unmade
from reviews.models import Answer, Remark, RemarkMeeting
from reviews.services import answers
from reviews.services.remarks import wording_operations

Outcome = Answer.Outcome


class TextsDisagreeError(Exception):
    """The draft and a proposal changed the same words, so a person has to look at the three texts. Nothing is saved."""


@transaction.atomic
def accept(
    remark: Remark, *, by: User | None, reason: Mapping[str, str] | None = None, meeting: RemarkMeeting | None = None
) -> Answer:
    """Take a proposal into the draft as it was made, and answer the remark with that.

    Where the text has moved on since the round's version it is merged. Raises TextsDisagreeError where it cannot be,
    and ValidationError: `answered`, `block_gone`, and as `answers.answer` does.
    """
    document, locked = _lock_open(remark)
    if not locked.operations:
        raise ValueError("Only a proposal can be accepted.")
    aims = aims_of(locked, document)
    if any(aim.is_gone for aim in aims):
        raise _block_gone()
    if any(aim.is_elsewhere for aim in aims):
        raise TextsDisagreeError
    own_places = all(aim.operation == aim.proposed for aim in aims)
    operations = operations_of(locked) if own_places else [aim.operation for aim in aims]
    shown = {} if own_places else {aim.now.id: aim.now for aim in aims if aim.now is not None}
    saved = accept_operations(locked.version, operations, by=by, note=locked.public_id, shown=shown)
    if any(row.conflicts for row in saved):
        raise TextsDisagreeError  # and the transaction takes the conflicts back with everything else
    return answers.answer(
        [locked],
        outcome=Outcome.ACCEPTED,
        reason=reason or {},
        by=by,
        revision=_made(saved, aims[0].section_key) or _made_for_twin(locked),
        meeting=meeting,
    )


@transaction.atomic
def accept_with(
    remark: Remark,
    *,
    wordings: Mapping[int, str],
    taken: Collection[int],
    shown: Mapping[str, Block],
    outcome: str,
    reason: Mapping[str, str],
    by: User | None,
) -> Answer:
    """Take a proposal into the draft as a person has decided: own words for its wordings, the rest done or left.

    `wordings` are HTML by the place of the operation in the proposal, `taken` the places of the others that are done,
    `shown` the draft's blocks that the person had before her eyes, by id. Raises TextsDisagreeError where somebody
    changed the same words meanwhile, and ValidationError: `answered`, `block_gone`, `nothing_changed`, and as
    `answers.answer` does.
    """
    document, locked = _lock_open(remark)
    if outcome not in Answer.CHANGES_TEXT:
        raise ValueError("An accepted proposal changes the text.")
    aims = aims_of(locked, document)
    operations: list[Operation] = []
    for index, aim in enumerate(aims):
        if aim.operation.op != REPLACE_TEXT:
            if index in taken:
                operations.append(_possible(aim).operation)
        elif index in wordings:
            operations.extend(_own_words(_possible(aim), wordings[index], shown))
    if not operations:
        raise ValidationError(
            _("The text would stay as it is. Change the words, or answer the remark without changing the text."),
            code="nothing_changed",
        )
    before = {aim.now.id: aim.now for aim in aims if aim.now is not None} | dict(shown)
    saved = accept_operations(locked.version, operations, by=by, note=locked.public_id, shown=before)
    if any(row.conflicts for row in saved):
        raise TextsDisagreeError
    return answers.answer([locked], outcome=outcome, reason=reason, by=by, revision=_made(saved, aims[0].section_key))


def _own_words(aim: Aim, html: str, shown: Mapping[str, Block]) -> list[Operation]:
    block = shown.get(aim.operation.block_id, aim.now)
    if block is None:
        raise _block_gone()
    language = aim.operation.language
    made = wording_operations(block, {aim.operation.unit: html}, language)
    return [Operation.from_json(raw) for raw in made]


def _possible(aim: Aim) -> Aim:
    if aim.is_gone:
        raise _block_gone()
    return aim


def _made(saved: Sequence[Saved], section_key: str) -> Revision | None:
    """The revision that the answer names; none where the text said so already."""
    rows = [row.revision for row in saved if row.revision is not None and not row.unchanged]
    return next((row for row in rows if row.section.key == section_key), rows[0] if rows else None)


def _made_for_twin(remark: Remark) -> Revision | None:
    """The revision that the same proposal of another led to: while one of the answers counts, it stays in the text."""
    rows = Answer.objects.in_force().filter(remarks__block_id=remark.block_id, remarks__version=remark.version_id)
    for given in rows.exclude(revision=None).select_related("revision").prefetch_related("remarks").distinct():
        if any(other.operations == remark.operations for other in given.remarks.all()):
            return given.revision
    return None


def _lock_open(remark: Remark) -> tuple[Document, Remark]:
    document, (locked,) = answers.lock_remarks([remark])
    if Answer.objects.in_force().filter(remarks=locked).exists():
        raise ValidationError(
            _("This proposal has been answered already. Undo the answer first if you want to change it."),
            code="answered",
        )
    # Its content is left out when rows are locked.
    locked.version = Version.objects.select_related("document__region").get(pk=locked.version_id)
    return document, locked


def _block_gone() -> ValidationError:
    return ValidationError(
        _("The text that the proposal changes is no longer in the draft. Choose its place by hand."),
        code="block_gone",
    )


# --- Undoing --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Undone:
    """An answer that was taken back, and what became of the change in the text."""

    answer: Answer
    text: str
    """`taken_out`; `built_upon` where others went on from it, so the text stays; `kept` where other remarks have the
    same answer; `none` where nothing of it stood in the text."""


TAKEN_OUT, BUILT_UPON, KEPT, NONE = "taken_out", "built_upon", "kept", "none"


@transaction.atomic
def undo(given: Answer, *, by: User, remarks: Collection[Remark] | None = None) -> Undone:
    """Take an answer back, and the change that it made out of the text again where that still stands.

    Words that others changed in other places of the same text stay. Where they changed the same ones, the text is left
    as it is. The answer stays on record. Raises as `answers.undo` does.
    """
    part = answers.undo(given, by=by, remarks=remarks)
    if part.revision is None:
        return Undone(part, NONE)
    if Answer.objects.in_force().filter(revision=part.revision).exists():
        return Undone(part, KEPT)
    document = part.revision.document
    noted = part.revision.note
    if part.revision.origin != Revision.Origin.ACCEPTED or not _is_known(document, noted):
        return Undone(part, NONE)  # a change that somebody wrote, and that was only named as what the remark led to
    try:
        states = unmade(document, made_together(part.revision))
    except BuiltUponError:
        return Undone(part, BUILT_UPON)
    _write(document, states, note=noted, by=by)
    return Undone(part, TAKEN_OUT if states else NONE)


def _is_known(document: Document, public_id: str) -> bool:
    return Remark.objects.filter(public_id=public_id, version__document=document).exists()


@transaction.atomic
def answer_anew(
    remark: Remark, *, instead_of: Answer, outcome: str, reason: Mapping[str, str], by: User
) -> tuple[Answer, str]:
    """Answer a remark otherwise than before, and what became of the change that the earlier answer had made.

    An answer that says that the text stays as it is takes that change out of the text first, as `undo` does, which
    tells how in the same words; one that changes the text takes it over (`none`). Raises as `answers.answer` does.
    """
    if instead_of.revision_id is None or outcome in Answer.CHANGES_TEXT:
        given = answers.answer([remark], outcome=outcome, reason=reason, by=by, instead_of=instead_of)
        return given, NONE
    undone = undo(instead_of, by=by, remarks=[remark])
    return answers.answer([remark], outcome=outcome, reason=reason, by=by), undone.text


def _write(document: Document, states: Sequence[Unmade], *, note: str, by: User) -> None:
    found = fresh_sections(document, [row.section for row in states])
    sections = [found[row.section.pk] for row in states]
    for section, row in zip(sections, states, strict=True):
        add_revision(section, row.blocks, by=by, base=section.head, origin=Revision.Origin.RESTORED, note=note)
    if sections:
        place_identities(document, sections)
        record(by, "proposal.taken_out", document, remark=note)


def made_together(revision: Revision) -> list[Revision]:
    """The revisions that accepting one proposal made: they follow each other among those of the document."""
    around = revision.document.revisions.select_related("section", "base")

    def same(row: Revision) -> bool:
        return row.origin == revision.origin and row.note == revision.note

    later = takewhile(same, around.filter(pk__gte=revision.pk).order_by("pk")[:_MOST_TOGETHER])
    earlier = takewhile(same, around.filter(pk__lt=revision.pk).order_by("-pk")[:_MOST_TOGETHER])
    return [*earlier, *later]


_MOST_TOGETHER = 50


def note_first_version(version: Version) -> None:
    """Write into answers that this version, just frozen from the draft, is the first one with what they led to."""
    waiting = Answer.objects.in_force().filter(revision__document_id=version.document_id, first_version=None)
    rows = waiting.values_list("pk", "revision__section__key", "revision__number")
    held = [pk for pk, key, number in rows if version.heads.get(key, 0) >= number]
    Answer.objects.filter(pk__in=held).update(first_version=version)


# --- Places and words by hand ---------------------------------------------------------------------


@transaction.atomic
def place(remark: Remark, *, by: User | None, section_key: str = "", block_id: str = "") -> Remark:
    """Say where in the draft a remark belongs whose own place is gone, or that a file brought without one.

    Neither is the whole document, for one that never had a place. Raises ValidationError: `no_such_place`, and as
    `answers.lock_remarks` does.
    """
    document, (locked,) = answers.lock_remarks([remark])
    sections = {row.key: row for row in document.sections.present().select_related("head")}
    if block_id:
        found = next((row for row in sections.values() if any(block.id == block_id for block in row.blocks)), None)
        is_known = found is not None and section_key in ("", found.key)
    elif section_key:
        is_known = section_key in sections
    else:
        is_known = not (locked.section_key or locked.block_id)
    if not is_known:
        raise ValidationError(_("This place is no longer in the draft. Choose another one."), code="no_such_place")
    locked.place_in_draft = block_id
    locked.section_in_draft = "" if block_id else section_key
    locked.unplaced = False
    locked.save(update_fields=["place_in_draft", "section_in_draft", "unplaced", "changed_at"])
    record(by, "remark.placed", document, remark=locked.public_id, section=section_key, block=block_id)
    return locked


@transaction.atomic
def write_proposal(remark: Remark, *, wording: Mapping[str, str], by: User) -> Remark:
    """Put what a remark asks for into the form of a proposal, in its respondent's name: unit of the block and its HTML.

    The remark's own words stay as they were handed in, and the proposal says who wrote it. An empty wording takes such
    a proposal away again. Raises ValidationError: `answered`, `has_proposal` (one of the respondent's own),
    `no_wording_here`, and as `answers.lock_remarks` does.
    """
    document, locked = _lock_open(remark)
    if locked.operations and locked.proposal_by_id is None:
        raise ValidationError(_("The respondent has made a proposal of her own already."), code="has_proposal")
    block = next((row for row in frozen.read(locked.version).blocks() if row.id == locked.block_id), None)
    if wording and block is None:
        raise ValidationError(
            _("Other words can be proposed only for a paragraph of the text."), code="no_wording_here"
        )
    locked.operations = wording_operations(block, wording, locked.language)
    locked.proposal_by = by if locked.operations else None
    if not locked.operations and not locked.text:
        raise ValueError("A remark without words is its proposal.")
    locked.save(update_fields=["operations", "proposal_by", "changed_at"])
    record(by, "remark.proposal_written", document, remark=locked.public_id)
    return locked
