"""Attacks on the house as a whole: each was tried once, and must go on failing."""

import re

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from documents.services.publishing import publish
from documents.services.sections import save_section
from documents.services.versions import freeze
from plans.forms.base import BASE_SALT
from plans.models import Goal, Plan
from plans.services.compiling import compile_plan
from plans.services.goals import current_block
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh, make_document, make_region, make_section
from tests.documents.factories import texts as texts_of
from tests.plans.factories import (
    chapter,
    make_area,
    make_coordinator,
    make_criteria,
    make_full_goal,
    make_goal,
    make_handbook,
    make_plan,
)
from tests.regions.factories import PNG, BodyFactory, OrganisationFactory, make_stored_file

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


@pytest.fixture
def here():
    return make_region()


@pytest.fixture
def elsewhere():
    return make_region("17", "Pohjanmaan hyvinvointialue")


@pytest.fixture
def coordinator(client, here):
    user = make_coordinator(here)
    client.force_login(user)
    return user


def document_page(document, name, *rest):
    return reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def plan_page(plan, name, *rest):
    return reverse(f"plans:{name}", args=[plan.region.slug, plan.document.public_id, *rest])


# --- Sign-in --------------------------------------------------------------------------------------------------


def sign_in(client, user, password, **headers):
    return client.post(reverse("account_login"), {"login": user.email, "password": password}, **headers)


def test_wrong_passwords_are_counted_and_then_the_right_one_is_refused_too(client, settings, tmp_path):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(tmp_path)}
    }
    user = UserFactory()
    for number in range(5):
        sign_in(client, user, f"wrong {number}")

    sign_in(client, user, PASSWORD)

    assert "_auth_user_id" not in client.session


def test_admin_has_no_sign_in_of_its_own(client):
    """It would count no wrong passwords and ask for no second factor."""
    user = UserFactory(admin=True)
    address = reverse("admin:login")

    response = client.post(address, {"username": user.email, "password": PASSWORD})

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_signing_in_takes_a_new_session(client):
    user = UserFactory()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = session.session_key

    sign_in(client, user, PASSWORD)

    assert client.session.session_key != session.session_key
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_leads_nowhere_else(client, target):
    user = UserFactory()

    response = client.post(
        f"{reverse('account_login')}?next={target}", {"login": user.email, "password": PASSWORD, "next": target}
    )

    assert response.url == reverse("home")


def test_forms_are_refused_without_their_token(coordinator, here):
    plan = make_plan(here)
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator)

    assert client.post(plan_page(plan, "plan-compile")).status_code == 403


# --- What a browser may keep ----------------------------------------------------------------------------------


def test_draft_is_private_and_asked_for_anew(client, coordinator, here):
    plan = make_plan(here)

    response = client.get(plan.document.get_absolute_url())

    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response.headers["Vary"]


def test_signing_out_clears_what_the_browser_kept(client, coordinator):
    response = client.post(reverse("account_logout"))

    assert response.headers["Clear-Site-Data"] == '"cache"'


def test_one_readers_copy_of_a_version_is_not_anothers(client, coordinator, here):
    document = make_document(here, languages=("fi",))
    make_section(document, "<p>Yksi.</p>")
    publish(freeze(document, by=None), languages=["fi"], by=None)
    address = document_page(document, "version-detail", 1)
    own = client.get(address).headers["ETag"]

    assert client.get(address, headers={"If-None-Match": own}).status_code == 304
    assert Client().get(address, headers={"If-None-Match": own}).status_code == 200


# --- Scripts in texts -----------------------------------------------------------------------------------------

LINKS = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x"]


@pytest.mark.parametrize("href", LINKS)
def test_link_of_a_script_loses_its_address(client, coordinator, here, href):
    document = make_document(here)
    section = make_section(document, f'<p>Katso <a href="{href}">tästä</a>.</p>')

    page = client.get(document_page(document, "section-detail", section.key)).text

    assert texts_of(section) == ["Katso tästä."]
    assert "alert(1)" not in page
    assert "data:text" not in page


