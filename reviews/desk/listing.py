"""The answer desk: all remarks on a document over all of its rounds, filtered, counted and in the order of the text.

A plan has thousands of remarks behind this page. So each is read as a short line of plain values; they are filtered,
counted and put in order here, and only those of the page that is shown become objects.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import Case, CharField, F, IntegerField, Max, Q, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from documents.models import Document
from documents.queries import section_numbers
from documents.services.versions import outline_order
from regions.models import Organisation
from reviews.deciding.standing import CHANGED, GONE, MOVED, SAME, Standing, standings
from reviews.models import Answer, CommentRound, Remark, Statement

PER_PAGE = 50

WHOLE_DOCUMENT, REMOVED = "~whole", "~gone"
"""Among keys of sections, which have no such sign: what is about the whole, and what stands in no section any more."""

PROPOSAL, COMMENT, PASSAGE, QUESTION = "proposal", "comment", "passage", "question"
KINDS: dict[str, str | Promise] = {
    COMMENT: pgettext_lazy("kind of remark", "Comment"),
    PROPOSAL: pgettext_lazy("kind of remark", "Wording proposal"),
    PASSAGE: pgettext_lazy("kind of remark", "Passage of a statement"),
    QUESTION: pgettext_lazy("kind of remark", "Answer to a question"),
}

PERSON, MEMBER = "person", "member"
ORGANISATIONS: dict[str, str | Promise] = {
    **dict(Organisation.Kind.choices),
    PERSON: _("Private persons"),
    MEMBER: _("Members of our own groups"),
}

UNANSWERED, ANSWERED = "none", "any"
ANSWERS: dict[str, str | Promise] = {
    UNANSWERED: pgettext_lazy("remarks", "Without an answer"),
    ANSWERED: pgettext_lazy("remarks", "Answered"),
    **dict(Answer.Outcome.choices),
}

ME, NOBODY = "me", "nobody"
HIDDEN, SHOWN = "hidden", "shown"
VISIBILITIES: dict[str, str | Promise] = {
    SHOWN: pgettext_lazy("remarks", "Not hidden"),
    HIDDEN: pgettext_lazy("remarks", "Hidden"),
}
STANDINGS: dict[str, str | Promise] = {
    SAME: pgettext_lazy("text of a remark", "Unchanged"),
    CHANGED: pgettext_lazy("text of a remark", "Changed"),
    GONE: pgettext_lazy("text of a remark", "Removed"),
}
IN_TEXT, NEWEST, BY_RESPONDENT = "", "newest", "who"
SORTS: dict[str, str | Promise] = {
    IN_TEXT: _("In the order of the text"),
    NEWEST: _("Newest first"),
    BY_RESPONDENT: _("By respondent"),
}

FACETS = ("round", "section", "kind", "organisation", "area", "answer", "handler", "visibility")


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for in the list, as the address says it. Values that there are not are left out."""

    round: str = ""
    section: str = ""
    kind: str = ""
    organisation: str = ""
    area: str = ""
    answer: str = ""
    handler: str = ""
    visibility: str = ""
    standing: str = ""
    statement: str = ""
    """All that one respondent said."""
    who: str = ""
    """Words of a respondent's name."""
    q: str = ""
    """Words of the remark or of what it quotes."""
    sort: str = ""

    @classmethod
    def of(cls, query: QueryDict | Mapping[str, str]) -> Self:
        given = {row.name: str(query.get(row.name, "")).strip()[:100] for row in fields(cls)}
        known: dict[str, Mapping[str, Any]] = {
            "kind": KINDS,
            "organisation": ORGANISATIONS,
            "answer": ANSWERS,
            "visibility": VISIBILITIES,
            "standing": STANDINGS,
            "sort": SORTS,
        }
        for name, values in known.items():
            if given[name] not in values:
                given[name] = ""
        if given["handler"] not in {ME, NOBODY} and not given["handler"].isdecimal():
            given["handler"] = ""
        return cls(**given)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What is set, by name and value."""
        return [(row.name, value) for row in fields(self) if (value := getattr(self, row.name))]

    @property
    def query(self) -> str:
        """For an address; empty where everything is wanted."""
        return urlencode(self.pairs)

    @property
    def narrows(self) -> bool:
        return any(getattr(self, row.name) for row in fields(self) if row.name != "sort")


class Line(NamedTuple):
    """One remark, as filtering, counting and putting in order need it."""

    pk: int
    public_id: str
    rank: int
    """Of its section as the draft is read today."""
    order: int
    version: int
    statement: int | None
    """The statement's key in the database; None for a member's own remark."""
    by_hand: tuple[str, str, int]
    """What a person chose of its place, and whether it still has none."""
    facets: tuple[str, ...]
    """In the order of `FACETS`."""

    @property
    def section(self) -> str:
        return self.facets[FACETS.index("section")]

    @property
    def kind(self) -> str:
        return self.facets[FACETS.index("kind")]

    @property
    def outcome(self) -> str:
        """Of the answer that counts; empty while there is none."""
        answer = self.facets[FACETS.index("answer")]
        return "" if answer == UNANSWERED else answer

    @property
    def is_hidden(self) -> bool:
        return self.facets[FACETS.index("visibility")] == HIDDEN


@dataclass(frozen=True)
class SectionName:
    """A section as lists name it. `rank` is its place in the reading order of today's draft."""

    number: str
    heading: str
    rank: int
    is_present: bool = True

    def __str__(self) -> str:
        return f"{self.number} {self.heading}".strip()


