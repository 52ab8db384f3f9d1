"""Ready texts of a new round, and of its poster: a coordinator edits the former, the latter follow from the round.

Each is said in the language that is asked for, whatever language the coordinator uses.
"""

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from documents.models import Document, Version
from documents.models.document import in_language
from regions.models import Region
from reviews.models import CommentRound

OPTIONS = 5
"""Of the scale that a new round asks with."""


def ready_round(version: Version, languages: Sequence[str]) -> dict[str, Any]:
    """Title, background, instructions, points that need attention and questions, by language."""
    document = version.document
    texts: dict[str, Any] = {"title": {}, "background": {}, "instructions": {}, "attention": {}}
    for code in languages:
        with override(code):
            name, region = document.title_in(code), _region_name(document.region, code)
            texts["title"][code] = _("Request for statements: %(document)s") % {"document": name}
            texts["background"][code] = _background(document, region, name)
            texts["instructions"][code] = _instructions()
            texts["attention"][code] = _(
                "Is something important missing? Do the measures that concern you look right: "
                "who is responsible, when, with what money?"
            )
    return {**texts, "questions": ready_questions(languages)}


def _background(document: Document, region: str, name: str) -> str:
    if document.kind == Document.Kind.HANDBOOK:
        aim = _(
            "The handbook says what a family centre means in our region and what its network commits itself to. "
            "We want it to describe the work as it is done and to be of use in it."
        )
    else:
        aim = _(
            "The document says how children, young people and families are supported in our region in the coming "
            "years, who does what, and how it is followed. We want it to be about what matters most to those who "
            "use the services and those who give them."
        )
    ask = _(
        "%(region)s is preparing “%(document)s” together with municipalities, organisations and parishes, "
        "and asks for statements on the draft."
    ) % {"region": region, "document": name}
    after = _(
        "Every statement is read. Afterwards we publish a summary of them, and give reasons both for what was changed "
        "and for what was not."
    )
    return f"{ask}\n\n{aim}\n\n{after}"


def _instructions() -> str:
    how = _(
        "The whole text may be commented: all of it, a chapter, or a single measure. You can also propose other words. "
        "A few sentences are enough, and you need not answer everything."
    )
    ways = _(
        "A statement can also be given as a file, and it is enough to tell that there is nothing to state. "
        "Do not write about clients or other single people: the answers are public as a rule."
    )
    return f"{how}\n\n{ways}"


def ready_questions(languages: Sequence[str]) -> list[dict[str, Any]]:
    """Three questions that are easy to answer and to count: a scale, and what is good and what should change."""
    scale: dict[str, Any] = {"key": "fits", "kind": "scale", "text": {}}
    scale["options"] = [{"key": f"o{number}", "text": {}} for number in range(1, OPTIONS + 1)]
    good: dict[str, Any] = {"key": "good", "kind": "text", "text": {}}
    change: dict[str, Any] = {"key": "change", "kind": "text", "text": {}}
    for code in languages:
        with override(code):
            scale["text"][code] = _("How well does the draft answer what children and families need?")
            good["text"][code] = _("What is good in the draft?")
            change["text"][code] = _("What should be changed or added?")
            words = [_("Very well"), _("Quite well"), _("Not well, not badly"), _("Quite badly"), _("Very badly")]
            for option, word in zip(scale["options"], words, strict=True):
                option["text"][code] = word
    return [scale, good, change]


def _region_name(region: Region, language: str) -> str:
    return getattr(region, f"name_{language}", "") or region.name


# --- The poster ---------------------------------------------------------------------------------------------------


def poster_sentences(comment_round: CommentRound) -> list[str]:
    """Five short sentences in the active language."""
    kind = comment_round.version.document.kind
    if kind == Document.Kind.HANDBOOK:
        what = _("We are writing down how family centres work in our region.")
    else:
        what = _("We are planning how children, young people and families are supported in our region.")
    if comment_round.requires_sign_in:
        name = _("You sign in and answer in your own name.")
    elif comment_round.allows_anonymous:
        name = _("You can answer without a name.")
    elif comment_round.allows_personal:
        name = _("You answer in your own name, and need no account.")
    else:
        name = _("An organisation answers, and needs no account.")
    after = _("We tell what came of the answers.")
    if comment_round.answers_by:
        after = _("By %(date)s we tell what came of the answers.") % {"date": _day(comment_round.answers_by)}
    return [what, _("Read the draft and say what you think."), _("A few sentences are enough."), name, after]


def _day(day: datetime.date) -> str:
    return formats.date_format(day, "SHORT_DATE_FORMAT")


def first_words(comment_round: CommentRound, language: str, most: int = 320) -> str:
    """The first paragraph of the background, for a poster; whole sentences where it is long."""
    paragraph = in_language(comment_round.background, language).strip().split("\n")[0].strip()
    if len(paragraph) <= most:
        return paragraph
    cut = paragraph[:most]
    end = cut.rfind(". ")
    return cut[: end + 1] if end > 0 else cut[: cut.rfind(" ")] + " …"
