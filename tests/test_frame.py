"""What holds for the whole house: headers, sign-in, settings, static files, catalogues, the tests' own guards."""

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import CommandError, call_command
from django.template import engines
from django.urls import URLResolver, get_resolver, reverse

from familycentre import catalogues

# --- Headers ------------------------------------------------------------------------------------


def test_front_page_has_security_headers(client, db):
    response = client.get(reverse("home"))
    assert response.status_code == 200
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def test_front_page_has_a_strict_content_security_policy(client, db):
    header = client.get(reverse("home"))["Content-Security-Policy"]
    policy = {name: values for name, *values in (part.split() for part in header.split(";"))}
    nonces = [value for value in policy["script-src"] if value.startswith("'nonce-")]
    assert policy["default-src"] == ["'self'"]
    assert sorted(policy["script-src"]) == sorted(["'self'", *nonces])
    assert policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]


def test_front_page_has_no_inline_script_or_style_and_no_other_host(client, db):
    html = client.get(reverse("home")).content.decode()
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", html) == []
    for tag in re.findall(r"<script[^>]*>", html):
        assert "src=" in tag or "nonce=" in tag
    assert re.findall(r"""<(?:script|link|img)[^>]*(?:src|href)=["'](?:https?:)?//""", html) == []


def test_front_page_sets_no_cookie_for_a_reader(client, db):
    assert list(client.get(reverse("home")).cookies) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_front_page_in_a_browser(page, axe, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/")
    page.get_by_role("heading", level=1).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe()


# --- Sign-in ------------------------------------------------------------------------------------

# Every view that answers without sign-in. Adding to this list is a decision about privacy.
PUBLIC_VIEWS = {
    "home",
    "about",
    "accessibility",
    "privacy",
    "region-accent",
    "healthz",
    "readyz",
    "set_language",
    "javascript-catalog",
    "gallery",
    # What is published, and for drafts the way to the sign-in page or a 404.
    "region",
    "documents:search",
    "documents:region-search",
    "documents:document-detail",
    "documents:version-detail",
    "documents:file",
    "documents:rendition",
    "documents:rendition-make",
    # Where a mailed link leads: it holds one right, asked for on every request.
    "accounts:link-open",
    "accounts:link-gone",
    "regions:invitation",
    # A respondent's way: open to those who hold a link, or to anyone where the round is open (reviews/holding.py).
    "reviews:by-invitation",
    "reviews:by-statement",
    "reviews:code",
    "reviews:answer",
    "reviews:answer-begin",
    "reviews:answer-leave",
    "reviews:answer-at-once",
    "reviews:answer-forward",
    "reviews:answer-more-time",
    "reviews:answer-letter",
    "reviews:answer-draft",
    "reviews:answer-copy",
    "reviews:answer-questions",
    "reviews:answer-who",
    "reviews:answer-file",
    "reviews:answer-short",
    "reviews:answer-finish",
    "reviews:answer-receipt",
    "reviews:answer-receipt-file",
    "reviews:answer-link",
    # A round's version as a Word file, for those who are asked in it; for others a 404.
    "reviews:comment-copy",
    # A respondent reads the text of a round and comments on it: by a link, or as anybody where the round is open.
    "reviews:text",
    "reviews:remark-add",
    "reviews:my-remarks",
    "reviews:remark-edit",
    "reviews:remark-remove",
    "reviews:remark-report",
    # What came of a round, published without what was left out; and a respondent's own, by her link.
    "reviews:outcome",
    "reviews:outcome-whole",
    "reviews:outcome-part",
    "reviews:outcome-respondents",
    "reviews:outcome-file",
    "reviews:own-outcome",
    "admin:login",
    "admin:jsi18n",
}
# allauth decides for itself, view by view; what it leaves open is what one needs to get in.
PUBLIC_PREFIXES = ("account_", "mfa_")


def _patterns(resolver: URLResolver, outer: tuple = (), namespaces: tuple[str, ...] = ()) -> Iterator[tuple]:
    """Every view of the house: its full name, its pattern, and the patterns that stand before it in the address."""
    for pattern in resolver.url_patterns:
        route = (*outer, pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _patterns(pattern, route, inner)
        else:
            yield ":".join([*namespaces, pattern.name or str(pattern.pattern)]), pattern, route


ALL_VIEWS = list(_patterns(get_resolver()))
PUBLIC = [name for name, pattern, _ in ALL_VIEWS if not getattr(pattern.callback, "login_required", True)]


def _example(route: tuple) -> dict[str, object]:
    """Arguments that mean nothing but fit the address."""
    arguments = {}
    for part in route:
        for argument, converter in part.converters.items():
            candidates = ("x", "1", "00000000-0000-0000-0000-000000000000", "2026-01-01", "fi", "plan", "v1")
            text = next(text for text in candidates if re.fullmatch(converter.regex, text))
            arguments[argument] = converter.to_python(text)
    return arguments


def test_public_views_are_the_known_ones():
    assert {name for name in PUBLIC if not name.startswith(PUBLIC_PREFIXES)} <= PUBLIC_VIEWS


@pytest.mark.parametrize(
    ("name", "route"),
    [
        pytest.param(name, route, id=name)
        for name, pattern, route in ALL_VIEWS
        # The admin has addresses without a name, which only redirect inside it, and one of a regular expression.
        if name not in PUBLIC and name != "admin:app_list" and (pattern.name or not name.startswith("admin:"))
    ],
)
def test_anonymous_visitor_is_sent_to_sign_in(client, db, name, route):
    response = client.get(reverse(name, kwargs=_example(route)))
    assert response.status_code == 302
    assert response["Location"].split("?")[0] in {reverse(settings.LOGIN_URL), reverse("admin:login")}


# --- Settings -----------------------------------------------------------------------------------

PRODUCTION_ENVIRONMENT = {
    "FC_PRODUCTION": "1",
    "SECRET_KEY": "long-and-random-for-this-test-only-0123456789-abcdefghij",
    "ALLOWED_HOSTS": "plans.example.fi",
    "DATABASE_URL": "postgres://user:password@localhost/familycentre",
    "EMAIL_URL": "smtp://localhost:25",
    "DEFAULT_FROM_EMAIL": "plans@example.fi",
}


def _load_settings(tmp_path: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Import the settings in a process of their own, with this environment and no other."""
    return subprocess.run(
        [sys.executable, "-c", "import familycentre.settings as s; print(s.SESSION_COOKIE_SECURE, s.DEBUG)"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "FC_VAR_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_its_environment_complete(tmp_path):
    result = _load_settings(tmp_path, PRODUCTION_ENVIRONMENT)
    assert (result.returncode, result.stdout.strip()) == (0, "True False"), result.stderr


@pytest.mark.parametrize("missing", sorted(set(PRODUCTION_ENVIRONMENT) - {"FC_PRODUCTION"}))
def test_production_refuses_to_start_without(tmp_path, missing):
    environment = {name: value for name, value in PRODUCTION_ENVIRONMENT.items() if name != missing}
    result = _load_settings(tmp_path, environment)
    assert result.returncode != 0
    assert "ImproperlyConfigured" in result.stderr
    assert missing in result.stderr


def test_production_refuses_debugging(tmp_path):
    result = _load_settings(tmp_path, {**PRODUCTION_ENVIRONMENT, "DJANGO_DEBUG": "1"})
    assert result.returncode != 0
    assert "DJANGO_DEBUG" in result.stderr


def test_embedded_secret_key_is_made_once_and_is_private(tmp_path):
    for _ in range(2):
        command = [sys.executable, "-c", "import familycentre.settings as s; print(s.SECRET_KEY)"]
        environment = {"PATH": os.environ["PATH"], "FC_VAR_DIR": str(tmp_path)}
        key = subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()
        assert (tmp_path / "secret-key").read_text() == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_every_environment_variable_is_documented():
    source = (Path(settings.BASE_DIR) / "familycentre/settings.py").read_text()
    names = set(re.findall(r"""env(?:\.\w+)?\(\s*"([A-Z_]+)\"""", source))
    assert len(names) > 15
    documented = (Path(settings.BASE_DIR) / "docs/operations.md").read_text()
    assert {name for name in names if f"`{name}`" not in documented} == set()


# --- Static files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "published"),
    [
        # The values that the Bootstrap project publishes for 5.3.8.
        ("css/bootstrap.min.css", "sRIl4kxILFvY47J16cr9ZwB07vP4J8+LH7qKQnuqkuIAvNWLzeN8tE5YBujZqJLB"),
        ("js/bootstrap.bundle.min.js", "FKyoEForCGlyvwx9Hj09JcYn3nv7wiPVlz7YYwJrWVcXK/BmnVDxM+D2scQbITxI"),
    ],
)
def test_bootstrap_files_are_the_published_ones(name, published):
    content = Path(finders.find(f"bootstrap/{name}")).read_bytes()
    assert base64.b64encode(hashlib.sha384(content).digest()).decode() == published


# --- Templates ----------------------------------------------------------------------------------


@pytest.fixture
def own_template(tmp_path, monkeypatch):
    """A template that counts as the project's own."""
    engine = engines["django"].engine
    loader = engine.template_loaders[0]

    def write(source: str):
        folder = tmp_path / "templates"
        folder.mkdir(exist_ok=True)
        (folder / "own.html").write_text(source)
        monkeypatch.setattr(engine, "dirs", [folder])
        loader.reset()
        return engines["django"].get_template("own.html")

    yield write
    loader.reset()


@pytest.mark.parametrize(
    "source",
    [
        "{{ missing }}",
        "{{ missing|default:'x' }}",
        "{{ known.missing }}",
        "{% with x=missing %}{% endwith %}",
        "{% load i18n %}{% blocktranslate %}a {{ missing }}{% endblocktranslate %}",
    ],
)
def test_unknown_variable_in_own_template_fails(own_template, settings, tmp_path, source):
    settings.BASE_DIR = tmp_path
    with pytest.raises(Exception, match=r"own\.html, line 1: "):
        own_template(source).render({"known": {}})


def test_unknown_variable_in_library_template_is_empty(own_template):
    assert own_template("a{{ missing }}b{{ missing|default:'x' }}").render({}) == "abx"


def test_test_of_unknown_variable_and_empty_values_are_allowed(own_template, settings, tmp_path):
    settings.BASE_DIR = tmp_path
    source = "{% if missing %}x{% endif %}{{ empty }}{{ empty|default:'y' }}{% for x in missing %}z{% endfor %}"
    assert own_template(source).render({"empty": ""}) == "y"


# --- Catalogues ---------------------------------------------------------------------------------

PO_HEADER = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
)