def section_names(document: Document) -> dict[str, SectionName]:
    """Every section that the document has or had, by key: one query."""
    rows = list(
        document.sections.only("document", "key", "parent", "position", "heading", "numbered", "removed_at").order_by()
    )
    present = outline_order([row for row in rows if row.removed_at is None])
    numbers = section_numbers(present)
    names = {row.key: SectionName(numbers[row.pk], str(row), rank) for rank, row in enumerate(present)}
    for row in rows:
        names.setdefault(row.key, SectionName("", str(row), len(present), is_present=False))
    return names


@dataclass(frozen=True)
class Listed:
    """What fits, in order, and how many there would be behind each choice of a filter."""

    document: Document
    lines: list[Line]
    total: int
    counts: dict[str, Counter[str]]
    """Facet -> value -> how many fit all other filters."""
    sections: dict[str, SectionName]

    @property
    def places(self) -> dict[str, int]:
        return {line.public_id: place for place, line in enumerate(self.lines)}

    def neighbours(self, public_id: str) -> tuple[str, str, int]:
        """The ids before and after a remark, and its number from one; nothing and 0 where it does not fit."""
        place = self.places.get(public_id)
        if place is None:
            return "", self.lines[0].public_id if self.lines else "", 0
        before = self.lines[place - 1].public_id if place else ""
        after = self.lines[place + 1].public_id if place + 1 < len(self.lines) else ""
        return before, after, place + 1


def remarks_of(document: Document) -> Any:
    """All remarks on any version of a document that somebody has handed in."""
    return Remark.objects.filter(version__document=document).received()


def listed(document: Document, wanted: Wanted, *, reader: User) -> Listed:
    """The list as it is wanted: five queries, a few more for words, an order by name, and for standing."""
    sections = section_names(document)
    lines = _lines(document, sections)
    tests = _tests(wanted, reader)
    allowed = _chosen(document, wanted, lines)
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    fitting: list[Line] = []
    for line in lines:
        if allowed is not None and line.pk not in allowed:
            continue
        failed = [place for place, test in tests if not test(line.facets[place])]
        if not failed:
            fitting.append(line)
            for place, name in enumerate(FACETS):
                counts[name][line.facets[place]] += 1
        elif len(failed) == 1:
            counts[FACETS[failed[0]]][line.facets[failed[0]]] += 1
    if wanted.standing:
        states = _states(document, lines)
        fitting = [line for line in fitting if states.get(line.pk) == wanted.standing]
    return Listed(document, _sorted(document, fitting, wanted.sort), len(lines), counts, sections)


