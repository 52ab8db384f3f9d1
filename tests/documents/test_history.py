"""Histories: sittings, the whole document's timeline, differences, who wrote what, changes since the last visit."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from documents.authorship import authors_of
from documents.history import Cursor, Tally, Wanted, last_sittings, timeline
from documents.models import Document, Revision, Visit
from documents.past import state_at
from documents.services.outline import add_section, move_section, remove_section, rename_section, split_section
from documents.services.revisions import add_side
from documents.services.sections import move_blocks, restore_section, save_section
from documents.services.versions import freeze
from documents.services.visiting import mark_seen, note_visit
from documents.visits import unread_changes, unread_documents, unread_sections
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh, ids, make_document
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    region = RegionFactory(bilingual=True)
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


@pytest.fixture
def liisa(region, client):
    user = MembershipFactory(body=region.coordinating_body, user=UserFactory(name="Liisa Mallikas")).user
    client.force_login(user)
    return user


@pytest.fixture
def matti(region):
    return MembershipFactory(body=region.coordinating_body, user=UserFactory(name="Matti Esimerkki")).user


@pytest.fixture
def document(region):
    return make_document(region, kind=Document.Kind.REPORT)


@pytest.fixture
def section(document):
    return add_section(document, heading={"fi": "Nykytila"}, key="nykytila", by=None)


def at(document, name, *rest):
    return reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def write(section, html, by, *, minutes=None, origin=Revision.Origin.TYPED, language="fi"):
    """Save a section's text, so many minutes before now."""
    section = fresh(section)
    saved = save_section(section, by=by, base=section.head, html={language: html}, origin=origin)
    if minutes is not None:
        moment = timezone.now() - datetime.timedelta(minutes=minutes)
        Revision.objects.filter(pk=saved.revision.pk).update(created_at=moment)
    return saved.revision


def paragraphs(*texts):
    return "".join(f"<p>{text}</p>" for text in texts)


def kept(section, *texts):
    """The standing paragraphs under their ids, with other words."""
    pairs = zip([*ids(section), *[""] * len(texts)], texts, strict=False)
    return "".join(f'<p data-id="{key}">{text}</p>' if key else f"<p>{text}</p>" for key, text in pairs)


def numbers(entry):
    return [revision.number for revision in entry.revisions]


# --- Sittings -----------------------------------------------------------------------------------------------


def test_saves_of_one_writer_without_a_long_pause_are_one_sitting(document, section, liisa, matti):
    write(section, paragraphs("Yksi."), liisa, minutes=100)
    write(section, paragraphs("Yksi.", "Kaksi."), liisa, minutes=90)
    write(section, paragraphs("Yksi.", "Kaksi.", "Kolme."), liisa, minutes=70)
    write(section, paragraphs("Neljä."), matti, minutes=68)
    write(section, paragraphs("Viisi."), liisa, minutes=66)

    entries = timeline(document, Wanted(section=section)).entries

    assert [(numbers(entry), entry.author) for entry in entries if entry.revisions] == [
        ([5], liisa),
        ([4], matti),
        ([3], liisa),
        ([2, 1], liisa),
    ]


def test_sitting_tells_how_many_paragraphs_were_added_changed_and_removed(document, section, liisa):
    write(section, paragraphs("Yksi.", "Kaksi."), liisa, minutes=60)
    write(section, kept(section, "Yksi tässä.", "Kaksi.", "Kolme."), liisa, minutes=5)
    write(section, kept(section, "Yksi tässä taas.", "Kaksi."), liisa, minutes=4)

    newest = next(entry for entry in timeline(document, Wanted(section=section)).entries if entry.revisions)

    assert (newest.before, numbers(newest)) == (1, [3, 2])
    assert newest.tally == Tally(added=0, changed=1, removed=0)


@pytest.mark.parametrize(
    ("old", "new", "tally"),
    [
        ([], ["a"], Tally(added=1)),
        (["a", "b"], ["b"], Tally(removed=1)),
        (["a", "b"], ["b", "a"], Tally(moved=True)),
        (["a"], ["a"], Tally()),
    ],
)
def test_tally_counts_by_identity(old, new, tally):
    assert Tally.between([{"id": key} for key in old], [{"id": key} for key in new]) == tally