@pytest.fixture
def small_project(tmp_path, settings):
    """A project of one source file with two strings, and the catalogues that it is given."""
    settings.BASE_DIR = tmp_path
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    (tmp_path / "page.py").write_text('_("Handbook")\n_("Plan")\n')

    def write(entries: str) -> Path:
        for language in catalogues.LANGUAGES:
            folder = tmp_path / "locale" / language / "LC_MESSAGES"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "django.po").write_text(PO_HEADER + entries)
        return tmp_path

    return write


HANDBOOK = '\nmsgid "Handbook"\nmsgstr "Käsikirja"\n'
PLAN = '\nmsgid "Plan"\nmsgstr "Suunnitelma"\n'


def test_complete_catalogues_have_no_gaps(small_project):
    small_project(HANDBOOK + PLAN)
    assert list(catalogues.gaps()) == []


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        (HANDBOOK, "not in the catalogue"),
        (HANDBOOK + '\nmsgid "Plan"\nmsgstr ""\n', "untranslated"),
        (HANDBOOK + "\n#, fuzzy" + PLAN, "fuzzy"),
        (HANDBOOK + '\nmsgctxt "verb"' + PLAN, "not in the catalogue"),
    ],
)
def test_catalogue_gap_is_found_and_fails_the_check(small_project, capsys, entries, fault):
    small_project(entries)
    assert {(gap.fault, gap.msgid) for gap in catalogues.gaps()} == {(fault, "Plan")}
    with pytest.raises(CommandError, match="2 strings"):
        call_command("check_catalogues")
    assert fault in capsys.readouterr().err


