"""The translator's pages: a section beside its original, the list of what is left, and saving from there."""

import re

import pytest
from django.urls import reverse
from django.utils.translation import override

from documents.blocks import BEHIND, CURRENT, MISSING, TABLE_ROW, Block, translation_state
from documents.models import Document, GlossaryTerm
from documents.services.outline import add_section, rename_section
from documents.services.sections import move_blocks, save_section
from documents.services.translation import BlockTranslation, save_translations
from documents.translation import as_written, from_written
from documents.views.section import editing_html
from plans.services.goals import add_goal, change_goal
from tests.accounts.factories import UserFactory
from tests.documents.factories import blocks, fresh, head, ids, make_document, texts
from tests.plans.factories import make_plan
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    region = RegionFactory(bilingual=True)
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


@pytest.fixture
def user(region, client):
    user = MembershipFactory(body=region.coordinating_body, user=UserFactory(name="Liisa Mallikas")).user
    client.force_login(user)
    return user


@pytest.fixture
def document(region, user):
    return make_document(region, kind=Document.Kind.REPORT)


@pytest.fixture
def section(document):
    section = add_section(document, heading={"fi": "Nykytila"}, key="nykytila", by=None)
    save_section(section, by=None, base=None, html={"fi": "<p>Avoin kohtaamispaikka.</p><p>Toinen kappale.</p>"})
    first = f'<p data-id="{ids(section)[0]}">Öppen mötesplats.</p>'
    save_section(fresh(section), by=None, base=head(section), html={"sv": first})
    return fresh(section)


def at(document, name, *rest):
    return reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def page_of(section, language="sv"):
    return at(section.document, "section-translate", section.key, language)


def states(section, language="sv"):
    original = fresh(section).document.original
    return [translation_state(block, language, original=original) for block in blocks(section)]


def original_says(section, old, new):
    """Change the Finnish text and leave the Swedish as it is."""
    current = fresh(section)
    html = editing_html(current.blocks, current.document, "fi")
    assert old in html
    save_section(current, by=None, base=head(section), html={"fi": html.replace(old, new)})


def sent(section, **changes):
    """What the page sends: the boxes as they stand, but for `changes` (field name -> value)."""
    current = fresh(section)
    data = {"base": str(current.head.number if current.head else 0), "client_key": ""}
    for block in current.blocks:
        for unit, words in block.text.items():
            data[f"t-{block.id}-{unit}"] = words.get("sv", "")
    return data | {name.replace("__", "-"): value for name, value in changes.items()}


def box(block_id, unit="body"):
    return f"t-{block_id}-{unit}"


def written(response):
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


# --- Parts as they are written ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        "<ul><li>Yksi</li><li>Kaksi<ul><li>Alempi</li></ul></li></ul>",
        "<ol><li>Yksi</li><li>Kaksi</li></ol>",
        "<p>Ensin.</p><ul><li>Yksi</li></ul><p>Lopuksi.</p>",
    ],
)
def test_list_in_a_cell_is_written_as_lines_and_comes_back(html):
    row = Block(id="aaaaaaaaaa", kind=TABLE_ROW, text={"c1": {"fi": html}})
    assert from_written(as_written(html, "lines"), "lines", row) == html


# --- Saving ------------------------------------------------------------------------------------------------


def test_page_shows_each_block_with_its_state(client, section):
    response = client.get(page_of(section))
    assert [(pair.state, pair.parts[0].value) for pair in response.context["pairs"]] == [
        (CURRENT, "Öppen mötesplats."),
        (MISSING, ""),
    ]
    assert "Toinen kappale." in written(response)


def test_translation_is_saved_on_its_block_with_the_original_that_was_shown(client, section):
    _first, second = ids(section)
    response = client.post(page_of(section), sent(section) | {box(second): "<p>Andra <b>stycket</b>.</p>"})
    assert response.status_code == 302
    assert texts(section, "sv") == ["Öppen mötesplats.", "Andra stycket."]
    assert blocks(section)[1].get("body", "sv") == "Andra <strong>stycket</strong>."
    assert states(section) == [CURRENT, CURRENT]
    assert texts(section) == ["Avoin kohtaamispaikka.", "Toinen kappale."]


def test_saving_what_nobody_touched_makes_no_revision(client, section):
    before = head(section).number
    client.post(page_of(section), sent(section))
    assert head(section).number == before