def _lines(document: Document, sections: Mapping[str, SectionName]) -> list[Line]:
    rounds = dict(CommentRound.objects.filter(version__document=document).values_list("pk", "public_id"))
    given = Answer.remarks.through._default_manager.filter(
        remark__version__document=document, answer__withdrawn_at=None
    )
    outcomes = dict(given.values_list("remark_id", "answer__outcome"))
    stands_in = _sections_of_blocks(document)
    kind = Case(
        When(~Q(operations=[]), then=Value(PROPOSAL)),
        When(~Q(question=""), then=Value(QUESTION)),
        When(picked_starts_at__isnull=False, then=Value(PASSAGE)),
        default=Value(COMMENT),
        output_field=CharField(),
    )
    organisation = Case(
        When(statement=None, then=Value(MEMBER)),
        default=Coalesce(F("statement__organisation__kind"), Value(PERSON)),
        output_field=CharField(),
    )
    flags = Case(When(hidden_at__isnull=False, then=1), default=0, output_field=IntegerField())
    loose = Case(When(unplaced=True, then=1), default=0, output_field=IntegerField())
    rows = (
        remarks_of(document)
        .order_by()
        .annotate(kind_of=kind, organisation_of=organisation, hidden_flag=flags, loose_flag=loose)
        .values_list(
            *("pk", "public_id", "order", "version__number", "section_key", "block_id", "loose_flag"),
            *("place_in_draft", "section_in_draft", "statement__round_id", "kind_of", "organisation_of"),
            *("statement__area__key", "assigned_to_id", "hidden_flag", "statement_id"),
        )
    )
    lines = []
    for row in rows:
        pk, public_id, order, version, section_key, block_id, is_loose = row[:7]
        by_hand, by_hand_section, round_id, kind_of, organisation_of, area, handler, hidden, statement = row[7:]
        own = stands_in.get(by_hand) or by_hand_section or stands_in.get(block_id) or section_key
        name = sections.get(own)
        if name and name.is_present:
            section, rank = own, name.rank
        elif is_loose or own:
            section, rank = REMOVED, len(sections)
        else:
            section, rank = WHOLE_DOCUMENT, -1
        facets = (
            *(rounds.get(round_id, ""), section, kind_of, organisation_of, area or ""),
            *(outcomes.get(pk, UNANSWERED), str(handler) if handler else NOBODY, HIDDEN if hidden else SHOWN),
        )
        chosen = (by_hand, by_hand_section, is_loose)
        lines.append(Line(pk, public_id, rank, order, version, statement, chosen, facets))
    return lines


def _sections_of_blocks(document: Document) -> dict[str, str]:
    """Where the blocks that remarks are about stand today, or the blocks that took them up: one query."""
    of = Remark.objects.filter(version__document=document)
    wanted = Q(block_id__in=of.exclude(block_id="").values("block_id"))
    wanted |= Q(block_id__in=of.exclude(place_in_draft="").values("place_in_draft"))
    rows = document.block_identities.filter(wanted).annotate(
        now=Coalesce("section__key", "alias_of__section__key", Value(""))
    )
    return {block_id: key for block_id, key in rows.values_list("block_id", "now") if key}


def _tests(wanted: Wanted, reader: User) -> list[tuple[int, Callable[[str], bool]]]:
    """For each filter that is set: the place of its facet in a line, and whether a value fits."""

    def equals(value: str) -> Callable[[str], bool]:
        return lambda given: given == value

    tests: list[tuple[int, Callable[[str], bool]]] = []
    for place, name in enumerate(FACETS):
        value = getattr(wanted, name)
        if name == "answer" and value == ANSWERED:
            tests.append((place, lambda given: given != UNANSWERED))
        elif value:
            tests.append((place, equals(str(reader.pk) if (name, value) == ("handler", ME) else value)))
    return tests


