"""Headings and titles whose original has changed since they were translated: on the pages, in versions, in Word."""

import json

import pytest
from django.utils.translation import override

from documents import frozen
from documents.blocks import BEHIND, CURRENT, MISSING
from documents.models import Document
from documents.past import state_at
from documents.queries import outline_of
from documents.services.description import describe_document
from documents.services.outline import add_section, rename_section
from documents.services.publishing import missing_translations, translations_behind
from documents.services.restoring import restore_document
from documents.services.versions import freeze
from documents.short_texts import short_state, shown_after
from tests.documents.factories import fresh
from tests.documents.test_translating import at, document, page_of, region, sent, user, written
from tests.documents.test_translation_file import bring_in, download, filled
from tests.regions.factories import BodyFactory, MembershipFactory

pytestmark = pytest.mark.django_db
__all__ = ["document", "region", "user"]


@pytest.fixture
def section(document):
    return add_section(document, heading={"fi": "Nykytila", "sv": "Nuläge"}, key="nykytila", by=None)


def renamed(section, **heading):
    return rename_section(fresh(section), heading={**fresh(section).heading, **heading}, by=None)


def described(document, **title):
    document.refresh_from_db()
    return describe_document(
        document,
        by=None,
        title={**document.title, **title},
        description=document.description,
        languages=document.languages,
        writing_body=None,
        cover=None,
        cover_alt={},
    )


def heading_sent(section, **changes):
    heading = fresh(section).heading
    data = {"heading": heading.get("sv", ""), "heading-seen": heading.get("sv", ""), "heading-original": heading["fi"]}
    return sent(section) | data | changes


# --- The notes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "seen", "state"),
    [
        ({"fi": "A", "sv": "a"}, {"fi": "B", "sv": "a"}, None, BEHIND),
        ({"fi": "A", "sv": "a"}, {"fi": "B", "sv": "b"}, None, CURRENT),
        ({"fi": "A", "sv": "a"}, {"fi": "B"}, None, MISSING),
        ({"fi": "B"}, {"fi": "B", "sv": "a"}, {"sv": "A"}, BEHIND),
        ({"fi": "B"}, {"fi": "B", "sv": "a"}, {"sv": ""}, BEHIND),
        ({"sv": "a"}, {"fi": "A", "sv": "a"}, None, CURRENT),
    ],
    ids=["original", "both", "taken_away", "of_an_earlier_one", "of_an_unknown_one", "original_came_later"],
)
def test_translation_knows_its_original(before, after, seen, state):
    shown = shown_after(before, {}, after, original="fi", seen=seen)
    assert short_state(after, shown, "sv", "fi") == state


def test_original_that_is_as_it_was_again_makes_its_translation_current(section):
    renamed(section, fi="Tila nyt")
    assert fresh(section).heading_state("sv") == BEHIND
    renamed(section, fi="Tila juuri nyt")
    assert fresh(section).heading_shown == {"sv": "Nykytila"}
    renamed(section, fi="Nykytila")
    assert fresh(section).heading_state("sv") == CURRENT
    assert fresh(section).heading_shown == {}


def test_what_was_there_before_this_was_noted_is_current(section):
    assert section.heading_shown == {}
    assert section.heading_state("sv") == CURRENT


# --- The pages --------------------------------------------------------------------------------------------


def test_heading_behind_is_shown_and_counted_everywhere(client, document, section):
    renamed(section, fi="Nykytila alueella")
    response = client.get(page_of(section))
    assert "Suomenkielinen teksti on muuttunut" in written(response)
    assert "<ins>" in response.content.decode()
    response = client.get(at(document, "translation-list", "sv"))
    (left,) = response.context["sections"]
    assert (left.behind, left.heading.state) == (1, BEHIND)
    assert "<ins>" in response.content.decode()
    assert client.get(document.get_absolute_url()).context["translations"] == [("sv", "Ruotsi", 0, 1)]
    (row,) = outline_of(document).rows
    assert (BEHIND, "sv 1") in row.states


