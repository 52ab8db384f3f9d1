"""Many hand in at the same moment through the whole stack: nothing lost, no error shown, every receipt true.

The long form (fifty people for twenty seconds) runs with HYPOTHESIS_PROFILE=soak, on SQLite and with DATABASE_URL of
PostgreSQL. It prints how many handed in and how long the slowest page took.
"""

import html
import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from reviews.answering import limits
from reviews.finding import address
from reviews.models import CommentRound, Receipt, Statement

from .factories import CommentRoundFactory
from .test_statements import QUESTIONS, place

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
PEOPLE, SECONDS = (50, 20) if SOAK else (12, 0)
FLOOD = 10_000 if SOAK else 300
SETUP_TIMEOUT = 30

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Visitor:
    """One person's browser: cookies and an address of her own, pages by GET and forms by POST as the page made them."""

    port: int
    ip: str
    cookies: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0

    def ask(self, method: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, where it leads, the page."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "X-Forwarded-For": self.ip}
        body = None
        if data is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(data)
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        start = time.monotonic()
        try:
            wire.request(method, path, body, headers)
            response = wire.getresponse()
            content = response.read().decode()
        finally:
            wire.close()
        self.slowest = max(self.slowest, time.monotonic() - start)
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if response.status not in {200, 302}:
            self.faults.append(f"{method} {path}: {response.status}")
        return response.status, response.headers.get("Location", ""), content

    def get(self, path: str) -> str:
        return self.ask("GET", path)[2]

    def send(self, path: str, shown: str, **values: str) -> str:
        """Fill in the form of a shown page and press its button; where that leads to."""
        sent = {**hidden(shown), **values}
        status, location, _page = self.ask("POST", path, sent)
        if status == 200:
            self.faults.append(f"POST {path} was answered with a page.")
        return location


def hidden(shown: str) -> dict[str, str]:
    """The hidden fields of all forms of a page, which agree with each other here."""
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", shown):
        found = dict(re.findall(r"(name|value)=\"([^\"]*)\"", tag))
        fields[found["name"]] = html.unescape(found.get("value", ""))
    return fields


@pytest.fixture
def port(tmp_path):
    """The application as `script/run` starts it, on the test's database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    (tmp_path / "static").mkdir()
    database = connection.settings_dict
    scheme = "sqlite://" if connection.vendor == "sqlite" else f"postgres://{database['USER']}@"
    environment = {
        **os.environ,
        "DATABASE_URL": f"{scheme}/{database['HOST'] or ''}/{database['NAME']}".replace("sqlite:////", "sqlite:///"),
        "FC_VAR_DIR": str(tmp_path),
        "BEHIND_PROXY": "1",
        "FC_STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
    }
    options = ["--workers", "2", "--threads", "8", "--bind", f"127.0.0.1:{number}", "--no-control-socket"]
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "familycentre.wsgi", "--log-level", "warning", *options],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(number)
            yield number
        finally:
            process.terminate()
            process.wait(timeout=30)
    said = (tmp_path / "server.log").read_text()
    assert "Traceback" not in said, said[-3000:]


def _wait_for(port: int) -> None:
    end = time.monotonic() + SETUP_TIMEOUT
    while time.monotonic() < end:
        try:
            if Visitor(port, "10.0.0.1").ask("GET", "/readyz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The server does not answer.")


def answer_once(visitor: Visitor, urls: dict[str, str], words: str, ready: threading.Barrier | None) -> str:
    """The whole way of one respondent; the receipt as she reads it."""
    front = visitor.get(urls["answer"])
    visitor.send(urls["answer-begin"], front, kind="personal", form="full")
    form = visitor.get(urls["remark-add"])
    visitor.send(urls["remark-add"], form, text=f"Huomio {words}")
    form = visitor.get(urls["answer-questions"])
    visitor.send(urls["answer-questions"], form, text=f"Sanon {words}", **{"q-q1": f"Vastaan {words}", "q-q2": "k"})
    form = visitor.get(urls["answer-who"])
    visitor.send(urls["answer-who"], form, signed_by=f"Henkilö {words}")
    form = visitor.get(urls["answer-finish"])
    if ready:
        ready.wait(timeout=120)
    key = hidden(form)["key"]
    if visitor.send(urls["answer-finish"], form) != urls["answer-receipt"]:
        visitor.faults.append(f"{words} was not handed in with {key}.")
    return visitor.get(urls["answer-receipt"])


def open_round() -> CommentRound:
    now = timezone.now()
    return CommentRoundFactory(
        kind=CommentRound.Kind.OPEN,
        questions=QUESTIONS,
        announced_at=now - timedelta(days=2),
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=1),
    )


def test_many_hand_in_at_the_same_moment(port, capsys):
    comment_round = open_round()
    section, block = place(comment_round.version)
    names = ("answer", "answer-begin", "answer-questions", "answer-who", "answer-finish", "answer-receipt")
    urls = {name: address(comment_round, name) for name in names}
    urls["remark-add"] = address(comment_round, "remark-add", section, block.id)
    connection.close()
    start, ready = time.monotonic(), threading.Barrier(PEOPLE)

    def person(number: int) -> tuple[list[str], list[str], float]:
        """One after another come to one seat, until the time is over."""
        handed_in, faults, slowest, lap = [], [], 0.0, 0
        while lap == 0 or time.monotonic() < start + SECONDS:
            visitor = Visitor(port, f"10.{number}.{lap // 250}.{lap % 250}")
            words = f"p{number}k{lap}x"
            receipt = answer_once(visitor, urls, words, ready if lap == 0 else None)
            for said in (f"Huomio {words}", f"Sanon {words}", f"Vastaan {words}", f"Henkilö {words}"):
                if said not in receipt:
                    visitor.faults.append(f"The receipt of {words} lacks {said!r}.")
            handed_in.append(words)
            faults += visitor.faults
            slowest = max(slowest, visitor.slowest)
            lap += 1
        return handed_in, faults, slowest

    with ThreadPoolExecutor(PEOPLE) as pool:
        seats = list(pool.map(person, range(PEOPLE)))
    took = time.monotonic() - start
    handed_in = [words for seat in seats for words in seat[0]]
    faults = [fault for seat in seats for fault in seat[1]]
    with capsys.disabled():
        print(  # noqa: T201 the numbers are what the long form is run for
            f"\n{connection.vendor}: {len(handed_in)} handed in by {PEOPLE} at once in {took:.1f} s, slowest page "
            f"{max(seat[2] for seat in seats):.2f} s, {len(faults)} faults"
        )
    assert faults == []
    assert Counter(Statement.objects.received().values_list("text", flat=True)) == Counter(
        f"Sanon {words}" for words in handed_in
    )
    for receipt in Receipt.objects.select_related("statement").prefetch_related("statement__remarks"):
        statement, words = receipt.statement, receipt.statement.text.removeprefix("Sanon ")
        assert receipt.content["text"] == statement.text
        assert receipt.content["answers"] == statement.answers == {"q1": f"Vastaan {words}", "q2": "k"}
        assert receipt.content["signed_by"] == statement.signed_by == f"Henkilö {words}"
        assert [row["text"] for row in receipt.content["remarks"]] == [f"Huomio {words}"]
        assert [row.text for row in statement.remarks.all()] == [f"Huomio {words}"]
    assert Receipt.objects.count() == len(handed_in)


def test_flood_of_posts_from_one_address_is_refused_and_hurts_nobody(port, capsys):
    comment_round = open_round()
    names = ("answer", "answer-begin")
    urls = {name: address(comment_round, name) for name in names}
    connection.close()
    attacker = Visitor(port, "192.0.2.1")
    token = hidden(attacker.get(urls["answer"]))
    cookies = dict(attacker.cookies)

    def begin_again(number: int) -> int:
        """Each time as somebody new, so that nothing but the address tells that it is the same."""
        one = Visitor(port, "192.0.2.1", dict(cookies))
        return one.ask("POST", urls["answer-begin"], {**token, "kind": "personal", "form": "full"})[0]

    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        flood = pool.map(begin_again, range(FLOOD))
        honest = Visitor(port, "198.51.100.7")
        slowest, read = 0.0, 0
        while read < FLOOD // 50:
            honest.get(urls["answer"])
            slowest, read = max(slowest, honest.slowest), read + 1
        statuses = Counter(flood)
    took = time.monotonic() - start
    with capsys.disabled():
        print(  # noqa: T201 the numbers are what the long form is run for
            f"\n{connection.vendor}: {FLOOD} posts in {took:.1f} s, {dict(statuses)}; another's slowest page of {read} "
            f"took {slowest:.2f} s"
        )
    # Counting in files is not exact among threads, and the hour may turn.
    assert statuses.keys() == {302, 429}
    assert statuses[302] <= 2 * limits.BEGIN.most
    assert Statement.objects.count() == statuses[302]
    assert honest.faults == []
    honest.send(urls["answer-begin"], honest.get(urls["answer"]), kind="personal", form="full")
    assert honest.faults == []