def test_update_keeps_translations_and_adds_new_strings(small_project):
    root = small_project(HANDBOOK + '\nmsgid "Gone"\nmsgstr "Poissa"\n')
    call_command("update_catalogues")
    text = (root / "locale/sv/LC_MESSAGES/django.po").read_text()
    assert 'msgid "Handbook"\nmsgstr "Käsikirja"' in text
    assert 'msgid "Plan"\nmsgstr ""' in text
    assert "Gone" not in text


def test_compiling_writes_only_what_changed(small_project):
    root = small_project(HANDBOOK + PLAN)
    source = root / "locale/fi/LC_MESSAGES/django.po"
    assert len(catalogues.compile_changed()) == 2
    assert catalogues.compile_changed() == []
    later = source.with_suffix(".mo").stat().st_mtime + 5
    os.utime(source, (later, later))
    assert catalogues.compile_changed() == [source.with_suffix(".mo")]


# --- Starting -----------------------------------------------------------------------------------


def test_prepare_collects_static_files_only_when_they_changed(db, settings, tmp_path, monkeypatch):
    from familycentre.management.commands import prepare

    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    collected = []

    def pretend(name, **options):
        collected.append(name)
        if name == "collectstatic":
            settings.STATIC_ROOT.mkdir(exist_ok=True)

    monkeypatch.setattr(prepare, "call_command", pretend)
    first = ["build_fonts", "collectstatic", "migrate", "createcachetable", "load_reference", "build_search"]
    always = ["build_fonts", "migrate", "createcachetable", "load_reference", "build_search"]
    call_command("prepare")
    call_command("prepare")
    assert collected == [*first, *always]
    monkeypatch.setattr(prepare, "static_files_fingerprint", lambda: "another")
    call_command("prepare", sample=True)
    assert collected[11:] == [*first, "load_sample"]


def test_production_is_never_filled_with_the_sample(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="sample"):
        call_command("prepare", sample=True)