def test_changed_original_is_shown_with_its_words_marked_and_since_when(client, section):
    original_says(section, "Avoin kohtaamispaikka", "Avoin ja lämmin kohtaamispaikka")
    with override("en"):
        response = client.get(page_of(section))
    pair = response.context["pairs"][0]
    assert pair.state == BEHIND
    assert "<ins>" in pair.parts[0].changed and "lämmin" in pair.parts[0].changed
    assert pair.seen.block.get("body", "fi") == "Avoin kohtaamispaikka."
    assert pair.seen.since <= pair.seen.changed_at
    assert pair.since in written(response)


def test_earlier_original_is_found_where_the_block_came_from(client, document, section):
    other = add_section(document, heading={"fi": "Toinen"}, key="toinen", by=None)
    block_id = ids(section)[0]
    move_blocks([block_id], source=fresh(section), target=fresh(other), by=None)
    original_says(other, "Avoin kohtaamispaikka", "Avoin paikka")
    pair = client.get(page_of(other)).context["pairs"][0]
    assert pair.seen.block.get("body", "fi") == "Avoin kohtaamispaikka."


def test_still_right_confirms_without_a_change(client, section):
    original_says(section, "Avoin kohtaamispaikka.", "Avoin kohtaamispaikka!")
    assert states(section)[0] == BEHIND
    block_id = ids(section)[0]
    response = client.post(page_of(section), sent(section) | {"confirm": block_id})
    assert response.url.endswith(f"#p-{block_id}")
    assert states(section)[0] == CURRENT
    assert texts(section, "sv")[0] == "Öppen mötesplats."


def test_still_right_saves_what_was_written_beside_it(client, section):
    original_says(section, "Avoin kohtaamispaikka.", "Avoin kohtaamispaikka!")
    first, second = ids(section)
    client.post(page_of(section), sent(section) | {"confirm": first, box(second): "Andra."})
    assert texts(section, "sv") == ["Öppen mötesplats.", "Andra."]
    assert states(section) == [CURRENT, CURRENT]


def test_confirmation_of_an_original_that_changed_meanwhile_stays_behind(client, section):
    original_says(section, "Avoin kohtaamispaikka.", "Avoin kohtaamispaikka!")
    data = sent(section) | {"confirm": ids(section)[0]}
    original_says(section, "kohtaamispaikka!", "kohtaamispaikka ja kahvila.")
    client.post(page_of(section), data)
    assert states(section)[0] == BEHIND


def test_confirmation_survives_a_merge_with_another_change(client, section):
    original_says(section, "Avoin kohtaamispaikka.", "Avoin kohtaamispaikka!")
    first, second = ids(section)
    data = sent(section) | {"confirm": first, box(second): "Andra."}
    original_says(section, "Toinen kappale", "Toinen pitkä kappale")
    client.post(page_of(section), data)
    assert states(section) == [CURRENT, BEHIND]
    assert texts(section) == ["Avoin kohtaamispaikka!", "Toinen pitkä kappale."]


def test_translation_of_an_original_that_changed_meanwhile_is_saved_and_behind(client, section):
    second = ids(section)[1]
    data = sent(section) | {box(second): "Andra stycket."}
    original_says(section, "Toinen kappale", "Toinen ja kolmas kappale")
    client.post(page_of(section), data)
    assert texts(section, "sv")[1] == "Andra stycket."
    assert states(section)[1] == BEHIND
    assert texts(section)[1] == "Toinen ja kolmas kappale."


def test_two_translators_of_one_block_lose_nothing(client, section):
    second = ids(section)[1]
    data = sent(section)
    client.post(page_of(section), data | {box(second): "Den andra."})
    client.post(page_of(section), data | {box(second): "Stycke två."})
    assert texts(section, "sv")[1] == "Den andra."
    conflict = section.document.conflicts.get()
    assert (conflict.mine, conflict.language) == ("Stycke två.", "sv")


def test_two_translators_of_two_blocks_both_stand(client, section):
    first, second = ids(section)
    data = sent(section)
    client.post(page_of(section), data | {box(first): "Öppen mötesplats för alla."})
    client.post(page_of(section), data | {box(second): "Andra."})
    assert texts(section, "sv") == ["Öppen mötesplats för alla.", "Andra."]
    assert not section.document.conflicts.exists()


def test_translation_of_a_block_that_was_removed_is_kept_as_a_conflict(client, section):
    second = ids(section)[1]
    data = sent(section) | {box(second): "Andra stycket."}
    current = fresh(section)
    html = editing_html(current.blocks, current.document, "fi").split("</p>")[0] + "</p>"
    save_section(current, by=None, base=head(section), html={"fi": html})
    assert len(blocks(section)) == 1
    client.post(page_of(section), data)
    assert section.document.conflicts.get().kind == "deleted"
    assert texts(section, "sv") == ["Öppen mötesplats.", "Andra stycket."]


