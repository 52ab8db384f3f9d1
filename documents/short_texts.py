"""Headings, titles and other short texts that stand outside blocks: from which original each translation was made.

A block knows its original by a hash. A short text keeps the original's words themselves, so that what changed can be
shown without looking for them.
"""

from collections.abc import Mapping

from documents.blocks import BEHIND, CURRENT, MISSING

Texts = Mapping[str, str]
"""Language -> text, or language of a translation -> the original that it was made from."""


def short_state(texts: Texts, shown: Texts, language: str, original: str) -> str:
    """Whether a short text is missing, current or behind in a language that it is translated into.

    A translation of which nothing is noted is current: it was written together with its original.
    """
    source = texts.get(original, "").strip()
    if not source or language == original:
        return CURRENT
    if not texts.get(language, "").strip():
        return MISSING
    return BEHIND if shown.get(language, source) != source else CURRENT


def shown_after(
    before: Texts, shown: Texts, after: Texts, *, original: str, seen: Texts | None = None
) -> dict[str, str]:
    """What to note when a text `before`, with its notes `shown`, becomes `after`.

    A translation that stays as it was keeps its original; one that is written now was made from the original as it
    then stands, or from that which `seen` says its writer was shown.
    """
    seen = seen or {}
    result: dict[str, str] = {}
    for language, text in after.items():
        if language == original or not text:
            continue
        now = after.get(original, "")
        if language in seen:
            source = seen[language]
        elif text == before.get(language):
            # An original that is written after its translation was written with that in view.
            source = shown.get(language, before.get(original, "") or now)
        else:
            continue
        if source != now:
            result[language] = source
    return result
