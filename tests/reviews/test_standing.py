"""Where remarks stand when the text moves on: with the block's identity, never with what only looks like it."""

import pytest

from documents.services.outline import remove_section
from documents.services.sections import move_blocks, save_section
from documents.services.versions import freeze
from reviews.deciding.standing import CHANGED, GONE, MOVED, SAME, WHOLE, standing_in, standings
from reviews.models import Remark
from tests.documents.factories import fresh, ids, make_document, make_section
from tests.regions.factories import RegionFactory
from tests.reviews.factories import CommentRoundFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.django_db

TWO = "<p>Kahvila on auki tiistaisin. Ryhmä kokoontuu torstaisin.</p><p>Neuvola on lähellä.</p>"


class Talk:
    """A document on which something is said."""

    def __init__(self, html=TWO):
        self.document = make_document(RegionFactory(languages=["fi", "sv"]), languages=("fi", "sv"))
        self.section = make_section(self.document, html)
        self.freeze()

    def freeze(self):
        self.version = freeze(self.document, by=None)
        comment_round = CommentRoundFactory(region=self.document.region, version=self.version)
        self.statement = StatementFactory(round=comment_round)
        self.block_ids = ids(self.section)
        return self.version

    def say(self, index=0, **more):
        place = {} if index is None else {"section_key": self.section.key, "block_id": self.block_ids[index]}
        return RemarkFactory(statement=self.statement, version=self.version, **(place | more))

    def write(self, html, language="fi"):
        section = fresh(self.section)
        save_section(section, by=None, base=section.head, html={language: html})

    def stand(self, remark):
        return standings(self.document, [Remark.objects.get(pk=remark.pk)])[remark.pk]


@pytest.fixture
def talk():
    return Talk()


def test_unchanged_text_is_the_same_also_when_it_is_translated(talk):
    remark = talk.say()
    assert talk.stand(remark).state == SAME
    talk.write(f'<p data-id="{talk.block_ids[0]}">Kaféet är öppet.</p>', language="sv")
    assert talk.stand(remark).state == SAME


def test_changed_text_is_told(talk):
    remark = talk.say(1)
    talk.write(f'<p data-id="{talk.block_ids[1]}">Neuvola on kaukana.</p>')
    stand = talk.stand(remark)
    assert (stand.state, stand.block.id) == (CHANGED, talk.block_ids[1])
    assert stand.was.plain_in("fi") == "Neuvola on lähellä."


def test_remark_goes_with_the_half_that_holds_its_quote(talk):
    first = talk.say(quote="Kahvila", starts_at=0, ends_at=7)
    second = talk.say(quote="torstaisin", starts_at=46, ends_at=56)
    talk.write(
        f'<p data-id="{talk.block_ids[0]}">Kahvila on auki tiistaisin.</p><p>Ryhmä kokoontuu torstaisin.</p>'
        f'<p data-id="{talk.block_ids[1]}">Neuvola on lähellä.</p>'
    )
    new = ids(talk.section)[1]
    assert talk.stand(first).block.id == talk.block_ids[0]
    assert (talk.stand(second).state, talk.stand(second).block.id) == (CHANGED, new)


def test_both_remarks_are_on_the_joined_paragraph(talk):
    one, other = talk.say(0), talk.say(1)
    talk.write(
        f'<p data-id="{talk.block_ids[0]}">Kahvila on auki tiistaisin. Ryhmä kokoontuu torstaisin. '
        f"Neuvola on lähellä.</p>"
    )
    assert talk.stand(one).block.id == talk.block_ids[0]
    assert talk.stand(other).block.id == talk.block_ids[0]
    assert talk.stand(other).state == CHANGED


def test_moved_text_takes_its_remark_along(talk):
    target = make_section(talk.document, "<p>Toinen.</p>", key="toinen")
    remark = talk.say(1)
    move_blocks([talk.block_ids[1]], source=fresh(talk.section), target=fresh(target), by=None)
    stand = talk.stand(remark)
    assert (stand.state, stand.section_key, stand.also_changed) == (MOVED, "toinen", False)


