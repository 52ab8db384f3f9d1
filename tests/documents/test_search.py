"""Search: what is found, what is never found, and that both databases find the same."""

import re

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils.html import strip_tags
from playwright.sync_api import expect

from documents.blocks import Block
from documents.models import Document, Passage
from documents.search import tokens
from documents.search.finding import Search
from documents.search.index import index_section
from documents.search.question import SNIPPET, read
from documents.services.description import describe_document
from documents.services.outline import (
    add_section,
    bring_back_section,
    join_sections,
    remove_section,
    rename_section,
    split_section,
)
from documents.services.publishing import publish, withdraw
from documents.services.sections import restore_section, save_section
from documents.services.versions import freeze
from handbooks.services.handbooks import hand_in
from regions.permissions import rights_of
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh, ids, make_document
from tests.handbooks.factories import make_handbook
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db


def make_led_region(**kwargs):
    region = RegionFactory(bilingual=True, **kwargs)
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


def member(body):
    return MembershipFactory(body=body, user=UserFactory()).user


@pytest.fixture
def region():
    return make_led_region()


@pytest.fixture
def writer(region, client):
    user = member(region.coordinating_body)
    client.force_login(user)
    return user


@pytest.fixture
def document(region):
    return make_document(region, kind=Document.Kind.REPORT, languages=("fi", "sv"))


def section_with(document, html="", heading="Nykytila", **kwargs):
    """`html` is Finnish, or a text for each language."""
    section = add_section(document, heading={"fi": heading}, by=None, **kwargs)
    if html:
        save_section(section, by=None, base=None, html=html if isinstance(html, dict) else {"fi": html})
    return fresh(section)


def rewrite(section, html):
    section = fresh(section)
    save_section(section, by=None, base=section.head, html=html if isinstance(html, dict) else {"fi": html})


def look(client, words, region=None, **more):
    address = reverse("documents:region-search", args=[region.slug]) if region else reverse("documents:search")
    return client.get(address, {"q": words, **more})


def found(client, words, region=None):
    """What the page lists: for each place its title and its passages, as plain text."""
    response = look(client, words, region)
    assert response.status_code == 200
    return [
        (strip_tags(row.title), *(strip_tags(passage.html) for passage in row.passages))
        for row in response.context["results"]
    ]


# --- Words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("perhekeskus", True),
        ("perhekeskuksen", True),
        ("PERHEKESKUKSET", True),
        ("perhekah", True),  # the beginning of a word as it was typed
        ("perhekahviloita", True),
        ("kahvila", False),  # a compound is a word of its own
        ("pe", False),  # too short a beginning
        ("lapsi perhekeskus", True),
        ("lapsi jalkapallo", False),
        ("perhekeskus ja lapset", True),
        ("perhekeskus sekä lapset", True),  # little words are not asked for
        ('"lasten kanssa"', True),
        ('"kanssa lasten"', False),
        ('"lapset kanssa"', False),  # in quotation marks, forms count
        ("”lasten kanssa” perhekeskus", True),
        ("2026", True),
        ("202", False),
        ("THL", True),
        ("THL:lle", True),
    ],
)
def test_words_are_found_in_any_form(client, writer, document, typed, is_found):
    section_with(
        document,
        "<p>Alueen perhekeskuksissa on perhekahviloita ja tekemistä lasten kanssa vuonna 2026 (THL:n ohje).</p>",
    )
    assert bool(found(client, typed)) is is_found


def test_swedish_words_are_found_in_any_form(client, writer, document):
    section = section_with(document, "<p>Kohtaamispaikka on avoinna.</p>")
    (block,) = ids(section)
    rewrite(section, {"sv": f'<p data-id="{block}">Familjecentrets mötesplatser är öppna.</p>'})

    assert found(client, "familjecenter") == [("Nykytila", "Familjecentrets mötesplatser är öppna.")]
    assert found(client, "familjecentren mötesplats") != []


def test_all_words_may_stand_in_different_blocks_of_a_section_but_not_in_different_sections(client, writer, document):
    section_with(document, "<p>Neuvola auttaa.</p><p>Koulu auttaa.</p>", heading="Yhdessä")
    section_with(document, "<p>Neuvola yksin.</p>", heading="Erikseen")
    section_with(document, "<p>Koulu yksin.</p>", heading="Toisaalla")
    assert [row[0] for row in found(client, "koulut neuvolat")] == ["Yhdessä"]


