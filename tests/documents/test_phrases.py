"""Texts that a region uses again and again: kept clean, found by name, changed by whoever may."""

import json

import pytest
from django.urls import reverse

from documents.models import Document, Phrase
from documents.services.documents import create_document
from tests.accounts.factories import UserFactory
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    region = RegionFactory(bilingual=True)
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


@pytest.fixture
def writers(region):
    body = BodyFactory(region=region)
    title = {"fi": "Suunnitelma", "sv": "Plan"}
    create_document(region, kind=Document.Kind.REPORT, title=title, languages=["fi", "sv"], by=None, writing_body=body)
    return body


@pytest.fixture
def writer(client, writers):
    user = MembershipFactory(body=writers, user=UserFactory(name="Liisa Mallikas")).user
    client.force_login(user)
    return user


def at(region, name, *rest):
    return reverse(f"documents:{name}", args=[region.slug, *rest])


def phrase(region, name="Palvelulupaus", **texts):
    return Phrase.objects.create(region=region, name=name, text=texts or {"fi": "<p>Saatte apua.</p>"})


JSON = {"Accept": "application/json"}


def test_what_is_kept_has_no_identity_no_picture_and_no_script(client, region, writer):
    html = (
        '<p data-id="abcdefghij" data-pasted="1">Saatte <strong>apua</strong>.<script>alert(1)</script></p>'
        '<figure data-file="x"><img src="x" onerror="alert(1)" data-file="x" alt="Talo"></figure>'
        '<table data-id="kkkkkkkkkk"><tr><th data-col="cab">Paikka</th></tr><tr><td>Talo</td></tr></table>'
    )
    response = client.post(
        at(region, "phrase-add"), {"name": " Palvelu  lupaus ", "text-fi": html, "text-sv": ""}, headers=JSON
    )

    assert response.status_code == 201
    kept = Phrase.objects.get()
    assert (kept.name, kept.author, list(kept.text)) == ("Palvelu lupaus", writer, ["fi"])
    assert kept.text["fi"].startswith("<p>Saatte <strong>apua</strong>.</p>")
    assert "Paikka" in kept.text["fi"]
    for left_out in ("data-id", "data-col", "script", "img", "figure", "onerror"):
        assert left_out not in kept.text["fi"]


def test_what_was_stored_badly_comes_out_clean(client, region, writer):
    phrase(region, fi='<p onclick="x()">Apua<img src=x onerror=alert(1)></p>')
    answer = client.get(at(region, "phrase-list"), headers=JSON).json()
    assert answer == {"phrases": [{"name": "Palvelulupaus", "texts": {"fi": "<p>Apua</p>"}, "words": "Apua"}]}
    assert "onclick" not in client.get(at(region, "phrase-list")).content.decode()


def test_texts_are_found_by_the_words_of_their_name(client, region, writer):
    for name in ("Palvelulupaus perheille", "Perheille: yhteystiedot", "Kohtaamispaikat"):
        phrase(region, name)
    phrase(RegionFactory(), "Perheille muualla")

    def found(words):
        answer = client.get(at(region, "phrase-list"), {"q": words}, headers=JSON).json()
        return [row["name"] for row in answer["phrases"]]

    assert found("") == ["Kohtaamispaikat", "Palvelulupaus perheille", "Perheille: yhteystiedot"]
    assert found("perheille") == ["Palvelulupaus perheille", "Perheille: yhteystiedot"]
    assert found("perheille lupaus") == ["Palvelulupaus perheille"]
    assert found("naapuri") == []


@pytest.mark.parametrize("headers", [{}, JSON])
def test_a_name_is_used_once_and_some_words_are_needed(client, region, writer, headers):
    phrase(region)
    for sent in ({"name": "Palvelulupaus", "text-fi": "<p>Toinen.</p>"}, {"name": "Uusi", "text-fi": "<p> </p>"}):
        response = client.post(at(region, "phrase-add"), sent, headers=headers)
        assert response.status_code == 422
        if headers:
            assert len(json.loads(response.content)["errors"]) == 1
        else:
            assert sent["text-fi"][3:8].strip() in response.content.decode()
    assert Phrase.objects.count() == 1


def test_the_author_and_coordinators_change_a_text_and_others_do_not(client, region, writers, writer):
    own = phrase(region)
    own.author = writer
    own.save()
    other = phrase(region, "Toisen")
    change = {"name": "Muutettu", "text-fi": "<p>Uusi.</p>"}
    assert client.post(at(region, "phrase-edit", own.public_id), change).status_code == 302
    assert client.post(at(region, "phrase-edit", other.public_id), change).status_code == 403
    assert client.post(at(region, "phrase-remove", other.public_id)).status_code == 403

    client.force_login(MembershipFactory(body=region.coordinating_body).user)
    assert client.post(at(region, "phrase-remove", own.public_id)).status_code == 302
    assert [row.name for row in Phrase.objects.all()] == ["Toisen"]


def test_those_who_write_nothing_in_the_region_do_not_find_the_page(client, region, writers):
    client.force_login(MembershipFactory(body=BodyFactory(region=region)).user)
    assert client.get(at(region, "phrase-list")).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries(client, region, writer, django_assert_num_queries, count):
    for number in range(count):
        row = phrase(region, f"Teksti {number}")
        row.author = UserFactory()
        row.save()
    with django_assert_num_queries(7):
        client.get(at(region, "phrase-list"))


def test_coordinators_and_writers_find_the_list_without_the_editor(client, region, writers, writer):
    document = Document.objects.get(writing_body=writers)
    assert at(region, "phrase-list") in client.get(document.get_absolute_url()).content.decode()
    client.force_login(MembershipFactory(body=region.coordinating_body).user)
    assert at(region, "phrase-list") in client.get(reverse("region", args=[region.slug])).content.decode()
