"""Texts that two writers added each in their own language: told on the translator's page and joined by a person."""

import pytest

from documents.blocks import CURRENT
from documents.models import BlockIdentity
from documents.services.outline import add_section
from documents.services.sections import save_section
from documents.views.section import editing_html
from tests.documents.factories import blocks, fresh, head, ids, texts
from tests.documents.test_translating import document, page_of, region, sent, states, user, written

pytestmark = pytest.mark.django_db
__all__ = ["document", "region", "user"]


@pytest.fixture
def section(document):
    """A Finnish and a Swedish writer have each added a paragraph behind the first, from the same state."""
    section = add_section(document, heading={"fi": "Nykytila", "sv": "Nuläge"}, key="nykytila", by=None)
    save_section(section, by=None, base=None, html={"fi": "<p>Alku.</p>", "sv": "<p>Början.</p>"})
    section, base = fresh(section), head(section)
    start = {code: editing_html(section.blocks, document, code) for code in ("fi", "sv")}
    save_section(section, by=None, base=base, html={"fi": f"{start['fi']}<p>Lisäys.</p>"})
    save_section(fresh(section), by=None, base=base, html={"sv": f"{start['sv']}<p>Tillägg.</p>"})
    return fresh(section)


def alone(section):
    """The ids of the Swedish and of the Finnish paragraph."""
    swedish = next(block.id for block in blocks(section) if block.languages() == {"sv"})
    finnish = next(block.id for block in blocks(section) if block.languages() == {"fi"})
    return swedish, finnish


def test_new_texts_of_two_writers_both_stand(section):
    assert sorted(texts(section, "fi")) == ["", "Alku.", "Lisäys."]
    assert sorted(texts(section, "sv")) == ["", "Början.", "Tillägg."]


def test_page_offers_to_join_them(client, section):
    response = client.get(page_of(section))
    assert "Kaksi kirjoittajaa on voinut lisätä" in written(response)
    assert [pair.nearby != [] for pair in response.context["pairs"]].count(True) == 1


def test_joined_texts_are_one_text_in_two_languages(client, section):
    swedish, finnish = alone(section)
    response = client.post(page_of(section), sent(section) | {"pair": f"{swedish}:{finnish}"})
    assert response.url == f"{page_of(section)}#p-{finnish}"
    assert (texts(section, "fi"), texts(section, "sv")) == (["Alku.", "Lisäys."], ["Början.", "Tillägg."])
    assert states(section) == [CURRENT, CURRENT]
    assert BlockIdentity.objects.get(block_id=swedish).alias_of.block_id == finnish


def test_what_was_typed_is_saved_with_the_joining(client, section):
    swedish, finnish = alone(section)
    first = ids(section)[0]
    client.post(page_of(section), sent(section) | {f"t-{first}-body": "Allra först.", "pair": f"{swedish}:{finnish}"})
    assert texts(section, "sv") == ["Allra först.", "Tillägg."]


@pytest.mark.parametrize("wanted", ["first", "itself", "unknown"])
def test_only_two_halves_are_joined(client, section, wanted):
    swedish, _finnish = alone(section)
    other = {"first": ids(section)[0], "itself": swedish, "unknown": "zzzzzzzzzz"}[wanted]
    before = head(section).number
    response = client.post(page_of(section), sent(section) | {"pair": f"{swedish}:{other}"})
    assert response.status_code == 422
    assert head(section).number == before


def test_new_texts_of_one_save_are_one_though_an_untranslated_one_stands_behind(document):
    section = add_section(document, heading={"fi": "Palvelut"}, key="palvelut", by=None)
    save_section(section, by=None, base=None, html={"fi": "<p>Alku.</p><p>Loppu.</p>"})
    first, last = ids(section)
    swedish = f'<p data-id="{first}">Början.</p>'
    save_section(fresh(section), by=None, base=head(section), html={"sv": swedish})
    finnish = f'<p data-id="{first}">Alku.</p><p>Uusi.</p><ul><li>Kohta</li></ul><p data-id="{last}">Loppu.</p>'
    both = {"fi": finnish, "sv": f"{swedish}<p>Ny.</p><ul><li>Punkt</li></ul>"}
    save_section(fresh(section), by=None, base=head(section), html=both)
    assert texts(section, "fi") == ["Alku.", "Uusi.", "Kohta", "Loppu."]
    assert texts(section, "sv") == ["Början.", "Ny.", "Punkt", ""]