def _chosen(document: Document, wanted: Wanted, lines: Sequence[Line]) -> set[int] | None:
    """The remarks in which the wanted words stand, or None where no words are wanted.

    Compared here and not in the database, because SQLite tells Ä from ä.
    """
    if not (wanted.q or wanted.who or wanted.statement):
        return None
    chosen = {line.pk for line in lines}
    if wanted.statement:
        own = Statement.objects.filter(round__version__document=document, public_id=wanted.statement)
        pk = own.values_list("pk", flat=True).first()
        chosen = {line.pk for line in lines if pk is not None and line.statement == pk}
    if wanted.who:
        words, names = wanted.who.casefold().split(), _names(document, lines)
        chosen = {pk for pk in chosen if all(word in names[pk] for word in words)}
    if wanted.q:
        words = wanted.q.casefold().split()
        texts = remarks_of(document).order_by().values_list("pk", "text", "quote")
        chosen &= {pk for pk, text, quote in texts if _has(words, f"{text} {quote}")}
    return chosen


def _has(words: Iterable[str], text: str) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def _names(document: Document, lines: Sequence[Line]) -> dict[int, str]:
    """The name of each remark's respondent, folded for comparing, the reader's language first: two queries."""
    statements = Statement.objects.filter(round__version__document=document)
    codes = sorted(("fi", "sv"), key=lambda code: code != get_language())
    names_of = [f"organisation__{name}_{code}" for code in codes for name in ("name", "short_name")]
    rows = statements.order_by().values_list("pk", *names_of, "organisation_name", "signed_by", "user__name")
    by_statement = {pk: _folded(names) for pk, *names in rows}
    members = remarks_of(document).filter(statement=None).order_by().values_list("pk", "author__name")
    by_member = {pk: _folded([name]) for pk, name in members}
    return {
        line.pk: by_member.get(line.pk, "") if line.statement is None else by_statement.get(line.statement, "")
        for line in lines
    }


def _folded(names: Iterable[str | None]) -> str:
    return " ".join(name for name in names if name).casefold()


def _states(document: Document, lines: Sequence[Line]) -> dict[int, str]:
    """What became of the text of each remark: unchanged, changed (or moved), removed; else something else.

    Kept until the draft, the remarks or their places change: a thousand remarks are traced in a tenth of a second.
    """
    last = document.revisions.aggregate(last=Max("pk"))["last"]
    outline = document.outline_revisions.aggregate(last=Max("pk"))["last"]
    places = hashlib.sha256(repr([(line.pk, line.by_hand) for line in lines]).encode()).hexdigest()
    key = f"remark-standings-{document.pk}-{last}-{outline}-{places}"
    kept: dict[int, str] | None = cache.get(key)
    if kept is None:
        rows = remarks_of(document).only(
            *("version", "language", "section_key", "block_id", "unplaced", "unit", "quote"),
            *("place_in_draft", "section_in_draft"),
        )
        kept = {pk: state_of(standing) for pk, standing in standings(document, rows).items()}
        cache.set(key, kept, KEPT_SECONDS)
    return kept


KEPT_SECONDS = 24 * 60 * 60


def state_of(standing: Standing) -> str:
    """The word by which the list knows it."""
    return CHANGED if standing.state == MOVED else standing.state


def _sorted(document: Document, lines: list[Line], sort: str) -> list[Line]:
    in_text = sorted(lines, key=lambda line: (line.rank, line.order, line.version, line.pk))
    if sort == NEWEST:
        return sorted(lines, key=lambda line: -line.pk)
    if sort == BY_RESPONDENT:
        names = _names(document, lines)
        return sorted(in_text, key=lambda line: (not names[line.pk], names[line.pk]))
    return in_text