def test_every_found_word_is_marked_and_nothing_else_of_the_text_is_trusted(client, writer, document):
    section_with(document, "<p>Perhekeskus &lt;b&gt; &amp; perhekeskuksen <em>lapset</em> &lt;script&gt;.</p>")
    html = look(client, "perhekeskus lapsi").context["results"][0].passages[0].html
    assert html == (
        "<mark>Perhekeskus</mark> &lt;b&gt; &amp; <mark>perhekeskuksen</mark> <mark>lapset</mark> &lt;script&gt;."
    )


def test_a_phrase_is_marked_as_one(client, writer, document):
    section_with(document, "<p>Tuki on matalan kynnyksen tukea. Kynnyksen yli.</p>")
    html = look(client, '"matalan kynnyksen"').context["results"][0].passages[0].html
    assert html == "Tuki on <mark>matalan kynnyksen</mark> tukea. Kynnyksen yli."


def test_of_a_long_text_the_place_is_shown(client, writer, document):
    filling = "Tässä on paljon muuta tekstiä ennen sitä. " * 30
    section_with(document, f"<p>{filling}Neuvola löytyy täältä. {filling}</p>")
    html = look(client, "neuvola").context["results"][0].passages[0].html
    assert "<mark>Neuvola</mark> löytyy täältä" in html
    assert html.startswith("… ")
    assert html.endswith(" …")
    assert len(strip_tags(html)) <= SNIPPET + 4


def test_rows_of_tables_goals_and_headings_in_the_text_are_found(client, writer, document):
    section_with(document, "<h3>Puheterapia alkaa</h3><table><tr><td>Oulu</td><td>Asukaspuisto</td></tr></table>")
    assert found(client, "puheterapian")[0][1] == "Puheterapia alkaa"
    assert found(client, "asukaspuistot")[0][1] == "Oulu Asukaspuisto"


def test_the_title_of_a_document_is_found(client, writer, document):
    describe_document(
        document,
        by=None,
        title={"fi": "Kesäohjelma"},
        description={"fi": "Leirejä perheille"},
        languages=["fi", "sv"],
        writing_body=None,
        cover=None,
        cover_alt={},
    )
    assert found(client, "kesäohjelman") == [("Kesäohjelma",)]
    assert found(client, "leiri") == [("Kesäohjelma", "Leirejä perheille")]
    assert found(client, "esimerkki") == []


def test_headings_come_first_then_passages_with_more_of_the_words_then_the_newest(client, writer, document):
    section_with(document, "<p>Neuvola toimii.</p><p>Koulu toimii.</p>", heading="Hajallaan")
    section_with(document, "<p>Neuvola ja koulu toimivat.</p>", heading="Samassa vanha")
    section_with(document, "<p>Koulu ja neuvola toimivat.</p>", heading="Samassa uusi")
    section_with(document, "<p>Koulu toimii.</p>", heading="Neuvolat")
    titles = [row[0] for row in found(client, "neuvola koulu")]
    assert titles == ["Neuvolat", "Samassa uusi", "Samassa vanha", "Hajallaan"]


@pytest.mark.parametrize("typed", ['"', '""', "* OR", "a' OR 1=1 --", "NEAR(a b)", "words:x", "\\", "&|!:*<->", "%_"])
def test_signs_of_a_query_language_mean_nothing(client, writer, document, typed):
    section_with(document, "<p>Jotakin.</p>")
    assert found(client, typed) == []


def test_very_long_questions_are_cut(client, writer, document):
    section_with(document, "<p>Neuvola.</p>")
    response = look(client, "neuvola " + "x" * 5000)
    assert response.status_code == 200
    assert "vain 200 ensimmäistä merkkiä" in response.content.decode()
    assert len(read(" ".join(f"sana{number}" for number in range(40))).terms) == 8


# --- Who finds what ---------------------------------------------------------------------------------------------


