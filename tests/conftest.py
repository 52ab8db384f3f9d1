"""What every test can count on: no mail, no network, no files outside a temporary folder, no unknown template variable.

`DATABASE_URL` chooses the database; without it the tests run on SQLite in a file of their own.
"""

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.core.cache import caches
from django.core.signals import request_finished, request_started
from django.template import engines
from django.template.base import Node
from django.test import Client
from django.test.utils import override_settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from familycentre.catalogues import compile_changed

# The browser's driver runs an event loop in the thread that also runs the test's own queries.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

hypothesis_settings.register_profile(
    "ci",
    deadline=None,
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.register_profile("soak", hypothesis_settings.get_profile("ci"), max_examples=3000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        compile_changed()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A failure is told when it happens: a run that somebody stops tells no summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stdout.write(f"\n{report.nodeid} ({report.when})\n{report.longreprtext[-1500:]}\n")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a browser or PostgreSQL by what it asks for, so that no test can forget to.

    On PostgreSQL only what touches the database runs: the rest has run on SQLite and would be the same.
    """
    on_postgresql = django_settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if item.get_closest_marker("postgresql") and not on_postgresql:
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL's locks"))
    if on_postgresql:
        aside = [item for item in items if not _touches_database(item)]
        config.hook.pytest_deselected(items=aside)
        items[:] = [item for item in items if _touches_database(item)]


def _touches_database(item: pytest.Item) -> bool:
    asked = {"db", "transactional_db", "django_db_setup", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


# --- Settings and databases ---------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _test_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that a test does reaches the installation's own files, cache or mail."""
    var_dir = tmp_path_factory.mktemp("var")
    (var_dir / "static").mkdir()
    storages = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(
        VAR_DIR=var_dir,
        MEDIA_ROOT=var_dir / "files",
        STATIC_ROOT=var_dir / "static",
        STORAGES=storages,
        CACHES={
            name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
            for name in ("default", "versions")
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    ):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """SQLite in a file, so that the live server's threads have connections of their own, as in service."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    database["CONN_MAX_AGE"] = 0


@pytest.fixture(autouse=True)
def _clean_slate() -> None:
    """Counted wrong passwords, kept pages and the language of the last request belong to one test only."""
    for cache in caches.all():
        cache.clear()
    translation.deactivate()


# --- Templates ----------------------------------------------------------------------------------


class UnknownTemplateVariableError(Exception):
    """A template of this project used a name that its view did not give it."""


# Overrides of templates whose context comes from a library that counts on missing names being empty.
LIBRARY_TEMPLATES = (
    "templates/admin/",
    "templates/allauth/",
    "templates/django/",
    "templates/bootstrap5/",
    "templates/django_tables2/",
)


class RaisingStringIfInvalid(str):
    """Django's `string_if_invalid`: empty for a library's templates, an error for the project's own.

    Django asks whether the string is true (for a variable) or contains `%s` (inside a translated block)
    before it uses it; both questions come straight from the code that failed to find the name.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        _raise_if_ours(sys._getframe(1))
        return False

    def __contains__(self, key: object) -> bool:
        _raise_if_ours(sys._getframe(1))
        return False


def _raise_if_ours(caller: FrameType) -> None:
    name = _missing_name(caller)
    frame: FrameType | None = caller
    while name and frame:
        node = frame.f_locals.get("self")
        origin = getattr(node, "origin", None) if isinstance(node, Node) else None
        if origin is not None:
            if _is_ours(Path(origin.name)):
                raise UnknownTemplateVariableError(f"{origin.name}, line {node.token.lineno}: {name}")
            return
        frame = frame.f_back


def _missing_name(caller: FrameType) -> str | None:
    """What was looked up, when the caller is the template engine's own look-up; else the value is merely in use."""
    code = caller.f_code
    if code.co_name == "resolve" and code.co_filename.endswith("django/template/base.py"):
        return str(caller.f_locals["self"].token)
    if code.co_name == "render_value" and code.co_filename.endswith("django/templatetags/i18n.py"):
        return str(caller.f_locals["key"])
    return None


def _is_ours(path: Path) -> bool:
    if not path.is_relative_to(django_settings.BASE_DIR):
        return False
    relative = path.relative_to(django_settings.BASE_DIR)
    return "site-packages" not in relative.parts and not relative.as_posix().startswith(LIBRARY_TEMPLATES)


def _raise_for_unknown_variables() -> None:
    engine = engines["django"].engine
    if not isinstance(engine.string_if_invalid, RaisingStringIfInvalid):
        engine.string_if_invalid = RaisingStringIfInvalid()


@pytest.fixture(scope="session", autouse=True)
def _unknown_template_variables_fail(_test_settings: None) -> None:
    _raise_for_unknown_variables()


@pytest.fixture(autouse=True)
def _unknown_template_variables_still_fail(_unknown_template_variables_fail: None) -> None:
    """For each test anew, because Django makes new engines when a test changes DEBUG."""
    _raise_for_unknown_variables()


# --- The browser --------------------------------------------------------------------------------


def _chromium() -> str | None:
    """None is the one that Playwright keeps itself: installed where the system has none (Ubuntu without snaps)."""
    if (Path(django_settings.BASE_DIR) / ".venv" / "installed-browser").exists():
        return None
    names = (os.environ.get("CHROMIUM", ""), "chromium", "google-chrome", "chromium-browser", "/snap/bin/chromium")
    return next((path for path in map(shutil.which, filter(None, names)) if path), "/usr/bin/chromium")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """The Chromium that script/setup found; no sandbox, because the tests may run as root; nothing phones home."""
    return {
        **browser_type_launch_args,
        "executable_path": _chromium(),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """The plugin's own fixture of this name warns; the address comes from the live server below."""


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict, live_server) -> dict:
    """Addresses in a journey are relative to the live server; times are Finnish, and nothing moves."""
    return {
        **browser_context_args,
        "base_url": live_server.url,
        "locale": "fi-FI",
        "timezone_id": "Europe/Helsinki",
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def leave_pages(browser, live_server) -> Iterator[Callable]:
    """Let every window go and wait until the server has nothing in hand: then the database can be emptied.

    An editor says good-bye when its page goes. Nothing here waits without an end.
    """
    in_hand: set[int] = set()
    last = [0.0]

    def begins(**kwargs: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            in_hand.add(threading.get_ident())

    def ends(**kwargs: object) -> None:
        in_hand.discard(threading.get_ident())
        last[0] = time.monotonic()

    def leave() -> None:
        for window in [window for context in browser.contexts for window in context.pages]:
            with contextlib.suppress(PlaywrightError):
                window.goto("about:blank", timeout=5_000)
        left = time.monotonic()
        while time.monotonic() < left + 15 and (in_hand or time.monotonic() < max(left, last[0]) + 0.15):
            time.sleep(0.02)
        in_hand.clear()

    request_started.connect(begins)
    request_finished.connect(ends)
    yield leave
    request_started.disconnect(begins)
    request_finished.disconnect(ends)


@pytest.fixture
def page(page, live_server, leave_pages) -> Iterator:
    """A page on which a script error, a broken security policy or a request to another host fails the test."""
    own_host = urlsplit(live_server.url).netloc
    faults: list[str] = []

    def on_console(message) -> None:
        # An answer of 403 or 422 is the business of the test itself.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console: {message.text}")

    def on_request(request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != own_host:
            faults.append(f"request to another host: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("request", on_request)
    # Waiting costs nothing where a page is in time, and a busy machine may be slow.
    page.set_default_timeout(20_000)
    expect.set_options(timeout=15_000)
    yield page
    found = list(faults)  # a request that is broken off because its page goes is nobody's fault
    leave_pages()
    assert found == []


@pytest.fixture
def sign_in(page, live_server) -> Callable:
    """Sign a user in to the browser without walking through the sign-in page."""

    def sign_in_as(user) -> None:
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])

    return sign_in_as


@pytest.fixture
def axe(page) -> Callable:
    """Assert that axe finds nothing on the page as it stands: `axe()`, or `axe("#part")`."""

    def assert_no_violations(context: str | None = None) -> None:
        results = Axe().run(page, context=context)
        assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"

    return assert_no_violations