def test_what_was_typed_before_a_merge_stands_under_the_merged_text(client, document, section, liisa, matti):
    base = write(section, paragraphs("Yksi."), liisa, minutes=60)
    write(section, paragraphs("Yksi.", "Matin."), matti, minutes=20)
    side = add_side(fresh(section), base.blocks, by=liisa, base=base)
    merged = write(section, paragraphs("Yksi.", "Matin.", "Liisan."), liisa)

    newest = timeline(document, Wanted(section=section)).entries[0]
    assert ([row.pk for row in newest.revisions], [row.pk for row in newest.sides]) == ([merged.pk], [side.pk])
    response = client.get(at(document, "section-history", section.key))
    assert at(document, "section-revision", section.key, side.number) in response.content.decode()


def test_import_into_many_sections_is_one_line(document, section, liisa):
    other = add_section(document, heading={"fi": "Tavoitteet"}, key="tavoitteet", by=None)
    write(section, paragraphs("Yksi."), liisa, origin=Revision.Origin.IMPORTED)
    write(other, paragraphs("Kaksi."), liisa, origin=Revision.Origin.IMPORTED)

    brought = timeline(document, Wanted(kind="brought")).entries

    assert [[row.key for row in entry.sections] for entry in brought] == [["tavoitteet", "nykytila"]]


def test_pages_of_a_history_hold_every_save_once(document, section, liisa, matti):
    for number in range(30):
        write(section, paragraphs(f"Teksti {number}."), [liisa, matti][number // 3 % 2])
    rename_section(section, heading={"fi": "Toinen"}, by=liisa)
    freeze(document, by=liisa)

    found, lines, cursor = [], [], Cursor()
    for _page in range(10):
        page = timeline(document, Wanted(before=cursor), size=3)
        lines += [entry.kind for entry in page.entries]
        found += [number for entry in page.entries for number in numbers(entry)]
        assert len(page.entries) <= 3
        if page.older is None:
            break
        cursor = Cursor.read(str(page.older))
    assert found == list(range(30, 0, -1))
    assert lines.count("version") == 1
    assert lines.count("outline") == 2


def test_history_of_one_writer_does_not_join_what_another_wrote_between(document, section, liisa, matti):
    write(section, paragraphs("Yksi."), liisa)
    write(section, paragraphs("Kaksi."), matti)
    write(section, paragraphs("Kolme."), liisa)

    entries = timeline(document, Wanted(section=section, author=liisa.pk)).entries

    assert [(numbers(entry), entry.before) for entry in entries] == [([3], 2), ([1], 0)]


def test_sitting_names_the_versions_that_froze_it(document, section, liisa, matti):
    write(section, paragraphs("Yksi."), liisa)
    freeze(document, by=None)
    write(section, paragraphs("Kaksi."), matti)

    entries = [entry for entry in timeline(document, Wanted(section=section)).entries if entry.revisions]

    assert [entry.versions for entry in entries] == [[], [1]]


def test_panel_has_the_last_three_sittings_in_one_query(document, section, liisa, matti, django_assert_num_queries):
    for place in range(8):
        write(section, paragraphs(f"Teksti {place}."), [liisa, matti][place % 2])
    section = fresh(section)
    with django_assert_num_queries(1):
        entries = last_sittings(section)
    assert [numbers(entry) for entry in entries] == [[8], [7], [6]]


# --- The whole document -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"what": "version"}, ["Versio 1 tallennettu", "Version 1 saved"]),
        ({"what": "outline"}, ["Section added"]),
        ({"what": "text"}, ["Text edited"]),
    ],
)
def test_document_history_by_kind(client, document, section, liisa, query, titles):
    write(section, paragraphs("Yksi."), liisa)
    freeze(document, by=liisa)

    lines = client.get(at(document, "document-history"), query).context["lines"]

    assert {line.entry.kind for line in lines} == {query["what"]}
    assert len(lines) == 1


def test_document_history_filters_by_writer_and_section(client, document, section, liisa, matti):
    other = add_section(document, heading={"fi": "Tavoitteet"}, key="tavoitteet", by=matti)
    write(section, paragraphs("Yksi."), liisa)
    write(other, paragraphs("Kaksi."), matti)

    by_writer = client.get(at(document, "document-history"), {"author": matti.pk}).context["lines"]
    assert {line.entry.author for line in by_writer} == {matti}
    in_section = client.get(at(document, "document-history"), {"section": "nykytila"}).context["lines"]
    assert {line.entry.section for line in in_section} == {section}


