import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone, translation

from documents.models import Document
from documents.services.documents import create_document
from documents.services.publishing import publish
from documents.services.versions import freeze
from handbooks.models import Handbook
from tests.accounts.factories import UserFactory
from tests.plans.factories import make_plan
from tests.regions.factories import BodyFactory, CollaborativeAreaFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db

PUBLIC_PAGES = ["home", "about", "accessibility", "privacy", "gallery", "account_login", "account_reset_password"]
LANGUAGES = ["fi", "sv", "en"]


def address(name, language):
    with translation.override(language):
        return reverse(name)


# --- Pages that everyone may open ---------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_public_page_opens_in_each_language_without_signing_in(client, name, language):
    response = client.get(address(name, language))

    assert response.status_code == 200
    html = response.content.decode()
    assert f'<html lang="{language}">' in html
    assert html.count("<h1") == 1
    assert html.index('href="#main"') < html.index("<header")


@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_no_page_has_inline_style_script_or_handler(client, name):
    html = client.get(address(name, "fi")).content.decode()

    assert " style=" not in html
    assert "<style" not in html
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert re.findall(r"\son[a-z]+=", html) == []


def test_no_page_asks_anything_of_another_host(client):
    for name in PUBLIC_PAGES:
        html = client.get(address(name, "en")).content.decode()
        assert re.findall(r'(?:src|rel="stylesheet" href)="(?:https?:)?//', html) == []


def test_security_headers_are_strict(client):
    headers = client.get("/fi/").headers

    policy = headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert directives["style-src"] == "'self'"
    assert re.fullmatch(r"'self' 'nonce-[^']+'", directives["script-src"])
    assert directives["object-src"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("wanted", "found"), [("fi", "/fi/"), ("sv-FI,sv;q=0.9", "/sv/"), ("en-GB", "/en/"), ("de", "/fi/")]
)
def test_the_bare_address_leads_to_the_reader_s_language(client, wanted, found):
    response = client.get("/", headers={"accept-language": wanted})

    assert (response.status_code, response.url) == (302, found)


def test_language_switch_stays_on_the_page_with_its_question(client):
    html = client.get("/fi/gallery/?page=3").content.decode()

    assert '<a href="/sv/gallery/?page=3" lang="sv" hreflang="sv">Svenska</a>' in html
    assert '<a href="/en/gallery/?page=3" lang="en" hreflang="en">English</a>' in html
    assert '<span lang="fi" aria-current="true">Suomi</span>' in html


def test_language_switch_of_an_address_that_leads_nowhere_goes_to_the_front_page(client):
    response = client.get("/fi/nothing/here/")

    assert response.status_code == 404
    assert '<a href="/sv/" lang="sv"' in response.content.decode()


# --- Front page and desk ------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_front_page_query_count_is_constant(client, django_assert_num_queries, count):
    RegionFactory.create_batch(count, collaborative_area=CollaborativeAreaFactory())

    with django_assert_num_queries(2):  # regions, published plans
        response = client.get("/fi/")

    assert [len(group.links) for group in response.context["groups"]] == [count]


def test_front_page_groups_regions_by_area_and_puts_the_rest_last(client):
    loose = RegionFactory(code="01", collaborative_area=None)
    south, north = CollaborativeAreaFactory(key="a"), CollaborativeAreaFactory(key="b")
    oulu = RegionFactory(code="19", collaborative_area=north)
    helsinki = RegionFactory(code="03", collaborative_area=south)
    lapland = RegionFactory(code="21", collaborative_area=north)

    groups = client.get("/fi/").context["groups"]

    assert [(group.area, [name for name, _address in group.links]) for group in groups] == [
        (south.name, [helsinki.name]),
        (north.name, [oulu.name, lapland.name]),
        ("", [loose.name]),
    ]


def test_front_page_names_areas_in_the_readers_language(client):
    RegionFactory(collaborative_area=CollaborativeAreaFactory(name_fi="Pohjoinen", name_sv="Norra", name_en=""))
    areas = [client.get(f"/{code}/").context["groups"][0].area for code in ("fi", "sv", "en")]
    assert areas == ["Pohjoinen", "Norra", "Pohjoinen"]


def sample(document, *, is_sample):
    Document.objects.filter(pk=document.pk).update(is_sample=is_sample)
    document.is_sample = is_sample
    return document


@pytest.mark.parametrize("is_sample", [True, False])
def test_front_page_marks_the_sample_that_it_lists(client, is_sample):
    public(sample(make_plan().document, is_sample=is_sample))

    assert ("Esimerkkiteksti" in client.get("/fi/").text) is is_sample