def test_a_draft_is_found_only_by_those_who_may_read_it(client, region, document):
    section_with(document, "<p>Salainen neuvola.</p>", heading="Neuvolasta")
    group = BodyFactory(region=region)
    document.writing_body = group
    document.save(update_fields=["writing_body"])
    readers = [member(region.coordinating_body), member(group)]
    others = [member(BodyFactory(region=region)), member(make_led_region().coordinating_body), UserFactory()]

    for words in ("neuvola", "salainen", '"salainen neuvola"', "sala"):
        assert found(client, words) == []
        assert found(client, words, region) == []
    for user in others:
        client.force_login(user)
        page = look(client, "neuvola")
        assert page.context["count"] == 0
        assert "Salainen" not in page.content.decode()
        assert found(client, "neuvola", region) == []
    for user in readers:
        client.force_login(user)
        assert found(client, "neuvola") == [("Neuvolasta", "Salainen neuvola.")]


def test_a_published_version_is_found_by_everybody_until_it_is_withdrawn(client, document):
    section = section_with(document, "<p>Julkinen neuvola.</p>")
    publication = publish(freeze(document, by=None), languages=["fi"], by=None, despite_missing=True)
    rewrite(section, "<p>Vasta luonnoksessa puisto.</p>")

    assert found(client, "neuvolat") == [("Nykytila", "Julkinen neuvola.")]
    assert found(client, "puisto") == []
    withdraw(publication, by=None)
    assert found(client, "neuvolat") == []


def test_a_language_that_is_not_published_is_not_found_by_visitors(client, document):
    section = section_with(document, "<p>Yksi neuvola.</p>")
    (block,) = ids(section)
    rewrite(section, {"sv": f'<p data-id="{block}">En rådgivning.</p>'})
    publish(freeze(document, by=None), languages=["fi"], by=None, despite_missing=True)
    assert found(client, "neuvola") != []
    assert found(client, "rådgivning") == []


def test_the_next_published_version_takes_the_place_of_the_earlier(client, document):
    section = section_with(document, "<p>Vanha neuvola.</p>")
    publish(freeze(document, by=None), languages=["fi"], by=None, despite_missing=True)
    rewrite(section, "<p>Uusi puisto.</p>")
    publish(freeze(document, by=None), languages=["fi"], by=None, despite_missing=True)
    assert found(client, "neuvola") == []
    assert found(client, "puisto") == [("Nykytila", "Uusi puisto.")]


def test_an_older_version_can_be_published_again(client, document):
    section = section_with(document, "<p>Vanha neuvola.</p>")
    older = freeze(document, by=None)
    for word in ("puisto", "koulu"):
        rewrite(section, f"<p>Uusi {word}.</p>")
        freeze(document, by=None)
    assert not Passage.objects.filter(version=older).exists()
    publish(older, languages=["fi"], by=None, despite_missing=True)
    assert found(client, "neuvola") == [("Nykytila", "Vanha neuvola.")]
    assert found(client, "koulu") == []


def test_a_handed_in_handbook_stays_findable_for_its_readers_when_newer_versions_follow(client, db):
    handbook = make_handbook()
    document = handbook.document
    section = document.sections.present().filter(facet="current_state").first() or section_with(document)
    rewrite(section, "<p>Luovutettu hiekkalaatikko.</p>")
    handed_in = hand_in(handbook, by=None)
    for word in ("keinu", "liukumäki"):
        rewrite(section, f"<p>Uusi {word}.</p>")
        freeze(document, by=None)
    client.force_login(member(document.writing_body))

    (result,) = look(client, "hiekkalaatikot").context["results"]
    assert (result.version, result.is_public) == (handed_in, False)
    assert look(client, "keinu").context["count"] == 0  # in a version between, which nobody works with
    client.logout()
    assert found(client, "hiekkalaatikot") == []


def test_the_draft_stands_for_its_versions_while_it_says_the_same(client, writer, document):
    section = section_with(document, "<p>Sama neuvola.</p>")
    publish(freeze(document, by=None), languages=["fi"], by=None, despite_missing=True)
    (result,) = look(client, "neuvola").context["results"]
    assert result.version is None
    rewrite(section, "<p>Muuta.</p>")
    (result,) = look(client, "neuvola").context["results"]
    assert (result.version.number, result.is_public) == (1, True)