def test_heading_is_confirmed_for_the_original_that_was_shown(client, section):
    renamed(section, fi="Tilanne")
    data = heading_sent(section, confirm="heading")
    renamed(section, fi="Tilanne nyt")
    client.post(page_of(section), data)
    assert fresh(section).heading_shown == {"sv": "Tilanne"}
    response = client.post(page_of(section), heading_sent(section, confirm="heading"))
    assert response.url == f"{page_of(section)}#p-heading"
    assert fresh(section).heading_state("sv") == CURRENT


def test_heading_translated_while_its_original_changes_is_behind(client, section):
    data = heading_sent(section, heading="Läget nu")
    renamed(section, fi="Tilanne")
    client.post(page_of(section), data)
    assert fresh(section).heading == {"fi": "Tilanne", "sv": "Läget nu"}
    assert fresh(section).heading_shown == {"sv": "Nykytila"}


def test_saving_the_page_does_not_confirm_the_heading(client, section):
    renamed(section, fi="Tilanne")
    client.post(page_of(section), heading_sent(section))
    assert fresh(section).heading_state("sv") == BEHIND


@pytest.mark.parametrize("count", [1, 3])
def test_days_of_headings_take_one_query(client, document, django_assert_num_queries, count):
    for number in range(count):
        heading = {"fi": f"Osio {number}", "sv": f"Avsnitt {number}"}
        renamed(add_section(document, heading=heading, key=f"o-{number}", by=None), fi=f"Luku {number}")
    with django_assert_num_queries(8):
        response = client.get(at(document, "translation-list", "sv"))
    assert [left.heading.since[:30] for left in response.context["sections"]] == [
        "Suomenkielinen teksti on muutt"
    ] * count


def test_title_behind_is_listed_and_confirmed_when_it_is_said(client, document):
    described(document, fi="Esimerkki ja lisää")
    url = at(document, "translation-list", "sv")
    page = client.get(url)
    assert page.context["behind"] == 1
    assert "<ins>" in page.content.decode()
    form = page.context["form"]
    data = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
    client.post(url, data)
    document.refresh_from_db()
    assert document.short_state("title", "sv") == BEHIND
    client.post(url, data | {"confirmed": "on"})
    document.refresh_from_db()
    assert document.short_state("title", "sv") == CURRENT


def test_title_that_another_has_translated_meanwhile_is_not_written_over(client, document):
    url = at(document, "translation-list", "sv")
    described(document, sv="Exempel ett")
    response = client.post(url, {"title": "Exempel två", "seen_title": "Exempel", "made_from_title": "Esimerkki"})
    assert response.status_code == 422
    assert "Exempel ett" in written(response)
    document.refresh_from_db()
    assert document.title["sv"] == "Exempel ett"
    again = {name: response.context["form"][name].value() or "" for name in response.context["form"].fields}
    assert again["title"] == "Exempel två"
    client.post(url, again)
    document.refresh_from_db()
    assert document.title["sv"] == "Exempel två"


def test_description_of_several_lines_is_translated_though_a_browser_ends_lines_otherwise(client, document):
    Document.objects.filter(pk=document.pk).update(description={"fi": "Yksi.\nKaksi.", "sv": "Ett.\nTvå."})
    url = at(document, "translation-list", "sv")
    form = client.get(url).context["form"]
    data = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
    data = {name: text.replace("\n", "\r\n") for name, text in data.items()}
    client.post(url, data | {"description": "Ett nytt.\r\nTvå."})
    document.refresh_from_db()
    assert document.description["sv"].splitlines() == ["Ett nytt.", "Två."]
    assert document.short_state("description", "sv") == CURRENT


def test_translated_title_is_found_by_search(client, document):
    url = at(document, "translation-list", "sv")
    client.post(url, {"title": "Familjecenterboken", "seen_title": document.title.get("sv", "")})
    assert document.passages.filter(text__contains="Familjecenterboken").exists()