@pytest.mark.parametrize("is_sample", [True, False])
def test_pages_that_list_the_sample_s_documents_are_marked(client, is_sample):
    body = BodyFactory(coordinating=True)
    give(BodyFactory(region=body.region), Document.Kind.HANDBOOK)
    sample(give(BodyFactory(region=body.region), Document.Kind.HANDBOOK), is_sample=is_sample)
    client.force_login(MembershipFactory(body=body, region=body.region).user)

    for page in (
        "/fi/",
        reverse("region", args=[body.region.slug]),
        reverse("documents:document-list", args=[body.region.slug, "handbook"]),
    ):
        assert ("Esimerkkiteksti" in client.get(page).text) is is_sample, page


def test_front_page_says_region_s_name_in_the_reader_s_language(client):
    RegionFactory(name_fi="Pohjanmaan hyvinvointialue", name_sv="Österbottens välfärdsområde")

    assert "Pohjanmaan hyvinvointialue" in client.get("/fi/").content.decode()
    swedish = client.get("/sv/").content.decode()
    assert "Österbottens välfärdsområde" in swedish
    assert "Pohjanmaan hyvinvointialue" not in swedish


@pytest.mark.parametrize("count", [1, 3])
def test_desk_query_count_is_constant(client, django_assert_num_queries, count):
    user = UserFactory()
    for body in BodyFactory.create_batch(count):
        MembershipFactory(user=user, body=body, region=body.region)
        for _number in range(count):
            give(body, Document.Kind.PLAN)
            give(body, Document.Kind.HANDBOOK)
            public(give(BodyFactory(region=body.region), Document.Kind.HANDBOOK))
    client.force_login(user)

    with django_assert_num_queries(
        11
    ):  # session, user, bodies, rights, drafts, publications, unread, needs, remarks, rounds, regions
        response = client.get("/fi/")

    assert [len(own.documents) for own in response.context["own_regions"]] == [2 * count] * count
    assert [len(own.published) for own in response.context["own_regions"]] == [count] * count


def give(body, kind, **kwargs):
    """A document for the body to write; a handbook has its row."""
    document = create_document(
        body.region, kind=kind, title={"fi": f"{kind} {body}"}, languages=["fi"], writing_body=body, by=None
    )
    if kind == Document.Kind.HANDBOOK:
        Handbook.objects.create(region=body.region, document=document, year=2026, **kwargs)
    return document


def public(document):
    publish(freeze(document, by=None), languages=["fi"], by=None)
    return document


def desk_of(client, body):
    client.force_login(MembershipFactory(body=body, region=body.region).user)
    response = client.get("/en/")
    return response.context["own_regions"][0], response.content.decode()


def test_writer_s_desk_leads_to_the_meeting_of_the_handbook(client):
    body = BodyFactory()
    document = give(body, Document.Kind.HANDBOOK)
    give(BodyFactory(region=body.region), Document.Kind.HANDBOOK)

    own, html = desk_of(client, body)

    assert [(row.document, row.state) for row in own.documents] == [(document, "draft")]
    address = reverse("handbooks:meeting", args=[body.region.slug, document.public_id])
    assert re.search(rf'class="btn btn-primary" href="/en{address[3:]}">Continue where you left off', html)


def test_handbook_that_is_handed_in_is_no_longer_to_be_continued(client):
    body = BodyFactory()
    document = give(body, Document.Kind.HANDBOOK)
    document.handbook.handed_in = freeze(document, by=None)
    document.handbook.save()

    own, html = desk_of(client, body)

    assert [row.state for row in own.documents] == ["handed_in"]
    assert "Continue where you left off" not in html


def test_coordinator_s_desk_leads_to_the_plan_and_has_every_handbook(client):
    body = BodyFactory(coordinating=True)
    plan = give(body, Document.Kind.PLAN)
    handbook = give(BodyFactory(region=body.region), Document.Kind.HANDBOOK)

    own, html = desk_of(client, body)

    assert [row.document for row in own.documents] == [plan, handbook]
    assert "Continue with the plan" in html
    assert "Continue where you left off" not in html


def test_published_plan_is_on_the_desk_of_those_who_do_not_write_it(client):
    plan = public(make_plan().document)
    board = BodyFactory(region=plan.region)
    give(BodyFactory(region=board.region), Document.Kind.PLAN)
    public(give(BodyFactory(), Document.Kind.HANDBOOK))

    own, html = desk_of(client, board)

    assert (own.documents, [row.title for row in own.published]) == ([], [str(plan)])
    assert "There is nothing for you to read here yet" not in html


def test_desk_of_a_body_without_documents_says_what_will_come(client):
    _own, html = desk_of(client, BodyFactory())

    assert "There is nothing for you to read here yet" in html