def test_a_region_is_searched_alone(client, writer, region, document):
    section_with(document, "<p>Oma neuvola.</p>")
    elsewhere = make_document(make_led_region(), languages=("fi",), kind=Document.Kind.REPORT)
    section_with(elsewhere, "<p>Naapurin neuvola.</p>")
    publish(freeze(elsewhere, by=None), languages=["fi"], by=None)
    assert found(client, "neuvola", region) == [("Nykytila", "Oma neuvola.")]
    assert found(client, "neuvola", elsewhere.region) == [("Nykytila", "Naapurin neuvola.")]
    assert sorted(row[1] for row in found(client, "neuvola")) == ["Naapurin neuvola.", "Oma neuvola."]


def test_a_region_that_is_not_public_is_searched_by_its_members_only(client):
    hidden = make_led_region(public=False)
    address = reverse("documents:region-search", args=[hidden.slug])
    assert client.get(address).status_code == 404
    client.force_login(member(hidden.coordinating_body))
    assert client.get(address).status_code == 200
    assert f'action="{reverse("documents:search")}"' in client.get(reverse("home")).content.decode()


# --- What changes ----------------------------------------------------------------------------------------------


def test_search_follows_every_change_of_the_draft(client, writer, document):
    section = section_with(document, "<p>Ensin neuvola.</p><p>Pysyvä puisto.</p>")
    first = fresh(section).head
    kept = Passage.objects.get(text="Pysyvä puisto.").pk
    rewrite(section, "<p>Sitten koulu.</p><p>Pysyvä puisto.</p>")
    assert (found(client, "neuvola"), len(found(client, "koulu"))) == ([], 1)
    restore_section(fresh(section), first, by=None)
    assert (len(found(client, "neuvola")), found(client, "koulu")) == (1, [])
    assert Passage.objects.get(text="Pysyvä puisto.").pk == kept

    rename_section(fresh(section), heading={"fi": "Tulevaisuus"}, by=None)
    assert (found(client, "nykytila"), len(found(client, "tulevaisuuden"))) == ([], 1)


def test_a_removed_section_is_not_found_and_one_brought_back_is(client, writer, document):
    parent = section_with(document, "<p>Ylempi neuvola.</p>", heading="Luku")
    section_with(document, "<p>Alempi neuvola.</p>", heading="Kohta", parent=parent)
    assert len(found(client, "neuvola")) == 2
    remove_section(fresh(parent), by=None)
    assert (found(client, "neuvola"), found(client, "kohta")) == ([], [])
    bring_back_section(fresh(parent), by=None)
    assert sorted(row[0] for row in found(client, "neuvola")) == ["Kohta", "Luku"]


def test_split_and_joined_sections_are_found_where_they_stand(client, writer, document):
    section = section_with(document, "<p>Alussa neuvola.</p><p>Lopussa puisto.</p>", heading="Eka")
    new = split_section(section, at=ids(section)[1], heading={"fi": "Toka"}, by=None)
    assert [row[0] for row in found(client, "puisto")] == ["Toka"]
    join_sections(fresh(section), fresh(new), by=None)
    assert [row[0] for row in found(client, "puisto")] == ["Eka"]
    assert found(client, "toka") == []


def test_building_anew_changes_nothing_and_mends_what_is_missing(client, writer, document):
    section = section_with(document, "<p>Neuvola auttaa.</p>")
    publish(freeze(document, by=None), languages=["fi"], by=None, despite_missing=True)
    rewrite(section, "<p>Neuvola auttaa aina.</p>")

    def everything():
        names = (
            "document",
            "version",
            "section",
            "section_key",
            "number",
            "block_id",
            "language",
            "is_heading",
            "text",
        )
        return sorted(Passage.objects.values_list(*names), key=str)

    before = everything()
    call_command("build_search", verbosity=0)
    call_command("build_search", verbosity=0)
    assert everything() == before
    tokens.remove([0, *Passage.objects.values_list("pk", flat=True)])
    Passage.objects.filter(version=None).delete()
    Passage.objects.update(text="Vanhentunutta.")
    call_command("build_search", "--if-needed", verbosity=0)
    assert everything() == before
    assert found(client, "neuvolat") == [("Nykytila", "Neuvola auttaa aina.")]


