import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from audit.models import AuditEvent
from documents.renditions import choices_of, edition_of, file_name
from documents.services.publishing import missing_translations, public_now, publish, withdraw
from documents.services.sections import save_section
from documents.services.versions import freeze, freeze_if_changed
from documents.views.finding import address
from jobs.models import Job
from jobs.services import run_due
from tests.plans.factories import make_plan
from tests.regions.factories import BodyFactory, MembershipFactory

from .factories import fresh, ids, make_document, make_region, make_section

pytestmark = pytest.mark.django_db


@pytest.fixture
def bilingual():
    document = make_document(languages=("fi", "sv"))
    section = make_section(document, "<p>Yksi.</p><p>Kaksi.</p>")
    first, _second = ids(section)
    save_section(fresh(section), by=None, base=section.head, html={"sv": f'<p data-id="{first}">Ett.</p>'})
    return document


def test_monolingual_version_is_published_as_it_is():
    document = make_document(languages=("fi",))
    make_section(document, "<p>Yksi.</p>")

    publication = publish(freeze(document, by=None), languages=["fi"], by=None)

    assert list(public_now()) == [publication]
    assert AuditEvent.objects.filter(verb="version.published").count() == 1


@pytest.mark.parametrize("languages", [["fi", "sv"], ["fi"]])
def test_bilingual_version_with_a_gap_is_not_published_unless_it_is_said(bilingual, languages):
    version = freeze(bilingual, by=None)
    assert missing_translations(version) == {"sv": 2}  # a paragraph and a heading

    with pytest.raises(ValidationError) as error:
        publish(version, languages=languages, by=None)

    assert error.value.code == "language_missing"
    assert not public_now().exists()
    assert publish(version, languages=languages, by=None, despite_missing=True).languages == languages


def test_page_of_a_version_with_a_gap_says_so_in_that_language_alone(client, bilingual):
    publish(freeze(bilingual, by=None), languages=["fi", "sv"], by=None, despite_missing=True)
    with override("fi"):
        sentence = gettext("Some of the text is only in Finnish.")

    pages = {
        language: client.get(address(bilingual, "version-detail", 1, language)).content.decode()
        for language in bilingual.languages
    }

    assert {language: page.count(sentence) for language, page in pages.items()} == {"fi": 0, "sv": 1}


def test_next_public_version_takes_the_place_of_the_earlier_one():
    document = make_document(languages=("fi",))
    make_section(document, "<p>Yksi.</p>")
    earlier = publish(freeze(document, by=None), languages=["fi"], by=None)

    later = publish(freeze(document, by=None), languages=["fi"], by=None)

    assert list(public_now()) == [later]
    earlier.refresh_from_db()
    assert earlier.withdrawn_at is not None


def test_withdrawn_version_is_no_longer_public():
    document = make_document(languages=("fi",))
    make_section(document, "<p>Yksi.</p>")
    publication = publish(freeze(document, by=None), languages=["fi"], by=None)

    withdraw(publication, by=None)
    withdraw(publication, by=None)

    assert not public_now().exists()
    assert AuditEvent.objects.filter(verb="version.withdrawn").count() == 1


def test_unchanged_draft_is_not_frozen_again():
    document = make_document(languages=("fi",))
    section = make_section(document, "<p>Yksi.</p>")
    first, made = freeze_if_changed(document, by=None)
    assert made

    assert freeze_if_changed(document, by=None, label="Uusi") == (first, False)

    save_section(section, by=None, base=section.head, html={"fi": "<p>Kaksi.</p>"})
    second, made = freeze_if_changed(document, by=None)
    assert (second.number, made) == (2, True)


# --- In the browser -----------------------------------------------------------------------------------------


@pytest.fixture
def coordinator(client):
    """Signs in a coordinator of the document's region."""

    def sign_in(document):
        body = BodyFactory(region=document.region, coordinating=True)
        user = MembershipFactory(body=body).user
        client.force_login(user)
        return user

    return sign_in