def test_desk_shows_own_bodies_under_their_region_and_nobody_else_s(client):
    user = UserFactory()
    body = BodyFactory(name_fi="Lape-ryhmä")
    other = BodyFactory(name_fi="Toisten ryhmä")
    MembershipFactory(user=user, body=body, region=body.region)
    MembershipFactory(body=other, region=other.region)
    client.force_login(user)

    response = client.get("/en/")

    assert [(own.region, own.bodies) for own in response.context["own_regions"]] == [(body.region, [body])]
    assert "Lape-ryhmä" in response.content.decode()
    assert "Toisten ryhmä" not in response.content.decode()


def test_desk_of_a_person_in_no_body_says_what_to_do(client):
    client.force_login(UserFactory())

    html = client.get("/fi/").content.decode()

    assert 'class="fc-empty"' in html


def test_administration_is_in_the_navigation_of_administrators_only(client):
    client.force_login(UserFactory())
    assert reverse("admin:index") not in client.get("/fi/").content.decode()

    client.force_login(UserFactory(admin=True))
    assert reverse("admin:index") in client.get("/fi/").content.decode()


def test_navigation_leads_to_own_regions_of_today_and_a_coordinator_to_its_people(client):
    first, second, past = (RegionFactory(code=code) for code in ("01", "02", "03"))
    user, today = UserFactory(), timezone.localdate()
    for region in (second, first):
        MembershipFactory(user=user, body=BodyFactory(region=region))
    MembershipFactory(
        user=user,
        body=BodyFactory(region=past),
        starts_on=today - timedelta(days=9),
        ends_on=today - timedelta(days=1),
    )
    client.force_login(user)

    def links():
        navigation = re.search(r'<nav class="fc-nav".*?</nav>', client.get("/fi/about/").content.decode(), re.DOTALL)
        return re.findall(r'href="([^"]+)"', navigation[0])

    assert links() == ["/fi/", f"/fi/{first.slug}/", f"/fi/{second.slug}/", "/fi/about/"]
    user.memberships.exclude(region=first).delete()
    assert links() == ["/fi/", f"/fi/{first.slug}/", "/fi/about/"]
    first.coordinating_body = user.memberships.get().body
    first.save()
    MembershipFactory(user=user, body=BodyFactory(region=first))
    assert links() == ["/fi/", f"/fi/{first.slug}/", f"/fi/{first.slug}/people/", "/fi/about/"]


def test_signing_out_is_a_form_that_posts_with_its_token():
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory())
    html = browser.get("/fi/").content.decode()

    form = re.search(r'<form method="post" action="(/fi/account/logout/)">(.*?)</form>', html, re.DOTALL)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form[2])[1]
    response = browser.post(form[1], {"csrfmiddlewaretoken": token})

    assert response.status_code == 302
    assert "_auth_user_id" not in browser.session


# --- Notices ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["accessibility", "privacy"])
def test_notice_is_a_draft_until_the_installation_names_itself(client, name):
    assert "fc-tone-warn" in client.get(address(name, "fi")).content.decode()

    with override_settings(OPERATOR_NAME="Mallilan hyvinvointialue", CONTACT_EMAIL="palaute@example.org"):
        html = client.get(address(name, "fi")).content.decode()
    assert "fc-tone-warn" not in html
    assert "Mallilan hyvinvointialue" in html
    assert 'href="mailto:palaute@example.org"' in html


# --- Accent -------------------------------------------------------------------------------------


def test_accent_stylesheet_is_public_and_has_the_region_s_colour(client):
    RegionFactory(code="19", accent="#7a1f3d")

    response = client.get("/accent/19.css")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "public" in response.headers["Cache-Control"]
    assert "--fc-accent: #7a1f3d;" in response.content.decode()


def test_accent_of_an_unknown_region_is_not_found(client):
    assert client.get("/accent/99.css").status_code == 404


def test_page_of_a_region_names_it_and_takes_its_accent(rf, client):
    region = RegionFactory.build(code="19", name_fi="Pohjois-Pohjanmaa", slug="pohjois-pohjanmaa")
    request = client.get("/fi/").wsgi_request
    with translation.override("fi"):
        html = render_to_string("base.html", {"region": region}, request)

    assert "/accent/19.css" in html
    assert re.search(r'class="fc-brand__region"[^>]*>Pohjois-Pohjanmaa<', html)


# --- Messages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "tone"),
    [(messages.SUCCESS, "good"), (messages.INFO, "note"), (messages.WARNING, "warn"), (messages.ERROR, "bad")],
)
def test_message_is_in_the_page_in_a_live_region(client, level, tone):
    request = client.get("/fi/").wsgi_request
    html = render_to_string("base.html", {"messages": [Message(level, "Tallennettu <nyt>")]}, request)

    region = html[html.index('role="status"') : html.index("<template>")]
    assert f"fc-tone-{tone}" in region
    assert "Tallennettu &lt;nyt&gt;" in region


# --- Gallery ------------------------------------------------------------------------------------


