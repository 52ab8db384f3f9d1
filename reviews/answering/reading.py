"""What a respondent reads: the version with a way to comment beside each of its places, and what others have said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from documents.blocks import TABLE, TABLE_ROW, Block
from documents.html import render
from documents.rendering import read_frozen, reading
from documents.translation import only_in
from documents.views.finding import content_language
from documents.views.versions import outline_of_sections
from reviews.answering.holding import Visit
from reviews.answering.places import Place, Places
from reviews.deciding.proposals import Proposal, proposal_of
from reviews.finding import address
from reviews.models import CommentRound, Remark, Statement
from reviews.models.remarks import RemarkQuerySet
from reviews.permissions import belongs_to
from reviews.services.statements import can_change, takes_answers
from reviews.summary.redaction import Piece, passages_of, pieces

# --- Who may what -------------------------------------------------------------------------------------------


def can_say(visit: Visit) -> bool:
    """Whether this visitor can say something now, or change what she has said. The services ask again."""
    if not visit.is_let_in:
        return False
    return can_change(visit.statement) if visit.statement else takes_answers(visit.round, visit.invitation)


def can_propose(visit: Visit) -> bool:
    """Whether she may propose more than other words: a member of a body that is asked, or a writer of the text."""
    if visit.invitation and visit.invitation.body_id:
        return True
    return visit.user is not None and belongs_to(visit.rights, visit.round)


def sees_others(comment_round: CommentRound) -> bool:
    """Whether those who answer may read now what others have said."""
    if comment_round.sharing == CommentRound.Sharing.AFTERWARDS:
        return comment_round.is_over()
    return comment_round.sharing == CommentRound.Sharing.AT_ONCE


def remarks_of_others(visit: Visit) -> RemarkQuerySet:
    """What others have handed in and everybody who answers may read."""
    rows = Remark.objects.filter(
        version_id=visit.round.version_id,
        statement__round=visit.round,
        statement__visibility=Statement.Visibility.PUBLIC,
        unplaced=False,
    )
    rows = rows.received().shown() if sees_others(visit.round) else rows.none()
    return rows.exclude(statement=visit.statement) if visit.statement else rows


def own_remarks(visit: Visit) -> RemarkQuerySet:
    """What she has said, in the order of the text."""
    rows = Remark.objects.filter(statement=visit.statement) if visit.statement else Remark.objects.none()
    return rows.said().order_by("order", "pk")


# --- What somebody said, as others read it -------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """A remark as it is read."""

    remark: Remark
    who: str
    place: str
    pieces: Sequence[Piece]
    quote: str
    proposal: Proposal | None

    @property
    def language(self) -> str:
        return self.remark.language

    @property
    def is_hidden(self) -> bool:
        return self.remark.hidden_at is not None


def said_of(remarks: Iterable[Remark], places: Places, language: str, *, own: bool = False) -> list[Said]:
    """Remarks for showing. In those of others what is blacked out is left out, and a name stands only where it may."""
    result = []
    for remark in remarks:
        try:
            place = places.find(remark.section_key, remark.block_id)
        except ValidationError:
            place = places.whole
        hidden = [] if own else remark.redactions
        # What a proposal says cannot be blacked out in parts.
        shows_proposal = bool(remark.operations) and not hidden
        result.append(
            Said(
                remark=remark,
                who="" if own else who_said(remark),
                place=place.label(language),
                pieces=pieces(remark.text, passages_of(hidden)),
                quote=remark.quote,
                proposal=proposal_of(remark, places.content) if shows_proposal else None,
            )
        )
    return result


def who_said(remark: Remark) -> str:
    """An organisation by its name; a person by hers where she has said that it may be shown, and otherwise not."""
    statement = remark.statement
    if statement is None:
        return _("A respondent")
    if statement.kind == Statement.Kind.OFFICIAL and statement.organisation_told:
        return statement.organisation_told
    if statement.kind == Statement.Kind.PERSONAL and statement.shows_name and statement.signed_by:
        return statement.signed_by
    return _("A respondent")


# --- The text ------------------------------------------------------------------------------------------------

MARK, BETWEEN = "\x00", "\x01"
"""The first stands around a place where the counts of one reader come, the second between its key and its label; no
stored text has these signs."""

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Commentable:
    """A version in one language with the ways to comment, the same for every reader of a round but for the counts.

    `pieces` are HTML and, every second one, a place: its key, `BETWEEN` and its label.
    """

    title: str
    pieces: list[str]
    outline: SafeString
    gap_note: str


def key_of(section_key: str, block_id: str) -> str:
    """A place in one word, as its address ends."""
    return "".join(f"{part}/" for part in (section_key, block_id) if part)


def anchor_of(section_key: str, block_id: str) -> str:
    """The name of a place within the page of the text."""
    if block_id:
        return f"p-{block_id}"
    return f"ps-{section_key}" if section_key else "p"


def commentable(comment_round: CommentRound, language: str, *, may_say: bool) -> Commentable:
    """The text, written out once for all readers of a round in a language and then read from the cache.

    The version's content is fetched only to write it out.
    """
    version = comment_round.version
    key = ":".join(
        [
            *("round-text", version.sha256, version.document.public_id, comment_round.public_id, language),
            *(get_language() or "", "say" if may_say else "read", settings.RELEASE),
        ]
    )
    kept = caches["versions"]
    text: Commentable | None = kept.get(key) if not settings.DEBUG else None
    if text is None:
        text = _written(comment_round, language, may_say=may_say)
        kept.set(key, text)
    return text


def _written(comment_round: CommentRound, language: str, *, may_say: bool) -> Commentable:
    document = comment_round.version.document
    places = Places(comment_round.version)

    def mark(place: Place) -> SafeString:
        key, label = key_of(place.section_key, place.block_id), escape(place.label(language))
        counts = mark_safe(f"{MARK}{key}{BETWEEN}{label}{MARK}")  # noqa: S308 escaped
        return _mark(comment_round, place, language, may_say=may_say, counts=counts)

    # Written before the text is: while that happens the interface's language is the text's.
    beside = {place.block_id: mark(place) for place in places if place.block}
    sections = read_frozen(document, places.content, language, beside=lambda block: beside[block.id])
    html = render_to_string(
        "reviews/text_sections.html",
        {
            "sections": [(section, mark(places.find(section.key))) for section in sections],
            "whole": mark(places.whole),
            "language": language,
        },
    )
    contents = {"label": _("Contents"), "sections": outline_of_sections(sections)}
    title = places.content.document["title"]
    return Commentable(
        title=title.get(language) or next((words for words in title.values() if words), ""),
        pieces=html.split(MARK),
        outline=render_to_string("components/_outline.html", contents),
        gap_note=only_in(document.original) if places.content.is_partly_untranslated(language) else "",
    )


def _mark(
    comment_round: CommentRound, place: Place, language: str, *, may_say: bool, counts: SafeString, **more: Any
) -> SafeString:
    """What stands beside a place: the way to comment on it, and its counts."""
    key = key_of(place.section_key, place.block_id)
    tail = "" if language == content_language(comment_round.version.document, None) else f"?language={language}"
    context = {
        "anchor": anchor_of(place.section_key, place.block_id),
        "url": f"{address(comment_round, 'remark-add')}{key}{tail}",
        "label": place.label(language),
        "whole": place.section is None,
        "may_say": may_say,
        "counts": counts,
        "interface": get_language() if language != get_language() else "",
        "said": "",
    }
    return render_to_string("reviews/text_mark.html", {**context, **more})


def place_html(visit: Visit, place: Place, language: str, *, said: str = "") -> SafeString:
    """What stands beside one place now; `said` is read out to whoever has just said something there."""
    here = {"section_key": place.section_key, "block_id": place.block_id}
    key = key_of(place.section_key, place.block_id)
    told = [
        ("own", own_words(own_remarks(visit).filter(**here).count())),
        ("others", others_words(remarks_of_others(visit).filter(**here).count())),
    ]
    counts = _counts(address(visit.round, "remark-add") + key, escape(place.label(language)), told)
    return _mark(visit.round, place, language, may_say=can_say(visit), counts=mark_safe(counts), said=said)  # noqa: S308 escaped


def place_text(visit: Visit, place: Place, places: Places, language: str) -> SafeString:
    """The text of one place for its own page: a block, or a section with all of its blocks."""
    if place.section is None:
        return mark_safe("")
    document = visit.round.version.document
    blocks = place.section.blocks if place.block is None else [place.block]
    if place.block and place.block.kind == TABLE_ROW:
        blocks = [*_head_of(place.section.blocks, place.block), place.block]
    how = reading(document, language, resolved=places.content.resolved, heading_level=3, anchors=False)
    return render(blocks, how)


def _head_of(blocks: Sequence[Block], row: Block) -> list[Block]:
    """The table of a row, and the rows with the headings of its columns."""
    head: list[Block] = []
    for block in blocks:
        if block.id == row.id:
            break
        if block.kind == TABLE:
            head = [block]
        elif block.kind == TABLE_ROW and block.data.get("head"):
            head.append(block)
    return head


def counts_of(remarks: RemarkQuerySet) -> dict[str, int]:
    """How many remarks stand at each place, by its key. One query."""
    rows = remarks.order_by().values_list("section_key", "block_id").annotate(count=Count("pk"))
    return {key_of(section_key, block_id): count for section_key, block_id, count in rows}


def with_counts(comment_round: CommentRound, text: Commentable, own: Counts, others: Counts) -> SafeString:
    """The text's HTML for one reader."""
    base = address(comment_round, "remark-add")
    # Hundreds of places have the same few counts, and looking up a plural is slow.
    words = {"own": cache(own_words), "others": cache(others_words)}
    parts = list(text.pieces)
    for at in range(1, len(parts), 2):
        key, _between, label = parts[at].partition(BETWEEN)
        told = [
            (anchor, words[anchor](counts[key]))
            for anchor, counts in (("own", own), ("others", others))
            if key in counts
        ]
        parts[at] = _counts(base + key, label, told)
    return mark_safe("".join(parts))  # noqa: S308 written by templates, cleaned by documents.html


def _counts(url: str, label: str, told: Iterable[tuple[str, str]]) -> str:
    """The counts of a place as links to what was said, from their anchors and words; `label` is escaped."""
    return "".join(
        f'<a class="fc-place__count" href="{url}#{anchor}" aria-label="{words}: {label}">{words}</a>'
        for anchor, words in told
        if words
    )


def own_words(count: int) -> str:
    """How many remarks of her own, in words; nothing for none."""
    if not count:
        return ""
    return ngettext("%(count)d own comment", "%(count)d own comments", count) % {"count": count}


def others_words(count: int) -> str:
    if not count:
        return ""
    return ngettext("%(count)d comment by others", "%(count)d comments by others", count) % {"count": count}