def test_title_of_a_handbook_is_not_the_writing_groups_to_translate(client, document):
    writers = BodyFactory(region=document.region)
    Document.objects.filter(pk=document.pk).update(kind=Document.Kind.HANDBOOK, writing_body=writers)
    document.refresh_from_db()
    client.force_login(MembershipFactory(body=writers).user)
    url = at(document, "translation-list", "sv")
    page = client.get(url)
    assert 'name="title"' not in page.content.decode()
    assert client.post(url, {"title": "Bok", "seen_title": document.title["sv"]}).status_code == 403


# --- Versions and the past ------------------------------------------------------------------------------


def test_version_says_what_is_behind_and_one_without_keeps_its_bytes(document, section):
    before = freeze(document, by=None)
    raw = json.loads(bytes(before.content))
    assert "texts_shown" not in raw["document"]
    assert "heading_shown" not in raw["sections"][0]
    assert translations_behind(before) == {}
    renamed(section, fi="Tilanne")
    described(document, fi="Toinen otsikko")
    after = freeze(document, by=None)
    assert translations_behind(after) == {"sv": 2}
    assert frozen.read(after).sections[0].heading_shown == {"sv": "Nykytila"}


def test_title_without_translation_is_a_gap_of_a_version(document, section):
    described(document, sv="")
    assert missing_translations(freeze(document, by=None)) == {"sv": 1}


def test_heading_restored_in_both_languages_is_current(document, section, user):
    renamed(section, fi="Tilanne")
    now = document.outline_revisions.latest("number").created_at
    renamed(section, fi="Aivan muuta", sv="Något annat")
    document.refresh_from_db()
    restore_document(document, state_at(document, now), by=user)
    assert fresh(section).heading == {"fi": "Tilanne", "sv": "Nuläge"}
    assert fresh(section).heading_state("sv") == CURRENT


# --- Word -------------------------------------------------------------------------------------------------


def test_headings_and_titles_that_are_behind_go_out_and_come_back(client, document, section):
    renamed(section, fi="Nykytila alueella")
    described(document, fi="Esimerkki alueelta")
    content = filled(
        download(client, document), {"Nykytila alueella": "Nuläget i området", "Esimerkki alue": "Exempel 2"}
    )
    preview, _done = bring_in(client, document, content)
    assert (preview.context["to_save"], preview.context["originals_edited"]) == (2, 0)
    document.refresh_from_db()
    assert (fresh(section).heading["sv"], document.title["sv"]) == ("Nuläget i området", "Exempel 2")
    assert fresh(section).heading_state("sv") == document.short_state("title", "sv") == CURRENT


def test_heading_left_as_it_was_is_confirmed_only_when_it_is_said(client, document, section):
    renamed(section, fi="Nykytila alueella")
    described(document, fi="Esimerkki alueelta")
    content = download(client, document)
    preview, _done = bring_in(client, document, content)
    assert preview.context["untouched_behind"] == 2
    assert fresh(section).heading_state("sv") == BEHIND
    bring_in(client, document, content, confirm_untouched="1")
    document.refresh_from_db()
    assert fresh(section).heading_state("sv") == document.short_state("title", "sv") == CURRENT


def test_heading_of_a_file_whose_original_has_changed_again_is_behind(client, document, section):
    renamed(section, fi="Nykytila alueella")
    content = filled(download(client, document), {"Nykytila alueella": "Nuläget i området"})
    renamed(section, fi="Tilanne")
    preview, _done = bring_in(client, document, content)
    assert preview.context["behind_again"] == 1
    assert fresh(section).heading_shown == {"sv": "Nykytila alueella"}


def test_too_long_heading_of_a_file_is_not_cut_and_not_saved(client, document, section):
    content = filled(download(client, document, "?all=1"), {"Nykytila": "ord " * 60})
    preview, _done = bring_in(client, document, content)
    assert preview.context["to_save"] == 0
    with override("fi"):
        assert [item["saved"] for _number, _name, items in preview.context["sections"] for item in items] == [False]
    assert fresh(section).heading["sv"] == "Nuläge"
