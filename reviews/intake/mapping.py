"""What the columns of a file mean in a round, and what each of its rows says then."""

import datetime
import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_noop

from regions.models import Organisation
from reviews.intake.names import folded, names_of
from reviews.intake.tables import Line, Table
from reviews.models import Statement
from reviews.rounds.questions import LONGEST_ANSWER, Question, QuestionKind
from reviews.services.statements import LONGEST_TEXT

LEAVE_OUT, NAME, ORGANISATION, EMAIL, RECEIVED, LANGUAGE, ID, CASE, TEXT = (
    *("", "name", "organisation", "email", "received", "language", "id", "case", "text"),
)
QUESTION, OPTION = "q:", "o:"
"""Before the key of a question; before the keys of a question and of one of its options."""

KEEP = "keep"
"""A name that is no organisation of the region stays the name that was typed."""
AS_TEXT = "text"
"""A value that is none of the options is kept in words in the statement."""

KNOWN_HEADS: dict[str, tuple[str, ...]] = {
    ORGANISATION: (
        *("organisaatio", "lausunnonantaja", "lausunnon antaja", "lausunnonantajan organisaatio", "taho"),
        *("yhteisö", "organisation", "organization", "remissinstans", "instans", "företag", "company"),
    ),
    NAME: (
        *("nimi", "vastaajan nimi", "vastaaja", "etunimi ja sukunimi", "yhteyshenkilö", "allekirjoittaja"),
        *("namn", "svarande", "kontaktperson", "name", "respondent", "full name", "lausunnon jättäjä", "jättäjä"),
    ),
    EMAIL: ("sähköposti", "sähköpostiosoite", "e-post", "e-postadress", "epost", "email", "e-mail", "email address"),
    RECEIVED: (
        *("aikaleima", "lähetetty", "jätetty", "vastattu", "vastausaika", "päivämäärä", "pvm", "saapunut"),
        *("lausuntopäivä", "annettu", "julkaistu", "valmistumisaika", "inskickad", "tidsstämpel", "datum", "inlämnad"),
        *("timestamp", "submitted", "submission date", "completion time", "end date", "date", "completed"),
    ),
    LANGUAGE: ("kieli", "vastauskieli", "språk", "language"),
    ID: (
        *("id", "vastaus-id", "vastauksen tunniste", "tunniste", "vastaajanumero", "nro", "svars-id", "nummer"),
        *("response id", "respondent id", "lausunnon tunniste", "lausunto id"),
    ),
    CASE: ("diaarinumero", "asianumero", "dnro", "diarienummer", "ärendenummer", "case number"),
}
"""Heads as services have been seen to write them. A guess only: the coordinator says what each column is."""

TICKED = frozenset({"1", "x", "kyllä", "ja", "yes", "true", "tosi", "sant", "valittu", "vald", "checked", "on"})
LANGUAGES = {
    **dict.fromkeys(("fi", "suomi", "finska", "finnish", "fi-fi"), "fi"),
    **dict.fromkeys(("sv", "ruotsi", "svenska", "swedish", "sv-fi", "sv-se"), "sv"),
    **dict.fromkeys(("en", "englanti", "engelska", "english"), "en"),
    **dict.fromkeys(("se", "pohjoissaame", "nordsamiska", "davvisámegiella"), "se"),
}
LIKE = 0.82
"""How alike a head and a question must be to be taken for each other."""

EMPTY, BEFORE, NO_DATE, LATER, TWICE, ANSWERED, TOO_LONG = (
    *("empty", "before", "no_date", "later", "twice", "answered", "too_long"),
)
REASONS = {
    EMPTY: gettext_noop("Says nothing"),
    BEFORE: gettext_noop("Has been brought in before"),
    NO_DATE: gettext_noop("The day cannot be read"),
    LATER: gettext_noop("The day has not come yet"),
    TWICE: gettext_noop("The organisation has another row above"),
    ANSWERED: gettext_noop("Has answered in this round already"),
    TOO_LONG: gettext_noop("Is too long"),
}
"""Why a row is left out."""


@dataclass
class Incoming:
    """What a row of the file would be in the round; or why it is left out."""

    number: int
    key: str
    kind: Statement.Kind = Statement.Kind.ANONYMOUS
    organisation: Organisation | None = None
    organisation_name: str = ""
    signed_by: str = ""
    email: str = ""
    received: datetime.datetime | datetime.date | None = None
    language: str = ""
    case_number: str = ""
    text: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    reason: str = ""

    @property
    def who(self) -> str:
        told = self.organisation or self.organisation_name or self.signed_by
        return str(told or Statement.Kind.ANONYMOUS.label)


