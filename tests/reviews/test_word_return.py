"""A file that came back: what it says becomes remarks and proposals at their places, and nothing is guessed."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import frozen
from documents.operations import Operation
from documents.services.sections import save_section
from documents.services.versions import accept_operations
from regions.services import store_file
from reviews.answering.places import Places
from reviews.models import Receipt, Remark, ReturnedRemark, Statement, WordReturn
from reviews.services.word_returns import Respondent, bring_file, items_of, read_attachment, take
from reviews.word.returned import read_return
from reviews.word.shown import Shown
from tests.documents.factories import fresh
from tests.documents.word.files import docx, p
from tests.plans.factories import make_coordinator
from tests.regions.factories import OrganisationFactory
from tests.reviews.factories import StatementFactory
from tests.reviews.word_files import (
    about,
    comment,
    copy_of,
    gone,
    ins,
    main_of,
    make_round,
    mark,
    packed,
    paragraph_of,
    parts_of,
    r,
    texts_of,
    with_main,
)

pytestmark = pytest.mark.django_db

MONDAYS = "Kahvila on auki maanantaisin."
BEFORE = [MONDAYS, "Ohjaaja on paikalla aina.", "leikkitila", "keittiö", "Tilat ovat esteettömät."]
TABLE = ["", "Palvelu Vastuu", "Perhekahvila Kunta", "Neuvonta Alue"]


@pytest.fixture
def comment_round():
    return make_round()


def read(comment_round, content):
    return read_return(content, Shown(frozen.read(comment_round.version), "fi"), Places(comment_round.version))


def accept(comment_round, items):
    for item in items:
        if item.operations:
            operations = [Operation.from_json(row) for row in item.operations]
            accept_operations(comment_round.version, operations, by=None)


def changes_of(comment_round, content):
    items = [item for item in read(comment_round, content).items if item.kind == "change"]
    accept(comment_round, [item for item in items if item.wanted])
    return items


def test_untouched_file_says_nothing(comment_round):
    returned = read(comment_round, copy_of(comment_round))
    assert (returned.items, returned.is_ours, returned.missing, returned.looks) == ([], True, 0, 0)


def test_words_changed_in_a_paragraph_and_in_a_cell_come_back_exactly(comment_round):
    content = copy_of(comment_round)
    words = r("Kahvila on auki ") + gone("maanantaisin") + ins("tiistaisin ja keskiviikkoisin", "Esko") + r(".")
    items = changes_of(
        comment_round,
        with_main(content, (r(MONDAYS), words), (r("Perhekahvila"), r("Perhe") + gone("kahvila") + ins("kerho"))),
    )
    assert [item.authors for item in items] == [["Esko", "Maija Meikäläinen"], ["Maija Meikäläinen"]]
    assert not any(item.untracked for item in items)
    assert texts_of(comment_round) == [
        "Kahvila on auki tiistaisin ja keskiviikkoisin.",
        *BEFORE[1:],
        *TABLE[:2],
        "Perhekerho Kunta",
        TABLE[3],
    ]
    assert len(read(comment_round, content).items) == 0


def test_whole_paragraph_written_anew_keeps_its_name_and_marks_of_looks_stay(comment_round):
    content = copy_of(comment_round)
    items = changes_of(
        comment_round,
        with_main(
            content, (r(MONDAYS), gone(MONDAYS) + ins("Aivan muuta.")), (r("Ohjaaja on paikalla "), ins("Hän on "))
        ),
    )
    assert [item.operations[0]["value"] for item in items] == ["Aivan muuta.", "Hän on <strong>aina</strong>."]
    assert [item.untracked for item in items] == [False, True]
    assert texts_of(comment_round)[:2] == ["Aivan muuta.", "Hän on aina."]


def test_new_paragraphs_come_behind_the_one_before_them_in_one_proposal(comment_round):
    content = copy_of(comment_round)
    old = paragraph_of(content, BEFORE[4])
    new = (
        old.replace("<w:p>", "<w:p>" + mark("ins"), 1)
        + f"<w:p>{mark('ins')}{ins('Uusi.')}</w:p><w:p>{ins('Toinen uusi.')}</w:p>"
    )
    (item,) = changes_of(comment_round, with_main(content, (old, new)))
    assert [row["op"] for row in item.operations] == ["insert_after", "insert_after"]
    assert texts_of(comment_round)[:7] == [*BEFORE, "Uusi.", "Toinen uusi."]


def test_new_paragraph_written_before_another_takes_not_its_name(comment_round):
    """Word keeps the hidden name at the caret: it then stands in the new paragraph."""
    content = copy_of(comment_round)
    old = paragraph_of(content, BEFORE[4])
    start, rest = old.split("</w:r>", 1)
    new = start.replace("<w:p>", "<w:p>" + mark("ins"), 1) + f"</w:r>{ins('Edellä.')}</w:p><w:p>{rest}"
    (item,) = changes_of(comment_round, with_main(content, (old, new)))
    assert [row["op"] for row in item.operations] == ["insert_after"]
    assert texts_of(comment_round)[:6] == [*BEFORE[:4], "Edellä.", BEFORE[4]]


def test_new_text_at_the_beginning_of_a_section(comment_round):
    content = copy_of(comment_round)
    old = paragraph_of(content, MONDAYS)
    (item,) = changes_of(comment_round, with_main(content, (old, f"<w:p>{mark('ins')}{ins('Aluksi.')}</w:p>{old}")))
    assert [row["op"] for row in item.operations] == ["insert_after", "move"]
    assert texts_of(comment_round)[:3] == ["Aluksi.", *BEFORE[:2]]


def test_deleted_paragraph_goes_and_the_next_one_keeps_its_name(comment_round):
    content = copy_of(comment_round)
    old = paragraph_of(content, MONDAYS)
    new = old.replace(r(MONDAYS), gone(MONDAYS)).replace("<w:p>", "<w:p>" + mark("del"), 1)
    (item,) = changes_of(comment_round, with_main(content, (old, new)))
    assert [row["op"] for row in item.operations] == ["delete"]
    assert texts_of(comment_round)[:4] == BEFORE[1:]


def test_paragraph_cut_in_two_and_two_joined_are_one_proposal_each(comment_round):
    content = copy_of(comment_round)
    old = paragraph_of(content, MONDAYS)
    cut = old.replace(r(MONDAYS), r("Kahvila on auki") + ins(".") + f"</w:p><w:p>{r(' maanantaisin.')}")
    cut = cut.replace("<w:p>", "<w:p>" + mark("ins"), 1)
    meeting = paragraph_of(content, "Kokous pidetään keväällä.")
    joined = meeting.replace("<w:p>", "<w:p>" + mark("del"), 1) + f"<w:p>{ins('Lopuksi.')}</w:p>"
    items = changes_of(comment_round, with_main(content, (old, cut), (meeting, joined)))
    assert [[row["op"] for row in item.operations] for item in items] == [
        ["replace_text", "insert_after"],
        ["replace_text"],
    ]
    assert texts_of(comment_round)[:3] == ["Kahvila on auki.", "maanantaisin.", BEFORE[1]]
    assert texts_of(comment_round, "seuranta")[-1] == "Kokous pidetään keväällä.Lopuksi."


def test_two_paragraphs_of_the_version_joined(comment_round):
    content = copy_of(comment_round)
    old = paragraph_of(content, "Tilat ovat esteettömät.")
    before = paragraph_of(content, "keittiö")
    (item,) = changes_of(
        comment_round,
        with_main(content, (before, before.replace("<w:pPr>", "<w:pPr>" + mark("del")[7:-8])), (old, old)),
    )
    assert [row["op"] for row in item.operations] == ["replace_text", "delete"]
    assert texts_of(comment_round)[:4] == [*BEFORE[:3], "keittiöTilat ovat esteettömät."]


def test_moved_paragraph_stays_itself(comment_round):
    content = copy_of(comment_round)
    old = paragraph_of(content, MONDAYS)
    start = '<w:moveFromRangeStart w:id="70" w:author="A" w:name="move1"/>'
    away = old.replace(r(MONDAYS), f'<w:moveFrom w:id="71" w:author="A">{r(MONDAYS)}</w:moveFrom>')
    away = start + away.replace("<w:p>", '<w:p><w:pPr><w:rPr><w:moveFrom w:id="72" w:author="A"/></w:rPr></w:pPr>', 1)
    away += '<w:moveFromRangeEnd w:id="70"/>'
    here = (
        '<w:moveToRangeStart w:id="73" w:author="A" w:name="move1"/><w:p><w:pPr><w:rPr><w:moveTo w:id="74" '
        f'w:author="A"/></w:rPr></w:pPr><w:moveTo w:id="75" w:author="A">{r(MONDAYS)}</w:moveTo></w:p>'
        '<w:moveToRangeEnd w:id="73"/>'
    )
    behind = paragraph_of(content, BEFORE[4])
    (item,) = changes_of(comment_round, with_main(content, (old, away), (behind, behind + here)))
    assert [row["op"] for row in item.operations] == ["move"]
    assert texts_of(comment_round)[:5] == [*BEFORE[1:], MONDAYS]


def test_rows_come_and_go(comment_round):
    content = copy_of(comment_round)
    row = next(part + "</w:tr>" for part in main_of(content).split("</w:tr>") if "Neuvonta" in part)
    row = row[row.rindex("<w:tr>") :]
    new = row.replace(r("Neuvonta"), ins("Perhetyö")).replace(r("Alue"), ins("Kunta"))
    new = new.replace("<w:cantSplit/>", '<w:cantSplit/><w:ins w:id="80" w:author="A"/>').replace("_fc_", "_xx_")
    away = row.replace("<w:cantSplit/>", '<w:cantSplit/><w:del w:id="81" w:author="A"/>')
    items = changes_of(comment_round, with_main(content, (row, away + new)))
    assert sorted(row["op"] for item in items for row in item.operations) == ["delete", "insert_after"]
    assert texts_of(comment_round)[-2:] == ["Perhekahvila Kunta", "Perhetyö Kunta"]


def test_accepting_meets_a_draft_that_has_moved_on(comment_round):
    content = copy_of(comment_round)
    section = fresh(comment_round.version.document.sections.get(key="toiminta"))
    rows = "".join(f'<p data-id="{block.id}">{block.get("body", "fi")}</p>' for block in section.blocks[:2])
    save_section(section, by=None, base=section.head, html={"fi": rows.replace("Ohjaaja", "Ohjaaja tai sijainen")})
    changes_of(
        comment_round,
        with_main(content, (r(MONDAYS), r("Kahvila on auki ") + gone("maanantaisin") + ins("aina") + r("."))),
    )
    assert texts_of(comment_round)[:2] == ["Kahvila on auki aina.", "Ohjaaja tai sijainen on paikalla aina."]


# --- Comments --------------------------------------------------------------------------------------------------


def test_comments_land_on_their_words_with_replies_as_one_thread(comment_round):
    content = with_main(
        copy_of(comment_round),
        (r(MONDAYS), r("Kahvila on ") + about(1, r("auki ") + ins("vain ")) + r("maanantaisin.")),
        (r("Kunta"), about(3, r("Kunta"))),
        (r("Seuranta"), about(4, r("Seuranta"))),
        (r("Esimerkki"), about(5, r("Esimerkki"))),
        comments=comment(1, "Miksi?\nKertokaa tarkemmin.")
        + comment(2, "Samaa mieltä.", "Esko")
        + comment(3, "<b>Entä alue?</b>".replace("<", "&lt;"))
        + comment(4, "Koko luku.")
        + comment(5, "Hyvä suunnitelma."),
        extended='<w15:commentEx w15:paraId="00000002" w15:paraIdParent="00000001" w15:done="0"/>'
        '<w15:commentEx w15:paraId="00000004" w15:done="1"/>',
    )
    returned = read(comment_round, content)
    comments = [item for item in returned.items if item.kind == "comment"]
    first = frozen.read(comment_round.version).sections[0].blocks[0].id
    assert [(item.section_key, bool(item.block_id), item.quote, item.resolved) for item in comments] == [
        ("", False, "", False),
        ("toiminta", True, "auki", False),
        ("toiminta", True, "Kunta", False),
        ("seuranta", False, "", True),
    ]
    assert comments[1].block_id == first
    assert comments[1].text.startswith("Miksi?\nKertokaa tarkemmin.\n\n") and "Esko" in comments[1].text
    assert comments[1].authors == ["Maija Meikäläinen", "Esko"]
    assert comments[2].text == "<b>Entä alue?</b>".replace("&lt;", "<")
    assert (returned.comments, len(comments)) == (5, 4)


def test_what_fits_nowhere_waits_with_its_words_and_nothing_is_told_by_likeness(comment_round):
    content = copy_of(comment_round)
    strange = f"<w:p>{about(1, r('Tätä ei ole versiossa.'))}</w:p>"
    old = paragraph_of(content, "Kokous pidetään keväällä.")
    nameless = old.replace("_fc_", "_xx_")
    alike = (
        nameless.replace("keväällä", "kevättalvella")
        .replace("<w:p>", '<w:p><w:commentRangeStart w:id="2"/>')
        .replace("</w:p>", '<w:commentRangeEnd w:id="2"/></w:p>')
    )
    with_words = read(comment_round, with_main(content, (old, nameless)))
    assert with_words.items == []
    returned = read(
        comment_round,
        with_main(
            content, (old, alike + strange), comments=comment(1, "Mihin?") + comment(2, "Kenen?") + comment(3, "Irti.")
        ),
    )
    comments = [item for item in returned.items if item.kind == "comment"]
    places = {item.text: (item.unplaced, item.block_id == "", item.section_key) for item in comments}
    assert places["Irti."] == (True, True, "")
    # Words without a mark of tracking are new texts: what is said of them stands where they stand.
    assert places["Mihin?"][0] is False and places["Kenen?"][0] is False
    missing = [item for item in returned.items if item.kind == "change" and not item.wanted]
    assert [row["op"] for item in missing for row in item.operations] == ["delete"]
    assert all(item.untracked for item in returned.items if item.kind == "change")


def test_copied_name_stays_with_its_words(comment_round):
    content = copy_of(comment_round)
    old = paragraph_of(content, MONDAYS)
    items = changes_of(comment_round, with_main(content, (old, old.replace(MONDAYS, "Kopio.") + old)))
    assert [row["op"] for item in items for row in item.operations] == ["insert_after", "move"]
    assert texts_of(comment_round)[:3] == ["Kopio.", *BEFORE[:2]]


def test_numbers_whose_style_was_dropped_are_no_words(comment_round):
    content = copy_of(comment_round)
    bare = main_of(content).replace('<w:rPr><w:rStyle w:val="fcNumber"/></w:rPr>', "")
    parts = parts_of(content) | {"word/document.xml": bare.encode()}
    assert read(comment_round, packed(parts)).items == []


# --- Hostile ---------------------------------------------------------------------------------------------------


def test_ten_thousand_comments_are_limited_and_it_is_said(comment_round):
    many = "".join(comment(number, f"Sana {number}") for number in range(1, 10_001))
    returned = read(comment_round, with_main(copy_of(comment_round), comments=many))
    assert len(returned.items) == 500
    assert returned.left == 9_500


def test_odd_ranges_do_no_harm(comment_round):
    nested = "".join(f'<w:commentRangeStart w:id="{number}"/>' for number in range(1, 400)) + r(MONDAYS)
    content = with_main(
        copy_of(comment_round),
        (r(MONDAYS), nested + '<w:commentRangeEnd w:id="9"/><w:commentRangeEnd w:id="77777"/>'),
        comments="".join(comment(number, f"Sana {number}") for number in range(1, 400))
        + comment(401, "x" * 30_000)
        + comment(402, ""),
        extended='<w15:commentEx w15:paraId="00000401" w15:paraIdParent="00000401"/>',
    )
    returned = read(comment_round, content)
    assert len(returned.items) == 400
    assert [len(item.text) for item in returned.items if item.cut] == [20_000]


def test_thousands_of_new_paragraphs_are_one_change_that_is_told_of(comment_round):
    content = copy_of(comment_round)
    old = paragraph_of(content, "Kokous pidetään keväällä.")
    many = "".join(f"<w:p>{mark('ins')}{ins(f'Uusi {number} ' + 'sana ' * 20)}</w:p>" for number in range(2_000))
    (item,) = read(comment_round, with_main(content, (old, old + many))).items
    assert (item.operations, item.cut, item.unplaced) == ([], True, False)
    assert item.text


def test_entities_and_foreign_files_are_refused(comment_round):
    parts = parts_of(copy_of(comment_round))
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x">]>' + parts["word/document.xml"].split(b"?>", 1)[1]
    with pytest.raises(ValidationError) as refused:
        read(comment_round, packed(parts | {"word/document.xml": bomb}))
    assert refused.value.code == "entities"
    other = copy_of(make_round())
    foreign = docx(p("Aivan toinen asia."))
    respondent = Respondent(signed_by="Esko")
    for content, code in (
        (other, "other_version"),
        (foreign, "not_about_this"),
        (b"roska", "not_docx"),
        (copy_of(comment_round), "nothing_in_file"),
    ):
        with pytest.raises(ValidationError) as refused:
            bring_file(comment_round, content=content, name="a.docx", language="fi", respondent=respondent, by=None)
        assert refused.value.code == code
    assert not WordReturn.objects.exists()


# --- Taking it ---------------------------------------------------------------------------------------------------


def file_of(comment_round, *more, comments=""):
    return with_main(
        copy_of(comment_round),
        (r(MONDAYS), r("Kahvila on ") + about(1, r("auki ")) + gone("maanantaisin") + ins("aina") + r(".")),
        *more,
        comments=comment(1, "Miksi?") + comment(2, "Ei missään.") + comments,
        extended='<w15:commentEx w15:paraId="00000003" w15:paraIdParent="00000001"/>' if comments else "",
    )


def bring(comment_round, content, respondent):
    row = bring_file(comment_round, content=content, name="a.docx", language="fi", respondent=respondent, by=None)
    return row, take(row, range(len(items_of(row))), by=None)


def test_the_same_file_twice_adds_nothing_and_a_later_one_what_is_new(comment_round):
    row, taken = bring(comment_round, file_of(comment_round), Respondent(signed_by="Esko Esimerkki"))
    statement = taken.statement
    assert (statement.origin, statement.signed_by, taken.remarks, taken.unplaced) == ("word", "Esko Esimerkki", 3, 1)
    assert take(row, [0, 1, 2], by=None).remarks == 0
    again = Respondent(statement=statement)
    assert bring(comment_round, file_of(comment_round), again)[1].remarks == 0
    later = file_of(comment_round, (r("keittiö"), r("keittiö") + ins("tila")), comments=comment(3, "Vastaus.", "Anna"))
    taken = bring(comment_round, later, again)[1]
    assert (taken.remarks, taken.known) == (2, 2)
    assert statement.remarks.count() == 5
    reply = statement.remarks.get(text__contains="Vastaus.")
    assert "Miksi?" not in reply.text and "Anna" in reply.text
    assert Receipt.objects.filter(statement=statement).count() == 3
    assert statement.attachments.count() == 3


def test_attachment_of_a_respondent_is_read_into_her_statement(comment_round):
    statement = StatementFactory(round=comment_round)
    stored = store_file(comment_round.region, name="l.docx", content=file_of(comment_round), by=None)
    with pytest.raises(ValueError):
        read_attachment(statement, stored, language="fi", by=None)
    statement.attachments.add(stored)
    taken = take(read_attachment(statement, stored, language="fi", by=None), [0, 1, 2], by=None)
    assert taken.statement == statement
    assert statement.remarks.proposals().get().operations[0]["value"] == "Kahvila on auki aina."


# --- The pages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def coordinator(client, comment_round):
    user = make_coordinator(comment_round.region)
    client.force_login(user)
    return user


def sent(content, **more):
    return {
        "file": SimpleUploadedFile("k.docx", content),
        "received_on": "2026-01-20",
        "whose": "person",
        "language": "fi",
        **more,
    }


def test_the_whole_way_from_the_file_to_the_tray(client, comment_round, coordinator):
    base = f"/en/{comment_round.region.slug}/rounds/{comment_round.public_id}/word/"
    wrong = client.post(base + "add/", sent(b"roska", name="Esko"))
    assert wrong.status_code == 422 and b".docx" in wrong.content
    assert client.post(base + "add/", sent(file_of(comment_round))).status_code == 422
    answer = client.post(base + "add/", sent(file_of(comment_round), name="Esko Esimerkki"))
    page = client.get(answer.url)
    text = page.content.decode()
    assert "2 comments and 1 change: 2 found their places, 1 waits for a place" in text
    assert "<del>" in text and "<ins>" in text and text.count(" checked") == 3
    assert not Remark.objects.exists()
    nothing = client.post(answer.url, {})
    assert nothing.status_code == 422 and not Statement.objects.exists()
    assert client.post(answer.url, {"item": ["0", "1"]}).status_code == 302
    assert Remark.objects.count() == 2
    assert "2 remarks came from this file." in client.get(answer.url).content.decode()
    tray = client.get(base + "tray/")
    waiting = Remark.objects.get(unplaced=True)
    assert "Ei missään." in tray.content.decode()
    block = frozen.read(comment_round.version).sections[0].blocks[4].id
    place = base + f"tray/{waiting.public_id}/"
    assert client.post(place, {"place": "b:gone"}).status_code == 422
    assert client.post(place, {"place": ""}).status_code == 422
    assert client.post(place, {"place": f"b:{block}"}).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.unplaced, waiting.block_id, waiting.section_key) == (False, block, "toiminta")
    assert client.post(place, {"place": "whole"}).status_code == 404
    assert "Every remark has its place." in client.get(base + "tray/").content.decode()


def test_file_can_be_given_up_and_an_organisation_answers_once(client, comment_round, coordinator):
    base = f"/en/{comment_round.region.slug}/rounds/{comment_round.public_id}/word/"
    organisation = OrganisationFactory(region=comment_round.region)
    statement = StatementFactory(round=comment_round, official=True, organisation=organisation)
    asked = {"name": organisation.name, "whose": "organisation"}
    refused = client.post(base + "add/", sent(file_of(comment_round), **asked))
    assert refused.status_code == 422 and "has answered in this round already" in refused.content.decode()
    answer = client.post(base + "add/", sent(file_of(comment_round), statement=statement.public_id))
    assert client.post(answer.url + "cancel/").status_code == 302
    assert not WordReturn.objects.exists()
    answer = client.post(base + "add/", sent(file_of(comment_round), statement=statement.public_id))
    client.post(answer.url, {"item": ["0"]})
    assert ReturnedRemark.objects.get().remark.statement == statement
    assert client.post(answer.url + "cancel/").status_code == 302
    assert WordReturn.objects.count() == 1
