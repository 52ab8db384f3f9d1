"""A Word file that came back: read it, take what is in it into a statement, give a place to what has none."""

import datetime
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents import frozen
from regions.models import Organisation, StoredFile
from regions.scanning import require_clean
from regions.services import open_file, store_file
from reviews.answering.places import LONGEST_QUOTE, Place, Places, quote_in
from reviews.models import CommentRound, Invitation, Receipt, Remark, ReturnedRemark, Statement, WordReturn
from reviews.models.remarks import RemarkQuerySet
from reviews.services.entering import enter
from reviews.services.remarks import MOST_REMARKS
from reviews.services.statements import content_of, lock_statement
from reviews.summary.redaction import carried_over
from reviews.word.copy import mark_of
from reviews.word.items import CHANGE, COMMENT, Item, from_json, name_of, to_json
from reviews.word.returned import Returned, read_return
from reviews.word.shown import Shown


@dataclass(frozen=True)
class Respondent:
    """In whose name a file is taken: whoever gave a statement already, or somebody who is entered with it."""

    statement: Statement | None = None
    kind: Statement.Kind = Statement.Kind.PERSONAL
    organisation: Organisation | None = None
    invitation: Invitation | None = None
    signed_by: str = ""
    email: str = ""
    received_on: datetime.date | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "organisation": self.organisation.public_id if self.organisation else "",
            "invitation": self.invitation.public_id if self.invitation else "",
            "signed_by": self.signed_by,
            "email": self.email,
            "received_on": (self.received_on or timezone.localdate()).isoformat(),
        }

    @property
    def name(self) -> str:
        return str(self.statement or self.organisation or self.signed_by or Statement.Kind(self.kind).label)


# --- 1. Reading -----------------------------------------------------------------------------------------------


def bring_file(
    comment_round: CommentRound, *, content: bytes, name: str, language: str, respondent: Respondent, by: User | None
) -> WordReturn:
    """Read a file that came to the coordinator. Nothing of it counts until it is taken.

    Raises ValidationError with a sentence for a file that cannot be read, that is harmful (`malware`,
    `scanner_silent`), or that says nothing about this version
    (`not_about_this`, `nothing_in_file`, `other_version`), and then nothing is stored.
    """
    require_clean(content)
    returned = _read(comment_round, content, language)
    with transaction.atomic():
        stored = store_file(comment_round.version.document.region, name=name, content=content, by=by)
        return _keep(comment_round, stored, returned, language=language, respondent=respondent, by=by)


def read_attachment(statement: Statement, stored: StoredFile, *, language: str, by: User | None) -> WordReturn:
    """Read a file that a respondent attached to her statement, into that statement. Raises as `bring_file` does.

    ValueError for a file that is not one of its attachments.
    """
    if not statement.attachments.filter(pk=stored.pk).exists():
        raise ValueError("Only an attachment of the statement is read into it.")
    with open_file(stored) as stream:
        content = stream.read()
    returned = _read(statement.round, content, language)
    respondent = Respondent(statement=statement)
    return _keep(statement.round, stored, returned, language=language, respondent=respondent, by=by)


def _read(comment_round: CommentRound, content: bytes, language: str) -> Returned:
    version = comment_round.version
    if language not in version.document.languages:
        raise ValidationError(_("The version is not written in that language."), code="language")
    returned = read_return(content, Shown(frozen.read(version), language), Places(version))
    if returned.version and returned.version != mark_of(version):
        raise ValidationError(
            _("This file was made of another version of the text. Take it in the round in which it was sent out."),
            code="other_version",
        )
    if not returned.items and not returned.is_ours:
        raise ValidationError(
            _("Nothing of this version was found in the file, and it has no comments. Is it the right file?"),
            code="not_about_this",
        )
    if not returned.items:
        raise ValidationError(
            _("The file has neither comments nor changes. Attach it to a statement as it is, if you wish to keep it."),
            code="nothing_in_file",
        )
    return returned


def _keep(
    comment_round: CommentRound,
    stored: StoredFile,
    returned: Returned,
    *,
    language: str,
    respondent: Respondent,
    by: User | None,
) -> WordReturn:
    items = returned.items
    word_return = WordReturn.objects.create(
        region_id=comment_round.region_id,
        round=comment_round,
        file=stored,
        statement=respondent.statement,
        language=language,
        respondent={} if respondent.statement else respondent.to_json(),
        state={
            "items": to_json(items),
            "counts": {
                "comments": sum(1 for item in items if item.kind == COMMENT),
                "changes": sum(1 for item in items if item.kind == CHANGE),
                "placed": sum(1 for item in items if not item.unplaced),
                "unplaced": sum(1 for item in items if item.unplaced),
                "cut": sum(1 for item in items if item.cut),
                "looks": returned.looks,
                "missing": returned.missing,
                "pictures": returned.pictures,
                "left": returned.left,
            },
        },
        created_by=by,
    )
    record(by, "word_return.read", comment_round, file=stored.public_id, items=len(items))
    return word_return


