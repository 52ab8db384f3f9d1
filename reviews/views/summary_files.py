"""Files of a round's summary and everything for the registry: asked for, waited for, handed out."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from documents.rendering import plain_languages
from documents.views.finding import first_error, require
from reviews.finding import address, find_announced, find_round
from reviews.models import CommentRound, RoundSummary, SummaryFile
from reviews.permissions import can_run
from reviews.services.summaries import public_summary
from reviews.services.summary_files import FileState, State, ask_for_file, find_file, states_of
from reviews.summary.files import FORMATS
from reviews.views.files import handed_out

DRAFT, PUBLISHED = "draft", "published"


@dataclass(frozen=True)
class Cell:
    """One file in the table: how far it is, where it is fetched and where it is asked for."""

    id: str
    label: str
    """Format and language, for those who hear the button alone."""
    state: FileState
    url: str
    make_url: str


@dataclass(frozen=True)
class Row:
    label: str
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """The files of the summary as it stands, or of the published one."""

    title: str
    languages: list[str]
    rows: list[Row]

    @property
    def is_waited_for(self) -> bool:
        return any(cell.state.is_waited_for for row in self.rows for cell in row.cells)


def files_panel(comment_round: CommentRound, *, may_run: bool) -> dict[str, Any]:
    """What `_summary_files.html` shows: up to five queries, however many files there are."""
    languages = list(comment_round.version.document.languages)
    published = public_summary(comment_round)
    draft_states = states_of(comment_round, None)
    tables = [_table(comment_round, DRAFT, _("The summary as it stands now"), languages, draft_states)]
    if published:
        states = states_of(comment_round, published)
        tables.insert(0, _table(comment_round, PUBLISHED, _("The published summary"), published.languages, states))
    archive = None
    if may_run:
        archive = _cell(comment_round, DRAFT, SummaryFile.Format.ZIP, languages[0], draft_states)
    waits = any(table.is_waited_for for table in tables) or bool(archive and archive.state.is_waited_for)
    return {
        "tables": tables,
        "archive": archive,
        "is_waited_for": waits,
        "url": address(comment_round, "summary-files"),
        "round_is_draft": comment_round.is_draft,
    }


def _table(
    comment_round: CommentRound,
    stage: str,
    title: str,
    languages: list[str],
    states: dict[tuple[str, str], FileState],
) -> Table:
    names = [label for _code, label in plain_languages(languages)]
    rows = [
        Row(
            str(SummaryFile.Format(name).label),
            [_cell(comment_round, stage, name, language, states) for language in languages],
        )
        for name in FORMATS
    ]
    return Table(title, names, rows)


def _cell(
    comment_round: CommentRound, stage: str, name: str, language: str, states: dict[tuple[str, str], FileState]
) -> Cell:
    label = f"{SummaryFile.Format(name).label}, {dict(plain_languages([language]))[language]}"
    return Cell(
        id=f"{stage}-{name}-{language}",
        label=label,
        state=states.get((name, language)) or FileState(name, language, State.NOT_ASKED),
        url=address(comment_round, "summary-file", stage, name, language),
        make_url=address(comment_round, "summary-file-make", stage, name, language),
    )


def _summary_at(comment_round: CommentRound, stage: str) -> RoundSummary | None:
    """The published summary where the address asks for it, else nothing. 404 where there is none."""
    if stage == DRAFT:
        return None
    published = public_summary(comment_round) if stage == PUBLISHED else None
    if published is None:
        raise Http404
    return published


@require_safe
def summary_files(request: Request, region: str, round_id: str) -> HttpResponse:
    """The panel again, for a page that waits for its files."""
    comment_round, rights = find_round(request, region, round_id)
    if not request.headers.get("HX-Request"):
        return redirect(f"{address(comment_round, 'summary')}#summary-files")
    panel = files_panel(comment_round, may_run=can_run(rights, comment_round))
    return render(request, "reviews/_summary_files.html", {"files": panel, "is_news": not panel["is_waited_for"]})


@require_POST
def summary_file_make(
    request: Request, region: str, round_id: str, stage: str, format: str, language: str
) -> HttpResponse:
    """Ask for a file; the archive only for those who run the round."""
    comment_round, rights = find_round(request, region, round_id)
    if format == SummaryFile.Format.ZIP:
        require(can_run(rights, comment_round))
    summary = _summary_at(comment_round, stage)
    try:
        ask_for_file(comment_round, summary=summary, format_name=format, language=language, by=request.user)
    except ValidationError as error:
        if error.code in {"format", "language"}:
            raise Http404 from error
        messages.error(request, first_error(error))
    return redirect(f"{address(comment_round, 'summary')}#summary-files")


@require_safe
def summary_file(
    request: Request, region: str, round_id: str, stage: str, format: str, language: str
) -> HttpResponseBase:
    """The file, for those who handle the round; the archive for those who run it. To the panel until it is made."""
    comment_round, rights = find_round(request, region, round_id)
    if format == SummaryFile.Format.ZIP:
        require(can_run(rights, comment_round))
    summary = _summary_at(comment_round, stage)
    stored = find_file(comment_round, summary=summary, format_name=format, language=language)
    if stored is None:
        return redirect(f"{address(comment_round, 'summary')}#summary-files")
    return handed_out(stored)


# --- For everyone -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublicFile:
    label: str
    language: str
    size: int
    url: str


def public_files(comment_round: CommentRound, published: RoundSummary, language: str) -> list[PublicFile]:
    """The files of the published summary in a language, those that are made."""
    states = states_of(comment_round, published)
    return [
        PublicFile(
            str(SummaryFile.Format(name).label),
            language,
            state.file.size,
            address(comment_round, "outcome-file", name, language),
        )
        for name in FORMATS
        if (state := states.get((name, language))) and state.file
    ]


@require_safe
@login_not_required
def outcome_file(request: HttpRequest, region: str, round_id: str, format: str, language: str) -> HttpResponseBase:
    """A file of the published summary, for anyone. 404 until it is made, and when the summary is taken back."""
    comment_round = find_announced(region, round_id)
    published = public_summary(comment_round)
    if published is None:
        raise Http404
    stored = find_file(comment_round, summary=published, format_name=format, language=language)
    if stored is None:
        raise Http404
    return handed_out(stored)
