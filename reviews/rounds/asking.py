"""Points that need attention: what the county asks all respondents, or one kind of organisation, to look at."""

from collections.abc import Mapping

from documents.models.document import in_language
from regions.models import Organisation
from reviews.models import CommentRound

FOR_ALL = ""


def attention_json(points: Mapping[str, Mapping[str, str]]) -> list[dict[str, object]]:
    """Texts by kind of organisation, as a round keeps them; those without a word are left out."""
    kinds = [FOR_ALL, *Organisation.Kind.values]
    return [
        {"kind": kind, "text": dict(points[kind])}
        for kind in kinds
        if kind in points and any(text.strip() for text in points[kind].values())
    ]


def attention_by_kind(comment_round: CommentRound) -> dict[str, dict[str, str]]:
    """Texts by kind of organisation; `FOR_ALL` is everybody."""
    return {row["kind"]: row["text"] for row in comment_round.attention}


def attention_for(comment_round: CommentRound, language: str, kind: str = FOR_ALL) -> list[str]:
    """What a respondent is asked to look at: what all are, and what her kind of organisation is."""
    points = attention_by_kind(comment_round)
    wanted = [FOR_ALL, kind] if kind else [FOR_ALL]
    texts = [in_language(points[name], language) for name in wanted if name in points]
    return [text for text in texts if text.strip()]
