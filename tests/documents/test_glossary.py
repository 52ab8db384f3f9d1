"""The glossary of a region: who writes it, what it begins with, what is found in a text."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from documents.glossary import Glossary, standard_words
from documents.models import GlossaryTerm
from documents.services.glossary import save_term
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
def coordinator(region, client):
    user = MembershipFactory(body=region.coordinating_body, user=UserFactory()).user
    client.force_login(user)
    return user


def at(region, name="glossary", *rest):
    return reverse(f"documents:{name}", args=[region.slug, *rest])


def test_word_is_added_changed_and_removed(client, region, coordinator):
    client.post(at(region, "glossary-add"), {"word_fi": "kohtaamispaikka", "word_sv": "träffpunkt", "note": "vårt"})
    term = GlossaryTerm.objects.get()
    assert term.words == {"fi": "kohtaamispaikka", "sv": "träffpunkt"}
    client.post(at(region, "glossary-edit", term.public_id), {"word_fi": "kohtaamispaikka", "word_sv": "mötesplats"})
    term.refresh_from_db()
    assert (term.words["sv"], term.note) == ("mötesplats", "")
    client.post(at(region, "glossary-remove", term.public_id))
    assert not GlossaryTerm.objects.exists()


def test_word_in_one_language_is_no_pair(client, region, coordinator):
    response = client.post(at(region, "glossary-add"), {"word_fi": "kunta", "word_sv": " "})
    assert response.status_code == 422
    assert not GlossaryTerm.objects.exists()


def test_standard_words_are_added_once_and_change_nothing(client, region, coordinator):
    GlossaryTerm.objects.create(region=region, words={"fi": "kohtaamispaikka", "sv": "träffpunkt"})
    client.post(at(region, "glossary-import"))
    count = GlossaryTerm.objects.count()
    assert count == len(standard_words())
    assert GlossaryTerm.objects.get(words__fi="kohtaamispaikka").words["sv"] == "träffpunkt"
    client.post(at(region, "glossary-import"))
    assert GlossaryTerm.objects.count() == count


def test_words_are_found_by_their_letters(client, region, coordinator):
    GlossaryTerm.objects.create(region=region, words={"fi": "kunta", "sv": "kommun"})
    GlossaryTerm.objects.create(region=region, words={"fi": "nämnd", "sv": "nämnd"})
    rows = client.get(at(region), {"q": "KOMM"}).context["rows"]
    assert [term.words["fi"] for term, _words, _name in rows] == ["kunta"]


@pytest.mark.parametrize("count", [1, 30])
def test_list_takes_a_constant_number_of_queries(client, region, coordinator, django_assert_max_num_queries, count):
    for number in range(count):
        GlossaryTerm.objects.create(region=region, words={"fi": f"sana {number}", "sv": f"ord {number}"})
    with django_assert_max_num_queries(11):
        client.get(at(region))


def test_every_standard_word_has_its_languages_and_no_double():
    for row in standard_words():
        assert row["fi"] and row["sv"] and row["en"]
    finnish = [row["fi"] for row in standard_words()]
    assert len(finnish) == len(set(finnish))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kohtaamispaikoissa on tilaa.", ["mötesplats"]),
        ("Varhaisen tuen palvelut", ["tidigt stöd"]),
        ("Hyvinvointialueen ja kuntien yhteistyö", ["välfärdsområde", "kommun"]),
        ("Aurinko paistaa.", []),
    ],
)
def test_words_are_found_in_any_form(text, found):
    terms = [
        GlossaryTerm(words={"fi": "kohtaamispaikka", "sv": "mötesplats"}),
        GlossaryTerm(words={"fi": "varhainen tuki", "sv": "tidigt stöd"}),
        GlossaryTerm(words={"fi": "tuki", "sv": "stöd"}),
        GlossaryTerm(words={"fi": "hyvinvointialue", "sv": "välfärdsområde"}),
        GlossaryTerm(words={"fi": "kunta", "sv": "kommun"}),
    ]
    glossary = Glossary(terms, source="fi", target="sv")
    assert [hint.translation for hint in glossary.hints(text)] == found


def test_word_that_is_gone_meanwhile_does_not_come_back_unsaid(client, region, coordinator):
    term = GlossaryTerm.objects.create(region=region, words={"fi": "kunta", "sv": "kommun"})
    url = at(region, "glossary-edit", term.public_id)
    typed = {"word_fi": "kunta", "word_sv": "kommun (i Finland)", "note": ""}
    term.delete()
    response = client.post(url, typed)
    assert response.status_code == 422
    assert not GlossaryTerm.objects.exists()
    assert 'value="kommun (i Finland)"' in response.content.decode()
    assert 'name="anew"' in response.content.decode()
    client.post(url, typed | {"anew": "1"})
    assert GlossaryTerm.objects.get().words["sv"] == "kommun (i Finland)"
    assert client.get(url).status_code == 404


def test_service_says_that_a_word_is_gone(region):
    term = GlossaryTerm.objects.create(region=region, words={"fi": "kunta", "sv": "kommun"})
    GlossaryTerm.objects.all().delete()
    with pytest.raises(ValidationError) as error:
        save_term(region, words={"fi": "kunta", "sv": "kommun"}, note="", by=None, term=term)
    assert error.value.code == "term_gone"
    assert not GlossaryTerm.objects.exists()
