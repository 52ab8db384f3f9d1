"""The cases and their budgets (PERFORMANCE.md); a page is measured against an empty view behind the same middleware."""

import gc
import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.base import BaseHandler
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml.html.diff import htmldiff
from weasyprint import HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration

from bench import data
from bench.server import Server, serve
from bench.urls import EMPTY
from documents import frozen
from documents.blocks import PARAGRAPH, Block
from documents.difference import compare_blocks
from documents.html import Rendering, render
from documents.printing import document as printing
from documents.printing.engine import PrintFetcher, make_pdf
from documents.services.sections import save_section
from documents.services.versions import freeze

SECONDS = 1.5
"""How long a case is repeated, and at least five times."""


@dataclass(frozen=True)
class Result:
    name: str
    median: float
    unit: str
    queries: int | None = None
    budget: float | None = None

    @property
    def is_over(self) -> bool:
        return self.budget is not None and self.median > self.budget

    def __str__(self) -> str:
        queries = "" if self.queries is None else str(self.queries)
        budget = "" if self.budget is None else f"{self.budget:g}"
        return "\t".join(
            [self.name, f"{self.median:.3g}", self.unit, queries, budget, "over" if self.is_over else "ok"]
        )


# --- Measuring --------------------------------------------------------------------------------------------


def seconds(action: Callable[[], object], *, least: int = 5) -> float:
    """The median time of an action, after one run that warms everything up."""
    action()
    times: list[float] = []
    gc.collect()
    end = time.perf_counter() + SECONDS
    while len(times) < least or time.perf_counter() < end:
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def ratio(action: Callable[[], object], floor: Callable[[], object], *, least: int = 5) -> float:
    """The median of an action's time over another's, run in turns so that both meet the same machine."""
    action(), floor()
    ratios: list[float] = []
    gc.collect()
    end = time.perf_counter() + 2 * SECONDS
    while len(ratios) < least or time.perf_counter() < end:
        start = time.perf_counter()
        action()
        middle = time.perf_counter()
        floor()
        ratios.append((middle - start) / (time.perf_counter() - middle))
    return statistics.median(ratios)


