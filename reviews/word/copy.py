"""A round's version as a Word file for comments: what is asked stands on its first page, and changes are tracked."""

import hashlib
import json
from html import escape

from django.core.cache import caches
from django.utils import formats, timezone
from django.utils.text import slugify
from django.utils.translation import gettext, override

from documents import frozen
from documents.frozen import Frozen
from documents.models import Version
from documents.models.document import in_language
from documents.rendering import interface_language
from documents.renditions import is_draft, pictures_of
from documents.word.writer import CommentCopy, write_version
from reviews.models import CommentRound
from reviews.rounds.asking import attention_for
from reviews.rounds.questions import questions_of
from reviews.word.shown import numbers_of

MADE_AS = 2
"""Grows when the file is made in another way, so that none that was kept is handed out."""
KEPT = 30 * 24 * 60 * 60


def comment_copy(comment_round: CommentRound, language: str) -> bytes:
    """The file in one language, made once for the same version and the same request."""
    with override(interface_language(language)):
        front = front_of(comment_round, language)
    version = comment_round.version
    told = json.dumps([MADE_AS, version.pk, version.sha256, language, is_draft(version), front], ensure_ascii=False)
    key = f"comment-copy-{hashlib.sha256(told.encode()).hexdigest()}"
    kept = caches["versions"].get(key)
    if kept is None:
        kept = _made(comment_round, frozen.read(version), language, front)
        caches["versions"].set(key, kept, KEPT)
    return bytes(kept)


def _made(comment_round: CommentRound, text: Frozen, language: str, front: list[tuple[str, bool]]) -> bytes:
    version = comment_round.version
    picture = pictures_of(version, text)
    with override(interface_language(language)):
        label = gettext("Version %(number)d") % {"number": version.number}
    return write_version(
        text,
        language=language,
        image_bytes=lambda key: picture(key)[0],
        version_label=label,
        draft=is_draft(version),
        date=timezone.localtime(version.frozen_at).date(),
        copy=CommentCopy(front=front, numbers=numbers_of(text), version=mark_of(version)),
    )


def mark_of(version: Version) -> str:
    """By what a file made of this version is known."""
    return version.sha256[:12]


def file_name(comment_round: CommentRound, language: str) -> str:
    """What the file is called on the respondent's own computer."""
    title = slugify(in_language(comment_round.version.document.title, language))[:60].strip("-")
    with override(interface_language(language)):
        word = slugify(gettext("for comments"))
    return f"{title or comment_round.public_id}-v{comment_round.version.number}-{word}-{language}.docx"


def front_of(comment_round: CommentRound, language: str) -> list[tuple[str, bool]]:
    """The first page: what is asked, by when, where to send it, how to comment. HTML and whether it is a heading."""
    document = comment_round.version.document
    closes = formats.date_format(timezone.localtime(comment_round.closes_at), "SHORT_DATETIME_FORMAT")
    told = {"title": in_language(document.title, language), "number": comment_round.version.number}
    lines = [
        _heading(comment_round.title_in(language) or gettext("Request for comments")),
        _line(gettext("What is commented on"), gettext("%(title)s, version %(number)d") % told),
        _line(gettext("Deadline"), closes),
    ]
    if comment_round.case_number:
        lines.append(_line(gettext("Case number"), comment_round.case_number))
    contact = ", ".join(
        part for part in (comment_round.contact, comment_round.contact_email, comment_round.contact_phone) if part
    )
    if contact:
        lines.append(_line(gettext("Contact person"), contact))
    lines += _paragraphs(gettext("Why this is asked"), in_language(comment_round.background, language))
    lines += _paragraphs(gettext("What is asked"), in_language(comment_round.instructions, language))
    points = attention_for(comment_round, language)
    lines += _paragraphs(gettext("Points that need attention"), "\n".join(points))
    questions = [question.text_in(language) for question in questions_of(comment_round.questions)]
    if questions:
        numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(questions, 1))
        lines += _paragraphs(gettext("Questions about the whole"), numbered)
    lines += _paragraphs(gettext("How to comment in this file"), "\n".join(_ways(comment_round)))
    lines += _paragraphs(gettext("Where to send the file"), _where(comment_round, closes))
    return lines


def _ways(comment_round: CommentRound) -> list[str]:
    return [
        gettext("1. To say something about a place, select its words and choose Review > New comment."),
        gettext("2. To propose other words, write them into the text. Changes are tracked, so yours can be seen."),
        gettext("3. The small grey numbers name the places of the text. You can refer to them, also in a letter."),
        gettext(
            "4. Please do not remove the headings or copy the text into another file: then places are found again."
        ),
        gettext("Please do not write about clients, nor anything by which a client can be recognised."),
    ]


def _where(comment_round: CommentRound, closes: str) -> str:
    told = {"address": comment_round.contact_email, "closes": closes, "case": comment_round.case_number}
    if not comment_round.contact_email:
        return gettext("Attach this file to your answer on the web page of the request, by %(closes)s.") % told
    if comment_round.case_number:
        return (
            gettext(
                "Send this file to %(address)s by %(closes)s, with the case number %(case)s in the subject, or attach "
                "it to your answer on the web page of the request."
            )
            % told
        )
    return (
        gettext(
            "Send this file to %(address)s by %(closes)s, or attach it to your answer on the web page of the request."
        )
        % told
    )


def _heading(text: str) -> tuple[str, bool]:
    return escape(text, quote=False), True


def _line(label: str, text: str) -> tuple[str, bool]:
    return f"<strong>{escape(label, quote=False)}:</strong> {escape(text, quote=False)}", False


def _paragraphs(title: str, text: str) -> list[tuple[str, bool]]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return []
    return [_heading(title), *((escape(line, quote=False), False) for line in lines)]
