"""The memo of a meeting about remarks: who was present, what was agreed and why; as PDF and as Word."""

import datetime
from html import escape
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from documents.models.document import in_language
from documents.rendering import interface_language
from documents.word.building import WordFile
from reviews.answering.paper import set_pdf
from reviews.deciding.meeting_points import Agreed, agreed_in
from reviews.models import RemarkMeeting


def memo_pdf(meeting: RemarkMeeting) -> bytes:
    document = meeting.document
    language = document.original
    shown = interface_language(language)
    with override(shown):
        context = _context(meeting, language)
        return set_pdf(
            "print/meeting_memo.html",
            region=document.region,
            is_sample=document.is_sample,
            language=shown,
            made=timezone.now(),
            document=document.title_in(language),
            version=None,
            **context,
        )


def memo_word(meeting: RemarkMeeting) -> bytes:
    document = meeting.document
    language = document.original
    shown = interface_language(language)
    with override(shown):
        context = _context(meeting, language)
        header = escape(f"{document.region.name} · {context['title']}")
        file = WordFile(shown, str(context["title"]), header=f"<w:p><w:r><w:t>{header}</w:t></w:r></w:p>")
        file.add(file.paragraph(escape(str(context["title"])), "Title"))
        for label, value in context["facts"]:
            file.add(file.paragraph(f"<strong>{escape(label)}:</strong> {escape(value)}"))
        if meeting.note:
            for line in meeting.note.splitlines():
                file.add(file.paragraph(escape(line)))
        file.add(file.paragraph(escape(_("What was agreed")), "Heading1"))
        for number, agreed in enumerate(context["agreed"], 1):
            _add(file, number, agreed, language)
        if not context["agreed"]:
            file.add(file.paragraph(escape(_("Nothing was recorded."))))
        return file.content


def _add(file: WordFile, number: int, agreed: Agreed, language: str) -> None:
    file.add(file.paragraph(escape(f"{number}. {agreed.place}"), "Heading2"))
    for who, words in agreed.remarks:
        file.add(file.paragraph(f"<strong>{escape(who)}:</strong> {escape(words)}", "Quote"))
    file.add(file.paragraph(f"<strong>{escape(str(agreed.answer.get_outcome_display()))}</strong>"))
    if reason := in_language(agreed.answer.reason, language):
        for line in reason.splitlines():
            file.add(file.paragraph(escape(line)))


def file_name(meeting: RemarkMeeting, extension: str) -> str:
    return f"{_('memo')}-{meeting.held_on.isoformat()}.{extension}"


def _context(meeting: RemarkMeeting, language: str) -> dict[str, Any]:
    title = _("Memo: remarks on “%(document)s”") % {"document": meeting.document.title_in(language)}
    facts = [
        (_("Meeting"), str(meeting.body) if meeting.body else _("Meeting of those who write the document")),
        (_("Date"), _day(meeting.held_on)),
        (_("Present"), ", ".join(meeting.present) or "–"),
    ]
    agreed = agreed_in(meeting)
    return {
        "title": title,
        "facts": facts,
        "note": meeting.note,
        "agreed": agreed,
        "rows": [
            {
                "place": row.place,
                "outcome": str(row.answer.get_outcome_display()),
                "reason": in_language(row.answer.reason, language),
                "remarks": row.remarks,
            }
            for row in agreed
        ],
    }


def _day(day: datetime.date) -> str:
    return formats.date_format(day, "SHORT_DATE_FORMAT")
