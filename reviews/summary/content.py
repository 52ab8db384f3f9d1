"""The shape of a summary, the same for its pages and files, and as it is kept once it is published (schema 1).

Texts that exist in several languages are kept by language code; what somebody said stands in her own language, and with
the words left out that are not published.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from documents.models.document import in_language

SCHEMA = 1

Texts = dict[str, str]
"""Language code and text."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what somebody said: words, or the reason why they are left out."""

    text: str
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """An organisation or a body that was asked, and how it answered: `silent` where it did not."""

    name: Texts
    kind: str
    """Kind of organisation; `body` for groups and bodies."""
    answer: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """Something done to the round: given more time, closed early, opened again."""

    kind: str
    at: str
    closes_at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """One respondent's answer in free text."""

    who: Texts
    language: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Group:
    """Respondents of one sort and how many of them chose each option, in the order of the options."""

    name: str
    """Kind of organisation, `body`, `residents`, `families`, `children`; `others` for groups too small to be told."""
    respondents: int
    counts: list[int]


@dataclass(frozen=True, slots=True)
class Asking:
    """One question and what came of it."""

    key: str
    kind: str
    form: str
    text: Texts
    options: list[Texts] = field(default_factory=list)
    answered: int = 0
    counts: list[int] = field(default_factory=list)
    """How many chose each option; empty where so few answered that it would tell who."""
    groups: list[Group] = field(default_factory=list)
    texts: list[Said] = field(default_factory=list)
    is_too_small: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One remark, its outcome and the reason."""

    id: str
    who: Texts
    language: str
    section: str
    place: Texts
    """The first words of the place in the version that was commented on."""
    quote: str
    pieces: list[Piece]
    proposal: list[dict[str, str]]
    """What each of its operations would change: a title and HTML with what would go and what would come."""
    outcome: str
    """Empty while it is not answered."""
    reason: Texts
    changed: bool
    """The text was changed because of it."""
    first_version: int | None = None
    hidden_reason: str = ""
    """Why the remark itself is not published."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the version and the remarks at it; the empty key is the whole."""

    key: str
    number: str
    heading: Texts
    remarks: list[Told]


@dataclass(frozen=True, slots=True)
class Changed:
    """A place of the text that was changed because of remarks: as it was and as it is now."""

    section: str
    number: str
    heading: Texts
    html: Texts
    """The difference, by language."""
    remarks: list[str]


@dataclass(frozen=True, slots=True)
class Respondent:
    """Somebody who answered, and all that she said as a whole."""

    who: Texts
    kind: str
    group: str
    stance: str
    joins: str
    language: str
    received: str
    late: bool
    handled: str
    """In which body, when, § and case number, as it was given."""
    pieces: list[Piece]
    attachments: list[str]
    remarks: list[str]
    hidden_ground: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it."""

    round: str
    title: Texts
    document: Texts
    version: int
    region: Texts
    languages: list[str]
    case_number: str
    contact: str
    opened: str
    closed: str
    made: str
    smallest_group: int
    is_sample: bool
    asked: list[Asked]
    asked_people: int
    """How many were asked by an address alone; who they are is told nobody."""
    happened: list[Happened]
    ways: dict[str, int]
    """How many answered as an organisation, in their own name, without a name, by a short form."""
    outcomes: dict[str, int]
    questions: list[Asking]
    parts: list[Part]
    changes: list[Changed]
    respondents: list[Respondent]
    intro: Texts = field(default_factory=dict)
    """What the coordinator tells first, as plain text."""
    schema: int = SCHEMA

    @property
    def remarks(self) -> list[Told]:
        return [remark for part in self.parts for remark in part.remarks]

    def title_in(self, language: str) -> str:
        return in_language(self.title, language)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(raw: Mapping[str, Any]) -> Summary:
    """A summary that was kept. ValueError for a schema that nobody knows."""
    if raw.get("schema") != SCHEMA:
        raise ValueError(f"Nobody reads summaries of schema {raw.get('schema')!r}.")
    return Summary(
        **{
            **raw,
            "asked": [Asked(**row) for row in raw["asked"]],
            "happened": [Happened(**row) for row in raw["happened"]],
            "questions": [_asking(row) for row in raw["questions"]],
            "parts": [Part(**{**row, "remarks": [_told(one) for one in row["remarks"]]}) for row in raw["parts"]],
            "changes": [Changed(**row) for row in raw["changes"]],
            "respondents": [Respondent(**{**row, "pieces": _pieces(row)}) for row in raw["respondents"]],
        }
    )


def without_names(raw: Mapping[str, Any], names: Collection[str], nameless: Texts) -> dict[str, Any]:
    """A kept summary in which these people are called something else; all else stays as it was published."""

    wanted = frozenset(names)

    def cleaned(value: Any) -> Any:
        if isinstance(value, list):
            return [cleaned(one) for one in value]
        if isinstance(value, dict):
            return {
                key: nameless if key == "who" and not wanted.isdisjoint(one.values()) else cleaned(one)
                for key, one in value.items()
            }
        return value

    return dict(cleaned(dict(raw)))


def _pieces(row: Mapping[str, Any]) -> list[Piece]:
    return [Piece(**piece) for piece in row["pieces"]]


def _told(row: Mapping[str, Any]) -> Told:
    return Told(**{**row, "pieces": _pieces(row)})


def _asking(row: Mapping[str, Any]) -> Asking:
    return Asking(
        **{
            **row,
            "groups": [Group(**group) for group in row["groups"]],
            "texts": [Said(**{**said, "pieces": _pieces(said)}) for said in row["texts"]],
        }
    )
