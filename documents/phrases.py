"""The texts that a region uses again and again, as they are shown and put into a document."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from documents import richtext
from documents.blocks import FIGURE, Block
from documents.html import Rendering, parse, render
from documents.models import Phrase
from regions.models import Region


def settled(source: str, language: str) -> str:
    """A text without the identities and pictures of the document it was taken from: it becomes new text wherever it is
    put. Sanitised by the same door as every text.
    """
    blocks = [
        Block(
            id=f"t{position}",
            kind=item.kind,
            text={unit: {language: value} for unit, value in item.text.items()},
            data=item.data,
        )
        for position, item in enumerate(parse(source))
        if item.kind != FIGURE
    ]
    return str(render(blocks, Rendering(language=language, anchors=False, heading_level=3)))


@dataclass(frozen=True)
class ShownPhrase:
    """A text with its first words."""

    phrase: Phrase
    texts: dict[str, str]
    """Language -> HTML."""
    words: str
    language: str
    """Of the words."""
    may_edit: bool = False


def phrases_of(region: Region, asked: str = "") -> QuerySet[Phrase]:
    """The region's texts by name; `asked` are words that stand in the name."""
    rows = Phrase.objects.filter(region=region).select_related("author", "region").order_by("name", "pk")
    for word in asked.split():
        rows = rows.filter(name__icontains=word)
    return rows


def shown(phrase: Phrase, languages: Iterable[str], *, may_edit: bool = False) -> ShownPhrase:
    """A phrase for showing: its words in the first of these languages that it has."""
    texts = {language: settled(source, language) for language, source in phrase.text.items()}
    language = next((code for code in [*languages, *texts] if texts.get(code)), "")
    words = " ".join(richtext.plain(texts.get(language, "")).split()[:24])
    return ShownPhrase(phrase, texts, words, language, may_edit)
