"""What came in: the list, one statement with all that it says, its attachments and what it said earlier."""

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from documents import frozen
from documents.blocks import Block
from documents.frozen import Frozen
from regions.files import XLSX
from reviews.facts import handled_in_words
from reviews.finding import address, find_round
from reviews.forms.entering import StatementFilter
from reviews.intake.passages import find_picked, lay_out
from reviews.intake.received import as_workbook, filtered, received_rows
from reviews.models import CommentRound, Receipt, Remark, Statement
from reviews.permissions import can_run
from reviews.rounds.page import round_context
from reviews.rounds.questions import QuestionKind, answer_in_words
from reviews.rounds.short_forms import questions_for
from reviews.services.entering import is_entered
from reviews.views.files import handed_out, saved_as

PER_PAGE = 50
SHORT_PLACE = 70
"""Signs of a paragraph by which it is known in a list of places."""


class StatementTable(tables.Table):
    """What came in to a round; on a phone each statement is a small sheet."""

    who = tables.TemplateColumn(
        '<a href="{{ record.url }}">{{ record }}</a>',
        verbose_name=pgettext_lazy("column", "Respondent"),
        order_by=("sorted_who", "pk"),
    )
    kind = tables.TemplateColumn(
        "{{ record.get_kind_display }}{% if record.organisation %}"
        '<br><span class="fc-muted">{{ record.organisation.get_kind_display }}</span>{% endif %}',
        verbose_name=pgettext_lazy("of a statement", "Kind"),
    )
    origin = tables.TemplateColumn(
        "{% load i18n %}{{ record.get_origin_display }}{% if record.entered_by %}"
        '<br><span class="fc-muted">{% blocktranslate trimmed with name=record.entered_by %}'
        "Entered by {{ name }}{% endblocktranslate %}</span>{% endif %}",
        verbose_name=gettext_lazy("How it came"),
    )
    received_at = tables.TemplateColumn(
        "{% load components %}{{ record.received_at|date:'SHORT_DATE_FORMAT' }}"
        "{% if record.late %}<br>{% badge 'late' %}{% endif %}",
        verbose_name=pgettext_lazy("column", "Received"),
        order_by=("received_at", "pk"),
    )
    stance = tables.TemplateColumn("{{ record.get_stance_display }}", verbose_name=gettext_lazy("What they answer"))
    handled = tables.Column(
        verbose_name=pgettext_lazy("column", "Handled in"), order_by=("handled_on", "handled_in"), empty_values=()
    )
    remark_count = tables.Column(
        verbose_name=gettext_lazy("Remarks"), attrs={"td": {"class": "fc-number"}, "th": {"class": "fc-number"}}
    )
    file_count = tables.Column(
        verbose_name=gettext_lazy("Attachments"), attrs={"td": {"class": "fc-number"}, "th": {"class": "fc-number"}}
    )

    class Meta:
        attrs = {"class": "fc-table fc-table--stack"}
        order_by = ("received_at",)

    caption = gettext_lazy("Statements that have come in")

    def render_handled(self, record: Statement) -> str:
        return handled_in_words(record) or "–"


def find_statement(comment_round: CommentRound, statement_id: str) -> Statement:
    """A statement that has come in; a draft is nobody's business before it is handed in (404)."""
    rows = comment_round.statements.received().select_related(
        "organisation", "user", "entered_by", "invitation__body", "area", "municipality"
    )
    statement = get_object_or_404(rows, public_id=statement_id)
    statement.round = comment_round
    return statement