def test_words_of_people_are_words_on_every_page(client, coordinator, here):
    """Titles, headings, names, alternatives of pictures: nothing that is typed becomes a tag."""
    OrganisationFactory(region=here, name_fi=EVIL, short_name_fi=EVIL[:40])
    plan = make_plan(here)
    document = plan.document
    document.title = document.description = {"fi": EVIL}
    document.writing_body = BodyFactory(region=here, name_fi=EVIL)
    document.save()
    for section in document.sections.all():
        section.heading = section.guidance = {"fi": EVIL}
        section.save(update_fields=["heading", "guidance"])
    stored = make_stored_file(here, name=f"{EVIL}.png")
    section = chapter(plan)
    picture = (
        f'<figure data-file="{stored.public_id}"><img alt="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"></figure>'
    )
    save_section(section, by=None, base=section.head, html={"fi": f"{picture}<p>{EVIL}</p>"})
    goal = make_full_goal(plan, EVIL)
    client.post(
        plan_page(plan, "goal-edit", goal.public_id), {"title_fi": EVIL, "base": base_of(goal), "rationale_fi": EVIL}
    )
    coordinator.name = EVIL
    coordinator.save(update_fields=["name"])
    client.post(document_page(document, "version-freeze"), {"name": EVIL})
    addresses = [
        reverse("home"),
        reverse("region", args=[here.slug]),
        reverse("documents:document-list", args=[here.slug, "plan"]),
        *(document_page(document, name) for name in ("document-detail", "document-settings", "document-outline")),
        *(document_page(document, name) for name in ("version-list", "section-add")),
        f"{document_page(document, 'version-compare')}?old=1&new=draft",
        document_page(document, "version-detail", 1),
        *(document_page(document, f"section-{name}", "nykytila") for name in ("detail", "history", "split", "join")),
        *(plan_page(plan, name) for name in ("compile-desk", "goal-list", "loose-end-list", "criterion-summary")),
        *(plan_page(plan, f"goal-{name}", goal.public_id) for name in ("edit", "move", "remove")),
        plan_page(plan, "action-add", goal.public_id),
        plan_page(plan, "action-edit", goal.actions.get().public_id),
    ]

    for address in addresses:
        page = client.get(address).text
        assert re.findall(r"<img src=x|<script>alert|onerror=alert\(1\)>", page) == [], address
        assert len(page) > 1000


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<html>", b"MZ"])
def test_picture_that_may_carry_a_script_is_not_taken(client, coordinator, here, content, tmp_path):
    document = make_document(here)
    file = tmp_path / "kuva.png"
    file.write_bytes(content)

    with file.open("rb") as picture:
        response = client.post(document_page(document, "picture-add"), {"picture": picture, "alt": "Kuva"})

    assert response.status_code == 422


def test_file_is_shown_in_a_sandbox(client, coordinator, here):
    document = make_document(here)
    stored = make_stored_file(here, name='a";\r\nX-Evil: 1.png')
    make_section(document, f'<figure data-file="{stored.public_id}"><img alt="Kuva"></figure>')

    response = client.get(document_page(document, "file", stored.public_id))
    b"".join(response.streaming_content)

    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "image/png"
    assert "private" in response.headers["Cache-Control"]
    assert "X-Evil" not in response.headers


def test_picture_that_is_too_large_is_refused_by_its_size(client, coordinator, here, settings, tmp_path):
    settings.STORED_FILE_MAX_BYTES = 10
    document = make_document(here)
    file = tmp_path / "kuva.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)

    with file.open("rb") as picture:
        response = client.post(document_page(document, "picture-add"), {"picture": picture, "alt": "Kuva"})

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["picture"]


# --- Somebody else's things -----------------------------------------------------------------------------------


def base_of(row):
    return signing.dumps(current_block(row).to_json(), salt=BASE_SALT, compress=True)


def test_state_of_another_goal_is_no_base_for_this_one(client, coordinator, here):
    plan = make_plan(here)
    goal, other = make_goal(plan, "Yksi"), make_goal(plan, "Kaksi")
    block = current_block(goal).to_json()
    bases = [base_of(other), signing.dumps(block, salt="other.salt"), "x", "", signing.dumps(block, key="k" * 50)]

    for base in bases:
        sent = {"title_fi": "Kolme", "base": base}
        assert client.post(plan_page(plan, "goal-edit", goal.public_id), sent).status_code == 422

    assert list(Goal.objects.values_list("title", flat=True)) == [goal.title, other.title]


