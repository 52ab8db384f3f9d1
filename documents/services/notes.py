"""What writers say to each other beside the text: notes, answers, and marking them as settled.

Notes are no part of the text: nothing here makes a revision, and no version or file reads them.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from html import escape

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.blocks import Block
from documents.mails import ANSWERED, MENTIONED, mail_note
from documents.models import BlockIdentity, Document, Note, Section
from documents.permissions import draft_readers
from documents.services.documents import lock
from documents.tracing import Remarked, trace_many

EDITABLE = timedelta(minutes=15)
"""A slip of the pen can be put right for this long; what others may have answered to stays as they read it."""

QUOTED_WORDS = 24


@transaction.atomic
def add_note(section: Section, *, text: str, by: User, site: str, block_id: str = "") -> Note:
    """Begin a thread on a section, or on one of its blocks, and mail those whose name stands behind an @ in it.

    Locks the document, so that a block which is being moved meanwhile is found where it lands. `site` is the address of
    the installation ("https://plans.example.fi"), for the links in the mails. Raises ValidationError without words
    (`note_empty`), with too many (`note_too_long`), or when the block is no longer in the text (`block_gone`).
    """
    document = lock(section.document)
    text = _words(text)
    people = mentioned_in(text, draft_readers(document))
    quote = ""
    if block_id:
        place = trace_many(document, [Remarked(block_id)])[0]
        if place.block is None:
            raise ValidationError(
                _("This paragraph is no longer in the text. Choose another one, or the whole section."),
                code="block_gone",
            )
        section = document.sections.get(key=place.section_key)
        block_id, quote = place.block.id, quote_of(place.block, document)
    note = Note.objects.create(
        region_id=document.region_id,
        document=document,
        section=section,
        block_id=block_id,
        quote=quote,
        text=text,
        author=by,
    )
    note.mentioned.set(people)
    record(by, "note.added", document, note=note.public_id, section=section.key, block=block_id)
    _mail(note, people, [], by=by, site=site)
    return note


@transaction.atomic
def answer_note(thread: Note, *, text: str, by: User, site: str) -> Note:
    """Answer in a thread; mails those who are mentioned, and those who have taken part in it.

    Locks the document before the thread, as saves do that move both. Raises ValidationError without words
    (`note_empty`), with too many (`note_too_long`), or in a thread that is resolved (`note_resolved`).
    """
    document = lock(thread.document)
    thread = _locked(thread)
    if thread.resolved_at:
        raise ValidationError(
            _("Somebody has marked this note as settled meanwhile. Reopen it before you answer."), code="note_resolved"
        )
    text = _words(text)
    people = mentioned_in(text, draft_readers(document))
    answer = Note.objects.create(
        region_id=document.region_id,
        document=document,
        section_id=thread.section_id,
        block_id=thread.block_id,
        quote=thread.quote,
        thread=thread,
        text=text,
        author=by,
    )
    answer.mentioned.set(people)
    record(by, "note.answered", document, note=thread.public_id)
    earlier = Note.objects.filter(Q(pk=thread.pk) | Q(thread=thread)).exclude(pk=answer.pk)
    took_part = draft_readers(document).filter(
        Q(pk__in=earlier.values("author")) | Q(pk__in=earlier.values("mentioned"))
    )
    _mail(answer, people, list(took_part), by=by, site=site)
    return answer


@transaction.atomic
def edit_note(note: Note, *, text: str, by: User, site: str) -> Note:
    """Put one's own words right shortly after they were written; whoever is newly mentioned gets a mail.

    Locks the note. Those who were mentioned stay so: their mail is on its way. Raises ValidationError when the time
    for it is over or its thread is resolved (`note_fixed`), and as `add_note` does.
    """
    note = _locked(note)
    thread = note.thread or note
    if note.author_id != by.pk:
        raise ValueError("Only one's own notes are edited.")
    if not is_editable(note) or thread.resolved_at:
        raise ValidationError(
            _("A note can be changed for %(minutes)d minutes after it was written. Write an answer instead."),
            code="note_fixed",
            params={"minutes": EDITABLE // timedelta(minutes=1)},
        )
    before = set(note.mentioned.all())
    text = _words(text)
    people = [user for user in mentioned_in(text, draft_readers(note.document)) if user not in before]
    note.text = text
    note.save(update_fields=["text"])
    note.mentioned.add(*people)
    record(by, "note.edited", note.document, note=note.public_id)
    _mail(note, people, [], by=by, site=site)
    return note


@transaction.atomic
def resolve_thread(thread: Note, *, by: User) -> Note:
    """Mark a thread as settled. Locks it; doing so twice is doing so once."""
    thread = _locked(thread)
    if thread.resolved_at is None:
        thread.resolved_at = timezone.now()
        thread.resolved_by = by
        thread.save(update_fields=["resolved_at", "resolved_by"])
        record(by, "note.resolved", thread.document, note=thread.public_id)
    return thread


@transaction.atomic
def reopen_thread(thread: Note, *, by: User) -> Note:
    """Take up a settled thread again. Locks it; doing so twice is doing so once."""
    thread = _locked(thread)
    if thread.resolved_at is not None:
        thread.resolved_at = None
        thread.resolved_by = None
        thread.save(update_fields=["resolved_at", "resolved_by"])
        record(by, "note.reopened", thread.document, note=thread.public_id)
    return thread


def notes_follow(document: Document, sections: Sequence[Section]) -> None:
    """Notes on blocks that now stand in these sections, or went up in a block there, go with them.

    Part of a save, under its lock, after the identities were placed. One statement, however many notes there are.
    """
    for section in sections:
        landed = BlockIdentity.objects.filter(
            Q(section=section) | Q(alias_of__section=section) | Q(alias_of__alias_of__section=section),
            document=document,
        )
        strays = document.notes.exclude(block_id="").exclude(section=section)
        strays.filter(block_id__in=landed.values("block_id")).update(section=section)


def is_editable(note: Note) -> bool:
    return timezone.now() - note.created_at < EDITABLE


def quote_of(block: Block, document: Document) -> str:
    """The first words of a block, exactly as they stand in it, to find it by and to know it when it is gone."""
    for language in [document.original, *sorted(block.languages())]:
        words = block.plain_in(language).split()
        if words:
            return " ".join(words[:QUOTED_WORDS])[:300]
    return ""


def quoted(note: Note) -> Remarked:
    """What `tracing` needs to find the block today; its quotes are HTML."""
    return Remarked(note.block_id, escape(note.quote, quote=False))


def _locked(note: Note) -> Note:
    rows = Note.objects.select_for_update(of=("self",)).select_related("document__region", "thread")
    return rows.get(pk=note.pk)


def _words(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValidationError(_("Write the note first."), code="note_empty")
    limit = Note._meta.get_field("text").max_length or 0
    if len(text) > limit:
        raise ValidationError(
            _("A note may be at most %(limit)d characters long."), code="note_too_long", params={"limit": limit}
        )
    return text


def mentioned_in(text: str, readers: Iterable[User]) -> list[User]:
    """Those of the readers whose name, or address where they have no name, stands behind an @ in a text.

    The longest name that fits counts, so that "@Anna Mäkinen" is not also Anna Mäki. Behind a first name and surname
    there may be an ending: "@Anna Mäkiselle" is not found, "@Mats Modellille" is.
    """
    names = [(str(user).casefold(), user) for user in readers]
    folded = " ".join(text.casefold().split())
    found: dict[int, User] = {}
    for sign in _AT.finditer(folded):
        rest = folded[sign.end() :]
        fitting = [(name, user) for name, user in names if rest.startswith(name) and _ends(name, rest)]
        longest = max((len(name) for name, _user in fitting), default=0)
        found.update({user.pk: user for name, user in fitting if len(name) == longest})
    return list(found.values())


_AT = re.compile(r"(?<!\w)@")


def _ends(name: str, rest: str) -> bool:
    """Does the name end here? A single word could be the beginning of any other."""
    return " " in name or not rest[len(name) : len(name) + 1].isalnum()


def _mail(note: Note, mentioned: Sequence[User], others: Sequence[User], *, by: User, site: str) -> None:
    for user in mentioned:
        if user.pk != by.pk:
            mail_note(note, user, why=MENTIONED, site=site)
    told = {user.pk for user in mentioned} | {by.pk}
    for user in others:
        if user.pk not in told:
            mail_note(note, user, why=ANSWERED, site=site)