def test_gallery_of_a_production_installation_is_for_administrators(client):
    with override_settings(PRODUCTION=True):
        assert client.get("/fi/gallery/").status_code == 404
        client.force_login(UserFactory())
        assert client.get("/fi/gallery/").status_code == 404
        client.force_login(UserFactory(admin=True))
        assert client.get("/fi/gallery/").status_code == 200


def test_gallery_table_sorts_and_says_so(client):
    html = client.get("/en/gallery/?sort=-euros").content.decode()

    assert re.findall(r'aria-sort="(\w+)"', html) == ["descending"]
    rows = [html.index(text) for text in ("42,000", "8,500", "Yhteinen perehdytys")]
    assert rows == sorted(rows)


# --- Health -------------------------------------------------------------------------------------


def test_healthz_answers_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_is_ready_when_every_migration_is_in(client):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "migrations": "ok"}
    assert "no-store" in response.headers["Cache-Control"]


def test_readyz_is_not_ready_while_a_migration_is_missing(client, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: [object()])

    response = client.get("/readyz")

    assert (response.status_code, response.json()["migrations"]) == (503, "missing")


def test_readyz_is_not_ready_without_the_database(client, monkeypatch):
    def refuse(self, connection):
        raise OperationalError("no database")

    monkeypatch.setattr(MigrationExecutor, "__init__", refuse)

    response = client.get("/readyz")

    assert (response.status_code, response.json()["database"]) == (503, "failed")


# --- Errors -------------------------------------------------------------------------------------


def test_server_error_page_speaks_three_languages_and_asks_nothing_of_the_database(
    client, monkeypatch, django_assert_num_queries, caplog
):
    def break_down(user):
        raise RuntimeError("broken")

    monkeypatch.setattr("familycentre.views.regions_by_collaborative_area", lambda: break_down(None))
    client.raise_request_exception = False

    with django_assert_num_queries(0):
        response = client.get("/fi/")

    html = response.content.decode()
    assert response.status_code == 500
    assert all(f'lang="{language}"' in html for language in LANGUAGES)
    assert "Jokin meni vikaan" in html
    assert "Något gick fel" in html
    assert "Something went wrong" in html


def test_request_that_cannot_be_understood_gets_the_page_for_it(client, caplog):
    with override_settings(ALLOWED_HOSTS=["familycentre.example"]):
        response = client.get("/fi/", headers={"host": "someone-else.example"})

    assert response.status_code == 400
    assert "Pyyntöä ei ymmärretty" in response.content.decode()


def test_missing_page_offers_the_front_page(client):
    response = client.get("/en/nothing/")

    assert response.status_code == 404
    assert '<a href="/en/">' in response.content.decode()


def test_form_without_its_token_gets_a_page_that_says_what_to_do():
    browser = Client(enforce_csrf_checks=True)

    response = browser.post("/en/account/login/", {"login": "a@example.org", "password": "x"})

    assert response.status_code == 403
    assert '<html lang="en">' in response.content.decode()


def test_forbidden_page_is_ours(client):
    html = render_to_string("403.html", {}, client.get("/sv/").wsgi_request)

    assert '<main id="main"' in html


# --- Signing in ---------------------------------------------------------------------------------


def test_signing_in_leads_to_the_desk(client):
    user = UserFactory()

    response = client.post(
        "/fi/account/login/", {"login": user.email, "password": "correct horse battery"}, follow=True
    )

    assert response.redirect_chain == [("/fi/", 302)]
    assert response.context["user"] == user
    assert response.templates[0].name == "familycentre/desk.html"


def test_wrong_password_is_told_in_a_summary_that_links_to_the_form(client):
    response = client.post("/fi/account/login/", {"login": "a@example.org", "password": ""})

    html = response.content.decode()
    assert 'class="fc-error-summary" role="alert"' in html
    assert '<a href="#id_password">' in html
    assert 'aria-describedby="id_password_helptext id_password_error"' in html
    assert 'id="id_password_error"' in html


def test_nobody_signs_up(client):
    response = client.post("/fi/account/signup/", {"email": "uusi@example.org"})

    assert response.templates[0].name == "account/signup_closed.html"


@pytest.mark.parametrize("name", ["account_email", "account_change_password", "mfa_index", "account_logout"])
def test_account_page_wears_our_looks(client, name):
    client.force_login(UserFactory())

    html = client.get(address(name, "sv")).content.decode()

    assert '<html lang="sv">' in html
    assert 'class="fc-header"' in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("name", ["account_email", "mfa_index", "admin:index"])
def test_own_pages_need_signing_in(client, name):
    response = client.get(address(name, "fi"))

    assert response.status_code == 302
    assert "/login/" in response.url


def test_every_installation_language_is_offered():
    assert [code for code, _name in settings.LANGUAGES] == LANGUAGES
