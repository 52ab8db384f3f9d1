"""Bringing back a paragraph, a section and the whole document: nothing is lost, and restoring can be undone."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from documents.models import BlockIdentity, Document, Revision
from documents.past import state_at
from documents.services.outline import (
    add_section,
    join_sections,
    move_section,
    remove_section,
    rename_section,
    split_section,
)
from documents.services.restoring import restore_block, restore_document, state_token
from documents.services.sections import move_blocks, save_section
from plans.models import Action, Goal
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh, ids, make_document, texts
from tests.plans.factories import make_full_goal, make_plan
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
def document(region):
    return make_document(region, kind=Document.Kind.REPORT)


def at(document, name, *rest):
    return reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def section_with(document, key, *words, parent=None):
    section = add_section(document, heading={"fi": key.capitalize()}, key=key, by=None, parent=parent)
    if words:
        save_section(section, by=None, base=None, html={"fi": "".join(f"<p>{word}</p>" for word in words)})
    return fresh(section)


def write(section, *pairs):
    """Save the section as these (id or "", words)."""
    section = fresh(section)
    html = "".join(f'<p data-id="{key}">{words}</p>' if key else f"<p>{words}</p>" for key, words in pairs)
    return save_section(section, by=None, base=section.head, html={"fi": html}).revision


def outline(document):
    return [
        (row.key, row.section.parent.key if row.section.parent else None, row.heading_in("fi"))
        for row in state_at(document, timezone.now()).sections
    ]


def whole(document):
    """Outline and texts as they stand now."""
    past = state_at(document, timezone.now())
    return [(row.key, row.parent, row.heading, [b.plain_in("fi") for b in row.blocks]) for row in past.sections]


def homes(document):
    rows = document.block_identities.filter(section__isnull=False)
    return dict(rows.values_list("block_id", "section__key"))


# --- One block ----------------------------------------------------------------------------------------------


def test_changed_paragraph_gets_its_earlier_words_and_the_rest_stays(document):
    section = section_with(document, "nykytila", "Yksi.", "Kaksi.")
    first, second = ids(section)
    old = section.head
    write(section, (first, "Muu."), (second, "Toinen."))

    saved = restore_block(fresh(section), old, first, by=None)

    assert texts(section) == ["Yksi.", "Toinen."]
    assert (saved.revision.origin, saved.revision.note) == (Revision.Origin.RESTORED, "1")


def test_removed_paragraph_comes_back_behind_the_one_it_followed(document):
    section = section_with(document, "nykytila", "Yksi.", "Kaksi.", "Kolme.")
    first, second, third = ids(section)
    old = section.head
    write(section, (first, "Yksi uusi."), (third, "Kolme."), ("", "Neljä."))

    restore_block(fresh(section), old, second, by=None)

    assert texts(section) == ["Yksi uusi.", "Kaksi.", "Kolme.", "Neljä."]
    assert homes(document)[second] == "nykytila"


def test_removed_table_comes_back_with_its_rows(document):
    section = add_section(document, heading={"fi": "Paikat"}, key="paikat", by=None)
    html = "<p>Ennen.</p><table><tr><th>Paikka</th></tr><tr><td>Kahvila</td></tr></table>"
    save_section(section, by=None, base=None, html={"fi": html})
    section = fresh(section)
    old = section.head
    table = next(block for block in old.blocks if block.kind == "table")
    write(section, (old.blocks[0].id, "Ennen."))

    restore_block(fresh(section), old, table.id, by=None)

    assert [block.kind for block in fresh(section).blocks] == [block.kind for block in old.blocks]


def test_paragraph_that_stands_in_another_section_does_not_come_back_twice(document):
    section = section_with(document, "nykytila", "Yksi.", "Kaksi.")
    old = section.head
    moved = ids(section)[0]
    other = section_with(document, "muu")
    move_blocks([moved], source=section, target=other, by=None)
    with pytest.raises(ValidationError) as caught:
        restore_block(fresh(section), old, moved, by=None)
    assert caught.value.code == "block_elsewhere"


def test_restoring_a_paragraph_that_has_not_changed_writes_nothing(document):
    section = section_with(document, "nykytila", "Yksi.")
    assert restore_block(section, section.head, ids(section)[0], by=None).unchanged
    assert section.revisions.count() == 1


def test_page_previews_and_restores_a_paragraph(client, user, document):
    section = section_with(document, "nykytila", "Yksi.", "Kaksi.")
    first, second = ids(section)
    write(section, (first, "Muu."), (second, "Toinen."))
    url = at(document, "block-restore", "nykytila", 1, first)

    preview = client.get(url)
    assert "<ins>" in preview.content.decode()
    assert texts(section) == ["Muu.", "Toinen."]
    client.post(url, {"seen": preview.context["seen"]})
    assert texts(section) == ["Yksi.", "Toinen."]


def test_what_was_saved_after_the_preview_is_shown_first(client, user, document):
    section = section_with(document, "nykytila", "Yksi.")
    (first,) = ids(section)
    write(section, (first, "Muu."))
    url = at(document, "section-restore", "nykytila", 1)
    seen = client.get(url).context["seen"]
    write(section, (first, "Kolmas."))

    response = client.post(url, {"seen": seen})

    assert response.status_code == 409
    assert "Kolmas" in response.content.decode()
    assert texts(section) == ["Kolmas."]


# --- The whole ----------------------------------------------------------------------------------------------


def test_whole_document_is_as_it_was_and_restoring_can_be_undone(document):
    first = section_with(document, "nykytila", "Yksi.", "Kaksi.")
    second = section_with(document, "tavoitteet", "Tavoite.")
    third = section_with(document, "alaosio", "Alla.", parent=first)
    then, before = timezone.now(), whole(document)
    write(first, (ids(first)[0], "Muu."))
    rename_section(second, heading={"fi": "Päämäärät"}, by=None)
    move_section(third, by=None, parent=second)
    move_section(second, by=None, after=None)
    remove_section(first, by=None)
    assert whole(document) != before
    changed, later = whole(document), timezone.now()

    assert restore_document(document, state_at(document, then), by=None)
    assert whole(document) == before
    assert outline(document) == [
        ("nykytila", None, "Nykytila"),
        ("alaosio", "nykytila", "Alaosio"),
        ("tavoitteet", None, "Tavoitteet"),
    ]

    assert restore_document(document, state_at(document, later), by=None, keep_added=False)
    assert whole(document) == changed


def test_restoring_what_already_is_writes_nothing(document):
    section = section_with(document, "nykytila", "Yksi.")
    token = state_token(document)
    assert not restore_document(document, state_at(document, timezone.now()), by=None)
    assert state_token(document) == token
    assert section.revisions.count() == 1


@pytest.mark.parametrize("keep", [True, False])
def test_sections_added_since_are_kept_in_their_places_or_removed(document, keep):
    section_with(document, "yksi", "Yksi.")
    section_with(document, "kaksi", "Kaksi.")
    then = timezone.now()
    first = document.sections.get(key="yksi")
    add_section(document, heading={"fi": "Uusi"}, key="uusi", by=None, after=first)
    add_section(document, heading={"fi": "Ala"}, key="ala", by=None, parent=first)

    restore_document(document, state_at(document, then), by=None, keep_added=keep)

    kept = [("yksi", None), ("ala", "yksi"), ("uusi", None), ("kaksi", None)]
    assert [row[:2] for row in outline(document)] == (kept if keep else [("yksi", None), ("kaksi", None)])


def test_split_and_joined_text_stands_once_after_restoring(document):
    first = section_with(document, "yksi", "Yksi.", "Kaksi.", "Kolme.")
    second = section_with(document, "toinen", "Neljä.")
    then, before = timezone.now(), whole(document)
    split_section(first, at=ids(first)[1], heading={"fi": "Loput"}, by=None)
    join_sections(fresh(first), fresh(second), by=None)

    restore_document(document, state_at(document, then), by=None)

    now = whole(document)
    assert [row for row in now if row[0] in {"yksi", "toinen"}] == before
    assert [row[3] for row in now if row[0] not in {"yksi", "toinen"}] == [[]]
    standing = [block_id for key in ("yksi", "toinen") for block_id in ids(document.sections.get(key=key))]
    assert len(set(standing)) == 4
    assert {key: home for key, home in homes(document).items() if key in standing} == {
        **dict.fromkeys(ids(first), "yksi"),
        **dict.fromkeys(ids(second), "toinen"),
    }


def test_kept_section_does_not_go_too_deep(document):
    top = section_with(document, "ylin")
    middle = section_with(document, "keski", parent=top)
    then_deep = timezone.now()
    move_section(middle, by=None, after=top)
    below = add_section(document, heading={"fi": "Uusi"}, key="uusi", by=None, parent=fresh(middle))
    add_section(document, heading={"fi": "Alin"}, key="alin", by=None, parent=below)

    restore_document(document, state_at(document, then_deep), by=None)

    assert ("keski", "ylin") in [row[:2] for row in outline(document)]
    assert max(row.depth for row in state_at(document, timezone.now()).sections) <= 3
    assert {row[0] for row in outline(document)} == {"ylin", "keski", "uusi", "alin"}


def test_nobody_restores_over_what_the_preview_did_not_show(client, user, document):
    section = section_with(document, "nykytila", "Yksi.")
    (first,) = ids(section)
    then = timezone.now().isoformat()
    write(section, (first, "Muu."))
    url = at(document, "document-restore")
    token = client.get(url, {"at": then}).context["token"]
    write(section, (first, "Kolmas."))

    response = client.post(url, {"at": then, "token": token})
    assert response.status_code == 409
    assert texts(section) == ["Kolmas."]
    client.post(url, {"at": then, "token": response.context["token"]})
    assert texts(section) == ["Yksi."]


def test_preview_names_what_comes_back_moves_and_has_been_added(client, user, document):
    first = section_with(document, "yksi", "Yksi.")
    section_with(document, "kaksi", "Kaksi.")
    third = section_with(document, "kolme")
    then = timezone.now().isoformat()
    remove_section(first, by=None)
    move_section(third, by=None, after=None)
    section_with(document, "uusi")

    response = client.get(at(document, "document-restore"), {"at": then})

    assert response.context["returned"] == ["Yksi"]
    assert response.context["added"] == ["Uusi"]
    assert set(response.context["moved"]) & {"Kaksi", "Kolme"}
    assert not response.context["is_same"]


def test_moment_before_everything_is_not_restored(client, user, document):
    section_with(document, "yksi", "Yksi.")
    long_ago = "2001-01-01T00:00"
    assert client.get(at(document, "document-restore"), {"at": long_ago}).status_code == 404
    assert client.post(at(document, "document-restore"), {"at": long_ago}).status_code == 404


def test_restoring_the_whole_is_one_line_with_the_way_back(client, user, document):
    first, second = section_with(document, "yksi", "Yksi."), section_with(document, "kaksi", "Kaksi.")
    then = timezone.now().isoformat()
    for section in (first, second):
        write(section, (ids(section)[0], "Muu."))
    client.post(at(document, "document-restore"), {"at": then})

    lines = client.get(at(document, "document-history"), {"what": "restored"}).context["lines"]

    assert [len(line.entry.sections) for line in lines] == [2]
    client.post(lines[0].undo_url)
    moment = lines[0].entry.started_at - datetime.timedelta(microseconds=1)
    client.post(at(document, "document-restore"), {"at": moment.isoformat()})
    assert [texts(first), texts(second)] == [["Muu."], ["Muu."]]


def test_goals_and_measures_follow_the_restored_text():
    plan = make_plan()
    document = plan.document
    goal = make_full_goal(plan)
    row = Goal.objects.get(pk=goal.pk)
    section = row.section
    actions = set(Action.objects.filter(goal=row, removed_at=None).values_list("pk", flat=True))
    then = timezone.now()
    other = add_section(document, heading={"fi": "Muu"}, key="muu", by=None)
    move_blocks([block.id for block in fresh(section).blocks], source=fresh(section), target=other, by=None)
    remove_section(section, by=None)
    assert Goal.objects.get(pk=row.pk).section_id == other.pk

    restore_document(document, state_at(document, then), by=None)

    row.refresh_from_db()
    assert (row.section_id, row.removed_at) == (section.pk, None)
    assert set(Action.objects.filter(goal=row, removed_at=None).values_list("pk", flat=True)) == actions
    assert BlockIdentity.objects.get(block_id=row.block_id).section_id == section.pk