def items_of(word_return: WordReturn) -> list[Item]:
    return from_json(word_return.state.get("items", []))


def name_of_respondent(word_return: WordReturn) -> str:
    if word_return.statement:
        return str(word_return.statement)
    return respondent_of(word_return).name


def respondent_of(word_return: WordReturn) -> Respondent:
    """Who was chosen when the file was brought. An organisation that is gone since then is none."""
    raw = word_return.respondent
    return Respondent(
        statement=word_return.statement,
        kind=Statement.Kind(raw.get("kind", Statement.Kind.PERSONAL)),
        organisation=Organisation.objects.filter(public_id=raw["organisation"], region=word_return.region_id).first()
        if raw.get("organisation")
        else None,
        invitation=word_return.round.invitations.filter(public_id=raw["invitation"]).first()
        if raw.get("invitation")
        else None,
        signed_by=raw.get("signed_by", ""),
        email=raw.get("email", ""),
        received_on=datetime.date.fromisoformat(raw["received_on"]) if raw.get("received_on") else None,
    )


# --- 2. What is new in it -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """What a statement has from earlier files."""

    keys: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, statement: Statement | None) -> "Known":
        if statement is None:
            return cls()
        rows = ReturnedRemark.objects.filter(remark__statement=statement)
        parts = {part for own in rows.values_list("parts", flat=True) for part in own}
        keys = statement.remarks.exclude(key="").values_list("key", flat=True)
        return cls(frozenset(keys), frozenset(parts))

    def has(self, item: Item) -> bool:
        """Whether all that the item says has been taken before."""
        return item.key in self.keys or (bool(item.parts) and self.parts.issuperset(item.parts))


def _only_new(item: Item, known: Known) -> Item:
    """A comment whose beginning was taken from an earlier file, with the replies alone that came since."""
    if not item.parts or known.parts.isdisjoint(item.parts):
        return item
    later = [voice for voice in item.voices if voice["key"] not in known.parts]
    item.parts = [voice["key"] for voice in later]
    item.text = "\n\n".join(voice["told"] for voice in later)
    item.key = name_of(COMMENT, *item.parts)
    return item


# --- 3. Taking it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What became of a file."""

    statement: Statement
    remarks: int = 0
    known: int = 0
    """Those that an earlier file had brought."""
    unplaced: int = 0


@transaction.atomic
def take(word_return: WordReturn, chosen: Collection[int], *, by: User | None) -> Taken:
    """Make remarks of the chosen things of a file, in its respondent's name. Twice is once.

    Locks the file's row, then the statement, then the round. Raises ValidationError: `nothing_chosen`,
    `too_many_remarks`, and for a new statement as `entering.enter` does (AnsweredAlreadyError).
    """
    locked = (
        WordReturn.objects.select_for_update(of=("self",))
        .select_related("file", "statement", "round__version__document__region")
        .get(pk=word_return.pk)
    )
    items = items_of(locked)
    wanted = [items[place] for place in sorted(set(chosen)) if place in range(len(items))]
    if locked.taken_at and locked.statement:
        return Taken(locked.statement, 0, len(wanted))
    if not wanted:
        raise ValidationError(_("Choose at least one comment or change."), code="nothing_chosen")
    statement = lock_statement(_statement_for(locked, by))
    known = Known.of(statement)
    fresh = [_only_new(item, known) for item in wanted if not known.has(item)]
    if statement.remarks.count() + len(fresh) > MOST_REMARKS:
        raise ValidationError(
            _("One statement can have at most %(count)d remarks. Choose fewer."),
            code="too_many_remarks",
            params={"count": MOST_REMARKS},
        )
    places = Places(statement.round.version)
    for item in fresh:
        _add(locked, statement, places, item)
    if fresh and statement.received_at:
        # What the statement says now is kept word for word, as of every other way in which it grows.
        Receipt.objects.create(
            region_id=statement.region_id,
            statement=statement,
            key=f"word-{locked.public_id}-{secrets.token_hex(4)}",
            made_at=timezone.now(),
            content=content_of(statement),
        )
    locked.statement, locked.taken_at = statement, timezone.now()
    locked.state = {**locked.state, "taken": [place for place in sorted(set(chosen)) if place in range(len(items))]}
    locked.save(update_fields=["statement", "taken_at", "state"])
    record(by, "word_return.taken", statement, file=locked.file.public_id, remarks=len(fresh))
    return Taken(statement, len(fresh), len(wanted) - len(fresh), sum(1 for item in fresh if item.unplaced))


