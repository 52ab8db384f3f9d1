"""Comment rounds and their budgets: 5,000 remarks by 600 respondents on a plan of 600 blocks."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.links import make_link
from bench import data, reviews_data
from bench.cases import Reader, Result, page, queries, seconds, undone
from bench.server import Server, serve
from documents.services.sections import save_section
from reviews.answering.holding import INVITATION, SESSION_KEY
from reviews.finding import address
from reviews.models import Remark
from reviews.services.grouping import group_all

MOST_FOR_READERS, MOST_FOR_HANDLERS, MOST_FOR_ONE = 15, 20, 25
"""Database queries of a page; the last is for one remark, with all that is told beside it, and for a summary."""


def _counted(name: str, value: int, budget: int) -> Result:
    return Result(f"{name}, queries", value, "", budget=budget)


# --- Those who answer -------------------------------------------------------------------------------------------


def reviews_reading() -> Iterator[Result]:
    """The text with the counts of thousands of remarks, for anybody and for whoever came by a link and has answered."""
    comment_round = reviews_data.comment_round()
    text = address(comment_round, "text")
    with serve(Path(connection.settings_dict["NAME"])) as server:
        for who, reader in (("anybody", Reader(server)), ("by a link", _by_link(server))):
            result = page(f"reading page with counts, {who}", reader, text, 15)
            yield result
            yield _counted(result.name, result.queries or 0, MOST_FOR_READERS)
        published = page("published summary", Reader(server), address(comment_round, "outcome"), 200)
        yield published
        yield _counted(published.name, published.queries or 0, MOST_FOR_READERS)


def _by_link(server: Server) -> Reader:
    """Somebody who came by the link of an invitation and has handed in."""
    comment_round = reviews_data.comment_round()
    invitation = comment_round.invitations.earliest("pk")
    link, _token = make_link(INVITATION, invitation.public_id, sent_to="", expires_at=comment_round.closes_at)
    session = SessionStore()
    session[SESSION_KEY] = {comment_round.public_id: link.pk}
    session.save()
    reader = Reader(server)
    reader.headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return reader


# --- Those who handle --------------------------------------------------------------------------------------------


def _in_process(
    name: str, client: Client, url: str, budget: float, *, most: int = MOST_FOR_HANDLERS
) -> Iterator[Result]:
    """A page answered in this process: its time, and how much it asks of the database."""

    def read() -> None:
        response = client.get(url)
        if response.status_code != 200:
            raise ValueError(f"{url} answered {response.status_code}.")

    read()  # what is kept from the first time on is asked once
    asked = queries(read)
    yield Result(name, seconds(read) * 1000, "ms", asked, budget)
    yield _counted(name, asked, most)


def _coordinator() -> Client:
    client = Client(HTTP_HOST="localhost")
    client.force_login(data.coordinator())
    return client


def reviews_desk() -> Iterator[Result]:
    """The answer desk: its list however it is filtered, one remark, the tray, what collides."""
    client, comment_round = _coordinator(), reviews_data.comment_round()
    document = comment_round.version.document
    one = [document.region.slug, document.kind, document.public_id]
    everything = reverse("reviews:remark-list", args=one)
    section = document.sections.present().order_by("pk")[30].key
    asked = {
        "all": "",
        "page 100": "page=100",
        "unanswered": "answer=none",
        "one section": f"section={section}",
        "proposals": "kind=proposal",
        "one round": f"round={comment_round.public_id}",
        "one area": "area=alue-3",
        "one kind of organisation": "organisation=parish",
        "nobody's": "handler=nobody",
        "not hidden": "visibility=shown",
        "by words": "q=perhe+tuki",
        "by a name": "who=kuultava+77",
        "in order of names": "sort=who",
        "text changed": "standing=changed",
    }
    for name, query in asked.items():
        yield from _in_process(f"answer desk, {name}", client, f"{everything}?{query}", 200)
    remark = comment_round_remark()
    pages: dict[str, tuple[str, list[object], float]] = {
        "one remark": ("remark", [remark.public_id], 200),
        "tray": ("tray", [], 500),
        "proposals and collisions": ("proposal-list", [], 500),
        "meetings": ("meeting-list", [], 200),
        "meeting": ("meeting", [reviews_data.meeting().public_id], 200),
        "meeting's point": ("meeting-point", [reviews_data.meeting().public_id, remark.public_id], 200),
        "rounds": ("round-list", [], 200),
    }
    for name, (view, rest, budget) in pages.items():
        url = reverse(f"reviews:{view}", args=[*one, *rest])
        yield from _in_process(name, client, url, budget, most=MOST_FOR_ONE if rest else MOST_FOR_HANDLERS)
    yield from _in_process(
        "editor beside remarks", client, reverse("documents:section-detail", args=[*one, section]), 150
    )


def comment_round_remark() -> Remark:
    """One that nobody has answered, in the middle of the text."""
    return Remark.objects.unanswered().order_by("order", "pk")[1_250]


def reviews_standing_anew() -> Iterator[Result]:
    """What became of the text, looked for again because somebody has just saved."""
    client, document = _coordinator(), reviews_data.comment_round().version.document
    url = reverse("reviews:remark-list", args=[document.region.slug, document.kind, document.public_id])
    numbers = itertools.count()

    def read() -> None:
        section = document.sections.present().with_text().order_by("-pk")[0]
        words = f"<p>{data.sentences(20, next(numbers))}</p>"
        save_section(section, by=None, base=section.head, html={"fi": words})
        if client.get(f"{url}?standing=gone").status_code != 200:
            raise ValueError(f"{url} did not answer.")

    with undone():
        yield Result("saving, then the desk by what changed", seconds(read) * 1000, "ms", queries(read), 1_500)


def reviews_rounds() -> Iterator[Result]:
    """A round's own pages: its front page, who was asked, who answered, the summary and one section of it."""
    client, comment_round = _coordinator(), reviews_data.comment_round()
    section = comment_round.version.document.sections.present().order_by("pk")[30].key
    statement = comment_round.statements.earliest("pk")
    pages: dict[str, tuple[str, list[object], float]] = {
        "round": ("round", [], 200),
        "600 statements": ("statement-list", [], 200),
        "one statement": ("statement", [statement.public_id], 200),
        "600 invitations and who is silent": ("invitation-list", [], 300),
        "summary": ("summary", [], 500),
        "summary, one section": ("summary-part", [section], 500),
        "summary, respondents": ("summary-respondents", [], 500),
        "published summary, in this process": ("outcome", [], 500),
        "published summary, one section": ("outcome-part", [section], 500),
        "moderation": ("moderation", [], 200),
    }
    for name, (view, rest, budget) in pages.items():
        yield from _in_process(name, client, address(comment_round, view, *rest), budget, most=MOST_FOR_ONE)


def reviews_grouping() -> Iterator[Result]:
    """The job that looks for similar remarks."""
    document = reviews_data.comment_round().version.document
    with undone():
        yield Result("looking for similar remarks", seconds(lambda: group_all(document), least=1), "s", budget=20)


CASES: list[Callable[[], Iterator[Result]]] = [
    *(reviews_reading, reviews_desk, reviews_standing_anew, reviews_rounds, reviews_grouping),
]
