"""Words of a text in their basic form: "perhekeskuksissa" is "perhekeskus", "åtgärderna" is "åtgärd".

The dictionaries come with simplemma; packed as tries they load at once and take little memory. Packing them takes some
seconds, so `manage.py prepare` does it beforehand.
"""

import re
import tempfile
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import simplemma
from django.conf import settings
from simplemma.strategies import DefaultStrategy
from simplemma.strategies.dictionaries import TrieDictionaryFactory

LANGUAGES = frozenset({"fi", "sv", "en"})
"""What there are dictionaries for; words of other languages are only put into lower case."""

# Letters and digits, with the ending that an abbreviation takes behind a colon: "THL:n", "LAPE:ssa", "FPA:s".
_WORD = re.compile(r"([^\W_]+)(?::[a-zåäö]{1,6}(?![^\W_]))?")
_SHORTEST_PART = 3
_SHORTEST_LAST_PART = 4


def tidy(text: str) -> str:
    """The text as its words are counted in it: composed letters, no invisible hyphens."""
    return unicodedata.normalize("NFC", text).replace("\u00ad", "")


def places(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each word of a tidy text begins and ends, and the word in lower case."""
    for found in _WORD.finditer(text):
        yield found.start(), found.end(), found.group(1).lower()


def words(text: str) -> list[str]:
    """The words of a plain text in order, in lower case; parts joined by a hyphen are words of their own."""
    return [word for _start, _end, word in places(tidy(text))]


def lemmas(text: str, language: str) -> list[str]:
    """The basic form of each word of a plain text in order: as many as `words` answers."""
    return [lemma(word, language) for word in words(text)]


@lru_cache(maxsize=65_536)
def lemma(word: str, language: str) -> str:
    """The basic form of one word in lower case; a word that is not known stays as it is."""
    if language not in LANGUAGES or word.isnumeric():
        return word
    own = _OWN.get(language, {})
    if word in own:
        return own[word]
    strategy = _strategy()
    if strategy.is_dictionary_member(word, language) or strategy.is_dictionary_member(word.capitalize(), language):
        found = _settled(word, strategy.get_lemma(word, language) or word, language)
    elif language == "en":
        found = strategy.get_lemma(word, language) or word
    else:
        found = _owned(strategy, word, language) or _compound(strategy, word, language)
    found = found.lower()
    return own.get(found, found)


_OWN = {
    "fi": {"vanhempi": "vanhempi", "vanhemmat": "vanhempi", "isi": "isä", "työ": "työ", "ajan": "aika", "avu": "apu"},
    "sv": {
        "besluten": "beslut",
        "nämnd": "nämnd",
        "nulägen": "nuläge",
        "kris": "kris",
        "hörande": "hörande",
        "anställd": "anställd",
    },
}
"""Words of the field that the dictionaries take for another word: form or basic form, and what it is."""


def _settled(word: str, found: str, language: str) -> str:
    """A Swedish noun that could also be a verb is the noun: "plan" and "utkasten", not "plana" and "utkasta"."""
    if language == "sv" and found.endswith("a"):
        for noun in (word, word.removesuffix("en")):
            if found == f"{noun}a":
                return noun
    return found


def _owned(strategy: DefaultStrategy, word: str, language: str) -> str | None:
    """Finnish "toimenpiteisiinsä" by "toimenpiteisiin": an ending that says whose it is."""
    if language == "fi" and word.endswith(("nsa", "nsä", "mme", "nne")):
        for whole in (f"{word[:-3]}n", f"{word[:-3]}t", word[:-3]):
            if strategy.is_dictionary_member(whole, language):
                return strategy.get_lemma(whole, language)
    return None


def _compound(strategy: DefaultStrategy, word: str, language: str) -> str:
    """A word that no dictionary has, by its last part: "familjecentrets" ends in "centrets", so "familjecenter".

    What simplemma finds itself counts where it has not lost that part: it makes "hyvinvointi" of "hyvinvointialueella".
    """
    found = _not_cut_short(word, strategy.get_lemma(word, language), language)
    if found and found.endswith(("uus", "yys")) and not word.endswith(("uus", "yys")):
        return found  # "-suuden" is an ending of its own, not a form of "suu"
    for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_LAST_PART + 1):
        last = word[cut:]
        if strategy.is_dictionary_member(last, language):
            basic = lemma(last, language)
            if len(basic) < _SHORTEST_PART:
                continue
            if basic == last and found and found.startswith(word[:cut]) and len(found) > cut + 1:
                return found
            return word[:cut] + basic
    return found or word


# What may stand behind a basic form that is itself the beginning of the word.
_ENDINGS = {
    "fi": re.compile(
        r"(n|t|[aä]|ss[aä]|st[aä]|ll[aä]|lt[aä]|lle|n[aä]|ksi|tt?[aä]|h.n|[aeiouyäö]n|i(ss|st|ll|lt|n)[aä]|ille|iksi"
        r"|i?en|i[aä]|s?een|siin|ihin|ineen)?(ni|si|ns[aä]|mme|nne)?(kin|k(aa|ää)n|k[oö]|p[aä]|h[aä]n)?"
    ),
    "sv": re.compile(r"(n|en|t|et|e|a|r|ar|er|or|na|arna|erna|orna|are|arens?|de|te|nde)?s?"),
}


def _not_cut_short(word: str, found: str | None, language: str) -> str | None:
    """What was found for a word that no dictionary has, unless half of the word was simply left away."""
    short = (found or "").lower()
    if found and word.startswith(short) and not _ENDINGS[language].fullmatch(word[len(short) :]):
        return None
    return found


# --- Dictionaries ---------------------------------------------------------------------------------


def build_dictionaries() -> list[str]:
    """Pack the dictionaries that are not packed yet; answers which. Processes that do so at once do no harm."""
    folder = _folder()
    missing = sorted(language for language in LANGUAGES if not (folder / f"{language}.dic").exists())
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as workshop:
            factory = TrieDictionaryFactory(disk_cache_dir=workshop)
            for language in missing:
                factory.get_dictionary(language)
                # Whole or not at all, because another process may be waiting for it.
                (Path(workshop) / f"{language}.dic").replace(folder / f"{language}.dic")
    return missing


def _folder() -> Path:
    """By release of the dictionaries, so that an upgrade packs its own."""
    return Path(settings.LEMMAS_DIR) / simplemma.__version__


@lru_cache(maxsize=1)
def _strategy() -> DefaultStrategy:
    build_dictionaries()
    return DefaultStrategy(dictionary_factory=TrieDictionaryFactory(disk_cache_dir=str(_folder())))
