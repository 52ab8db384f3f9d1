"""Where Finnish words may be divided at the end of a line.

The hyphenation library has no Finnish, and says nothing about it. Finnish divides before every consonant that a vowel
follows (`per-he-kes-kus`), so the rule itself is the pattern. What the rule does not know are the borders of compound
words: `toiminnan|ohjaus` must not become `toiminna-nohjaus`. The lists below hold what the texts of this field are
full of. A soft hyphen that a writer typed always wins.
"""

from pathlib import Path

import pyphen

CONSONANTS = "bcdfghjklmnpqrstvwxzšž"
VOWELS = "aeiouyåäö"

# Words that begin with a vowel and often stand last in a compound. A genitive's n or a word's final s before them
# belongs to the word before (`palveluiden|ohjaus`, `osallisuus|ohjelma`), and so does a vowel (`toimenpide|ohjelma`).
VOWEL_FIRST = (
    *(
        "aikataul",
        "alais",
        "aineist",
        "aloit",
        "alueel",
        "alueen",
        "aluei",
        "alust",
        "arvio",
        "asem",
        "asiak",
        "asiant",
    ),
    *("aset", "avusta", "edisty", "edellyt", "ehdot", "ehkäis", "elämä", "esity", "etsi", "hallinnon", "ikäis"),
    *("ilmapiir", "ilmoit", "ohjaa", "ohjau", "ohjel", "ohjei", "oikeud", "oikeuk", "oikeus", "opetu", "opettaj"),
    *("opiske", "oppila", "osaami", "osallis", "osast", "ositta", "otteen", "uudist", "yhdist", "yhteis", "yhteyd"),
    *("yksik", "yksil", "ympärist", "äitiy"),
)
# Foreign beginnings that are not divided inside, also in the middle of a compound: `palvelu|strategia`.
CLUSTERS = (
    *("stra", "strate", "strukt", "kritee", "kriisi", "kriit", "klini", "klubi", "proje", "prose", "profi", "progr"),
    *("presi", "prior", "psyk", "skaal", "spekt", "staand", "stand", "stipen", "trau", "trend", "transp", "blogi"),
    *("graaf", "grafi", "plane", "kvali", "kvant"),
)
# Other borders between two vowels, which the rule cannot see.
VOWEL_BORDERS = ("vointi|alue", "toiminta|alue", "aineisto|opas", "vointi|erot")
# Syllables of one vowel that would stand alone at a border.
LONE_VOWELS = ("a|lue", "a|sia", "o|saa", "o|sal", "i|kä", "e|lä", "o|mai", "u|sei")


def patterns() -> list[str]:
    """Patterns in the notation of TeX: an odd number between letters allows a break there, an even one forbids it."""
    found = [f"1{consonant}{vowel}" for consonant in CONSONANTS for vowel in VOWELS]
    # A word does not begin with a lone consonant, and the last one is not cut off.
    found += [f".{one}{other}2" for one in "bdfgkpsštv" for other in "lrtkpsv"]
    found += [f"2{consonant}." for consonant in CONSONANTS]
    for word in VOWEL_FIRST:
        # A first syllable of one vowel stays with the next: not `a-semaan`.
        whole = f"{word[0]}4{word[1:]}" if word[1] in CONSONANTS and word[2] in VOWELS else word
        found += [f"4n5{whole}", f"4s5{whole}", *(f"{vowel}5{whole}" for vowel in VOWELS)]
    for cluster in CLUSTERS:
        heads = len(cluster) - len(cluster.lstrip(CONSONANTS))
        inner = "4".join(cluster[:heads])
        found.append(f"3{inner}4{cluster[heads:]}" if heads > 1 else f"3{cluster}")
    found += [border.replace("|", "5") for border in VOWEL_BORDERS]
    found += [lone.replace("|", "2") for lone in LONE_VOWELS]
    return found


class _FinnishDictionary(pyphen.HyphDict):
    """The library's dictionary, filled from the patterns above and not from a file."""

    def __init__(self) -> None:
        self.patterns = {}
        for pattern in patterns():
            pairs = pyphen.parse(pattern)
            letters = "".join(letter for _number, letter in pairs)
            values = tuple(int(number or 0) for number, _letter in pairs)
            start = next(index for index, value in enumerate(values) if value)
            end = len(values) - next(index for index, value in enumerate(reversed(values)) if value)
            self.patterns[letters] = start, values[start:end]
        self.cache: dict[str, list[int]] = {}
        self.maxlen = max(len(letters) for letters in self.patterns)


def register() -> None:
    """Let the library know Finnish. It looks dictionaries up by the path of their file; ours is this file."""
    path = Path(__file__)
    if path not in pyphen.hdcache:
        pyphen.hdcache[path] = _FinnishDictionary()
        pyphen.LANGUAGES["fi"] = path
        pyphen.LANGUAGES_LOWERCASE["fi"] = "fi"


def divided(word: str, *, left: int = 3, right: int = 3) -> str:
    """The word with a hyphen at each place where it may be divided: `per-he-kes-kus`."""
    register()
    return pyphen.Pyphen(lang="fi", left=left, right=right).inserted(word)