def test_translation_follows_a_block_to_another_section(client, document, section):
    other = add_section(document, heading={"fi": "Toinen"}, key="toinen", by=None)
    second = ids(section)[1]
    data = sent(section) | {box(second): "Andra."}
    move_blocks([second], source=fresh(section), target=fresh(other), by=None)
    client.post(page_of(section), data)
    assert texts(other, "sv") == ["Andra."]
    assert ids(section) == [ids(section)[0]]


def test_saving_the_same_page_twice_is_saving_once(client, section):
    second = ids(section)[1]
    data = sent(section) | {box(second): "Andra.", "client_key": "k1"}
    client.post(page_of(section), data)
    number = head(section).number
    client.post(page_of(section), data)
    assert head(section).number == number


def test_unknown_base_saves_nothing_and_keeps_what_was_typed(client, section):
    second = ids(section)[1]
    response = client.post(page_of(section), sent(section) | {box(second): "Andra.", "base": "99"})
    assert response.status_code == 422
    assert response.context["pairs"][1].parts[0].value == "Andra."
    assert texts(section, "sv")[1] == ""


def test_emptied_box_takes_the_translation_away(client, section):
    first = ids(section)[0]
    client.post(page_of(section), sent(section) | {box(first): ""})
    assert states(section)[0] == MISSING
    assert blocks(section)[0].shown == {}


def test_hostile_html_is_inert(client, section):
    second = ids(section)[1]
    hostile = '<img src=x onerror=alert(1)><script>alert(2)</script><a href="javascript:x()">Andra</a>'
    client.post(page_of(section), sent(section) | {box(second): hostile})
    assert blocks(section)[1].get("body", "sv") == "Andra"


def test_original_and_unknown_languages_have_no_translation_page(client, section):
    assert client.get(page_of(section, "fi")).status_code == 404
    assert client.get(page_of(section, "en")).status_code == 404


def test_every_box_has_a_name_of_its_own(client, section):
    html = client.get(page_of(section)).content.decode()
    labels = re.findall(r'<label class="visually-hidden" for="t-[^"]+">([^<]+)</label>', html)
    assert len(labels) == len(set(labels)) == 2


# --- Table rows, goals, headings ------------------------------------------------------------------------


def test_row_is_missing_until_every_cell_with_words_is_translated(client, document):
    section = add_section(document, heading={"fi": "Taulukko"}, key="taulukko", by=None)
    table = "<table><tr><td>Perhekahvila</td><td>Oulu tiistaisin</td><td>12</td></tr></table>"
    save_section(section, by=None, base=None, html={"fi": table})
    _table, row = blocks(section)
    one, two, _number = row.text
    client.post(page_of(section), sent(section) | {box(row.id, one): "Familjecafé"})
    assert states(section)[1] == MISSING
    client.post(page_of(section), sent(section) | {box(row.id, two): "Uleåborg på tisdagar"})
    assert states(section)[1] == CURRENT


def test_goal_is_translated_and_confirmed_like_text(client, region, user):
    plan = make_plan(region, languages=("fi", "sv"))
    section = add_section(plan.document, heading={"fi": "Tavoitteita"}, key="omat", by=None)
    goal = add_goal(plan, section=section, by=None, title={"fi": "Perheet saavat tukea"}, rationale={"fi": "Tarve."})
    page = page_of(fresh(section))
    client.post(page, sent(section) | {box(goal.block_id, "title"): "Familjer får stöd"})
    goal.refresh_from_db()
    assert goal.title == {"fi": "Perheet saavat tukea", "sv": "Familjer får stöd"}
    assert states(section) == [MISSING]
    client.post(page, sent(section) | {box(goal.block_id, "rationale"): "Behov.\nOch mer."})
    goal.refresh_from_db()
    assert goal.rationale["sv"] == "Behov.\nOch mer."
    assert states(section) == [CURRENT]
    change_goal(goal, by=None, title=goal.title | {"fi": "Perheet saavat apua"}, rationale=goal.rationale)
    assert states(section) == [BEHIND]
    client.post(page, sent(section) | {"confirm": goal.block_id})
    assert states(section) == [CURRENT]


def test_heading_is_translated(client, section):
    client.post(page_of(section), sent(section) | {"heading": "Nuläge", "heading-seen": ""})
    assert fresh(section).heading == {"fi": "Nykytila", "sv": "Nuläge"}