@dataclass
class Understood:
    """All rows of a file, and what in them a person should explain."""

    rows: list[Incoming] = field(default_factory=list)
    unknown_names: Counter[str] = field(default_factory=Counter)
    """Names of organisations that the region does not have."""
    unknown_values: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Key of a question, and a value that is none of its options."""


@dataclass(frozen=True)
class Surroundings:
    """What of the round and its region is needed to understand a file."""

    questions: Sequence[Question]
    organisations: Sequence[Organisation]
    languages: Sequence[str]
    answered: Collection[int] = ()
    """Keys of organisations that have an official statement in the round, handed in or begun."""
    brought: Collection[str] = ()
    """Keys of the rows that were brought in before."""


# --- Guessing ------------------------------------------------------------------------------------------


def guess_mapping(table: Table, questions: Sequence[Question]) -> dict[str, str]:
    """Head and what its column seems to be.

    Questions that the round did not ask, and columns with words that are nothing else, are the statement as a whole.
    """
    mapping: dict[str, str] = {}
    taken: set[str] = set()
    for place, head in enumerate(table.heads):
        target = _known(head, taken) or _asked(head, questions, taken)
        if not target:
            examples = table.examples(place)
            is_asked = head.rstrip("* ").endswith("?")
            target = TEXT if is_asked or any(len(words.split()) > 2 for words in examples) else LEAVE_OUT
        if target not in (LEAVE_OUT, TEXT):
            taken.add(target)
        mapping[head] = target
    return mapping


def _known(head: str, taken: Collection[str]) -> str:
    name = folded(head).rstrip(":*? ")
    for target, heads in KNOWN_HEADS.items():
        if name in heads and target not in taken:
            return target
    return LEAVE_OUT


def _asked(head: str, questions: Sequence[Question], taken: Collection[str]) -> str:
    name = folded(head)
    best, likest = LEAVE_OUT, LIKE
    for question in questions:
        for text in question.text.values():
            asked = folded(text)
            if not asked:
                continue
            if question.kind == QuestionKind.SEVERAL and asked in name and name != asked:
                option = _option_in(name.replace(asked, ""), question)
                if option:
                    return f"{OPTION}{question.key}:{option}"
            likeness = 1.0 if asked in name else difflib.SequenceMatcher(None, asked, name).ratio()
            if likeness >= likest and f"{QUESTION}{question.key}" not in taken:
                best, likest = f"{QUESTION}{question.key}", likeness
    return best


def _option_in(rest: str, question: Question) -> str:
    found = [
        (len(folded(text)), option.key)
        for option in question.options
        for text in option.text.values()
        if folded(text) and folded(text) in rest
    ]
    return max(found)[1] if found else ""


def looks_official(table: Table, mapping: Mapping[str, str]) -> bool:
    """Whether each row seems to be the statement of an organisation: every row names one, and no two the same."""
    place = next((at for at, head in enumerate(table.heads) if mapping.get(head) == ORGANISATION), None)
    if place is None:
        return False
    names = [folded(line.cells[place]) for line in table.lines if place < len(line.cells) and line.cells[place]]
    return bool(names) and len(set(names)) == len(names) and len(names) >= 0.8 * len(table.lines)


# --- Understanding -------------------------------------------------------------------------------------


class Reader:
    """Reads the rows of one table by one mapping."""

    def __init__(
        self, table: Table, mapping: Mapping[str, str], choices: Mapping[str, Any], surroundings: Surroundings
    ) -> None:
        self.table, self.choices, self.around = table, choices, surroundings
        self.targets = [mapping.get(head, LEAVE_OUT) for head in table.heads]
        self.questions = {question.key: question for question in surroundings.questions}
        self.by_name: dict[str, Organisation] = {}
        self.by_id = {row.public_id: row for row in surroundings.organisations}
        for row in surroundings.organisations:
            self.by_name.update(dict.fromkeys(names_of(row), row))
        self.month_first = self._has_month_first()
        self.fallback_day = datetime.date.fromisoformat(choices["received_on"]) if choices.get("received_on") else None
        self.texts = self.targets.count(TEXT)

    def understand(self) -> Understood:
        found = Understood()
        keys: Counter[str] = Counter()
        organisations: set[int] = set()
        for line in self.table.lines:
            row = self._row(line, found)
            keys[row.key] += 1
            # Two who said the very same are two; the same file again has them in the same order.
            row.key = f"row-{hashlib.sha256(f'{row.key}#{keys[row.key]}'.encode()).hexdigest()[:34]}"
            if not row.reason:
                row.reason = self._reason(row, organisations)
            if row.organisation and row.kind == Statement.Kind.OFFICIAL and not row.reason:
                organisations.add(row.organisation.pk)
            found.rows.append(row)
        return found

    def _reason(self, row: Incoming, organisations: Collection[int]) -> str:
        if row.key in self.around.brought:
            return BEFORE
        if not row.text and not row.answers:
            return EMPTY
        if reason := self._day_reason(row.received):
            return reason
        if row.organisation and row.kind == Statement.Kind.OFFICIAL:
            if row.organisation.pk in organisations:
                return TWICE
            if row.organisation.pk in self.around.answered:
                return ANSWERED
        return TOO_LONG if len(row.text) > LONGEST_TEXT else ""

    def _day_reason(self, received: datetime.datetime | datetime.date | None) -> str:
        if received is None:
            return NO_DATE
        if isinstance(received, datetime.datetime):
            return LATER if received > timezone.now() else ""
        return LATER if received > timezone.localdate() else ""

    def _row(self, line: Line, found: Understood) -> Incoming:
        row = Incoming(line.number, self._key(line), language=self.choices.get("language") or self.around.languages[0])
        parts: list[str] = []
        several: dict[str, list[str]] = {}
        organisation_name = ""
        row.received = self.fallback_day
        for head, target, cell in zip(self.table.heads, self.targets, line.cells, strict=False):
            if not cell or not target:
                continue
            if target == ORGANISATION:
                organisation_name = " ".join(cell.split())[:200]
            elif target == NAME:
                row.signed_by = " ".join(f"{row.signed_by} {cell}".split())[:200]
            elif target == EMAIL:
                row.email = cell if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", cell) and len(cell) <= 254 else ""
            elif target == RECEIVED:
                row.received = self._moment(cell)
            elif target == LANGUAGE:
                code = LANGUAGES.get(folded(cell), "")
                row.language = code if code in self.around.languages else row.language
            elif target == CASE:
                row.case_number = " ".join(cell.split())[:60]
            elif target == TEXT:
                parts.append(cell if self.texts == 1 else f"{head}\n\n{cell}")
            elif target.startswith(OPTION):
                self._tick(target, cell, several)
            elif target.startswith(QUESTION):
                self._answer(target.removeprefix(QUESTION), cell, row, parts, several, found)
        for key, chosen in several.items():
            known = [option.key for option in self.questions[key].options]
            row.answers[key] = [option for option in known if option in chosen]
        row.text = "\n\n".join(parts)
        self._whose(row, organisation_name, found)
        return row

    def _key(self, line: Line) -> str:
        """What a row is known by: the number that the service gave it, else all that it says."""
        own = [
            f"{head}={cell}"
            for head, target, cell in zip(self.table.heads, self.targets, line.cells, strict=False)
            if target in (ID, RECEIVED) and cell
        ]
        has_id = any(target == ID and cell for target, cell in zip(self.targets, line.cells, strict=False))
        words = own if has_id else [cell for cell in line.cells if cell]
        return hashlib.sha256("\x1f".join(words).encode()).hexdigest()

    def _whose(self, row: Incoming, name: str, found: Understood) -> None:
        if name:
            chosen = self.choices.get("organisations", {}).get(folded(name), "")
            row.organisation = self.by_id.get(chosen) if chosen else self.by_name.get(folded(name))
            if row.organisation is None or chosen:
                found.unknown_names[name] += 1
        if name:
            row.kind = Statement.Kind.OFFICIAL if self.choices.get("as_official") else Statement.Kind.PERSONAL
            row.organisation_name = "" if row.organisation else name
        elif row.signed_by:
            row.kind = Statement.Kind.PERSONAL
        else:
            row.email = ""

    def _tick(self, target: str, cell: str, several: dict[str, list[str]]) -> None:
        key, _sign, option = target.removeprefix(OPTION).partition(":")
        question = self.questions.get(key)
        if question is None:
            return
        texts = {folded(text) for row in question.options if row.key == option for text in row.text.values()}
        if folded(cell) in TICKED | texts:
            several.setdefault(key, []).append(option)

    def _answer(
        self,
        key: str,
        cell: str,
        row: Incoming,
        parts: list[str],
        several: dict[str, list[str]],
        found: Understood,
    ) -> None:
        question = self.questions.get(key)
        if question is None:
            return
        asked = question.text_in(row.language)
        if question.kind == QuestionKind.TEXT:
            if len(cell) > LONGEST_ANSWER:
                parts.append(f"{asked}\n\n{cell}")
            else:
                row.answers[key] = cell
            return
        values = [cell]
        if question.kind == QuestionKind.SEVERAL and option_of(question, cell) is None:
            values = _parted(question, cell)
        for value in values:
            option = option_of(question, value)
            if option is None:
                chosen = self.choices.get("values", {}).get(key, {}).get(folded(value), "")
                option = chosen if any(one.key == chosen for one in question.options) else None
                found.unknown_values[(key, value[:200])] += 1
            if option is None:
                parts.append(f"{asked} {value}")
            elif question.kind == QuestionKind.SEVERAL:
                several.setdefault(key, []).append(option)
            else:
                row.answers[key] = option

    # --- Days ------------------------------------------------------------------------------------------

    def _has_month_first(self) -> bool:
        """Whether days are written as in America: some second number is no month."""
        places = [place for place, target in enumerate(self.targets) if target == RECEIVED]
        written = [
            found
            for line in self.table.lines
            for place in places
            if place < len(line.cells) and (found := _SLASHES.match(line.cells[place]))
        ]
        return any(int(one[2]) > 12 for one in written) and not any(int(one[1]) > 12 for one in written)

    def _moment(self, cell: str) -> datetime.datetime | datetime.date | None:
        words = folded(cell).replace("klo", " ").replace("kl.", " ")
        if iso := _ISO.match(words):
            try:
                moment = parse_datetime(iso[0].strip().upper().replace(" ", "T", 1))
            except ValueError:
                return None
            if moment:
                return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
        if found := _YEAR_FIRST.match(words):
            year, month, day = (int(found[at]) for at in (1, 2, 3))
        elif found := _DOTS.match(words):
            day, month, year = (int(found[at]) for at in (1, 2, 3))
        elif found := _SLASHES.match(words):
            day, month, year = (int(found[at]) for at in ((2, 1, 3) if self.month_first else (1, 2, 3)))
        else:
            return None
        try:
            date = datetime.date(year, month, day)
            clock = _CLOCK.search(words, found.end())
            if clock is None:
                return date
            hour = int(clock[1])
            half = clock[4] or ""
            if half in ("pm", "ip", "em") and hour < 12:
                hour += 12
            elif half in ("am", "ap", "fm") and hour == 12:
                hour = 0
            return timezone.make_aware(
                datetime.datetime.combine(date, datetime.time(hour, int(clock[2]), int(clock[3] or 0)))
            )
        except ValueError:
            return None


_ISO = re.compile(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(z|[+-]\d\d:?\d\d)?$")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DOTS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_CLOCK = re.compile(r"(\d{1,2})[.:](\d\d)(?:[.:](\d\d))?\s*(am|pm|ap|ip|fm|em)?")


def option_of(question: Question, value: str) -> str | None:
    """The option that a value names: by its words in any language, its key, or the number that it begins with."""
    wanted = folded(value)
    for option in question.options:
        if wanted == folded(option.key) or wanted in {folded(text) for text in option.text.values()}:
            return option.key
    number = re.match(r"\d+", wanted)
    if number:
        found = {
            option.key
            for option in question.options
            for text in option.text.values()
            if (own := re.match(r"\d+", folded(text))) and own[0] == number[0]
        }
        # "4" or "4 (agree)", but not "40 % of families".
        if len(found) == 1 and re.fullmatch(r"\d+(\s*[-–=.:(].*)?", wanted):
            return found.pop()
    return None


def _parted(question: Question, cell: str) -> list[str]:
    """Several values in one cell: by line, semicolon or comma, whichever parts it into options."""
    parts = [part.strip() for part in re.split(r"[;\n|]", cell) if part.strip()]
    if len(parts) > 1:
        return parts
    by_comma = [part.strip() for part in cell.split(",") if part.strip()]
    return by_comma if any(option_of(question, part) for part in by_comma) else parts