@pytest.mark.parametrize("where", ["same region", "another region"])
def test_things_of_another_document_do_not_exist_here(client, coordinator, here, elsewhere, where):
    region = here if where == "same region" else elsewhere
    make_handbook(make_area("oulu", region))
    other = make_plan(region)
    compile_plan(other, by=None)
    theirs = make_full_goal(other)
    make_section(other.document, "<p>Salaista.</p>", key="salainen")
    stored = make_stored_file(region)
    section = chapter(other, "salainen")
    picture = f'<figure data-file="{stored.public_id}"><img alt="Kuva"></figure>'
    save_section(section, by=None, base=section.head, html={"fi": picture})
    for _number in range(3):
        freeze(other.document, by=None)
    source = other.sources.first()
    plan = make_plan(here)
    freeze(plan.document, by=None)
    document = plan.document

    for address in [
        document_page(document, "section-detail", "salainen"),
        document_page(document, "section-history", "salainen"),
        document_page(document, "version-detail", 3),
        document_page(document, "file", stored.public_id),
        document_page(document, "rendition", 3, "pdf", "full", "fi"),
        plan_page(plan, "goal-edit", theirs.public_id),
        plan_page(plan, "action-edit", theirs.actions.get().public_id),
        plan_page(plan, "indicator-edit", theirs.indicators.get().public_id),
        plan_page(plan, "chapter-detail", "salainen"),
    ]:
        assert client.get(address).status_code == 404, address
    seen = {"shown": f"{source.block_id}:{source.source_block_id}:{source.text_hash}"}
    client.post(plan_page(plan, "sources-seen", "nykytila"), seen)
    candidates = list(other.candidates.values_list("source_block_id", flat=True))
    goal = make_goal(plan)
    sent = {"answer": candidates, "goal": theirs.public_id, "reason": "Ei.", "named_by": "own", "title_fi": "Oma"}
    named = "&".join(f"answer={key}" for key in candidates)
    client.post(f"{plan_page(plan, 'candidates-take', 'tavoitteet')}?{named}", sent)
    client.post(plan_page(plan, "lines-leave", "tavoitteet"), sent)
    client.post(plan_page(plan, "rest-leave"), sent)
    client.post(f"{plan_page(plan, 'candidates-take', 'tavoitteet')}?{named}", sent | {"goal": goal.public_id})
    assert set(other.candidates.values_list("state", flat=True)) <= {"open"}
    assert not theirs.actions.exclude(pk=theirs.actions.first().pk).exists()


def test_block_of_another_document_brings_nothing_along(client, coordinator, here):
    secret = make_section(make_document(here), "<p>Salaista.</p>")
    foreign = fresh(secret).head.blocks[0].id
    section = make_section(make_document(here), "<p>Omaa.</p>")
    sent = {"base": "1", "client_key": "k", "text-fi": f'<p data-id="{foreign}">Uutta.</p>'}

    client.post(document_page(section.document, "section-detail", section.key), sent)

    assert texts_of(section) == ["Uutta."]
    assert fresh(section).head.blocks[0].id != foreign
    assert texts_of(secret) == ["Salaista."]


def test_forms_take_nothing_from_another_region(client, coordinator, here, elsewhere):
    plan = make_plan(here)
    goal = make_full_goal(plan)
    action = goal.actions.get()
    theirs = OrganisationFactory(region=elsewhere)
    body = BodyFactory(region=elsewhere)
    area = make_area("vaasa", elsewhere)
    make_area("oulu", here)

    refused = [
        (
            plan_page(plan, "action-edit", action.public_id),
            {"title_fi": "x", "base": base_of(action), "lead": f"organisation:{theirs.public_id}"},
            "lead",
        ),
        (
            plan_page(plan, "action-add", goal.public_id),
            {"title_fi": "x", "owners": [f"organisation:{theirs.public_id}"]},
            "owners",
        ),
        (plan_page(plan, "feed-edit", "nykytila"), {"arrangement": "facet", "areas": [area.pk]}, "areas"),
        (
            document_page(plan.document, "document-settings"),
            {"title_fi": "x", "languages": ["fi"], "writing_body": body.pk},
            "writing_body",
        ),
        (
            reverse("plans:plan-new", args=[here.slug]),
            {
                "title_fi": "x",
                "title_sv": "x",
                "languages": ["fi"],
                "starts_on": "1.1.2026",
                "ends_on": "1.1.2027",
                "criteria_set": make_criteria().pk,
                "writing_body": body.pk,
            },
            "writing_body",
        ),
    ]
    for address, sent, field in refused:
        response = client.post(address, sent)
        assert response.status_code == 422, address
        assert list(response.context["form"].errors) == [field], address
    assert Plan.objects.count() == 1