def test_heading_that_another_has_given_meanwhile_is_not_written_over(client, section):
    rename_section(section, heading={"fi": "Nykytila", "sv": "Läget nu"}, by=None)
    second = ids(section)[1]
    data = sent(section) | {"heading": "Nuläge", "heading-seen": "", box(second): "Andra."}
    response = client.post(page_of(section), data)
    assert response.status_code == 422
    assert "Läget nu" in written(response)
    assert response.context["heading_value"] == "Nuläge"
    assert texts(section, "sv")[1] == ""
    client.post(page_of(section), data | {"heading-seen": response.context["heading_seen"]})
    assert fresh(section).heading["sv"] == "Nuläge"


# --- The original as a start ----------------------------------------------------------------------------


def test_boxes_filled_with_the_original_are_not_a_translation(client, section):
    second = ids(section)[1]
    response = client.get(page_of(section), {"fill": "1"})
    part = response.context["pairs"][1].parts[0]
    assert (part.value, part.copied) == ("Toinen kappale.", True)
    copied = {box(second): "Toinen kappale.", f"copied-{second}-body": "1"}
    client.post(page_of(section), sent(section) | copied)
    assert states(section)[1] == MISSING
    client.post(page_of(section), sent(section) | copied | {box(second): "Toinen stycke."})
    assert texts(section, "sv")[1] == "Toinen stycke."


def test_name_that_is_the_same_in_both_languages_can_be_written(client, section):
    second = ids(section)[1]
    client.post(page_of(section), sent(section) | {box(second): "Toinen kappale."})
    assert states(section)[1] == CURRENT


# --- The list -------------------------------------------------------------------------------------------


def test_list_tells_what_is_missing_and_behind_with_what_changed(client, document, section):
    done = add_section(document, heading={"fi": "Valmis", "sv": "Klar"}, key="valmis", by=None)
    save_section(done, by=None, base=None, html={"fi": "<p>a b</p>", "sv": "<p>c d</p>"})
    original_says(section, "Avoin kohtaamispaikka", "Avoin ja lämmin kohtaamispaikka")
    response = client.get(at(document, "translation-list", "sv"))
    context = response.context
    assert (context["missing"], context["behind"], context["current"], context["total"]) == (2, 1, 3, 6)
    (left,) = context["sections"]
    assert left.row.section.key == "nykytila"
    assert (left.missing, left.behind, left.heading.state, left.waiting) == (2, 1, MISSING, 3)
    assert "<ins>" in response.content.decode()
    assert page_of(section) in response.content.decode()


def test_list_counts_nothing_when_all_is_translated(client, document):
    section = add_section(document, heading={"fi": "Valmis", "sv": "Klar"}, key="valmis", by=None)
    save_section(section, by=None, base=None, html={"fi": "<p>a b</p>", "sv": "<p>c d</p>"})
    response = client.get(at(document, "translation-list", "sv"))
    assert response.context["sections"] == []


def test_title_is_translated_from_the_list(client, document):
    url = at(document, "translation-list", "sv")
    assert client.post(url, {"title": "", "description": ""}).status_code == 422
    client.post(url, {"title": "Rapport", "description": "Kort.", "seen_title": document.title["sv"]})
    document.refresh_from_db()
    assert (document.title["sv"], document.title["fi"]) == ("Rapport", "Esimerkki")
    assert document.description["sv"] == "Kort."


@pytest.mark.parametrize("count", [1, 6])
def test_queries_do_not_grow(client, document, django_assert_max_num_queries, count):
    for number in range(count):
        section = add_section(document, heading={"fi": f"Osa {number}"}, key=f"osa-{number}", by=None)
        html = "".join(f"<p>Kohtaamispaikka {number} {row}</p>" for row in range(count))
        save_section(section, by=None, base=None, html={"fi": html, "sv": html.replace("Kohtaamispaikka", "Plats")})
        original_says(section, f"Kohtaamispaikka {number} 0", "Muuttunut")
        GlossaryTerm.objects.create(region=document.region, words={"fi": "kohtaamispaikka", "sv": f"plats {number}"})
    with django_assert_max_num_queries(14):
        client.get(at(document, "translation-list", "sv"))
    with django_assert_max_num_queries(16):
        client.get(page_of(section))


# --- Glossary hints -------------------------------------------------------------------------------------


