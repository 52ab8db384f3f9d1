"""Which texts of different people speak of the same thing, and by which words that shows.

Two texts are alike when much of the weight of their words is common: a word that few of the texts have weighs more
than one that many have. Texts are then joined as long as the two groups are alike on the average. Nothing is
decided here: the shared words are shown as the reason, and a person decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import log

from documents.lemmas import lemmas

LIKE = 0.2
"""How much of the weight of two texts' words must be common. Tried out on the handbooks of the sample."""
LEAST = 0.05
"""Below this a pair is not looked at further."""
FEW, MANY = 4, 40
"""In how many texts a word may stand and still tell two of them to be alike: a third of them, within these bounds."""
MOST_SHOWN = 6
_SHORTEST_PART = 6
"""A shorter beginning ("perhe", "familj") joins everything in this field with everything."""
_SHORTEST_REST = 3
_SHORTEST_LAST = 5

# Words that join sentences, and those with which every proposal begins. In their basic form.
_EMPTY = {
    language: frozenset(listed.split())
    for language, listed in {
        "fi": (
            "ja tai eli sekä että kun jos niin kuin ei se tämä joka mikä kaikki muu oma olla voida pitää tulla"
            " saada tehdä ottaa antaa myös sen ne he hän me te joku jokin mukaan kanssa esimerkiksi esim mm ym jne"
            " noin vain jo vielä enemmän lisä hyvä uusi eri yksi kaksi toinen yhteinen asia kerta tapa osa koko"
            " osin saakka asti lisätä kehittää vahvistaa parantaa edistää tarvita tarve toteuttaa järjestää"
            " mahdollistaa huomioida perhe perhekeskus lapsi alue palvelu toiminta toimija siten jolloin joten"
            " mutta vaan kuten itse lisäksi alla yli välinen varten kautta ilman aikana jälkeen ennen luona näin"
            " siis kunkin jokainen jäädä liian läpi käydä päästä kuka kukaan mikään ulkopuolelle puuttua joutua"
            " tietää monta moni ensimmäinen kuluessa vaikka koska silloin mennä"
        ),
        "sv": (
            "och eller som att en ett den det de i på av för med till från om vid är vara ha kunna ska skola bli"
            " inte också även man sig sin vår deras alla någon annan mer mycket ny god egen olik samt där när då"
            " så utveckla stärka förbättra främja behöva behov genomföra ordna familj familjecenter barn område"
            " tjänst verksamhet aktör gemensam två hela mellan under över efter utan genom"
        ),
        "en": (
            "the a an and or of to in on for with by is be are was as at from that this it its we our they their"
            " not more all other new good family centre child area service develop strengthen improve need"
        ),
    }.items()
}


@dataclass(frozen=True)
class Group:
    """Texts that speak of the same thing."""

    keys: list[str]
    """In the order in which they were given."""
    shared_words: list[str]
    """Basic forms, the most telling first: why these are together."""


def groups(
    items: Sequence[tuple[str, str, str]],
    *,
    apart: Iterable[frozenset[str]] = (),
    threshold: float = LIKE,
    places: Mapping[str, str] | None = None,
    many: int = MANY,
) -> list[Group]:
    """The groups of two or more among texts, each given as key, plain text and language.

    A key may come once for each language that it is written in; one language is enough for being alike. Pairs of keys
    in `apart` were told from each other by a person and never come into one group. The same texts give the same
    groups, whatever else happened; groups come in the order of their first text. `places` says of keys what they are
    about: texts about the same place need fewer words in common. `many` is MANY for those who have many short texts.
    """
    about = tuple(sorted((places or {}).items()))
    return list(_groups(tuple(items), frozenset(apart), threshold, about, many))


@lru_cache(maxsize=16)
def _groups(
    items: tuple[tuple[str, str, str], ...],
    apart: frozenset[frozenset[str]],
    threshold: float,
    about: tuple[tuple[str, str], ...],
    many: int,
) -> tuple[Group, ...]:
    """Remembered, because a page asks for the groups of the same texts each time that somebody looks at it."""
    order = list(dict.fromkeys(key for key, _text, _language in items))
    place = {key: index for index, key in enumerate(order)}
    told_apart = {
        (min(pair), max(pair))
        for one, other in (tuple(keys) for keys in apart if len(keys) == 2)
        if one in place and other in place
        for pair in [(place[one], place[other])]
    }
    by_language: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for key, text, language in items:
        by_language[language].append((place[key], text))
    where = {place[key]: told for key, told in about if key in place}
    likeness: dict[tuple[int, int], float] = {}
    common: dict[tuple[int, int], dict[str, float]] = {}
    for language, texts in sorted(by_language.items()):
        for pair, (words_alike, shared) in _alike(texts, language, many).items():
            together = pair[0] in where and where[pair[0]] == where.get(pair[1])
            value = min(words_alike * _SAME_PLACE, 1.0) if together else words_alike
            if value > likeness.get(pair, 0):
                likeness[pair], common[pair] = value, shared
    members = _joined(len(order), likeness, told_apart, threshold)
    return tuple(Group([order[index] for index in rows], _reason(rows, common)) for rows in members)