def test_built_search_is_not_built_again_when_it_is_not_needed(document):
    call_command("build_search", verbosity=0)
    Passage.objects.all().delete()
    call_command("build_search", "--if-needed", verbosity=0)
    assert not Passage.objects.exists()


def test_a_save_writes_only_what_changed(document, django_assert_num_queries):
    section = section_with(document, "".join(f"<p>Neuvola numero {number}.</p>" for number in range(30)))
    blocks = fresh(section).blocks
    with django_assert_num_queries(1):
        index_section(section, blocks)
    changed = [*blocks[:-1], Block(id=blocks[-1].id, kind="paragraph", text={"body": {"fi": "Toinen."}})]
    kept = set(Passage.objects.exclude(text="Neuvola numero 29.").values_list("pk", flat=True))
    with django_assert_num_queries(5):  # what stands, two for what is gone, two for what is new
        index_section(section, changed)
    assert set(Passage.objects.exclude(text="Toinen.").values_list("pk", flat=True)) == kept


def test_a_save_that_is_undone_leaves_no_words(client, writer, document):
    from django.db import transaction

    section = section_with(document, "<p>Neuvola.</p>")
    with pytest.raises(RuntimeError), transaction.atomic():
        rewrite(section, "<p>Koulu.</p>")
        raise RuntimeError
    assert (len(found(client, "neuvola")), found(client, "koulu")) == (1, [])


def test_of_a_section_of_six_hundred_blocks_only_what_changed_is_indexed(document, django_assert_max_num_queries):
    section = section_with(document)
    rows = [
        Block(id=f"b{number:09d}", kind="paragraph", text={"body": {"fi": f"Neuvola {number} auttaa perheitä. " * 4}})
        for number in range(600)
    ]
    index_section(section, rows)
    before = dict(Passage.objects.exclude(block_id="").filter(section=section).values_list("pk", "text"))
    rows[17] = Block(id=rows[17].id, kind="paragraph", text={"body": {"fi": "Koulu auttaa."}})
    with django_assert_max_num_queries(5):
        index_section(section, rows)
    after = dict(Passage.objects.exclude(block_id="").filter(section=section).values_list("pk", "text"))
    assert len(before.items() & after.items()) == 599
    assert {text for pk, text in after.items() if pk not in before} == {"Koulu auttaa."}


# --- The page --------------------------------------------------------------------------------------------------


def test_a_result_leads_to_the_block_for_writers_and_for_readers(client, writer, document):
    section_with(document, "<p>Muuta.</p>", heading="Johdanto")
    section = section_with(document, "<p>Neuvola.</p>")
    (block,) = ids(section)
    one = [document.region.slug, document.kind, document.public_id]
    (result,) = look(client, "neuvola").context["results"]
    assert result.number == "2"
    assert result.url == reverse("documents:section-detail", args=[*one, section.key])
    assert result.passages[0].url == f"{result.url}#b-{block}"

    publish(freeze(document, by=None), languages=["fi"], by=None, despite_missing=True)
    client.logout()
    (result,) = look(client, "neuvola").context["results"]
    page = reverse("documents:version-detail", args=[*one, 1, "fi"])
    assert (result.number, result.url) == ("2", f"{page}#s-{section.key}")
    assert result.passages[0].url == f"{page}#b-{block}"
    html = client.get(page).content.decode()
    assert f'id="b-{block}"' in html
    assert f'id="s-{section.key}"' in html


def test_each_block_is_shown_once_and_in_the_readers_language(client, writer, document):
    section = section_with(document, "<p>Kela auttaa.</p>")
    (block,) = ids(section)
    rewrite(section, {"sv": f'<p data-id="{block}">Kela hjälper.</p>'})
    for language, text in (("fi", "Kela auttaa."), ("sv", "Kela hjälper.")):
        response = client.get(f"/{language}/search/", {"q": "kela"})
        (result,) = response.context["results"]
        assert [(strip_tags(row.html), row.language) for row in result.passages] == [(text, language)]