def test_words_of_the_glossary_are_found_in_their_forms(client, document):
    GlossaryTerm.objects.create(
        region=document.region, words={"fi": "kohtaamispaikka / olohuone", "sv": "träffpunkt"}, note="Österbotten"
    )
    GlossaryTerm.objects.create(region=document.region, words={"fi": "avoin kohtaamispaikka", "sv": "öppen träffpunkt"})
    section = add_section(document, heading={"fi": "Kohtaamispaikat"}, key="a", by=None)
    save_section(
        section,
        by=None,
        base=None,
        html={"fi": "<p>Kohtaamispaikoissa on tilaa.</p><p>Avoimessa kohtaamispaikassa.</p>"},
    )
    response = client.get(page_of(section))
    first, second = response.context["pairs"]
    assert [(hint.word, hint.translation) for hint in first.hints] == [("kohtaamispaikka", "träffpunkt")]
    assert [hint.translation for hint in second.hints] == ["öppen träffpunkt"]
    assert "Österbotten" in written(response)


# --- Three languages, one language ----------------------------------------------------------------------


@pytest.fixture
def three(region, user):
    """Swedish first, then Finnish and English."""
    document = make_document(region, languages=("sv", "fi", "en"), kind=Document.Kind.REPORT)
    section = add_section(document, heading={"sv": "Nuläge"}, key="nu", by=None)
    save_section(section, by=None, base=None, html={"sv": "<p>Ett.</p><p>Två.</p>"})
    return fresh(section)


def test_swedish_original_is_translated_into_two_languages(client, three):
    first, _second = ids(three)
    for language, text in (("fi", "Yksi."), ("en", "One.")):
        client.post(page_of(three, language), {"base": str(head(three).number), box(first): text})
    assert blocks(three)[0].text["body"] == {"sv": "Ett.", "fi": "Yksi.", "en": "One."}
    assert states(three, "fi") == states(three, "en") == [CURRENT, MISSING]
    assert client.get(page_of(three, "sv")).status_code == 404
    html = client.get(at(three.document, "document-detail")).content.decode()
    assert at(three.document, "translation-list", "en") in html


def test_editor_shows_two_of_three_languages_and_keeps_the_third(client, three):
    url = at(three.document, "section-detail", three.key)
    shown = client.get(url)
    assert [editor.language for editor in shown.context["editors"]] == ["sv", "fi"]
    assert len(shown.context["columns"]) == 3
    chosen = f"{url}?languages=sv-en"
    assert [editor.language for editor in client.get(chosen).context["editors"]] == ["sv", "en"]
    first = ids(three)[0]
    client.post(page_of(three, "fi"), {"base": "1", box(first): "Yksi."})
    en = editing_html(blocks(three), three.document, "en").replace("<p", "<p", 1)
    response = client.post(
        chosen, {"base": "2", "text-sv": editing_html(blocks(three), three.document, "sv"), "text-en": en}
    )
    assert response.url == chosen
    assert texts(three, "fi")[0] == "Yksi."


def test_third_language_is_added_in_the_settings(client, document, section):
    url = at(document, "document-settings")
    form = {"title_fi": "Otsikko", "title_sv": "Titel", "languages": ["fi", "sv"], "add_language": "en"}
    response = client.post(url, form)
    assert response.url == at(document, "translation-list", "en")
    document.refresh_from_db()
    assert document.languages == ["fi", "sv", "en"]
    assert client.get(response.url).context["missing"] == 4  # two paragraphs, their heading and the title


def test_region_with_one_language_sees_no_second_anywhere(client):
    region = RegionFactory(languages=["fi"])
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    client.force_login(MembershipFactory(body=region.coordinating_body).user)
    document = make_document(region, languages=("fi",), kind=Document.Kind.REPORT)
    section = add_section(document, heading={"fi": "Nykytila"}, key="nykytila", by=None)
    save_section(section, by=None, base=None, html={"fi": "<p>Yksi.</p>"})
    for name, rest in (("document-detail", ()), ("section-detail", ("nykytila",)), ("document-settings", ())):
        html = client.get(at(document, name, *rest)).content.decode()
        assert "translat" not in re.sub(r"<[^>]*translate=|notranslate", "", html), name
        assert "glossary" not in html and "add_language" not in html and "title_sv" not in html
    assert client.get(page_of(fresh(section))).status_code == 404
    assert client.get(reverse("documents:glossary", args=[region.slug])).status_code == 404
    assert "glossary" not in client.get(reverse("region", args=[region.slug])).content.decode()


def test_original_is_not_translated_into_itself(section):
    with pytest.raises(ValueError, match="not translated into"):
        save_translations(
            section.document, [BlockTranslation(blocks(section)[0], section.pk, {"body": "x"})], language="fi", by=None
        )