def test_htmx_gets_the_lines_alone(client, document, section, liisa):
    write(section, paragraphs("Yksi."), liisa)
    for url in (at(document, "document-history"), at(document, "section-history", section.key)):
        answer = client.get(url, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in answer
        assert "Liisa Mallikas" in answer


@pytest.mark.parametrize("saves", [1, 40])
@pytest.mark.parametrize(
    ("name", "rest", "query", "most"),
    [
        ("document-history", (), {}, 16),
        ("section-history", ("nykytila",), {}, 14),
        ("section-authors", ("nykytila",), {}, 9),
        ("section-compare", ("nykytila",), {"old": "0", "new": "1"}, 10),
        ("change-list", (), {}, 15),
    ],
)
def test_queries_do_not_grow_with_history(
    client, document, section, liisa, matti, saves, name, rest, query, most, django_assert_max_num_queries
):
    note_visit(fresh(section), by=liisa, seen=0, is_open=False)
    for place in range(saves):
        write(section, paragraphs(*[f"Teksti {place} {row}." for row in range(3)]), [liisa, matti][place % 2])
    with django_assert_max_num_queries(most):
        assert client.get(at(document, name, *rest), query).status_code == 200


# --- A moment -----------------------------------------------------------------------------------------------


def test_state_at_a_moment_has_the_outline_and_the_texts_of_then(document, section, liisa):
    write(section, paragraphs("Vanha."), liisa)
    other = add_section(document, heading={"fi": "Tavoitteet"}, key="tavoitteet", by=None)
    then = timezone.now()
    write(section, paragraphs("Uusi."), liisa)
    rename_section(section, heading={"fi": "Toinen"}, by=None)
    remove_section(other, by=None)
    add_section(document, heading={"fi": "Lisä"}, key="lisa", by=None)

    past = state_at(document, then)

    assert [(row.key, row.heading_in("fi")) for row in past.sections] == [
        ("nykytila", "Nykytila"),
        ("tavoitteet", "Tavoitteet"),
    ]
    assert [block.plain_in("fi") for block in past.blocks] == ["Vanha."]


def test_state_at_a_moment_does_not_take_what_was_typed_before_a_merge(document, section, liisa):
    stands = write(section, paragraphs("Vanha."), liisa)
    add_side(fresh(section), [], by=liisa, base=stands)
    assert [block.plain_in("fi") for block in state_at(document, timezone.now()).blocks] == ["Vanha."]


def test_document_as_it_was_is_shown_and_compared(client, document, section, liisa):
    write(section, paragraphs("Vanha sana."), liisa)
    freeze(document, by=None)
    then = timezone.now().isoformat()
    write(section, kept(section, "Uusi sana."), liisa)

    shown = client.get(at(document, "document-then"), {"at": then}).content.decode()
    assert "Vanha sana." in shown
    assert "Uusi sana." not in shown
    compared = client.get(at(document, "document-compare"), {"at": then, "old": "then", "new": "now"})
    assert "<ins>" in compared.content.decode()
    assert [row.key for row in compared.context["changes"]] == ["nykytila"]
    same = client.get(at(document, "document-compare"), {"at": then, "old": "1", "new": "then"})
    assert same.context["changes"] == []


def test_minute_that_a_person_chooses_has_all_that_was_saved_in_it(client, document, section, liisa):
    revision = write(section, paragraphs("Vanha sana."), liisa)
    minute = timezone.localtime(revision.created_at).strftime("%Y-%m-%dT%H:%M")
    assert "Vanha sana." in client.get(at(document, "document-then"), {"at": minute}).content.decode()


@pytest.mark.parametrize("asked", ["", "eilen", "2026-13-45T10:00", "2001-01-01T00:00"])
def test_moment_that_is_none(client, document, section, liisa, asked):
    status = client.get(at(document, "document-then"), {"at": asked}).status_code
    assert status == (200 if asked.startswith("2001") else 404)


# --- Differences --------------------------------------------------------------------------------------------


def test_any_two_texts_and_versions_are_compared_older_first(client, document, section, liisa):
    write(section, paragraphs("Yksi."), liisa)
    freeze(document, by=None)
    write(section, kept(section, "Kaksi."), liisa)
    write(section, kept(section, "Kolme."), liisa)

    response = client.get(at(document, "section-compare", section.key), {"old": "3", "new": "v1"})

    assert (response.context["old"].name, response.context["new"].name) == ("v1", "3")
    assert "<del>" in response.content.decode()
    assert {"v1", "3", "0"} <= {name for name, _label, _at in response.context["sides"]}


def test_comparing_offers_to_bring_single_paragraphs_back(client, document, section, liisa):
    write(section, paragraphs("Yksi.", "Kaksi."), liisa)
    first, _second = ids(section)
    write(section, kept(section, "Toinen.", "Kaksi."), liisa)

    html = client.get(at(document, "section-compare", section.key), {"old": "1", "new": "2"}).content.decode()

    assert at(document, "block-restore", section.key, 1, first) in html


@pytest.mark.parametrize("name", ["v9", "x", "99", "-1"])
def test_texts_that_do_not_exist_are_not_compared(client, document, section, liisa, name):
    write(section, paragraphs("Yksi."), liisa)
    response = client.get(at(document, "section-compare", section.key), {"old": name, "new": "1"})
    assert response.status_code == 404


# --- Who wrote what -----------------------------------------------------------------------------------------


def test_each_paragraph_has_who_began_it_and_who_gave_it_its_words(section, liisa, matti):
    write(section, paragraphs("Yksi.", "Kaksi."), liisa)
    write(section, kept(section, "Yksi.", "Kaksi ja puoli."), matti)
    write(section, kept(section, "Yksi.", "Kaksi ja puoli.", "Kolme."), liisa)

    rows = authors_of(fresh(section)).blocks

    assert [(row.begun.author, row.changed.author, row.has_changed) for row in rows] == [
        (liisa, liisa, False),
        (liisa, matti, True),
        (liisa, liisa, False),
    ]


def test_long_history_is_looked_through_in_parts(monkeypatch, section, liisa, matti):
    monkeypatch.setattr("documents.authorship.LOOKED_BACK", 4)
    monkeypatch.setattr("documents.authorship.CHUNK", 2)
    write(section, paragraphs("Vanha."), matti)
    write(section, kept(section, "Vanha.", "Toinen."), matti)
    for place in range(9):
        write(section, kept(section, "Vanha.", f"Toinen {place}."), liisa)

    page = authors_of(fresh(section))
    assert [(row.begun, row.changed and row.changed.author) for row in page.blocks] == [(None, None), (None, liisa)]
    found, below = {}, page.earlier
    while below:
        page = authors_of(fresh(section), below=below)
        found |= {row.block.plain_in("fi"): row for row in page.blocks}
        below = page.earlier
    assert found["Vanha."].begun.number == found["Vanha."].changed.number == 1
    assert found["Toinen 8."].begun.number == 2
    assert found["Toinen 8."].changed is None


def test_page_tells_where_paragraphs_came_from(client, document, section, liisa):
    write(section, paragraphs("Tuotu.", "Toinen."), liisa, origin=Revision.Origin.IMPORTED)
    other = add_section(document, heading={"fi": "Muu"}, key="muu", by=None)
    move_blocks(ids(section)[:1], source=fresh(section), target=other, by=liisa)

    moved = client.get(at(document, "section-authors", "muu")).context["rows"]
    assert [row["row"].begun.origin for row in moved] == [Revision.Origin.MOVED]
    imported = client.get(at(document, "section-authors", section.key)).context["rows"]
    assert [row["row"].begun.origin for row in imported] == [Revision.Origin.IMPORTED]


def test_one_paragraph_is_asked_about_from_beside_the_text(client, document, section, liisa):
    write(section, paragraphs("Yksi.", "Kaksi."), liisa)
    answer = client.get(at(document, "section-authors", section.key), {"block": ids(section)[1]}).content.decode()
    assert "Liisa Mallikas" in answer
    assert "<html" not in answer
    assert client.get(at(document, "section-authors", section.key), {"block": "nosuchid"}).status_code == 404


# --- Since the last visit -----------------------------------------------------------------------------------


def test_changes_of_others_are_unread_until_they_are_seen(document, section, liisa, matti):
    first = write(section, paragraphs("Yksi."), liisa)
    note_visit(fresh(section), by=liisa, seen=first.number, is_open=False)
    assert unread_sections(document, liisa) == {}
    write(section, kept(section, "Kaksi."), liisa)
    assert unread_sections(document, liisa) == {}
    write(section, kept(section, "Kolme."), matti)
    last = write(section, kept(section, "Neljä."), matti)

    assert unread_sections(document, liisa) == {section.pk: 2}
    assert unread_documents(liisa) == {document.pk: 1}
    (found,) = unread_changes(document, liisa)
    assert (found.seen, found.authors, found.count) == (first, [matti], 2)
    mark_seen(document, by=liisa, numbers={section.key: last.number})
    assert unread_sections(document, liisa) == unread_documents(liisa) == {}


def test_another_readers_visit_does_not_make_it_seen(document, section, liisa, matti):
    write(section, paragraphs("Yksi."), None)
    for reader in (liisa, matti):
        note_visit(fresh(section), by=reader, seen=1, is_open=False)
    write(section, kept(section, "Kaksi."), None)
    note_visit(fresh(section), by=matti, seen=2, is_open=False)
    assert unread_sections(document, liisa) == {section.pk: 1}
    assert unread_sections(document, matti) == {}
    assert unread_changes(document, matti) == []
    assert [row.seen.number for row in unread_changes(document, liisa)] == [1]


def test_seen_never_goes_back(document, section, liisa):
    for text in ("Yksi.", "Kaksi.", "Kolme."):
        write(section, paragraphs(text), None)
    mark_seen(document, by=liisa, numbers={section.key: 3})
    mark_seen(document, by=liisa, numbers={section.key: 1})
    assert Visit.objects.get(user=liisa).number == 3
    mark_seen(document, by=liisa, numbers={section.key: 99})
    assert Visit.objects.get(user=liisa).number == 3


def test_pass_shows_the_words_and_marks_them_seen(client, document, section, liisa, matti):
    write(section, paragraphs("Vanha sana."), liisa)
    note_visit(fresh(section), by=liisa, seen=1, is_open=False)
    write(section, kept(section, "Uusi sana."), matti)

    response = client.get(at(document, "change-list"))
    html = response.content.decode()
    assert "Matti Esimerkki" in html
    assert "<ins>" in html
    seen = response.context["shown"][0]["seen"]
    client.post(at(document, "changes-seen"), {"seen": seen})
    assert client.get(at(document, "change-list")).context["shown"] == []


def test_what_was_saved_after_the_page_was_shown_stays_unread(client, document, section, liisa, matti):
    write(section, paragraphs("Yksi."), liisa)
    note_visit(fresh(section), by=liisa, seen=1, is_open=False)
    write(section, kept(section, "Kaksi."), matti)
    seen = client.get(at(document, "change-list")).context["shown"][0]["seen"]
    write(section, kept(section, "Kolme."), matti)
    client.post(at(document, "changes-seen"), {"seen": seen}, headers={"HX-Request": "true"})
    assert unread_sections(document, liisa) == {section.pk: 1}


def test_newcomer_is_shown_the_way_to_the_history_and_can_follow_from_now(client, document, section, liisa, matti):
    write(section, paragraphs("Yksi."), matti)
    response = client.get(at(document, "change-list"))
    assert not response.context["is_known"]
    assert at(document, "document-history") in response.content.decode()

    client.post(at(document, "changes-seen"), {"seen": response.context["all_seen"]})
    write(section, kept(section, "Kaksi."), matti)

    assert len(client.get(at(document, "change-list")).context["shown"]) == 1


def test_sections_that_were_never_opened_are_named_apart(client, document, section, liisa, matti):
    write(section, paragraphs("Yksi."), liisa)
    note_visit(fresh(section), by=liisa, seen=1, is_open=False)
    new = add_section(document, heading={"fi": "Uusi osio"}, key="uusi", by=matti)
    write(new, paragraphs("Kaksi."), matti)

    context = client.get(at(document, "change-list")).context

    assert context["unopened"] == [("Uusi osio", at(document, "section-detail", "uusi"))]


@pytest.mark.parametrize("sent", [{}, {"seen": "x"}, {"seen": "toinen:5"}, {"seen": "nykytila:5;drop"}])
def test_seen_that_means_nothing_marks_nothing(client, document, section, liisa, sent):
    assert client.post(at(document, "changes-seen"), sent).status_code == 302
    assert not Visit.objects.exists()


def test_document_page_and_desk_tell_how_many_sections_are_unread(client, document, section, liisa, matti):
    write(section, paragraphs("Yksi."), liisa)
    note_visit(fresh(section), by=liisa, seen=1, is_open=False)
    write(section, kept(section, "Kaksi."), matti)
    assert client.get(document.get_absolute_url()).context["unread"] == 1


def test_restoring_and_splitting_are_told_in_the_history(client, document, section, liisa):
    first = write(section, paragraphs("Yksi.", "Kaksi."), liisa)
    split_section(fresh(section), at=ids(section)[1], heading={"fi": "Loput"}, by=liisa)
    move_section(fresh(section), by=liisa, after=None)
    write(section, paragraphs("Kolme."), liisa)
    restore_section(fresh(section), first, by=liisa)

    lines = client.get(at(document, "document-history")).context["lines"]

    assert next(line.entry.kind for line in lines if line.entry.kind != "outline") == "restored"
    assert {line.entry.outline.change for line in lines if line.entry.outline} == {"add", "split", "move"}


# --- In a browser -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_of_the_history_are_accessible(page, sign_in, axe, document, section, liisa, matti, width):
    sign_in(liisa)
    page.set_viewport_size({"width": width, "height": 800})
    write(section, paragraphs("Vanha sana.", "Toinen.", "Kolmas.", "Neljäs."), liisa)
    note_visit(fresh(section), by=liisa, seen=1, is_open=False)
    then = timezone.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    write(section, kept(section, "Uusi sana.", "Toinen.", "Kolmas.", "Neljäs."), matti)
    write(section, kept(section, "Uusi sana.", "Toinen.", "Kolmas.", "Neljäs.", "Viides."), matti)
    for url in (
        at(document, "section-history", section.key),
        at(document, "section-authors", section.key),
        at(document, "section-compare", section.key) + "?old=1&new=3",
        at(document, "section-revision", section.key, 1),
        at(document, "section-restore", section.key, 1),
        at(document, "document-history"),
        at(document, "document-then") + f"?at={then}",
        at(document, "document-compare") + f"?at={then}",
        at(document, "document-restore") + f"?at={then}",
        at(document, "change-list"),
    ):
        page.goto(url)
        for summary in page.locator("main details > summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        axe()


def test_pass_goes_from_change_to_change_by_keyboard_and_marks_seen(page, sign_in, document, section, liisa, matti):
    sign_in(liisa)
    write(section, paragraphs("Yksi.", "Kaksi.", "Kolme."), liisa)
    note_visit(fresh(section), by=liisa, seen=1, is_open=False)
    write(section, kept(section, "Yksi uusi.", "Kaksi.", "Kolme uusi."), matti)
    page.goto(at(document, "change-list"))
    focused = "document.activeElement.innerText"

    page.locator("[data-pass-next]").wait_for()
    page.keyboard.press("Alt+ArrowDown")
    assert "Yksi" in page.evaluate(focused)
    page.keyboard.press("Alt+ArrowDown")
    assert "Kolme" in page.evaluate(focused)
    page.keyboard.press("Alt+ArrowUp")
    assert "Yksi" in page.evaluate(focused)

    page.locator(".fc-pass__section form button").click()
    page.locator("[data-change]").first.wait_for(state="detached")
    expect(page.locator("#found")).to_be_focused()
    assert unread_sections(document, liisa) == {}


def test_editor_tells_who_wrote_the_paragraph_at_the_cursor(page, sign_in, axe, document, section, liisa, matti):
    sign_in(liisa)
    write(section, paragraphs("Yksi.", "Kaksi."), matti)
    page.goto(at(document, "section-detail", section.key))
    page.locator("[contenteditable] [data-id]").nth(1).click()
    page.locator("[data-who-ask]").click()
    page.locator("[data-who-answer] dl").wait_for()
    assert "Matti Esimerkki" in page.locator("[data-who-answer]").inner_text()
    axe("[data-who]")