def _alike(
    texts: Sequence[tuple[int, str]], language: str, many: int
) -> dict[tuple[int, int], tuple[float, dict[str, float]]]:
    """For each pair of texts with a word in common: how alike they are, from 0 to 1, and the common words."""
    bags = _bags(texts, language)
    parts = _parts({word for bag in bags.values() for word in bag})
    having: dict[str, list[int]] = defaultdict(list)
    for index, bag in sorted(bags.items()):
        for word in bag | {part for whole in bag for part in parts.get(whole, ())}:
            having[word].append(index)
    count = len(bags)
    weight = {word: log(1 + count / len(rows)) for word, rows in having.items()}
    # A word that so many texts have tells nothing, and would make every pair a candidate.
    most = min(max(FEW, count // 3), many)
    shared: dict[tuple[int, int], list[str]] = defaultdict(list)
    for word in sorted(having):
        rows = having[word]
        if 2 <= len(rows) <= most:
            for pair in combinations(rows, 2):
                shared[pair].append(word)
    total = {index: sum(weight[word] for word in sorted(bag)) for index, bag in bags.items()}
    result = {}
    for (one, other), both in shared.items():
        whole = total[one] + total[other]
        mutual = sum(weight[word] for word in both)
        if mutual / max(whole - mutual, mutual) < LEAST:
            continue
        # A common compound is not counted once more for its parts.
        twice = {part for word in both for part in parts.get(word, ())}
        words = {word: weight[word] * _told(word, bags[one], bags[other], parts) for word in both if word not in twice}
        mutual = sum(words.values())
        result[one, other] = min(mutual / max(whole - mutual, mutual), 1.0), words
    return result


def _told(word: str, one: set[str], other: set[str], parts: Mapping[str, list[str]]) -> float:
    """What a common word is worth. The last part of a compound is less: a "kotitekijä" is no "työntekijä"."""
    if all(
        word in bag or any(whole.startswith(word) for whole in bag if word in parts.get(whole, ()))
        for bag in (one, other)
    ):
        return 1.0
    return 0.5


def _bags(texts: Sequence[tuple[int, str]], language: str) -> dict[int, set[str]]:
    """The telling words of each text."""
    empty = _EMPTY.get(language, frozenset())
    bags: dict[int, set[str]] = defaultdict(set)
    for index, text in texts:
        bags[index] |= {
            word for word in lemmas(text, language) if len(word) > 2 and not word.isnumeric() and word not in empty
        }
    return bags


def _parts(known: set[str]) -> dict[str, list[str]]:
    """Of each compound the first and the last part, where other texts use those as words of their own.

    "perhekahvilatoiminta" is also about "perhekahvila", and "asiakasraati" about "raati".
    """
    result = {}
    for word in known:
        first = range(_SHORTEST_PART, len(word) - _SHORTEST_REST + 1)
        last = range(_SHORTEST_REST, len(word) - _SHORTEST_LAST + 1)
        parts = [part for part in (*(word[:cut] for cut in first), *(word[cut:] for cut in last)) if part in known]
        if parts:
            result[word] = parts
    return result


def _joined(
    count: int,
    likeness: Mapping[tuple[int, int], float],
    apart: set[tuple[int, int]],
    threshold: float,
) -> list[list[int]]:
    """Join the most alike first. Two groups are joined by the average over all their pairs, so that no long chain
    brings together texts that have nothing in common."""
    members: dict[int, list[int]] = {index: [index] for index in range(count)}
    home = list(range(count))

    def average(one: int, other: int) -> float:
        pairs = [(min(a, b), max(a, b)) for a in members[one] for b in members[other]]
        if any(pair in apart for pair in pairs):
            return 0
        return sum(likeness.get(pair, 0) for pair in pairs) / len(pairs)

    for pair, value in sorted(likeness.items(), key=lambda row: (-row[1], row[0])):
        if value < threshold:
            break
        one, other = sorted((home[pair[0]], home[pair[1]]))
        # A group of many is held together more loosely than a pair: each new text adds words of its own.
        if one != other and average(one, other) >= threshold * _LOOSER:
            members[one] = sorted(members[one] + members.pop(other))
            for index in members[one]:
                home[index] = one
    return [rows for _index, rows in sorted(members.items()) if len(rows) > 1]


_LOOSER = 0.6
_SAME_PLACE = 1.5


def _reason(rows: Sequence[int], common: Mapping[tuple[int, int], Mapping[str, float]]) -> list[str]:
    """The words that most pairs of a group have in common, the most telling first."""
    score: dict[str, float] = defaultdict(float)
    for at, one in enumerate(rows):
        for other in rows[at + 1 :]:
            for word, weight in common.get((one, other), {}).items():
                score[word] += weight
    return [word for word, _score in sorted(score.items(), key=lambda row: (-row[1], row[0]))[:MOST_SHOWN]]