def test_remark_stays_on_the_original_of_what_was_pasted(talk):
    remark = talk.say(1)
    talk.write(
        f'<p data-id="{talk.block_ids[1]}" data-pasted="1">Neuvola on lähellä.</p>'
        f'<p data-id="{talk.block_ids[0]}">Kahvila on auki tiistaisin. Ryhmä kokoontuu torstaisin.</p>'
        f'<p data-id="{talk.block_ids[1]}">Neuvola on lähellä.</p>'
    )
    assert ids(talk.section)[2] == talk.block_ids[1]
    assert (talk.stand(remark).state, talk.stand(remark).block.id) == (SAME, talk.block_ids[1])


def test_remark_is_on_its_item_when_the_list_is_reordered():
    talk = Talk("<ul><li>Yksi</li><li>Kaksi</li><li>Kolme</li></ul>")
    remark = talk.say(1)
    one, two, three = talk.block_ids
    talk.write(f'<ul><li data-id="{three}">Kolme</li><li data-id="{two}">Kaksi</li><li data-id="{one}">Yksi</li></ul>')
    assert (talk.stand(remark).state, talk.stand(remark).block.id) == (SAME, two)


def test_nothing_attaches_itself_to_a_look_alike(talk):
    remark = talk.say(1, quote="Neuvola on lähellä", starts_at=0, ends_at=18)
    talk.write(f'<p data-id="{talk.block_ids[0]}">Kahvila on auki tiistaisin. Ryhmä kokoontuu torstaisin.</p>')
    make_section(talk.document, "<p>Neuvola on lähellä.</p>", key="toinen")
    stand = talk.stand(remark)
    assert (stand.state, stand.block) == (GONE, None)
    assert stand.was.plain_in("fi") == "Neuvola on lähellä."


def test_place_that_a_person_chose_counts(talk):
    remark = talk.say(1, place_in_draft=talk.block_ids[0])
    stand = talk.stand(remark)
    assert (stand.block.id, stand.by_hand) == (talk.block_ids[0], True)
    Remark.objects.filter(pk=remark.pk).update(place_in_draft="", section_in_draft=talk.section.key)
    assert (talk.stand(remark).section_key, talk.stand(remark).block) == (talk.section.key, None)


def test_remarks_without_a_block(talk):
    whole, section, loose = talk.say(None), talk.say(None, section_key=talk.section.key), talk.say(None, unplaced=True)
    assert talk.stand(whole).state == WHOLE
    assert talk.stand(section).state == SAME
    assert talk.stand(loose).state == GONE
    talk.write(f'<p data-id="{talk.block_ids[0]}">Muuta.</p>')
    assert talk.stand(section).state == CHANGED
    remove_section(fresh(talk.section), by=None)
    assert talk.stand(section).state == GONE


def test_round_on_an_older_version_is_read_in_the_newer_one(talk):
    talk.freeze()
    third = talk.freeze()
    same, changed, gone = talk.say(0), talk.say(1), talk.say(1, quote="lähellä", starts_at=11, ends_at=18)
    talk.write(
        f'<p data-id="{talk.block_ids[0]}">Kahvila on auki tiistaisin. Ryhmä kokoontuu torstaisin.</p>'
        f'<p data-id="{talk.block_ids[1]}">Neuvola on kaukana.</p>'
    )
    fourth = freeze(talk.document, by=None)
    talk.write("<p>Aivan muuta.</p>")
    rows = [same, changed, gone]
    assert {row.pk: standing.state for row, standing in zip(rows, standing_in(fourth, rows).values(), strict=True)} == {
        same.pk: SAME,
        changed.pk: CHANGED,
        gone.pk: CHANGED,
    }
    assert {standing.state for standing in standing_in(third, rows).values()} == {SAME}
    assert {standing.state for standing in standings(talk.document, rows).values()} == {GONE}


@pytest.mark.parametrize("count", [1, 4])
def test_standings_ask_a_constant_number_of_queries(talk, count, django_assert_num_queries):
    remarks = [talk.say(index % 2) for index in range(count)]
    with django_assert_num_queries(3):
        standings(talk.document, remarks)