def _statement_for(word_return: WordReturn, by: User | None) -> Statement:
    if word_return.statement:
        word_return.statement.attachments.add(word_return.file)
        return word_return.statement
    respondent = respondent_of(word_return)
    return enter(
        word_return.round,
        by=by,
        kind=respondent.kind,
        origin=Statement.Origin.WORD,
        received_on=respondent.received_on or timezone.localdate(),
        organisation=respondent.organisation,
        invitation=respondent.invitation,
        signed_by=respondent.signed_by,
        email=respondent.email,
        language=word_return.language,
        files=[word_return.file],
        key=f"word-{word_return.public_id}",
        is_complete=True,
    )


def _add(word_return: WordReturn, statement: Statement, places: Places, item: Item) -> None:
    place = places.whole if item.unplaced else places.find(item.section_key, item.block_id)
    remark = Remark(
        region_id=statement.region_id,
        statement=statement,
        version=statement.round.version,
        language=word_return.language,
        section_key=place.section_key,
        block_id=place.block_id,
        order=place.order,
        unplaced=item.unplaced,
        text=with_quote(item.quote, item.text) if item.unplaced else item.text,
        operations=item.operations,
        key=item.key,
    )
    _quote(remark, place, item.quote, item.near)
    remark.save()
    ReturnedRemark.objects.create(
        region_id=statement.region_id,
        remark=remark,
        word_return=word_return,
        authors=item.authors,
        said_at=item.said_at[:25],
        quote=item.quote,
        parts=item.parts,
        untracked=item.untracked,
    )


def with_quote(quote: str, text: str) -> str:
    """A remark without a place begins with the words that it stood at, so that whoever reads it sees what is meant."""
    return f"”{quote}”\n\n{text}".strip() if quote else text


def _quote(remark: Remark, place: Place, words: str, near: int = 0) -> bool:
    """Quote the words where the place has them. Answers whether it has."""
    if place.block is None or not words.strip():
        return False
    try:
        quoted = quote_in(place, words[:LONGEST_QUOTE], language=remark.language, near=near)
    except ValidationError:
        return False
    if quoted is None:
        return False
    remark.quote, remark.starts_at, remark.ends_at = quoted.text, quoted.starts_at, quoted.ends_at
    return True


@transaction.atomic
def cancel(word_return: WordReturn, *, by: User | None) -> None:
    """Do not take a file: what was read is forgotten, and the file unless it is an attachment.

    Raises ValidationError (`taken`) where it was taken.
    """
    locked = WordReturn.objects.select_for_update(of=("self",)).select_related("round", "file").get(pk=word_return.pk)
    if locked.taken_at:
        raise ValidationError(_("What is in the file has been taken already."), code="taken")
    record(by, "word_return.cancelled", locked.round)
    stored = locked.file
    locked.delete()
    if not stored.statements.exists() and not WordReturn.objects.filter(file=stored).exists():
        stored.delete()


# --- 4. What has no place yet ---------------------------------------------------------------------------------


@transaction.atomic
def place_remark(
    remark: Remark, *, section_key: str = "", block_id: str = "", by: User | None, places: Places | None = None
) -> Remark:
    """Give a remark from a file its place; nothing is the whole. One that has its place already stays there.

    Locks the remark. Raises ValidationError (`no_such_place`).
    """
    locked = Remark.objects.select_for_update(of=("self",)).select_related("version").get(pk=remark.pk)
    if not locked.unplaced:
        return locked
    place = (places or Places(locked.version)).find(section_key, block_id)
    locked.unplaced = False
    locked.section_key, locked.block_id, locked.order = place.section_key, place.block_id, place.order
    returned = ReturnedRemark.objects.filter(remark=locked).first()
    if returned and _quote(locked, place, returned.quote):
        before = locked.text
        locked.text = before.removeprefix(with_quote(returned.quote, "")).lstrip("\n") or before
        locked.redactions = carried_over(locked.redactions, before, locked.text)
    locked.save(
        update_fields=[
            *("unplaced", "section_key", "block_id", "order", "quote", "starts_at", "ends_at"),
            *("text", "redactions", "changed_at"),
        ]
    )
    record(by, "remark.placed", locked, block=place.block_id, section=place.section_key)
    return locked


def waiting_remarks(comment_round: CommentRound) -> RemarkQuerySet:
    """Remarks of a round that a person has yet to place."""
    return (
        Remark.objects.filter(statement__round=comment_round, unplaced=True)
        .select_related("statement__organisation", "statement__user", "returned")
        .order_by("pk")
    )