def test_coordinator_publishes_and_anyone_reads(client, coordinator):
    document = make_document(languages=("fi",))
    make_section(document, "<p>Lapsille on tilaa.</p>")
    version = freeze(document, by=None)
    user = coordinator(document)
    publish_url = address(document, "version-publish", 1)
    assert publish_url in client.get(address(document, "version-list")).content.decode()
    assert 'type="checkbox"' not in client.get(publish_url).content.decode()

    response = client.post(publish_url)

    assert response.url == address(document, "version-list")
    assert public_now().get().published_by == user
    page = client.get(response.url).content.decode()
    assert address(document, "version-withdraw", 1) in page
    assert publish_url not in page
    assert Job.objects.open().count() == len(choices_of(version)) > 1
    client.logout()
    assert "Lapsille on tilaa." in client.get(address(document, "version-detail", 1)).content.decode()
    run_due()
    file = client.get(address(document, "rendition", 1, "pdf", "full", "fi"))
    assert b"".join(file.streaming_content).startswith(b"%PDF")


def test_front_page_lists_a_plan_while_it_is_public(client, coordinator):
    document = make_plan(make_region()).document
    freeze(document, by=None)
    url = address(document, "version-detail", 1)
    coordinator(document)
    sent = {"languages": document.languages, "despite_sv": "on"}

    client.post(address(document, "version-publish", 1), sent)
    assert url in Client().get(reverse("home")).content.decode()

    client.post(address(document, "version-withdraw", 1))
    assert url not in Client().get(reverse("home")).content.decode()


@pytest.mark.parametrize("languages", [["fi", "sv"], ["fi"]])
def test_gap_in_a_language_has_to_be_accepted(client, coordinator, bilingual, languages):
    freeze(bilingual, by=None)
    coordinator(bilingual)
    url = address(bilingual, "version-publish", 1)
    assert "fc-notice" in client.get(url).content.decode()

    refused = client.post(url, {"languages": languages})

    assert refused.status_code == 422
    assert refused.context["form"].has_error("despite_sv", "language_missing")
    assert not public_now().exists()
    assert client.post(url, {"languages": languages, "despite_sv": "on"}).status_code == 302
    assert public_now().get().languages == languages


def test_version_is_not_published_in_no_language(client, coordinator, bilingual):
    freeze(bilingual, by=None)
    coordinator(bilingual)

    response = client.post(address(bilingual, "version-publish", 1), {"despite_sv": "on"})

    assert response.status_code == 422
    assert not public_now().exists()


def test_coordinator_withdraws(client, coordinator):
    document = make_document(languages=("fi",))
    make_section(document, "<p>Yksi.</p>")
    publish(freeze(document, by=None), languages=["fi"], by=None)
    coordinator(document)
    url = address(document, "version-withdraw", 1)

    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 302

    assert AuditEvent.objects.filter(verb="version.withdrawn").count() == 1
    client.logout()
    assert client.get(address(document, "version-detail", 1)).url.startswith(reverse("account_login"))


def test_public_version_is_not_published_twice(client, coordinator):
    document = make_document(languages=("fi",))
    make_section(document, "<p>Yksi.</p>")
    publication = publish(freeze(document, by=None), languages=["fi"], by=None)
    coordinator(document)

    assert client.post(address(document, "version-publish", 1)).status_code == 302

    assert public_now().get() == publication


def test_freezing_an_unchanged_draft_says_so(client, coordinator):
    document = make_document(languages=("fi",))
    make_section(document, "<p>Yksi.</p>")
    freeze(document, by=None)
    coordinator(document)

    response = client.post(address(document, "version-freeze"), {"name": ""}, follow=True)

    assert document.versions.count() == 1
    assert [message.level_tag for message in response.context["messages"]] == ["info"]


def test_pages_lead_to_the_region(client, coordinator):
    document = make_document(languages=("fi",))
    chapter = make_section(document)
    make_section(document, "<p>Yksi.</p>", key="alaluku", parent=chapter)
    coordinator(document)

    response = client.get(document.get_absolute_url())

    region = reverse("region", args=[document.region.slug])
    html = response.content.decode()
    assert response.context["crumbs"][1] == (document.region.name, region)
    assert f'class="fc-brand__region" href="{region}"' in html
    assert [item.url for item in response.context["navigation"]].count(region) == 1
    (top,) = response.context["outline"]
    assert top["states"] == []
    assert [kind for kind, _short in top["children"][0]["states"]] == ["draft"]


def test_dash_between_years_stays_in_the_name_of_the_file():
    document = make_document(languages=("fi",))
    document.title = {"fi": "Suunnitelma 2023–2025"}
    document.save()
    make_section(document, "<p>Yksi.</p>")
    edition = edition_of(freeze(document, by=None), layout="full", language="fi")

    assert file_name(edition, "pdf", "full") == "suunnitelma-2023-2025-v1-fi.pdf"
