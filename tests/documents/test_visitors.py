"""The page of a public version is kept whole for those who have not signed in, and for nobody else."""

import re

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import translation

from documents.models import Publication
from documents.services.publishing import publish, withdraw
from documents.services.versions import freeze, name_version
from documents.views.finding import address
from documents.views.visitors import VisitorPage
from tests.accounts.factories import UserFactory
from tests.regions.factories import BodyFactory, MembershipFactory

from .factories import make_document, make_section

pytestmark = pytest.mark.django_db


@pytest.fixture
def document():
    document = make_document(languages=("fi", "sv"))
    make_section(document, "<p>Lapsille on tilaa.</p>")
    publish(freeze(document, by=None), languages=["fi"], by=None, despite_missing=True)
    return document


@pytest.fixture
def url(document):
    return address(document, "version-detail", 1)


def test_second_visitor_gets_the_same_page_for_one_query(client, url, django_assert_num_queries):
    first = client.get(url)

    with django_assert_num_queries(1):
        second = client.get(url)

    assert "Lapsille on tilaa." in second.content.decode()
    assert second.content == first.content
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert second.headers["Cache-Control"] == "private, no-cache"
    assert second.headers["ETag"] == first.headers["ETag"]
    assert "Content-Security-Policy" in second.headers


def test_visitor_who_has_the_page_is_not_sent_it_again(client, url, django_assert_num_queries):
    etag = client.get(url).headers["ETag"]

    with django_assert_num_queries(1):
        response = client.get(url, headers={"If-None-Match": etag})

    assert (response.status_code, response.headers["ETag"]) == (304, etag)


def test_withdrawn_version_is_not_served_from_what_was_kept(client, url, document):
    etag = client.get(url).headers["ETag"]
    withdraw(Publication.objects.get(), by=None)

    response = client.get(url, headers={"If-None-Match": etag})

    assert response.url.startswith(reverse("account_login"))


def test_language_that_is_not_public_is_not_served(client, url, document):
    assert client.get(url).status_code == 200
    assert client.get(address(document, "version-detail", 1, "fi")).status_code == 200

    assert client.get(address(document, "version-detail", 1, "sv")).status_code == 302


def test_somebody_who_has_signed_in_has_a_page_of_her_own(client, url, document):
    visitor = client.get(url).content.decode()
    user = UserFactory(name="Maija Mallikas")
    MembershipFactory(user=user, body=BodyFactory(region=document.region, coordinating=True))
    client.force_login(user)
    own = client.get(url)
    client.logout()

    assert "Maija Mallikas" in own.content.decode()
    assert address(document, "version-list") in own.content.decode()
    assert client.get(url).content.decode() == visitor
    assert "Maija Mallikas" not in visitor
    assert address(document, "version-list") not in visitor


def test_who_has_signed_in_sees_a_language_that_has_become_public(client, url, document):
    client.force_login(UserFactory())
    etag = client.get(url).headers["ETag"]
    withdraw(Publication.objects.get(), by=None)
    publish(document.versions.get(), languages=["fi", "sv"], by=None, despite_missing=True)

    response = client.get(url, headers={"If-None-Match": etag})

    assert response.status_code == 200
    assert [code for code, *_rest in response.context["languages"]] == ["fi", "sv"]


def test_page_is_kept_for_each_language_of_the_interface(client, url, document):
    with translation.override("sv"):
        swedish = address(document, "version-detail", 1)
    first = {path: client.get(path).content.decode() for path in (url, swedish)}

    for path, language in ((url, "fi"), (swedish, "sv")):
        page = client.get(path).content.decode()
        assert page == first[path]
        assert f'<html lang="{language}">' in page


def rename_document(document):
    document.title = {"fi": "Uusi otsikko"}
    document.save()
    return "Uusi otsikko"


def rename_region(document):
    document.region.name_fi = "Uusi alue"
    document.region.save()
    return "Uusi alue"


def rename_version(document):
    name_version(document.versions.get(), name="Lautakunnan versio", by=None)
    return "Lautakunnan versio"


def mark_as_sample(document):
    document.is_sample = True
    document.save()
    return 'class="fc-banner"'


@pytest.mark.parametrize("change", [rename_document, rename_region, rename_version, mark_as_sample])
def test_what_changes_around_the_text_is_seen_at_once(client, url, document, change):
    etag = client.get(url).headers["ETag"]

    expected = change(document)

    assert expected in client.get(url, headers={"If-None-Match": etag}).content.decode()


def test_new_release_makes_the_page_again(client, url, settings):
    etag = client.get(url).headers["ETag"]

    settings.RELEASE = "another"

    assert client.get(url).headers["ETag"] != etag


def test_kept_page_has_no_nonce(client, url):
    for _visit in range(2):
        page = client.get(url).content.decode()
        scripts = re.findall(r"<script[^>]*>", page)
        assert scripts
        assert all("src=" in tag and "nonce" not in tag for tag in scripts)


def test_address_with_a_query_is_not_kept(client, url):
    """Links to the other languages repeat it."""
    client.get(url)

    assert f"{url.replace('/fi/', '/sv/')}?x=1" in client.get(url, {"x": "1"}).content.decode()
    assert "?x=1" not in client.get(url).content.decode()


def test_page_with_a_message_is_not_kept(client, url):
    client.force_login(UserFactory())
    client.post(reverse("account_logout"))  # allauth says goodbye on the next page

    told, plain = client.get(url), client.get(url)

    assert "ETag" not in told.headers
    assert told.content != plain.content
    assert client.get(url).content == plain.content


def test_page_with_a_form_is_not_kept(rf):
    """Its token belongs to one visitor."""
    request = rf.get("/")
    request.csp_nonce = "abc"
    page = VisitorPage('"etag"')
    page.keep(request, HttpResponse("page"))
    assert caches["versions"].get('"etag"') == b"page"

    caches["versions"].clear()
    page.keep(request, HttpResponse(get_token(request)))

    assert caches["versions"].get('"etag"') is None
