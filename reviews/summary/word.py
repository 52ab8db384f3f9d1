"""The summary of a round as a Word file: real headings, quotes and tables, differences in words."""

from collections.abc import Sequence
from html import escape

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from documents.blocks import TABLE, TABLE_ROW, Block
from documents.rendering import interface_language
from documents.word.building import TextOf, WordFile
from documents.word.runs import xml_text
from reviews.summary.content import Piece, Summary
from reviews.summary.differences import COME, GONE, told
from reviews.summary.numbering import in_words, numbered, remark_numbers
from reviews.summary.page import ChangeRow, Page, PartRow, QuestionRow, RemarkRow, RespondentRow, page_of


def summary_word(summary: Summary, language: str, *, is_draft: bool) -> bytes:
    shown = interface_language(language)
    with override(shown):
        return _Writing(page_of(summary, language), shown, is_draft=is_draft).content()


class _Writing:
    def __init__(self, page: Page, language: str, *, is_draft: bool) -> None:
        self.page = page
        self.language = language
        self.is_draft = is_draft
        self.numbers = remark_numbers(page)
        self.title = f"{_('Summary of statements')}: {page.title}"
        self.file = WordFile(language, self.title, header=self._header())

    def _header(self) -> str:
        words = [self.page.region, self.title]
        if self.is_draft:
            words.insert(0, pgettext("mark on every page", "DRAFT"))
        if self.page.is_sample:
            words.append(_("Sample text – not an official document"))
        looks = '<w:pPr><w:pStyle w:val="header"/></w:pPr>'
        return f"<w:p>{looks}<w:r><w:t>{xml_text(' · '.join(words))}</w:t></w:r></w:p>"

    def content(self) -> bytes:
        self._opening()
        self._changes()
        self._asked()
        self._questions()
        self._remarks()
        self._respondents()
        return self.file.content

    # --- Parts of a text ------------------------------------------------------------------------------------

    def _say(self, text: str, style: str = "", *, lang: str = "") -> None:
        """Each line of a text as a paragraph of its own."""
        for line in text.splitlines():
            if line.strip():
                self.file.add(self.file.paragraph(escape(line), style, lang=self._other(lang)))

    def _labelled(self, label: str, text: str, *, lang: str = "") -> None:
        first, *rest = text.splitlines() or [""]
        self.file.add(self.file.paragraph(f"<strong>{escape(label)}</strong> {escape(first)}", lang=self._other(lang)))
        self._say("\n".join(rest), lang=lang)

    def _other(self, lang: str) -> str:
        """A language that is named where it is not the file's."""
        return lang if lang != self.language else ""

    def _heading(self, level: int, text: str) -> None:
        self.file.add(self.file.paragraph(escape(text), f"Heading{level}"))

    def _table(self, caption: str, heads: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
        columns = [f"c{place}" for place in range(len(heads))]

        def row(cells: Sequence[str | int], *, head: bool = False) -> Block:
            text = {key: {self.language: escape(str(cell))} for key, cell in zip(columns, cells, strict=True)}
            return Block("", TABLE_ROW, text=text, data={"head": True} if head else {})

        self.file.add(self.file.paragraph(escape(caption), "fcTableCaption"))
        block = Block("", TABLE, data={"columns": columns, "head_column": True})
        told_rows = [row(heads, head=True), *(row(cells) for cells in rows)]
        self.file.add(self.file.table(block, told_rows, text=TextOf(self.language)))
        self.file.add(self.file.paragraph(""))

    def _difference(self, html: str, *, lang: str) -> None:
        """Words that went and words that came, told in words and not by colour or stroke alone."""
        parts = []
        for run in told(html):
            text = escape(run.text).replace("\n", "<br>")
            look = {COME: "strong", GONE: "em"}.get(run.mark)
            parts.append(f"<{look}>{text}</{look}>" if look else text)
        self.file.add(self.file.paragraph("".join(parts).strip(), lang=self._other(lang)))

    def _pieces(self, pieces: Sequence[Piece], *, lang: str) -> None:
        self._say(in_words(pieces), lang=lang)

    def _numbers_of(self, remarks: Sequence[str]) -> str:
        return ", ".join(str(number) for _id, number in numbered(remarks, self.numbers))

    # --- The chapters ---------------------------------------------------------------------------------------

    def _opening(self) -> None:
        page = self.page
        self.file.add(self.file.paragraph(escape(self.title), "Title"))
        made = formats.date_format(page.made, "SHORT_DATE_FORMAT")
        if self.is_draft:
            mark = pgettext("mark on every page", "DRAFT")
            note = _("This summary has not been published.")
            self.file.add(self.file.paragraph(f"<strong>{escape(mark)}</strong> · {escape(made)}. {escape(note)}"))
        else:
            self._say(made)
        if page.is_sample:
            note = _("Sample text – not an official document")
            self.file.add(self.file.paragraph(f"<strong>{escape(note)}</strong>"))
        self._say(page.intro, lang=page.language)
        self._heading(1, _("The round in brief"))
        for label, value in page.about:
            self._labelled(f"{label}:", value)
        if len(page.happened) > 1:
            for text in page.happened:
                self._say(text)
        counts = [
            ngettext("One respondent.", "%(count)s respondents.", page.respondents_count)
            % {"count": page.respondents_count},
            ngettext("One remark.", "%(count)s remarks.", page.remarks_count) % {"count": page.remarks_count},
        ]
        if page.unanswered:
            text = ngettext("One remark has no answer yet.", "%(count)s remarks have no answer yet.", page.unanswered)
            counts.append(text % {"count": page.unanswered})
        self._say(" ".join(counts))
        if page.ways:
            self._table(_("How people answered"), [_("Way"), _("Respondents")], page.ways)
        if page.outcomes:
            self._table(_("What came of the remarks"), [_("Outcome"), _("Remarks")], page.outcomes)

    def _changes(self) -> None:
        if self.page.changes:
            self._heading(1, _("What was changed"))
        for row in self.page.changes:
            self._change(row)

    def _change(self, row: ChangeRow) -> None:
        self._heading(2, row.title)
        self._difference(row.html, lang=self.page.language)
        self._say(f"{row.count}: {self._numbers_of(row.remarks)}")

    def _asked(self) -> None:
        page = self.page
        if page.asked or page.asked_people:
            self._heading(1, _("Who was asked"))
        self._say(page.asked_people)
        for kind in page.asked:
            rows = [(row.name, row.answer) for row in kind.rows]
            self._table(f"{kind.label}: {kind.count}", [_("Who"), _("Answer")], rows)

    def _questions(self) -> None:
        if self.page.questions:
            self._heading(1, _("Questions"))
        for question in self.page.questions:
            self._question(question)

    def _question(self, question: QuestionRow) -> None:
        self._heading(2, question.text)
        self._say(" · ".join(part for part in (question.form, question.answered) if part))
        answers = pgettext("to a question", "Answers")
        if question.counts:
            self._table(answers, [_("Option"), answers], question.counts)
        if question.rows:
            heads = [_("Option"), *(f"{column.label} ({column.respondents})" for column in question.columns)]
            self._table(_("By group"), heads, [(option, *counts) for option, counts in question.rows])
        self._say(question.note)
        for said in question.texts:
            self._labelled(f"{said.who}:", in_words(said.pieces), lang=said.language)

    def _remarks(self) -> None:
        if self.page.parts:
            self._heading(1, _("Remarks and answers"))
        for part in self.page.parts:
            self._part(part)

    def _part(self, part: PartRow) -> None:
        self._heading(2, part.title)
        self._say(part.count)
        for remark in part.remarks:
            self._remark(remark)

    def _remark(self, remark: RemarkRow) -> None:
        self._heading(3, f"{self.numbers[remark.id]}. {remark.who}")
        if remark.place:
            self._say(f"{_('About:')} {remark.place}")
        if remark.hidden_reason:
            self._say(_("The remark is not published: %(reason)s") % {"reason": remark.hidden_reason})
        self._say(remark.quote, "Quote", lang=remark.language)
        self._pieces(remark.pieces, lang=remark.language)
        for change in remark.proposal:
            self._labelled(f"{change['title']}:", change["label"])
            self._difference(change["html"], lang=remark.language)
        outcome = f"{escape(_('Outcome:'))} <strong>{escape(remark.outcome_text)}</strong> {escape(remark.change)}"
        self.file.add(self.file.paragraph(outcome.strip()))
        self._say(remark.reason, lang=remark.reason_language)

    def _respondents(self) -> None:
        if self.page.respondents:
            self._heading(1, _("Respondents"))
        for row in self.page.respondents:
            self._respondent(row)

    def _respondent(self, row: RespondentRow) -> None:
        self._heading(2, row.who)
        self._say(" · ".join(row.about))
        if row.hidden_ground:
            self._say(_("Not published. Ground: %(ground)s") % {"ground": row.hidden_ground})
        self._pieces(row.pieces, lang=row.language)
        if row.attachments:
            self._labelled(_("Attachments:"), ", ".join(row.attachments))
        if numbers := self._numbers_of(row.remarks):
            self._labelled(_("Remarks:"), numbers)
