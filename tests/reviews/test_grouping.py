"""Similar remarks: put together by words and place, taken apart by people, which is remembered."""

import pytest

from jobs.services import run_due
from reviews.models import Answer, Remark, RemarkGroup, RemarkGrouping
from reviews.services.answers import answer
from reviews.services.grouping import ask_for_grouping, group_all, put_together, take_apart, take_out
from tests.regions.factories import MembershipFactory
from tests.reviews.factories import RemarkFactory, StatementFactory
from tests.reviews.test_accepting import Desk

pytestmark = pytest.mark.django_db

EVENINGS = (
    "Perhekahvilan aukiolo iltaisin auttaisi työssä käyviä vanhempia.",
    "Työssä käyvät vanhemmat toivovat perhekahvilaan aukioloa iltaisin.",
    "Perhekahvila auki myös iltaisin, jotta työssä käyvät vanhemmat pääsevät.",
)
OTHERS = (
    "Kirjastoauton reitti pitäisi kertoa ruotsiksi.",
    "Hammashoidon jonot ovat kohtuuttomat.",
    "Leikkipuiston valaistus puuttuu.",
    "Tulkkaus varataan liian myöhään.",
)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def said(desk):
    return [say(desk, text) for text in (*EVENINGS, *OTHERS)]


def say(desk, text):
    statement = StatementFactory(round=desk.round)
    section, block = desk.section.key, desk.version_ids[0]
    return RemarkFactory(statement=statement, version=desk.version, section_key=section, block_id=block, text=text)


def members(desk):
    return [set(group.remarks.all()) for group in RemarkGroup.objects.filter(document=desk.document)]


def test_remarks_that_say_the_same_are_found_with_their_grounds(desk, said):
    ask_for_grouping(desk.document, by=desk.user)
    run_due()
    assert members(desk) == [set(said[:3])]
    group = RemarkGroup.objects.get()
    assert {"perhekahvila", "iltaisin"} & set(group.words)
    assert group.grounds["block_id"] == desk.version_ids[0]
    search = RemarkGrouping.objects.get()
    assert (search.done, search.total) == (7, 7)
    assert search.finished_at


def test_the_same_words_sent_by_many_are_one_group(desk):
    same = [say(desk, OTHERS[0]) for _each in range(6)]
    group_all(desk.document)
    assert members(desk) == [set(same)]


def test_what_was_taken_out_stays_out(desk, said):
    group_all(desk.document)
    take_out(RemarkGroup.objects.get(), said[0], by=desk.user)
    for _each in range(2):
        group_all(desk.document)
        assert members(desk) == [set(said[1:3])]


def test_group_that_was_taken_apart_stays_apart_and_identical_ones_too(desk, said):
    said.append(say(desk, EVENINGS[0]))
    group_all(desk.document)
    take_apart(RemarkGroup.objects.get(), by=desk.user)
    group_all(desk.document)
    assert members(desk) == []


def test_group_found_again_keeps_its_address_and_one_made_by_hand_stays(desk, said):
    group_all(desk.document)
    found = RemarkGroup.objects.get()
    made = put_together(desk.document, said[3:5], by=desk.user)
    group_all(desk.document)
    assert set(RemarkGroup.objects.values_list("public_id", flat=True)) == {found.public_id, made.public_id}
    assert set(made.remarks.all()) == set(said[3:5])


def test_remark_is_in_one_group(desk, said):
    group_all(desk.document)
    put_together(desk.document, [said[0], said[3]], by=desk.user)
    assert sorted(len(rows) for rows in members(desk)) == [2, 2]


def test_handler_walks_from_searching_to_one_answer(client, desk, said):
    client.force_login(desk.user)
    page = client.post(desk.address("group-search"), follow=True)
    assert (page.context["search"].total, page.context["is_running"]) == (7, True)
    run_due()
    group = RemarkGroup.objects.get()
    page = client.get(desk.address("group-list"))
    assert group.public_id in page.content.decode()
    page = client.get(desk.address("group", group.public_id))
    url = page.context["answer_url"]
    assert url.startswith(desk.address("remarks-answer"))
    assert all(row.public_id in url for row in said[:3])
    answer(said[:3], outcome=Answer.Outcome.NOTED, reason={}, by=desk.user)
    assert client.get(desk.address("group", group.public_id)).context["answer_url"] == ""
    assert client.get(desk.address("group-list")).context["lines"] == []
    added = client.post(
        desk.address("group-add"), {"group": group.public_id, "remark": [said[3].public_id]}, follow=True
    )
    assert said[3].text in added.content.decode()
    client.post(desk.address("group-take-out", group.public_id), {"remark": said[3].public_id})
    assert set(group.remarks.all()) == set(said[:3])
    client.post(desk.address("group-take-apart", group.public_id))
    assert not RemarkGroup.objects.exists()


def test_groups_are_for_those_who_write(client, desk, said):
    client.force_login(MembershipFactory().user)
    assert client.get(desk.address("group-list")).status_code == 404
    assert client.get(desk.address("group-add")).status_code == 404
    assert Remark.objects.count() == len(said)
