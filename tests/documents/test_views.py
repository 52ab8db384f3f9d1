"""The pages of a document: what they show, what they save, and how many queries they take."""

import io
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from documents import kinds
from documents.blocks import Block
from documents.models import Conflict, Document, Publication, Revision, Section
from documents.services.outline import add_section
from documents.services.sections import save_section
from documents.services.structured import save_structured
from documents.services.versions import freeze
from documents.views.section import editing_html
from regions.models import StoredFile
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh, make_document, texts
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db


def picture(color="red"):
    stream = io.BytesIO()
    Image.new("RGB", (4, 4), color).save(stream, "PNG")
    return stream.getvalue()


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
def other(region):
    return MembershipFactory(body=region.coordinating_body, user=UserFactory(name="Matti Esimerkki")).user


@pytest.fixture
def document(region):
    return make_document(region, kind=Document.Kind.REPORT)


def section_with(document, html, heading="Nykytila", by=None, **kwargs):
    section = add_section(document, heading={"fi": heading}, by=by, **kwargs)
    if html:
        save_section(section, by=by, base=None, html={"fi": html})
    return fresh(section)


def at(document, name, *rest):
    return reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def page(response):
    """The text of a page without its marks."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def told(response):
    return [str(message) for message in response.context["messages"]]


# --- Reading ------------------------------------------------------------------------------------------------


def test_draft_shows_every_section_with_its_number(client, user, document):
    chapter = section_with(document, "<p>Alue on laaja.</p>")
    section_with(document, "<ul><li>Perhekahvila</li></ul>", heading="Paikat", parent=chapter)

    shown = page(client.get(document.get_absolute_url()))

    assert "1 Nykytila" in shown
    assert "Alue on laaja." in shown
    assert "1.1 Paikat" in shown
    assert "Perhekahvila" in shown


def test_text_without_translation_is_shown_in_the_original_and_said_so(client, user, document):
    section = section_with(document, "<p>Alue on laaja.</p><p>Väki vähenee.</p>")
    block_id = section.head.blocks[0].id
    save_section(section, by=None, base=section.head, html={"sv": f'<p data-id="{block_id}">Området är stort.</p>'})

    response = client.get(at(document, "document-detail", "sv"))

    assert "Området är stort." in page(response)
    assert 'lang="fi">Väki vähenee.' in response.content.decode()
    assert response.context["untranslated"] == 1


def test_a_language_that_the_document_does_not_have_is_not_there(client, user, document):
    assert client.get(at(document, "document-detail", "en")).status_code == 404


def test_outline_tells_state_and_translation_and_conflicts(client, user, other, document):
    section = section_with(document, "<p>Alue on laaja.</p>")
    base = section.head
    save_section(section, by=other, base=base, html={"fi": swapped(base, "laaja", "pieni")})
    save_section(section, by=user, base=base, html={"fi": swapped(base, "laaja", "pitkä")})

    row = client.get(document.get_absolute_url()).context["outline"][0]

    assert row["states"] == [("draft", "fi"), ("missing", "sv 2"), ("conflict", "1")]


def swapped(revision, old, new):
    return editing_html(revision.blocks, revision.document, "fi").replace(old, new)


def test_what_to_do_next_begins_with_the_conflict(client, user, other, document):
    section = section_with(document, "<p>Alue on laaja.</p>")
    section_with(document, "", heading="Tavoitteet")
    base = section.head
    save_section(section, by=other, base=base, html={"fi": swapped(base, "laaja", "pieni")})
    save_section(section, by=user, base=base, html={"fi": swapped(base, "laaja", "pitkä")})

    steps = client.get(document.get_absolute_url()).context["steps"]

    assert [(step.section.heading["fi"], step.anchor) for step in steps] == [
        ("Nykytila", "#conflicts"),
        ("Tavoitteet", ""),
        ("Nykytila", ""),
    ]


def test_links_and_panels_of_upper_packages_are_shown(client, user, document, monkeypatch):
    kind = kinds.DocumentKind(
        Document.Kind.REPORT,
        "Raportti",
        links=lambda document, rights: [kinds.Link("Tuo Word-tiedosto", "/tuonti/", "upload")],
        panels=lambda section, rights: [kinds.Panel("components/_sample_mark.html")],
    )
    monkeypatch.setitem(kinds._documents, Document.Kind.REPORT, kind)
    section = section_with(document, "<p>Teksti.</p>")

    assert 'href="/tuonti/"' in client.get(document.get_absolute_url()).content.decode()
    assert "fc-banner" in client.get(at(document, "section-detail", section.key)).content.decode()


# --- Saving -------------------------------------------------------------------------------------------------


def save(client, section, html, *, base, key="avain", language="fi", **headers):
    data = {"base": base, "client_key": key, f"text-{language}": html}
    return client.post(at(section.document, "section-detail", section.key), data, **headers)


def test_saving_writes_a_revision_and_says_when(client, user, document, time_machine):
    time_machine.move_to("2026-02-25T12:02:00Z", tick=False)
    section = section_with(document, "")

    response = save(client, section, "<p>Ensimmäinen <b>kappale</b>.</p>", base="0")

    assert response.status_code == 302
    response = client.get(response.url)
    assert texts(section) == ["Ensimmäinen kappale."]
    assert fresh(section).head.author == user
    assert "klo\xa014.02" in told(response)[0] or "14:02" in told(response)[0]


def test_saving_twice_with_one_key_saves_once(client, user, document):
    section = section_with(document, "")
    for _again in range(2):
        save(client, section, "<p>Kerran.</p>", base="0", key="sama")
    assert section.revisions.count() == 1


def test_two_writers_in_different_paragraphs_are_merged(client, user, other, document):
    section = section_with(document, "<p>Yksi on.</p><p>Kaksi on.</p>")
    base = section.head
    save_section(section, by=other, base=base, html={"fi": swapped(base, "Yksi on", "Yksi oli")})

    response = client.get(save(client, section, swapped(base, "Kaksi on", "Kaksi oli"), base=base.number).url)

    assert texts(section) == ["Yksi oli.", "Kaksi oli."]
    assert fresh(section).head.origin == Revision.Origin.MERGED
    assert "molempien muutokset ovat tekstissä" in told(response)[0]


@pytest.mark.parametrize("base", ["", "7", "x", "-1", "1.0"])
def test_an_unknown_base_saves_nothing_and_keeps_what_was_typed(client, user, document, base):
    section = section_with(document, "<p>Vanha.</p>")

    response = save(client, section, "<p>Uusi teksti.</p>", base=base)

    assert response.status_code == 422
    assert texts(section) == ["Vanha."]
    assert "Uusi teksti." in response.content.decode()
    assert response.context["base"] == base


def test_a_removed_section_cannot_be_saved_into(client, user, document):
    section = section_with(document, "<p>Vanha.</p>")
    Section.objects.filter(pk=section.pk).update(removed_at=timezone.now())
    assert save(client, section, "<p>Uusi.</p>", base="1").status_code == 404


def test_a_save_without_any_text_is_not_an_empty_text(client, user, document):
    section = section_with(document, "<p>Vanha.</p>")
    response = client.post(at(document, "section-detail", section.key), {"base": "1", "client_key": "k"})
    assert response.status_code == 422
    assert texts(section) == ["Vanha."]


def test_htmx_save_redirects_in_a_header_and_answers_errors_as_a_piece(client, user, document):
    section = section_with(document, "")
    good = save(client, section, "<p>Hyvä.</p>", base="0", headers={"HX-Request": "true"})
    bad = save(client, section, "<p>Huono.</p>", base="9", key="b", headers={"HX-Request": "true"})

    assert good.headers["HX-Redirect"] == at(document, "section-detail", section.key)
    assert bad.status_code == 422
    assert "<html" not in bad.content.decode()
    assert 'role="alert"' in bad.content.decode()


def test_scripts_do_not_survive_saving(client, user, document):
    section = section_with(document, "")
    html = '<p onclick="x()">Hyvä<script>alert(1)</script><a href="javascript:x()">linkki</a></p>'
    save(client, section, html, base="0")
    assert section.revisions.get().content[0]["text"]["body"]["fi"] == "Hyvälinkki"


def test_a_structured_block_is_a_mark_in_the_editor_and_stays_in_its_place(client, user, document, monkeypatch):
    kind = kinds.BlockKind("test_goal", "Tavoite", "components/_sample_mark.html", labels={"name": "Nimi"})
    monkeypatch.setitem(kinds._blocks, "test_goal", kind)
    section = section_with(document, "<p>Ennen.</p><p>Jälkeen.</p>")
    first = section.head.blocks[0].id
    goal = Block(id="goal000001", kind="test_goal", text={"name": {"fi": "Jokaiseen kuntaan perhekahvila"}})
    save_structured(section, by=None, change=[goal], after=first)

    response = client.get(at(document, "section-detail", section.key))
    html = response.context["editors"][0].html
    save(client, fresh(section), html.replace("Ennen.", "Aina ennen."), base="2")

    assert 'data-structured="goal000001" title="Tavoite: Jokaiseen kuntaan perhekahvila"></div>' in html
    assert [block.id for block in response.context["section"].head.blocks if not block.is_text] == ["goal000001"]
    assert [block.kind for block in fresh(section).head.blocks] == ["paragraph", "test_goal", "paragraph"]


def test_structured_blocks_in_a_row_are_one_mark(client, user, document, monkeypatch):
    kind = kinds.BlockKind("test_goal", "Tavoite", "components/_sample_mark.html")
    monkeypatch.setitem(kinds._blocks, "test_goal", kind)
    section = section_with(document, "<p>Ennen.</p>")
    goals = [Block(id=f"goal00000{n}", kind="test_goal", text={"name": {"fi": f"Tavoite {n}"}}) for n in range(3)]
    save_structured(section, by=None, change=goals)

    response = client.get(at(document, "section-detail", section.key))

    html = response.context["editors"][0].html
    assert re.findall(r'data-structured="(\w+)"', html) == ["goal000000"]
    assert [id for id, _html in response.context["structured"]] == ["goal000000", "goal000001", "goal000002"]


def test_both_languages_are_edited_beside_each_other(client, user, document):
    section = section_with(document, "<p>Alue.</p>")
    block_id = section.head.blocks[0].id
    response = client.get(at(document, "section-detail", section.key))
    assert [(editor.language, editor.missing) for editor in response.context["editors"]] == [("fi", 0), ("sv", 1)]
    assert response.context["marks"]["sv"] == {block_id: {"state": "missing", "original": "Alue."}}

    data = {
        "base": "1",
        "client_key": "k",
        "text-fi": f'<p data-id="{block_id}">Alue.</p>',
        "text-sv": f'<p data-id="{block_id}">Område.</p>',
    }
    client.post(at(document, "section-detail", section.key), data)
    assert (texts(section), texts(section, "sv")) == (["Alue."], ["Område."])

    save(client, section, f'<p data-id="{block_id}">Iso alue.</p>', base="2", key="k2")
    response = client.get(at(document, "section-detail", section.key))
    assert [(editor.behind, editor.missing) for editor in response.context["editors"]] == [(0, 0), (1, 0)]


def test_heading_and_state_are_changed_beside_the_text(client, user, document):
    section = section_with(document, "<p>Alue.</p>")
    client.post(at(document, "section-rename", section.key), {"heading_fi": " Nyt ", "heading_sv": "Nu"})
    client.post(at(document, "section-mark-ready", section.key))

    section = fresh(section)
    assert section.heading == {"fi": "Nyt", "sv": "Nu"}
    assert section.state == Section.State.READY

    client.post(at(document, "section-mark-draft", section.key))
    assert fresh(section).state == Section.State.DRAFT
    assert client.post(at(document, "section-rename", section.key), {"heading_fi": ""}).status_code == 422


def test_an_empty_section_cannot_be_ready(client, user, document):
    section = section_with(document, "")
    response = client.post(at(document, "section-mark-ready", section.key), follow=True)
    assert fresh(section).state == Section.State.EMPTY
    assert len(told(response)) == 1


# --- Conflicts ----------------------------------------------------------------------------------------------


@pytest.fixture
def conflicted(client, user, other, document):
    section = section_with(document, "<p>Alue on laaja.</p><p>Toinen.</p>", by=other)
    base = section.head
    save_section(section, by=other, base=base, html={"fi": swapped(base, "laaja", "pieni")})
    response = save(client, section, swapped(base, "laaja", "pitkä"), base=base.number)
    assert response.url.endswith("#conflicts")
    return fresh(section)


def test_a_conflict_shows_three_texts_and_names(client, user, other, document, conflicted):
    shown = client.get(at(document, "section-detail", conflicted.key)).context["conflicts"]

    assert len(shown) == 1
    assert (shown[0].kept_by, shown[0].other_by) == (str(other), str(user))
    assert shown[0].before == "Alue on laaja."
    assert "pieni" in shown[0].now
    assert "pitkä" in shown[0].other


@pytest.mark.parametrize(
    ("name", "sent", "text"),
    [
        ("conflict-keep", {}, "Alue on pieni."),
        ("conflict-take", {}, "Alue on pitkä."),
        ("conflict-combine", {"text": "<p>Alue on pieni ja <b>pitkä</b>.</p>"}, "Alue on pieni ja pitkä."),
    ],
)
def test_a_conflict_is_settled_and_nothing_is_lost(client, user, document, conflicted, name, sent, text):
    response = client.post(at(document, name, conflicted.key, 1), sent)

    assert response.url == at(document, "section-detail", conflicted.key)
    assert texts(conflicted) == [text, "Toinen."]
    conflict = Conflict.objects.get()
    assert conflict.settled_by == user
    assert (conflict.head, conflict.mine) == ("Alue on pieni.", "Alue on pitkä.")


def test_a_conflict_is_settled_once(client, user, document, conflicted):
    client.post(at(document, "conflict-keep", conflicted.key, 1))
    client.post(at(document, "conflict-take", conflicted.key, 1))
    response = client.post(at(document, "conflict-combine", conflicted.key, 1), {"text": "<p>Kolmas teksti</p>"})

    assert texts(conflicted) == ["Alue on pieni.", "Toinen."]
    assert response.status_code == 422
    assert "Kolmas teksti" in page(response)


def test_taking_a_text_whose_place_is_gone_says_so(client, user, document, conflicted):
    save_section(conflicted, by=user, base=conflicted.head, html={"fi": ""})
    client.post(at(document, "conflict-take", conflicted.key, 1))
    assert Conflict.objects.get().settled_at is None
    client.post(at(document, "conflict-keep", conflicted.key, 1))
    assert Conflict.objects.get().settled_at is not None


def test_a_deletion_that_met_an_edit_can_be_done_after_all(client, user, other, document):
    section = section_with(document, "<p>Jää.</p><p>Lähtee.</p>")
    base = section.head
    save_section(section, by=other, base=base, html={"fi": swapped(base, "Lähtee.", "Lähtee ehkä.")})
    save(client, section, re.sub(r"<p[^>]*>Lähtee.</p>", "", swapped(base, "", "")), base=base.number)
    assert texts(section) == ["Jää.", "Lähtee ehkä."]
    assert client.get(at(document, "section-detail", section.key)).context["conflicts"][0].editable is None

    client.post(at(document, "conflict-take", section.key, 1))

    assert texts(section) == ["Jää."]


def test_a_split_that_met_an_edit_can_be_taken(client, user, other, document):
    section = section_with(document, "<p>Alku on tässä. Loppu on tuolla.</p>")
    base = section.head
    save_section(section, by=other, base=base, html={"fi": swapped(base, "tuolla", "täällä")})
    html = swapped(base, "tässä. Loppu", "tässä.</p><p>Loppu")
    save(client, section, html, base=base.number)
    assert texts(section) == ["Alku on tässä. Loppu on täällä."]

    client.post(at(document, "conflict-take", section.key, 1))

    assert texts(section) == ["Alku on tässä.", "Loppu on tuolla."]


def test_open_conflicts_keep_a_section_from_being_ready(client, user, document, conflicted):
    client.post(at(document, "section-mark-ready", conflicted.key))
    assert fresh(conflicted).state == Section.State.DRAFT


# --- Outline ------------------------------------------------------------------------------------------------


@pytest.fixture
def outline(document):
    """A, B (with B1, B2), C."""
    rows = {}
    for name in ("A", "B", "C"):
        rows[name] = add_section(document, heading={"fi": name}, key=name.lower(), by=None)
    for name in ("B1", "B2"):
        rows[name] = add_section(document, heading={"fi": name}, key=name.lower(), parent=rows["B"], by=None)
    return rows


def order(client, document):
    def names(items):
        return [(item["title"], names(item["children"])) if item["children"] else item["title"] for item in items]

    return names(client.get(at(document, "document-outline")).context["items"])


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("up", "c", ["A", "C", ("B", ["B1", "B2"])]),
        ("up", "a", ["A", ("B", ["B1", "B2"]), "C"]),
        ("down", "a", [("B", ["B1", "B2"]), "A", "C"]),
        ("down", "b1", ["A", ("B", ["B2", "B1"]), "C"]),
        ("down", "c", ["A", ("B", ["B1", "B2"]), "C"]),
        ("in", "c", ["A", ("B", ["B1", "B2", "C"])]),
        ("in", "b", [("A", [("B", ["B1", "B2"])]), "C"]),
        ("in", "a", ["A", ("B", ["B1", "B2"]), "C"]),
        ("out", "b1", ["A", ("B", ["B2"]), "B1", "C"]),
        ("out", "a", ["A", ("B", ["B1", "B2"]), "C"]),
    ],
)
def test_moving(client, user, document, outline, name, key, expected):
    response = client.post(at(document, f"section-{name}", key))
    assert response.url == at(document, "document-outline")
    assert order(client, document) == expected


def test_nothing_goes_deeper_than_three(client, user, document, outline):
    client.post(at(document, "section-in", "b"))
    response = client.post(at(document, "section-in", "b2"), follow=True)
    assert order(client, document) == [("A", [("B", [("B1", ["B2"])])]), "C"] or told(response)
    assert order(client, document) == [("A", [("B", ["B1", "B2"])]), "C"]


def test_adding_after_and_below(client, user, document, outline):
    client.post(at(document, "section-add-after", "a"), {"heading_fi": "A bis"})
    client.post(at(document, "section-add-below", "c"), {"heading_fi": "C1"})
    client.post(at(document, "section-add"), {"heading_fi": "D", "heading_sv": "D på svenska"})
    assert order(client, document) == ["A", "A bis", ("B", ["B1", "B2"]), ("C", ["C1"]), "D"]
    assert document.sections.get(heading__fi="D").heading == {"fi": "D", "sv": "D på svenska"}


def test_removing_asks_by_name_and_can_be_undone(client, user, document, outline):
    asked = client.get(at(document, "section-remove", "b"))
    assert "B1" in page(asked)
    assert order(client, document) == ["A", ("B", ["B1", "B2"]), "C"]

    client.post(at(document, "section-remove", "b"))
    response = client.get(at(document, "document-outline"))
    assert [title for title, _when, _url in response.context["removed"]] == ["B"]
    assert order(client, document) == ["A", "C"]

    client.post(at(document, "section-bring-back", "b"))
    assert order(client, document) == ["A", ("B", ["B1", "B2"]), "C"]


def test_splitting_and_joining(client, user, document):
    section = section_with(document, "<p>Yksi.</p><p>Kaksi.</p><p>Kolme.</p>", key="koko")
    asked = client.get(at(document, "section-split", "koko"))
    choices = asked.context["form"].fields["at"].choices
    assert [label for _id, label in choices] == ["Kaksi.", "Kolme."]

    client.post(at(document, "section-split", "koko"), {"at": choices[0][0], "heading_fi": "Loput"})
    assert order(client, document) == ["Nykytila", "Loput"]
    assert texts(section) == ["Yksi."]

    client.post(at(document, "section-join", "koko"))
    assert order(client, document) == ["Nykytila"]
    assert texts(section) == ["Yksi.", "Kaksi.", "Kolme."]


def test_outline_answers_htmx_with_the_tree_and_what_was_done(client, user, document, outline):
    client.post(at(document, "section-down", "a"))
    response = client.get(at(document, "document-outline"), headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert "data-announce" in response.content.decode()


# --- History ------------------------------------------------------------------------------------------------


def test_history_compares_and_restores(client, user, document):
    section = section_with(document, "<p>Vanha sana.</p>")
    save(client, section, swapped(section.head, "Vanha", "Uusi"), base="1")

    listed = client.get(at(document, "section-history", section.key))
    assert [line.entry.last.number for line in listed.context["lines"] if line.entry.last] == [2, 1]
    compared = client.get(at(document, "section-compare", section.key), {"old": "2", "new": "1"})
    assert "<del>" in compared.content.decode()
    assert (compared.context["old"].name, compared.context["new"].name) == ("1", "2")
    assert "Vanha sana." in page(client.get(at(document, "section-revision", section.key, 1)))

    client.post(at(document, "section-restore", section.key, 1))
    assert texts(section) == ["Vanha sana."]
    assert fresh(section).head.origin == Revision.Origin.RESTORED


@pytest.mark.parametrize("query", [{}, {"old": "1"}, {"old": "1", "new": "99"}, {"old": "x", "new": "1"}])
def test_comparing_what_does_not_exist_leads_nowhere(client, user, document, query):
    section = section_with(document, "<p>Vanha.</p>")
    assert client.get(at(document, "section-compare", section.key), query).status_code == 404


# --- Versions -----------------------------------------------------------------------------------------------


def test_freezing_naming_and_reading(client, user, document):
    section = section_with(document, "<p>Alue on laaja.</p>")
    client.post(at(document, "version-freeze"), {"name": "Lausunnoille"})
    save(client, section, swapped(section.head, "laaja", "pieni"), base="1")
    client.post(at(document, "version-rename", 1), {"name": "Lautakunnalle"})

    listed = client.get(at(document, "version-list"))
    assert [(row["version"].number, row["name"]) for row in listed.context["rows"]] == [(1, "Lautakunnalle")]
    version = client.get(at(document, "version-detail", 1))
    assert "Alue on laaja." in page(version)
    assert "Lautakunnalle" in page(version)


def test_page_of_versions_stands_before_there_is_any(client, user, document):
    listed = client.get(at(document, "version-list"))

    assert (listed.status_code, listed.context["rows"]) == (200, [])
    assert "Tallenna versioksi" in page(listed)


def test_a_version_is_written_out_once_and_answered_from_the_readers_own_copy(
    client, user, document, django_assert_num_queries, settings
):
    section_with(document, "<p>Alue on laaja.</p>")
    freeze(document, by=user)
    first = client.get(at(document, "version-detail", 1))

    again = client.get(at(document, "version-detail", 1), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304

    client.post(at(document, "version-rename", 1), {"name": "Uusi nimi"})
    client.get(at(document, "version-list"))
    renamed = client.get(at(document, "version-detail", 1), headers={"If-None-Match": first.headers["ETag"]})
    assert renamed.status_code == 200

    settings.RELEASE = "another"
    assert client.get(at(document, "version-detail", 1)).headers["ETag"] != renamed.headers["ETag"]


def test_versions_and_the_draft_are_compared_word_by_word(client, user, document):
    section = section_with(document, "<p>Alue on laaja.</p><p>Ennallaan.</p>")
    freeze(document, by=user)
    save(client, section, swapped(section.head, "laaja", "pieni"), base="1")
    section_with(document, "<p>Uutta.</p>", heading="Tavoitteet")
    freeze(document, by=user)

    for new in ("2", "draft"):
        response = client.get(at(document, "version-compare"), {"old": "1", "new": new, "language": "fi"})
        changes = response.context["changes"]
        assert [(row.state, [change.state for change in row.changes], row.same) for row in changes] == [
            ("same", ["changed"], 1),
            ("added", ["added"], 0),
        ]
        assert "laaja" in str(changes[0].changes[0].units[0].html)

    same = client.get(at(document, "version-compare"), {"old": "2", "new": "draft", "language": "fi"})
    assert same.context["changes"] == []
    assert client.get(at(document, "version-compare"), {"old": "9", "new": "2"}).status_code == 422


def test_a_changed_field_of_a_structured_block_is_told_in_words(client, user, document, monkeypatch):
    kind = kinds.BlockKind(
        "test_goal",
        "Tavoite",
        "components/_sample_mark.html",
        lines=lambda block, resolved, language: [
            ("Nimi", block.get("name", language)),
            ("Vuosi", str(block.data["year"])),
        ],
    )
    monkeypatch.setitem(kinds._blocks, "test_goal", kind)
    section = section_with(document, "<p>Teksti.</p>")
    goal = {"id": "goal000001", "kind": "test_goal", "text": {"name": {"fi": "Perhekahvila"}}}
    save_structured(section, by=None, change=[Block(**goal, data={"year": 2026})])
    freeze(document, by=user)
    save_structured(section, by=None, change=[Block(**goal, data={"year": 2027})])

    response = client.get(at(document, "version-compare"), {"old": "1", "new": "draft", "language": "fi"})

    change = response.context["changes"][0].changes[0]
    assert (change.name, change.state) == ("Tavoite", "changed")
    assert [(unit.label, unit.changed) for unit in change.units] == [("Nimi", False), ("Vuosi", True)]


def test_anyone_reads_a_published_version_in_its_languages_and_nothing_else(client, region, document):
    section_with(document, "<p>Alue on laaja.</p>")
    version = freeze(document, by=None)
    freeze(document, by=None)
    Publication.objects.create(region=region, version=version, languages=["fi"], published_at=timezone.now())

    assert client.get(document.get_absolute_url()).url == at(document, "version-detail", 1)
    response = client.get(at(document, "version-detail", 1))
    assert "Alue on laaja." in page(response)
    assert at(document, "version-list") not in response.content.decode()
    assert client.get(at(document, "version-detail", 1, "sv")).status_code == 302
    assert client.get(at(document, "version-detail", 2)).status_code == 302
    client.force_login(UserFactory())
    assert client.get(at(document, "version-detail", 1)).status_code == 200
    assert client.get(at(document, "version-detail", 1, "sv")).status_code == 404
    assert client.get(at(document, "version-detail", 2)).status_code == 404

    Publication.objects.update(withdrawn_at=timezone.now())
    assert client.get(at(document, "version-detail", 1)).status_code == 404


# --- Settings and pictures ----------------------------------------------------------------------------------


def settings_data(**changes):
    return {
        "title_fi": "Uusi nimi",
        "title_sv": "Nytt namn",
        "description_fi": "Lyhyesti.",
        "languages": ["fi", "sv"],
        **changes,
    }


def test_settings_are_saved(client, user, region, document):
    body = BodyFactory(region=region)
    cover = io.BytesIO(picture())
    cover.name = "kansi.png"
    data = settings_data(writing_body=body.pk, cover=cover, cover_alt_fi="Punainen neliö")

    response = client.post(at(document, "document-settings"), data)

    assert response.status_code == 302
    document.refresh_from_db()
    assert document.title == {"fi": "Uusi nimi", "sv": "Nytt namn"}
    assert (document.writing_body, document.cover_alt) == (body, {"fi": "Punainen neliö"})
    shown = client.get(at(document, "file", document.cover.public_id))
    assert b"".join(shown.streaming_content) == picture()
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "attachment" not in shown.headers["Content-Disposition"]


def test_a_cover_needs_words_and_must_be_a_picture(client, user, document):
    cover = io.BytesIO(picture())
    cover.name = "kansi.png"
    without_words = client.post(at(document, "document-settings"), settings_data(cover=cover))
    other = io.BytesIO(b"%PDF-1.7 not a picture")
    other.name = "kansi.png"
    no_picture = client.post(at(document, "document-settings"), settings_data(cover=other, cover_alt_fi="Kuva"))

    assert list(without_words.context["form"].errors) == ["cover_alt_fi"]
    assert list(no_picture.context["form"].errors) == ["cover"]
    assert StoredFile.objects.count() == 0


def test_a_body_of_another_region_cannot_be_chosen(client, user, document):
    response = client.post(at(document, "document-settings"), settings_data(writing_body=BodyFactory().pk))
    assert list(response.context["form"].errors) == ["writing_body"]


def test_each_language_needs_a_title_and_the_original_stays(client, user, document):
    response = client.post(at(document, "document-settings"), settings_data(title_sv=""))
    assert list(response.context["form"].errors) == ["title_sv"]

    client.post(at(document, "document-settings"), settings_data(languages=["sv"]))
    document.refresh_from_db()
    assert document.languages == ["fi", "sv"]


def test_a_picture_is_put_into_the_text_and_shown_to_its_readers_alone(client, user, region, document):
    upload = io.BytesIO(picture())
    upload.name = "talo.png"
    answer = client.post(at(document, "picture-add"), {"picture": upload, "alt": "Talo", "caption": "Perhetalo"}).json()
    assert client.get(answer["src"]).status_code == 200
    section = section_with(document, "")
    figure = f'<figure><img src="{answer["src"]}" alt="Talo" data-file="{answer["file"]}"></figure>'
    save(client, section, figure, base="0")
    assert f'src="{answer["src"]}" alt="Talo"' in client.get(document.get_absolute_url()).content.decode()

    colleague = MembershipFactory(body=region.coordinating_body).user
    stranger = MembershipFactory(body=BodyFactory(region=region)).user
    client.force_login(colleague)
    assert client.get(answer["src"]).status_code == 200
    client.force_login(stranger)
    assert client.get(answer["src"]).status_code == 404
    client.logout()
    assert client.get(answer["src"]).status_code == 302

    version = freeze(document, by=None)
    Publication.objects.create(region=region, version=version, languages=["fi"], published_at=timezone.now())
    assert client.get(answer["src"]).status_code == 200


def test_a_picture_of_another_document_is_not_handed_out_here(client, user, region, document):
    elsewhere = make_document(region, kind=Document.Kind.REPORT)
    upload = io.BytesIO(picture())
    upload.name = "talo.png"
    answer = client.post(at(elsewhere, "picture-add"), {"picture": upload, "alt": "Talo"}).json()
    client.force_login(MembershipFactory(body=region.coordinating_body).user)
    assert client.get(at(document, "file", answer["file"])).status_code == 404


def test_a_picture_needs_words(client, user, document):
    upload = io.BytesIO(picture())
    upload.name = "talo.png"
    response = client.post(at(document, "picture-add"), {"picture": upload, "alt": " "})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["alt"]


# --- The list, the admin and the number of queries ----------------------------------------------------------


def test_list_is_searched_and_sorted(client, user, region):
    for number, name in enumerate(["Beeta", "Alfa", "Gamma", "Delta", "Eeta", "Alfa kaksi"]):
        made = make_document(region, kind=Document.Kind.REPORT)
        Document.objects.filter(pk=made.pk).update(title={"fi": name})
        if number == 0:
            freeze(made, by=None)
    url = reverse("documents:document-list", args=[region.slug, "report"])

    def names(**query):
        return [row.record.title for row in client.get(url, query).context["table"].rows]

    assert names() == ["Alfa", "Alfa kaksi", "Beeta", "Delta", "Eeta", "Gamma"]
    assert names(q="alfa") == ["Alfa", "Alfa kaksi"]
    assert names(sort="-title")[0] == "Gamma"
    assert names(sort="-versions")[0] == "Beeta"


def filled(document, count, user):
    for number in range(count):
        section = section_with(document, "<p>Yksi.</p><p>Kaksi.</p>", heading=f"Luku {number}", key=f"luku-{number}")
        save_section(section, by=user, base=section.head, html={"fi": swapped(section.head, "Yksi", "Yksi ja")})
        freeze(document, by=user)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "rest", "query", "queries"),
    [
        ("document-detail", (), {}, 10),
        ("document-outline", (), {}, 8),
        ("section-detail", ("luku-0",), {}, 14),
        ("section-history", ("luku-0",), {}, 12),
        ("section-compare", ("luku-0",), {"old": "1", "new": "2"}, 10),
        ("version-list", (), {}, 9),
        ("version-detail", (1,), {}, 8),
        ("version-compare", (), {"old": "1", "new": "draft", "language": "fi"}, 9),
    ],
)
def test_pages_take_the_same_queries_for_one_and_three(
    client, user, document, django_assert_num_queries, count, name, rest, query, queries
):
    filled(document, count, user)
    with django_assert_num_queries(queries):
        assert client.get(at(document, name, *rest), query).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_one_and_three(client, user, region, django_assert_num_queries, count):
    for _number in range(count):
        filled(make_document(region, kind=Document.Kind.REPORT), 1, user)
    with django_assert_num_queries(8):
        client.get(reverse("documents:document-list", args=[region.slug, "report"]))


@pytest.mark.parametrize(
    "model", ["document", "section", "revision", "version", "conflict", "rendition", "publication"]
)
def test_admin_lists_and_shows_without_changing_what_is_frozen(client, conflicted, document, model):
    freeze(document, by=None, label="Nimi")
    client.force_login(UserFactory(admin=True))
    assert client.get(reverse(f"admin:documents_{model}_changelist")).status_code == 200
    rows = {
        "document": document,
        "section": conflicted,
        "revision": conflicted.head,
        "version": document.versions.get(),
    }
    if model in rows:
        url = reverse(f"admin:documents_{model}_change", args=[rows[model].pk])
        response = client.get(url)
        assert response.status_code == 200
        if model != "document":
            assert client.post(url, {"number": 7}).status_code == 403
    assert client.get(reverse(f"admin:documents_{model}_add")).status_code == 403
