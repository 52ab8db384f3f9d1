"""The words of passages in the database's own full-text table: FTS5 on SQLite, a tsvector with GIN on PostgreSQL.

Both hold exactly the words that `documents.lemmas` counts, as written and in their basic form at the same places; what
the databases would do to words themselves is never asked for. So both find the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import simplemma
from django.db import connection
from django.db.models import BooleanField, Expression
from django.db.models.sql.compiler import SQLCompiler

from documents.lemmas import lemma, words

TABLE = "documents_passage_tokens"
"""Made by the migration that made the passages."""
LONGEST_WORD = 100
_LAST_PLACE = 16_383
"""PostgreSQL counts places in a text no further."""


def write(rows: Iterable[tuple[int, str, str]]) -> None:
    """Put the words of passages (primary key, language, text) into the table, in place of what it says of them."""
    split = [(pk, language, [word[:LONGEST_WORD] for word in words(text)]) for pk, language, text in rows]
    if not split:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                f"INSERT OR REPLACE INTO {TABLE} (rowid, words, lemmas) VALUES (%s, %s, %s)",  # noqa: S608
                [(pk, " ".join(row), " ".join(_basic(row, language))) for pk, language, row in split],
            )
        else:
            cursor.executemany(
                f"INSERT INTO {TABLE} (rowid, tokens) VALUES (%s, %s::tsvector) "  # noqa: S608
                "ON CONFLICT (rowid) DO UPDATE SET tokens = EXCLUDED.tokens",
                [(pk, _vector(row, _basic(row, language))) for pk, language, row in split],
            )


def remove(pks: Sequence[int]) -> None:
    """Take passages out of the table."""
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", [(pk,) for pk in pks])  # noqa: S608


def remove_strays() -> None:
    """Take out what belongs to no passage."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE rowid NOT IN (SELECT id FROM documents_passage)")  # noqa: S608


def basic(word: str, language: str) -> str:
    """The basic form of a word as one word of letters and digits: a few, like "a priori", have more."""
    return "".join(words(lemma(word, language)))[:LONGEST_WORD] or word


RULES = f"rules1dictionaries{simplemma.__version__.replace('.', '')}"
"""By which rules words were made into what the table holds. A new number here has `prepare` build it anew."""
_SIGNATURE = 0
"""The row of the table that belongs to no passage and names the rules."""


def sign() -> None:
    """Note in the table by which rules it was built."""
    write([(_SIGNATURE, "", RULES)])


def is_signed() -> bool:
    """Whether the table was built by the rules of today."""
    wanted = Wanted(word=RULES)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"SELECT 1 FROM {TABLE} WHERE rowid = %s AND {TABLE} MATCH %s",  # noqa: S608
                [_SIGNATURE, wanted.for_sqlite()],
            )
        else:
            cursor.execute(
                f"SELECT 1 FROM {TABLE} WHERE rowid = %s AND tokens @@ %s::tsquery",  # noqa: S608
                [_SIGNATURE, wanted.for_postgresql()],
            )
        return cursor.fetchone() is not None


def _basic(row: Sequence[str], language: str) -> list[str]:
    return [basic(word, language) for word in row]


def _vector(row: Sequence[str], basic: Sequence[str]) -> str:
    """Words as written, and basic forms behind a "=" so that the two are not taken for each other.

    Words are letters and digits, so there is nothing in them to escape.
    """
    parts = []
    for place, (word, form) in enumerate(zip(row, basic, strict=True), start=1):
        at = min(place, _LAST_PLACE)
        parts.append(f"'{word}':{at} '={form}':{at}")
    return " ".join(parts)


@dataclass(frozen=True)
class Wanted:
    """One thing that must be found: any of these basic forms, or a word that begins so, or words in this order."""

    lemmas: tuple[str, ...] = ()
    beginning: str = ""
    word: str = ""
    phrase: tuple[str, ...] = ()

    def for_sqlite(self) -> str:
        parts = [f'lemmas : "{form}"' for form in self.lemmas]
        if self.beginning:
            parts.append(f'words : "{self.beginning}" *')
        if self.word:
            parts.append(f'words : "{self.word}"')
        if self.phrase:
            parts.append(f'words : "{" ".join(self.phrase)}"')
        return " OR ".join(f"({part})" for part in parts)

    def for_postgresql(self) -> str:
        parts = [f"'={form}'" for form in self.lemmas]
        if self.beginning:
            parts.append(f"'{self.beginning}':*")
        if self.word:
            parts.append(f"'{self.word}'")
        if self.phrase:
            parts.append(" <-> ".join(f"'{word}'" for word in self.phrase))
        return " | ".join(f"({part})" for part in parts)


class Says(Expression):
    """Whether a passage says what is wanted: for `filter`."""

    conditional = True

    def __init__(self, wanted: Wanted) -> None:
        super().__init__(output_field=BooleanField())
        self.wanted = wanted

    def as_sqlite(self, compiler: SQLCompiler, connection: object) -> tuple[str, list[str]]:
        return self._in(compiler, f"{TABLE} MATCH %s"), [self.wanted.for_sqlite()]

    def as_postgresql(self, compiler: SQLCompiler, connection: object) -> tuple[str, list[str]]:
        return self._in(compiler, "tokens @@ %s::tsquery"), [self.wanted.for_postgresql()]

    @staticmethod
    def _in(compiler: SQLCompiler, condition: str) -> str:
        passage = compiler.quote_name_unless_alias(compiler.query.get_initial_alias())
        return f"{passage}.id IN (SELECT rowid FROM {TABLE} WHERE {condition})"  # noqa: S608