@require_safe
def statement_list(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """What has come in to a round, by whatever way."""
    comment_round, rights = find_round(request, region, round_id)
    form = StatementFilter(request.GET or None)
    rows = received_rows(comment_round)
    total = comment_round.statements.received().count()
    if form.is_valid():
        rows = filtered(rows, form.cleaned_data)
    table = StatementTable(rows)
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    shown = list(table.page.object_list)
    for row in shown:
        row.record.url = address(comment_round, "statement", row.record.public_id)
    query = request.GET.urlencode()
    context = round_context(comment_round, "statement-list", (_("Statements"), "")) | {
        "form": form,
        "table": table,
        "total": total,
        "shown": table.page.paginator.count,
        "may_run": can_run(rights, comment_round),
        "add_url": address(comment_round, "statement-enter"),
        "import_url": address(comment_round, "statement-import"),
        "export_url": address(comment_round, "statement-export") + (f"?{query}" if query else ""),
    }
    return render(request, "reviews/statement_list.html", context)


@require_safe
def statement_export(request: HttpRequest, region: str, round_id: str) -> HttpResponse:
    """The list as it is filtered, as a spreadsheet."""
    comment_round, _rights = find_round(request, region, round_id)
    form = StatementFilter(request.GET or None)
    rows = received_rows(comment_round)
    if form.is_valid():
        rows = filtered(rows, form.cleaned_data)
    language = get_language() or "fi"
    name = slugify(f"{_('Statements')} {comment_round.title_in(language)}") or "statements"
    return saved_as(f"{name[:80]}.xlsx", as_workbook(comment_round, rows, language), XLSX)


@require_safe
def statement_detail(request: HttpRequest, region: str, round_id: str, statement_id: str) -> HttpResponse:
    """All that somebody said. With `?pick` passages of the words are picked as remarks."""
    comment_round, rights = find_round(request, region, round_id)
    statement = find_statement(comment_round, statement_id)
    may_run = can_run(rights, comment_round)
    return render(
        request,
        "reviews/statement_detail.html",
        statement_context(statement, may_run=may_run, picks="pick" in request.GET and may_run),
    )


def statement_context(statement: Statement, *, may_run: bool, picks: bool = False, problem: str = "") -> dict[str, Any]:
    """The page of a statement; a constant number of queries."""
    comment_round = statement.round
    remarks = list(statement.remarks.said().prefetch_related("answers").order_by("order", "pk"))
    content = frozen.read(comment_round.version) if picks or remarks else None
    numbers = {remark.pk: number for number, remark in enumerate(remarks, 1)}
    own = [statement.public_id]
    words = [("", "", statement.text)] if statement.text else []
    facts: list[tuple[str, str]] = []
    for question in questions_for(statement):
        answer = statement.answers.get(question.key)
        if not answer:
            continue
        asked = question.text_in(statement.language)
        if question.kind == QuestionKind.TEXT:
            words.append((question.key, asked, str(answer)))
        else:
            facts.append((asked, answer_in_words(question, answer, statement.language)))
    receipts = [made_at for made_at, when in _receipts(statement) if when]
    return round_context(
        comment_round,
        "statement-list",
        (_("Statements"), address(comment_round, "statement-list")),
        (str(statement), ""),
    ) | {
        "statement": statement,
        "problem": problem,
        "handled": handled_in_words(statement),
        "words": [
            (key, asked, lay_out(text, find_picked(text, [row for row in remarks if row.question == key], numbers)))
            for key, asked, text in words
        ],
        "chosen_answers": facts,
        "remarks": [_remark_line(statement, remark, numbers[remark.pk], content) for remark in remarks],
        "files": [
            (row, address(comment_round, "statement-file", *own, row.public_id))
            for row in statement.attachments.order_by("name", "pk")
        ],
        "receipts": [
            (made_at, address(comment_round, "statement-receipt", *own, number))
            for number, made_at in enumerate(receipts, 1)
        ],
        "may_run": may_run,
        "picks": picks,
        "places": places_of(content, statement.language) if picks and content else [],
        "is_entered": is_entered(statement),
        "pick_url": address(comment_round, "statement-pick", *own),
        "change_url": address(comment_round, "statement-change", *own),
        "more_url": address(comment_round, "statement-add-to", *own),
        "own_url": address(comment_round, "statement", *own),
        "add_url": address(comment_round, "statement-enter"),
        "list_url": address(comment_round, "statement-list"),
    }


def _receipts(statement: Statement) -> Sequence[tuple[Any, str]]:
    """When each receipt was made, and when the statement had arrived then: nothing for the words of a draft."""
    return list(statement.receipts.order_by("pk").values_list("made_at", "content__received_at"))


def _remark_line(statement: Statement, remark: Remark, number: int, content: Frozen | None) -> dict[str, Any]:
    document = statement.round.version.document
    comment_round = statement.round
    return {
        "number": number,
        "remark": remark,
        "place": place_name(content, remark, statement.language),
        "url": reverse(
            "reviews:remark", args=[document.region.slug, document.kind, document.public_id, remark.public_id]
        ),
        "is_picked": remark.picked_starts_at is not None,
        "is_answered": any(answer.withdrawn_at is None for answer in remark.answers.all()),
        "may_put_back": remark.picked_starts_at is not None and not remark.answers.all(),
        "put_back_url": address(comment_round, "statement-put-back", statement.public_id, remark.public_id),
    }


def place_name(content: Frozen | None, remark: Remark, language: str) -> str:
    """Where in the text a remark is, in words."""
    if remark.unplaced:
        return _("Not placed yet")
    if not remark.section_key or content is None:
        return _("The whole text")
    section = next((row for row in content.sections if row.key == remark.section_key), None)
    if section is None:
        return _("The whole text")
    heading = f"{section.number} {section.heading_in(language)}".strip()
    block = next((row for row in section.blocks if row.id == remark.block_id), None)
    return f"{heading}: {_words(block, language)}" if block else heading


def places_of(content: Frozen, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The places of a version for a list to choose from: section by section, the section itself and its paragraphs."""
    groups = []
    for section in content.sections:
        heading = f"{section.number} {section.heading_in(language)}".strip()
        options = [(f"s:{section.key}", _("%(section)s: the whole section") % {"section": heading})]
        for block in section.blocks:
            words = _words(block, language)
            if words:
                options.append((f"b:{block.id}", words))
        groups.append((heading, options))
    return groups


def _words(block: Block, language: str) -> str:
    """The first words of a paragraph, in the language of the reader or in the one that it has."""
    codes = dict.fromkeys([language, *(code for texts in block.text.values() for code in texts)])
    words = next((text for code in codes if (text := " ".join(block.plain_in(code).split()))), "")
    return words if len(words) <= SHORT_PLACE else words[:SHORT_PLACE].rsplit(" ", 1)[0] + " …"


@require_safe
def statement_file(
    request: HttpRequest, region: str, round_id: str, statement_id: str, file_id: str
) -> HttpResponseBase:
    """An attachment, for those who handle what is said."""
    comment_round, _rights = find_round(request, region, round_id)
    statement = find_statement(comment_round, statement_id)
    return handed_out(get_object_or_404(statement.attachments, public_id=file_id))


@require_safe
def statement_receipt(request: HttpRequest, region: str, round_id: str, statement_id: str, number: int) -> HttpResponse:
    """What a statement said at one moment."""
    comment_round, _rights = find_round(request, region, round_id)
    statement = find_statement(comment_round, statement_id)
    receipts = [row for row in statement.receipts.order_by("pk") if row.content.get("received_at")]
    if not 1 <= number <= len(receipts):
        raise Http404
    receipt: Receipt = receipts[number - 1]
    content = receipt.content
    language = str(content.get("language") or statement.language)
    answers = content.get("answers", {})
    crumbs = (
        (_("Statements"), address(comment_round, "statement-list")),
        (str(statement), address(comment_round, "statement", statement.public_id)),
        (_("As it stood"), ""),
    )
    context = round_context(comment_round, "statement-list", *crumbs) | {
        "statement": statement,
        "receipt": receipt,
        "content": content,
        "stance": dict(Statement.Stance.choices).get(content.get("stance"), ""),
        "answers": [
            (question.text_in(language), answer_in_words(question, answers.get(question.key), language))
            for question in questions_for(statement)
            if answers.get(question.key)
        ],
        "back_url": address(comment_round, "statement", statement.public_id),
    }
    return render(request, "reviews/statement_receipt.html", context)