def test_a_section_with_many_places_shows_three_and_tells_the_rest(client, writer, document):
    section_with(document, "".join(f"<p>Neuvola {number}.</p>" for number in range(5)))
    response = look(client, "neuvola")
    assert len(response.context["results"][0].passages) == 3
    assert "Ja 2 muuta kohtaa tässä osiossa" in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_database_as_often_for_one_as_for_many(
    client, writer, region, count, django_assert_num_queries
):
    for _number in range(count):
        document = make_document(region, kind=Document.Kind.REPORT, languages=("fi",))
        for number in range(count):
            section_with(document, "<p>Neuvola auttaa.</p>", heading=f"Luku {number}")
        publish(freeze(document, by=None), languages=["fi"], by=None)
        elsewhere = make_document(make_led_region(), languages=("fi",))
        section_with(elsewhere, "<p>Neuvola auttaa.</p>")
        publish(freeze(elsewhere, by=None), languages=["fi"], by=None)
    rights = rights_of(writer)
    with django_assert_num_queries(4):  # what is public; the places; their passages; the numbers of sections
        search = Search(read("neuvola"), rights)
        places = search.places()
        assert len(search.results(places, "fi")) == count * count + count


def test_results_come_in_pages(client, writer, document):
    for number in range(23):
        section_with(document, "<p>Neuvola.</p>", heading=f"Luku {number}")
    response = look(client, "neuvola", page=2)
    assert len(response.context["results"]) == 3
    assert re.search(r'<ol class="fc-search-results" start="21">', response.content.decode())
    assert "Löytyi 23 osiosta" in response.content.decode()
    assert len(look(client, "neuvola", page="kaksi").context["results"]) == 20


def test_the_page_says_what_is_missing(client, db):
    assert look(client, "").context["results"] == []
    html = look(client, "?!").content.decode()
    assert "Kirjoita vähintään yksi sana" in html
    assert 'aria-invalid="true"' in html
    html = look(client, "<b>xyzzy").content.decode()
    assert "Kirjaudu sisään, jos haluat hakea omista luonnoksistasi" in html
    assert "&lt;b&gt;xyzzy" in html
    assert "<b>xyzzy" not in html


def test_the_field_in_the_header_searches_the_region_of_the_page(client, db):
    region = make_led_region()
    html = client.get(reverse("region", args=[region.slug])).content.decode()
    assert f'action="{reverse("documents:region-search", args=[region.slug])}"' in html
    html = look(client, "neuvola", region).content.decode()
    assert f'href="{reverse("documents:search")}?q=neuvola"' in html


@pytest.mark.parametrize("width", [1280, 360])
def test_searching_in_a_browser(page, axe, width):
    document = make_document(make_led_region(), languages=("fi",), kind=Document.Kind.REPORT)
    section_with(document, "<p>Alueen perhekeskuksissa on neuvoloita.</p>")
    publish(freeze(document, by=None), languages=["fi"], by=None)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/en/")
    page.get_by_role("searchbox", name="Words to find").fill("perhekeskus")
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Found in one section").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe()
    page.get_by_role("link", name="Alueen perhekeskuksissa").click()
    page.get_by_text("Alueen perhekeskuksissa on neuvoloita.").wait_for()
    for words in ("xyzzy", "?!"):
        page.goto(f"/en/search/?q={words}")
        page.get_by_role("heading", level=1).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        axe()


def test_a_result_leads_a_writer_to_the_paragraph_in_the_editor(page, axe, sign_in):
    region = make_led_region()
    sign_in(member(region.coordinating_body))
    document = make_document(region, languages=("fi",), kind=Document.Kind.REPORT)
    section = section_with(document, "<p>Alkua.</p>" * 40 + "<p>Täällä on neuvola.</p>")
    page.goto("/en/search/?q=neuvolat")
    axe()
    page.get_by_role("link", name="Täällä on neuvola.").click()
    paragraph = page.locator(".ProseMirror p", has_text="Täällä on neuvola.")
    expect(paragraph).to_be_in_viewport()
    # Without the address's last part the paragraph is far below.
    page.goto(reverse("documents:section-detail", args=[region.slug, document.kind, document.public_id, section.key]))
    page.reload()
    expect(page.locator(".ProseMirror p", has_text="Täällä on neuvola.")).not_to_be_in_viewport()
