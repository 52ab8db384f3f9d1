"""The cases and their budgets (PERFORMANCE.md); a page is measured against an empty view behind the same middleware."""

import gc
import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.base import BaseHandler
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml.html.diff import htmldiff
from weasyprint import HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration

from bench import data
from documents import frozen
from documents.blocks import PARAGRAPH, Block
from documents.difference import compare_blocks
from documents.html import Rendering, render
from documents.printing import document as printing
from documents.printing.engine import PrintFetcher, make_pdf
from documents.services.sections import save_section
from documents.services.versions import freeze
from regions.models import Region

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
    """Gets pages through all of the middleware, without a network; signed in as the coordinator if told so."""

    def __init__(self, *, signed_in: bool = False) -> None:
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.headers: dict[str, str] = {}
        if signed_in:
            user = data.coordinator()
            session = SessionStore()
            session[SESSION_KEY] = str(user.pk)
            session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
            session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            session.save()
            self.headers["HTTP_COOKIE"] = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"

    def get(self, address: str, *, expect: int = 200, **headers: str) -> HttpResponse:
        response = self.handler.get_response(RequestFactory().get(address, **self.headers, **headers))
        if response.status_code != expect:
            raise RuntimeError(f"{address} answered {response.status_code}.")
        return response


# --- Cases ------------------------------------------------------------------------------------------------


def page(name: str, reader: Reader, address: str, budget: float, *, expect: int = 200, **headers: str) -> Result:
    def action() -> HttpResponse:
        return reader.get(address, expect=expect, **headers)

    floor = Reader()
    return Result(
        name, ratio(action, lambda: floor.get(reverse("healthz")), least=20), "× floor", queries(action), budget
    )


def floor() -> Iterator[Result]:
    reader = Reader()
    yield Result("empty view", seconds(lambda: reader.get(reverse("healthz"))) * 1000, "ms", 0)


def differences() -> Iterator[Result]:
    for words, budget in ((2_000, 0.6), (13_000, 0.2)):
        old = [data.sentences(50, seed) for seed in range(words // 50)]
        new = [data.changed(text) for text in old]
        pages = ["".join(f"<p>{text}</p>" for text in texts) for texts in (old, new)]
        before, after = (
            [Block(f"b{place:09d}", PARAGRAPH, {"body": {"fi": text}}) for place, text in enumerate(texts)]
            for texts in (old, new)
        )
        yield Result(
            f"difference of {words} words",
            ratio(lambda: compare_blocks(before, after, language="fi"), lambda: htmldiff(*pages), least=3),
            "× htmldiff",
            budget=budget,
        )


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


def freezing() -> Iterator[Result]:
    document = data.plan().document

    def action() -> None:
        freeze(document, by=None)

    with undone():
        yield Result("freezing 60 sections, 600 blocks", seconds(action) * 1000, "ms", queries(action), 250)


def reading() -> Iterator[Result]:
    address = data.version().get_absolute_url()
    etag = Reader().get(address).headers["ETag"]
    yield page("published plan of 600 blocks, kept", Reader(), address, 4)
    yield page("published plan of 600 blocks, 304", Reader(), address, 4, expect=304, HTTP_IF_NONE_MATCH=etag)


def plan_pages() -> Iterator[Result]:
    plan = data.plan()
    names = [data.region().slug, plan.document.public_id]
    reader = Reader(signed_in=True)
    yield page("plan page with 50 actions", reader, reverse("plans:goal-list", args=names), 15)


def front_page() -> Iterator[Result]:
    reader = Reader()
    many = seconds(lambda: reader.get(reverse("home")))
    counted = queries(lambda: reader.get(reverse("home")))
    with undone():
        Region.objects.exclude(pk=data.region().pk).delete()
        one = seconds(lambda: reader.get(reverse("home")))
    yield Result("front page of 22 regions", many / one, "× 1 region", counted, 1.1)


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
    *(floor, differences, saving, freezing, reading, plan_pages, front_page, printed),
]


def run(word: str) -> Iterator[Result]:
    """The results of the cases whose function's name contains the word."""
    for case in CASES:
        if word in case.__name__:
            yield from case()