def queries(action: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        action()
    return len(captured)


@contextmanager
def undone() -> Iterator[None]:
    """Everything written inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Reader:
    """Somebody who reads pages: anyone, or the coordinator."""

    def __init__(self, server: Server, *, signed_in: bool = False) -> None:
        self.server = server
        self.headers: dict[str, str] = {}
        self.empty = EMPTY if signed_in else reverse("healthz")
        if signed_in:
            user = data.coordinator()
            session = SessionStore()
            session[SESSION_KEY] = str(user.pk)
            session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
            session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            session.save()
            self.headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"

    def get(self, address: str, *, expect: int = 200, **headers: str) -> dict[str, str]:
        return self.server.get(address, {**self.headers, **headers}, expect=expect)

    def get_empty(self) -> None:
        """The empty view behind the same middleware: for a person of our own it reads who she is, as on her pages."""
        self.get(self.empty)

    def queries(self, address: str, **headers: str) -> int:
        """How many queries the page takes, counted in this process."""
        handler = BaseHandler()
        handler.load_middleware()
        asked = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in {**self.headers, **headers}.items()}
        return queries(lambda: handler.get_response(RequestFactory().get(address, **asked)))


# --- Cases ------------------------------------------------------------------------------------------------


def page(name: str, reader: Reader, address: str, budget: float, *, expect: int = 200, **headers: str) -> Result:
    value = ratio(lambda: reader.get(address, expect=expect, **headers), reader.get_empty, least=20)
    return Result(name, value, "× floor", reader.queries(address, **headers), budget)


def differences() -> Iterator[Result]:
    for words, budget in ((2_000, 0.6), (13_000, 0.2)):
        old = [data.sentences(50, seed) for seed in range(words // 50)]
        new = [data.changed(text) for text in old]
        pages = ["".join(f"<p>{text}</p>" for text in texts) for texts in (old, new)]
        before, after = (
            [Block(f"b{place:09d}", PARAGRAPH, {"body": {"fi": text}}) for place, text in enumerate(texts)]
            for texts in (old, new)
        )
        ours = partial(compare_blocks, before, after, language="fi")
        value = ratio(ours, partial(htmldiff, *pages), least=3)
        yield Result(f"difference of {words} words", value, "× htmldiff", budget=budget)


def saving() -> Iterator[Result]:
    """One paragraph of 200 changed, on the head and on a base that another save has passed."""
    section = data.long_section()
    html = str(render(section.blocks, Rendering("fi", editing=True)))
    numbers = itertools.count()

    def save() -> None:
        edited = html.replace("</p>", f" muutos{next(numbers)}</p>", 1)
        save_section(data.long_section(), by=None, base=section.head, html={"fi": edited})

    with undone():
        yield Result("saving one of 200 blocks", seconds(save) * 1000, "ms", queries(save), 250)
    yield from _saving_in_plan()


def _saving_in_plan() -> Iterator[Result]:
    """What the editor sends while somebody types, in a plan of 60 sections and 600 blocks: alone, and merged."""
    document = data.plan().document
    section = next(row for row in document.sections.present().with_text() if len(row.blocks) == 10)
    start = section.head
    html = str(render(section.blocks, Rendering("fi", editing=True)))
    client = Client()
    client.force_login(data.coordinator())
    address = reverse(
        "documents:section-detail", args=[document.region.slug, document.kind, document.public_id, section.key]
    )
    numbers = itertools.count()

    def send(base: int, place: int) -> None:
        paragraphs = html.split("</p>")
        paragraphs[place] += f" muutos{next(numbers)}"
        sent = {"base": base, "automatic": "1", "text-fi": "</p>".join(paragraphs)}
        answer = client.post(address, sent, headers={"Accept": "application/json"})
        if answer.status_code != 200:
            raise AssertionError(answer.content)

    def alone() -> None:
        section.refresh_from_db()
        send(section.head.number, 0)

    with undone():
        yield Result("autosave in a plan of 600 blocks", seconds(alone) * 1000, "ms", queries(alone), 100)
        save_section(section, by=None, base=start, html={"fi": html.replace("</p>", " toinen</p>", 3)})

        def merged() -> None:
            send(start.number, 9)

        yield Result("autosave merged with another's", seconds(merged) * 1000, "ms", queries(merged), 100)


def freezing() -> Iterator[Result]:
    document = data.plan().document

    def action() -> None:
        freeze(document, by=None)

    with undone():
        yield Result("freezing 60 sections, 600 blocks", seconds(action) * 1000, "ms", queries(action), 250)


def pages() -> Iterator[Result]:
    """What readers and the coordinator open, against an empty view of the same server."""
    file = Path(connection.settings_dict["NAME"])
    plan = data.plan()
    goals = reverse("plans:goal-list", args=[data.region().slug, plan.document.public_id])
    version = data.version().get_absolute_url()
    with serve(file) as server:
        reader = Reader(server)
        coordinator = Reader(server, signed_in=True)
        yield Result("empty view", seconds(reader.get_empty) * 1000, "ms", 0)
        yield Result("empty view, signed in", seconds(coordinator.get_empty) * 1000, "ms", 2)
        etag = reader.get(version)["ETag"]
        yield page("published plan of 600 blocks, kept", reader, version, 4)
        unchanged = {"expect": 304, "If-None-Match": etag}
        yield page("published plan of 600 blocks, 304", reader, version, 4, **unchanged)
        yield page("plan page with 50 actions", coordinator, goals, 15)
        with serve(data.with_one_region(file)) as alone:
            value = ratio(partial(server.get, reverse("home")), partial(alone.get, reverse("home")), least=20)
            yield Result("front page of 22 regions", value, "× 1 region", reader.queries(reverse("home")), 1.1)


def editor_screen() -> Iterator[Result]:
    """A section of the plan as its writers open it, with the outline of all sections beside it."""
    file = Path(connection.settings_dict["NAME"])
    plan = data.plan()
    section = plan.document.sections.exclude(key=data.LONG_SECTION).exclude(head=None).order_by("pk")[0]
    url = reverse(
        "documents:section-detail",
        args=[data.region().slug, plan.document.kind, plan.document.public_id, section.key],
    )
    with serve(file) as server:
        reader = Reader(server, signed_in=True)
        value = seconds(partial(reader.get, url), least=20) * 1000
        yield Result("editor screen, 60 sections, 600 blocks", value, "ms", reader.queries(url), 150)


def many_measures() -> Iterator[Result]:
    """500 measures as a table, all of them and those that fit, answered in this process."""
    address = reverse("plans:goal-list", args=[data.region().slug, data.long_plan().document.public_id])
    client = Client(HTTP_HOST="localhost")
    client.force_login(data.coordinator())
    owner = data.long_plan().actions.order_by("pk")[7].roles.get(role="lead").organisation
    asked = {
        "listed": {"view": "table"},
        "filtered": {"view": "table", "organisation": f"organisation:{owner.public_id}", "year": "2027"},
        "found by words": {"view": "table", "q": "perhe tuki"},
        "in order": {"view": "table", "sort": "organisation", "page": "5"},
    }
    for name, query in asked.items():

        def read(query: dict[str, str] = query) -> None:
            if client.get(address, query).status_code != 200:
                raise ValueError(f"{address} did not answer.")

        yield Result(f"500 measures {name}", seconds(read) * 1000, "ms", queries(read), 200)


def printed() -> Iterator[Result]:
    """The same HTML made accessible by us and printed by the engine alone."""
    version = data.version()
    edition = printing.Edition(
        frozen=frozen.read(version),
        language="fi",
        number=version.number,
        frozen_at=version.frozen_at,
        is_draft=False,
        identifier=version.sha256,
        picture=lambda _key: (b"", "image/png"),
    )
    with patch.object(printing, "make_pdf") as make:
        printing.print_pdf(edition, "print/document.html")
    (html,), said = make.call_args

    def engine() -> Document:
        return HTML(string=html, url_fetcher=PrintFetcher(edition.picture)).render(font_config=FontConfiguration())

    value = ratio(lambda: make_pdf(html, **said), lambda: engine().write_pdf(), least=3)
    yield Result(f"accessible PDF of {len(engine().pages)} pages", value, "× WeasyPrint", budget=1.3)


CASES: list[Callable[[], Iterator[Result]]] = [
    *(differences, saving, freezing, pages, editor_screen, many_measures, printed),
]


def run(word: str, among: Sequence[Callable[[], Iterator[Result]]]) -> Iterator[Result]:
    """The results of the cases whose function's name contains the word."""
    for case in among:
        if word in case.__name__:
            yield from case()