def test_unpublished_language_does_not_leave_with_a_published_one(here):
    document = make_document(here, languages=("fi", "sv"))
    make_section(document, "<p>Yksi.</p>")
    publish(freeze(document, by=None), languages=["fi"], by=None, despite_missing=True)
    visitor = Client()

    assert visitor.get(document_page(document, "rendition", 1, "docx", "full", "fi")).status_code == 200
    for format_name, language in (("docx", "sv"), ("json", "fi"), ("json", "sv")):
        for name in ("rendition", "rendition-make"):
            address = document_page(document, name, 1, format_name, "full", language)
            response = visitor.post(address) if name.endswith("make") else visitor.get(address)
            assert response.status_code == 302
            assert response.url.startswith(reverse("account_login"))


# --- Errors ---------------------------------------------------------------------------------------------------


def test_error_pages_say_nothing_of_the_inside(client, coordinator, settings):
    settings.DEBUG = False
    for address in ("/fi/ei-ole/plan/x/", "/fi/%3Cscript%3E/"):
        response = client.get(address)
        assert response.status_code == 404
        assert re.findall(r"urlpatterns|Traceback|site-packages|<script>(?!\s*$)", response.text) == []


def test_strange_host_is_refused(client, settings):
    settings.ALLOWED_HOSTS = ["plans.example.fi"]

    response = client.get("/fi/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "evil.example" not in response.text


def test_number_of_any_length_is_no_error_of_ours(client, coordinator, here):
    section = make_section(make_document(here), "<p>Omaa.</p>")
    address = document_page(section.document, "section-detail", section.key)
    compare = document_page(section.document, "section-compare", section.key)

    assert client.post(address, {"base": "9" * 5000, "text-fi": "<p>x</p>"}).status_code == 422
    assert client.get(f"{compare}?old={'9' * 5000}&new=1").status_code == 404


def test_other_words_sent_from_the_same_page_are_not_lost(client, coordinator, here):
    """The way back leads to a page that was sent already."""
    section = make_section(make_document(here), "<p>Yksi.</p>")
    address = document_page(section.document, "section-detail", section.key)
    for text in ("Kaksi.", "Kaksi.", "Kolme."):
        client.post(address, {"base": "1", "client_key": "k", "text-fi": f"<p>{text}</p>"})

    assert section.revisions.line().count() == 3
    assert {"Kaksi.", "Kolme."} <= set(texts_of(section))


# --- The sign NUL ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["template=%00", "template=abc%00", "q=a%00b", "%00=1", "sort=%00", "next=%00"])
def test_nul_in_an_address_is_a_bad_request(client, coordinator, here, query):
    pages = [
        reverse("documents:document-list", args=[here.slug, "handbook"]),
        reverse("handbooks:handbook-add", args=[here.slug]),
        reverse("home"),
    ]
    assert [client.get(f"{page}?{query}").status_code for page in pages] == [400, 400, 400]


def test_nul_in_a_path_or_a_cookie_is_a_bad_request(client, here):
    assert client.get(f"/fi/{here.slug}/plan/%00/").status_code == 400
    client.cookies["sessionid"] = "\x00aaaaaaaaaaaaaaaa"
    assert client.get(reverse("home")).status_code == 400


def test_nul_in_a_form_is_taken_out_and_nothing_else_is_lost(client, coordinator, here):
    document = make_document(here)
    section = make_section(document)
    data = {"base": "0", "client_key": "a\x00b", "text-fi": "<p>Talo on\x00 auki.</p>", "odd\x00name": "\x00"}
    response = client.post(document_page(document, "section-detail", section.key), data)
    assert response.status_code == 302
    assert texts_of(section) == ["Talo on auki."]


@pytest.mark.parametrize("name", ["goal", "candidate", "state", "base", "client_key", "title_fi", "after"])
def test_nul_in_any_field_is_no_fault_of_ours(client, coordinator, here, name):
    plan = make_plan(here)
    goal = make_goal(plan)
    pages = [
        plan_page(plan, "goal-edit", goal.block_id),
        plan_page(plan, "goal-list"),
        plan_page(plan, "compile-desk"),
    ]
    assert all(client.post(page, {name: f"{goal.block_id}\x00"}).status_code < 500 for page in pages)


def test_an_upload_keeps_its_bytes(client, coordinator, here):
    document = make_document(here)
    content = PNG
    assert b"\x00" in content
    upload = SimpleUploadedFile("kuva\x00.png", content, "image/png")
    answer = client.post(document_page(document, "picture-add"), {"picture": upload, "alt": "Talo\x00"}).json()
    assert answer["alt"] == "Talo"
    assert b"".join(client.get(answer["src"]).streaming_content) == content
