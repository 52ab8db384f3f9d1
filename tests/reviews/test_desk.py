"""The answer desk: the list with its filters, one remark and what is done with it, several at once, the file."""

import io
import re

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from documents.services.outline import remove_section
from documents.services.phrases import save_phrase
from documents.services.sections import save_section
from documents.services.versions import freeze
from reviews.answering.places import Places
from reviews.answering.quoting import mark_quote
from reviews.answering.reading import who_said
from reviews.desk.listing import Wanted, listed
from reviews.desk.respondents import how_it_came, respondent_name
from reviews.models import Answer, Remark, Statement
from reviews.services.answers import add_note, answer
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh, make_document, make_section
from tests.regions.factories import BodyFactory, MembershipFactory, OrganisationFactory, RegionFactory

from .factories import CLOSES, OPENS, CommentRoundFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def region():
    region = RegionFactory(bilingual=True)
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


@pytest.fixture
def kaisa(region, client):
    user = MembershipFactory(
        body=region.coordinating_body, user=UserFactory(name="Kaisa Koordinaattori", language="fi")
    ).user
    client.force_login(user)
    return user


@pytest.fixture
def document(region):
    document = make_document(region)
    make_section(document, "<p>Kahvila on auki arkisin.</p><p>Muskari on tiistaisin.</p>", key="kahvila")
    make_section(document, "<p>Auto kiertää kylillä.</p>", key="auto")
    return document


@pytest.fixture
def comment_round(region, document):
    return CommentRoundFactory(region=region, version=freeze(document, by=None), title={"fi": "Lausunnot"})


def remark_on(comment_round, section="", number=None, *, statement=None, **fields):
    """A remark on the whole, on a section, or on the paragraph with this number in it."""
    places = Places(comment_round.version)
    block = ""
    if number is not None:
        live = comment_round.version.document.sections.get(key=section)
        block = fresh(live).head.blocks[number].id
    place = places.find(section, block)
    return RemarkFactory(
        statement=statement or StatementFactory(round=comment_round),
        section_key=place.section_key,
        block_id=place.block_id,
        order=place.order,
        **fields,
    )


def url(document, name="remark-list", *rest):
    return reverse(f"reviews:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def shown(response):
    return [row.remark.pk for row in response.context["rows"]]


# --- The list ---------------------------------------------------------------------------------------------


def test_the_list_follows_the_text_of_today_over_all_rounds(client, kaisa, document, comment_round):
    car = remark_on(comment_round, "auto", 0)
    second = remark_on(comment_round, "kahvila", 1)
    first = remark_on(comment_round, "kahvila", 0)
    whole = remark_on(comment_round)
    later = CommentRoundFactory(region=document.region, version=freeze(document, by=None))
    section = remark_on(later, "kahvila")
    response = client.get(url(document))
    assert shown(response) == [whole.pk, section.pk, first.pk, second.pk, car.pk]
    remove_section(document.sections.get(key="kahvila"), by=kaisa)
    assert shown(client.get(url(document))) == [whole.pk, car.pk, section.pk, first.pk, second.pk]
    assert shown(client.get(url(document), {"section": "~gone"})) == [section.pk, first.pk, second.pk]
    assert shown(client.get(url(document), {"sort": "newest"}))[0] == section.pk


def test_drafts_and_what_was_taken_back_are_not_there(client, kaisa, document, comment_round):
    remark = remark_on(comment_round, "auto", 0)
    draft = remark_on(comment_round, "auto", statement=StatementFactory(round=comment_round, received_at=None))
    gone = remark_on(comment_round, "auto", withdrawn_at=timezone.now())
    assert shown(client.get(url(document))) == [remark.pk]
    for hidden in (draft, gone):
        assert client.get(url(document, "remark", hidden.public_id)).status_code == 404
        for name in ("remark-answer", "remark-assign", "remark-note"):
            assert client.post(url(document, name, hidden.public_id), {"outcome": "noted"}).status_code == 404


def test_every_filter_and_its_counts(client, kaisa, region, document, comment_round):
    ngo = OrganisationFactory(region=region, name_fi="Turun Äiti ry", name_sv="Åbo Mor rf")
    official = StatementFactory(round=comment_round, kind=Statement.Kind.OFFICIAL, organisation=ngo, signed_by="A B")
    one = remark_on(comment_round, "kahvila", 0, statement=official, text="Äänestetään asiasta")
    operations = [{"op": "replace_text", "block_id": "x", "unit": "body", "language": "fi", "value": "<p>Uusi</p>"}]
    two = remark_on(comment_round, "kahvila", 1, operations=operations, assigned_to=kaisa)
    three = remark_on(comment_round, "auto", 0, hidden_at=timezone.now(), hidden_reason="Nimi")
    four = remark_on(comment_round, question="q1", picked_starts_at=0, picked_ends_at=3)
    five = remark_on(comment_round, picked_starts_at=0, picked_ends_at=3)
    member = RemarkFactory(statement=None, author=kaisa, version=comment_round.version)
    later = CommentRoundFactory(region=region, version=comment_round.version)
    six = remark_on(later)
    answer([two], outcome="partly", reason={"fi": "Osin.", "sv": "Delvis."}, by=kaisa)
    everyone = {row.pk for row in (one, two, three, four, five, member, six)}

    def found(**query):
        return set(shown(client.get(url(document), query)))

    assert found(q="äänestetään") == {one.pk}
    assert found(who="ÄITI turun") == found(who="åbo") == {one.pk}
    assert found(statement=official.public_id) == {one.pk}
    assert found(statement="none-such") == set()
    assert found(kind="proposal") == {two.pk}
    assert found(kind="question") == {four.pk}
    assert found(kind="passage") == {five.pk}
    assert found(organisation=ngo.kind) == {one.pk}
    assert found(organisation="member") == {member.pk}
    assert found(organisation="person") == everyone - {one.pk, member.pk}
    assert found(round=later.public_id) == {six.pk}
    assert found(section="~whole") == {four.pk, five.pk, member.pk, six.pk}
    assert found(answer="none") == everyone - {two.pk}
    assert found(answer="any") == found(answer="partly") == {two.pk}
    assert found(handler="me") == found(handler=str(kaisa.pk)) == {two.pk}
    assert found(handler="nobody") == everyone - {two.pk}
    assert found(visibility="hidden") == {three.pk}
    assert found(kind="of-a-kind-that-there-is-not", handler="x'--") == everyone
    counts = listed(document, Wanted(section="kahvila"), reader=kaisa).counts
    assert counts["section"]["auto"] == 1  # how many there would be, were this the section
    assert dict(counts["kind"]) == {"comment": 1, "proposal": 1}
    # Words that nobody typed are told of, and the way back is there.
    response = client.get(url(document), {"q": "mitä"})
    assert "reviews/remark_list.html" in [template.name for template in response.templates]
    assert shown(response) == []
    assert response.context["total"] == len(everyone)


def test_what_became_of_the_text_is_a_filter_and_follows_each_save(client, kaisa, document, comment_round):
    changed = remark_on(comment_round, "kahvila", 0)
    gone = remark_on(comment_round, "kahvila", 1)
    same = remark_on(comment_round, "auto", 0)
    whole = remark_on(comment_round)
    assert shown(client.get(url(document), {"standing": "same"})) == [changed.pk, gone.pk, same.pk]
    section = fresh(document.sections.get(key="kahvila"))
    block = section.head.blocks[0]
    html = f'<p data-id="{block.id}">Kahvila on auki joka päivä.</p>'
    save_section(section, by=kaisa, base=section.head, html={"fi": html})
    assert shown(client.get(url(document), {"standing": "same"})) == [same.pk]
    assert shown(client.get(url(document), {"standing": "changed"})) == [changed.pk]
    assert shown(client.get(url(document), {"standing": "gone"})) == [gone.pk]
    page = client.get(url(document, "remark", changed.public_id)).content.decode()
    assert re.search(r"<del>.*arkisin", page)
    assert re.search(r"<ins>.*joka", page)
    assert client.get(url(document, "remark", gone.public_id)).context["shown"].now == ""
    assert client.get(url(document, "remark", whole.public_id)).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_query_counts_are_constant(client, kaisa, region, document, comment_round, django_assert_num_queries, count):
    remark_on(comment_round, "kahvila", 0)  # so that there is always another one about the same place
    for _ in range(count):
        organisation = OrganisationFactory(region=region)
        statement = StatementFactory(round=comment_round, kind=Statement.Kind.OFFICIAL, organisation=organisation)
        remark = remark_on(comment_round, "kahvila", 0, statement=statement, assigned_to=kaisa)
        answer([remark], outcome="noted", reason={}, by=kaisa)
        add_note(remark, text="Huomio", by=kaisa)
        save_phrase(region, name=f"Kiitos {_}", text={"fi": "<p>Kiitos.</p>"}, by=kaisa)
    client.get(url(document))
    with django_assert_num_queries(17):
        assert len(shown(client.get(url(document)))) == count + 1
    with django_assert_num_queries(23):
        assert client.get(url(document, "remark", remark.public_id)).status_code == 200


def test_only_those_who_write_the_document_come_in(client, region, document, comment_round):
    remark = remark_on(comment_round, "auto", 0)
    given = answer([remark], outcome="noted", reason={}, by=None)
    get = [url(document), url(document, "remark", remark.public_id)]
    get += [url(document, name) for name in ("remarks-answer", "remarks-assign", "remarks-spreadsheet")]
    post = [url(document, name, remark.public_id) for name in ("remark-answer", "remark-assign", "remark-note")]
    post += [url(document, "answer-undo", remark.public_id, given.public_id)]
    for address in get:
        assert client.get(address).status_code == 302
    client.force_login(MembershipFactory(body=BodyFactory(region=region)).user)
    assert {client.get(address).status_code for address in get} == {404}
    assert {client.post(address).status_code for address in post} == {404}
    assert {client.get(address).status_code for address in post} == {405}
    writers = BodyFactory(region=region)
    document.writing_body = writers
    document.save()
    client.force_login(MembershipFactory(body=writers).user)
    assert [client.get(address).status_code for address in get] == [200, 200, 302, 302, 200]


# --- One remark -------------------------------------------------------------------------------------------


def test_answering_goes_on_to_the_next_of_those_that_were_wanted(client, kaisa, document, comment_round):
    one = remark_on(comment_round, "kahvila", 0)
    remark_on(comment_round, "kahvila", 1, assigned_to=kaisa)
    three = remark_on(comment_round, "auto", 0)
    query = "?answer=none&handler=nobody"
    page = client.get(url(document, "remark", one.public_id) + query)
    assert (page.context["number"], page.context["count"]) == (1, 2)
    assert page.context["after_url"] == url(document, "remark", three.public_id) + "?answer=none&handler=nobody"
    address = url(document, "remark-answer", one.public_id) + query
    wrong = client.post(address, {"outcome": "no_change", "reason_sv": "Nej.", "then": "next"})
    assert wrong.status_code == 422
    assert "reason_fi" in wrong.context["form"].errors
    assert "Nej." in wrong.content.decode()  # what was typed is kept
    data = {"outcome": "no_change", "reason_fi": "Ei mahdu.", "then": "next"}
    response = client.post(address, data, follow=True)
    assert response.redirect_chain == [(url(document, "remark", three.public_id) + query, 302)]
    (message,) = response.context["messages"]
    assert message.level_tag == "warning"  # the reason is not in Swedish
    assert one.answers.get().reason == {"fi": "Ei mahdu."}
    last = client.post(url(document, "remark-answer", three.public_id) + query, {"outcome": "noted", "then": "next"})
    assert last.url == url(document) + query


def test_with_htmx_the_page_is_put_in_place_with_its_address_title_and_words(client, kaisa, document, comment_round):
    one = remark_on(comment_round, "kahvila", 0, text="Ensimmäinen")
    two = remark_on(comment_round, "auto", 0, text="Toinen")
    address = url(document, "remark-answer", one.public_id) + "?answer=none"
    wrong = client.post(address, {"outcome": "partly", "then": "next"}, headers=HTMX)
    html = wrong.content.decode()
    assert wrong.status_code == 422
    assert html.lstrip().startswith('<div id="remark"')
    assert "fc-error-summary" in html
    response = client.post(address, {"outcome": "noted", "then": "next"}, headers=HTMX)
    html = response.content.decode()
    assert response["HX-Push-Url"] == url(document, "remark", two.public_id) + "?answer=none"
    assert "Toinen" in html
    assert "Ensimmäinen" not in html
    assert "<title>" in html
    assert "data-announce" in html
    assert html.count("data-focus") == 1
    done = client.post(
        url(document, "remark-answer", two.public_id) + "?answer=none",
        {"outcome": "noted", "then": "next"},
        headers=HTMX,
    )
    assert done["HX-Redirect"] == url(document) + "?answer=none"


def test_two_who_answer_the_same_remark(client, kaisa, document, comment_round):
    remark = remark_on(comment_round, "auto", 0)
    answer([remark], outcome="noted", reason={}, by=kaisa)
    response = client.post(url(document, "remark-answer", remark.public_id), {"outcome": "accepted", "then": "stay"})
    assert response.status_code == 422
    assert response.context["shown"].answer.outcome == "noted"
    # Now it was seen, and may be changed; the earlier one stays on record.
    seen = response.context["shown"].answer.public_id
    data = {"outcome": "accepted", "then": "stay", "instead_of": seen}
    assert client.post(url(document, "remark-answer", remark.public_id), data).status_code == 302
    page = client.get(url(document, "remark", remark.public_id)).context["shown"]
    assert (page.answer.outcome, [row.outcome for row in page.undone]) == ("accepted", ["noted"])
    other = remark_on(comment_round, "auto", 0)
    assert client.post(url(document, "remark-answer", other.public_id), data).status_code == 404


def test_an_answer_is_taken_back_from_one_or_from_all(client, kaisa, document, comment_round):
    one, two, three = (remark_on(comment_round, "auto", 0) for _ in range(3))
    given = answer([one, two, three], outcome="noted", reason={}, by=kaisa)
    assert client.get(url(document, "remark", one.public_id)).context["shown"].shared_with == 2
    client.post(url(document, "answer-undo", one.public_id, given.public_id))
    assert list(Remark.objects.unanswered()) == [one]
    client.post(url(document, "answer-undo", two.public_id, given.public_id), {"all": "1"})
    assert Remark.objects.unanswered().count() == 3
    again = client.post(url(document, "answer-undo", two.public_id, given.public_id))
    assert again.status_code == 422


def test_handler_and_internal_discussion(client, kaisa, region, document, comment_round):
    mats = MembershipFactory(body=region.coordinating_body, user=UserFactory(name="Mats Modell")).user
    remark = remark_on(comment_round, "auto", 0)
    client.post(url(document, "remark-assign", remark.public_id), {"to": str(mats.pk)})
    remark.refresh_from_db()
    assert remark.assigned_to == mats
    stranger = UserFactory()
    assert client.post(url(document, "remark-assign", remark.public_id), {"to": str(stranger.pk)}).status_code == 422
    client.post(url(document, "remark-assign", remark.public_id), {"to": ""})
    remark.refresh_from_db()
    assert remark.assigned_to is None
    empty = client.post(url(document, "remark-note", remark.public_id), {"text": " "})
    assert empty.status_code == 422
    client.post(url(document, "remark-note", remark.public_id), {"text": "Kysytään <b>Liisalta</b>."})
    page = client.get(url(document, "remark", remark.public_id)).content.decode()
    assert "Kysytään &lt;b&gt;Liisalta&lt;/b&gt;." in page


def test_the_page_shows_the_text_then_what_others_said_and_no_address_of_anybody(
    client, kaisa, region, document, comment_round
):
    statement = StatementFactory(round=comment_round, signed_by="", email="salainen@example.org", late=True)
    statement.user = UserFactory(name="", email="nimeton@example.org")
    statement.save()
    remark = remark_on(comment_round, "kahvila", 0, statement=statement, quote="auki arkisin", starts_at=11, ends_at=23)
    other = remark_on(comment_round, "kahvila", 0, text="Samaa mieltä <script>")
    save_phrase(region, name="Kiitos", text={"fi": "<p>Kiitos <b>huomiosta</b>.</p>"}, by=kaisa)
    response = client.get(url(document, "remark", remark.public_id))
    page = response.content.decode()
    assert "<mark>auki arkisin</mark>" in page
    assert [row.remark for row in response.context["shown"].same_place] == [other]
    assert "&lt;script&gt;" in page
    assert "Kiitos huomiosta." in page
    listing = client.get(url(document)).content.decode()
    for text in (page, listing):
        assert "salainen@example.org" not in text
        assert "nimeton@example.org" not in text


@pytest.mark.parametrize(
    ("html", "quote", "near", "marked"),
    [
        ("<p>a b c</p>", "b", 0, "<p>a <mark>b</mark> c</p>"),
        ("<p>a <strong>b c</strong> d</p>", "b c d", 0, "<p>a <strong><mark>b c</mark></strong><mark> d</mark></p>"),
        ("<p>on on</p>", "on", 3, "<p>on <mark>on</mark></p>"),
        ("<p>A &amp; B</p>", "& B", 0, "<p>A <mark>&amp; B</mark></p>"),
        ("<p>a\n b</p>", "a b", 0, "<p><mark>a\n b</mark></p>"),
        ("<li><p>a</p><p>b</p></li>", "a b", 0, "<li><p><mark>a</mark></p><p><mark>b</mark></p></li>"),
        ("<p>a</p>", "z", 0, "<p>a</p>"),
        ("<p>a</p>", "", 0, "<p>a</p>"),
    ],
)
def test_a_quote_is_marked_and_the_html_stays_well_formed(html, quote, near, marked):
    assert mark_quote(html, quote, near=near) == marked


# --- Several at once, and the file ------------------------------------------------------------------------


def test_one_answer_to_many_leaves_out_what_has_one(client, kaisa, document, comment_round):
    one, two, three = (remark_on(comment_round, "auto", 0, language=code) for code in ("fi", "sv", "fi"))
    answer([three], outcome="noted", reason={}, by=kaisa)
    ids = "&".join(f"remark={row.public_id}" for row in (one, two, three))
    address = f"{url(document, 'remarks-answer')}?{ids}&sort=newest"
    page = client.get(address)
    assert shown(page) == [two.pk, one.pk]
    assert page.context["left_out"] == 1
    wrong = client.post(address, {"outcome": "no_change", "reason_fi": "Ei."})
    assert wrong.status_code == 422
    assert "reason_sv" in wrong.context["form"].errors
    response = client.post(address, {"outcome": "no_change", "reason_fi": "Ei.", "reason_sv": "Nej."})
    assert response.url == url(document) + "?sort=newest"
    assert set(Answer.objects.get(outcome="no_change").remarks.all()) == {one, two}
    client.get(response.url)  # where the success is told
    nothing = client.get(f"{url(document, 'remarks-answer')}?sort=newest", follow=True)
    assert [message.level_tag for message in nothing.context["messages"]] == ["warning"]


def test_all_that_fit_are_given_to_somebody(client, kaisa, document, comment_round):
    one, two = remark_on(comment_round, "kahvila", 0), remark_on(comment_round, "kahvila", 1)
    elsewhere = remark_on(comment_round, "auto", 0)
    address = f"{url(document, 'remarks-assign')}?all=1&section=kahvila"
    assert shown(client.get(address)) == [one.pk, two.pk]
    assert client.post(address, {"to": "77777"}).status_code == 422
    assert client.post(address, {"to": str(kaisa.pk)}).url == url(document) + "?section=kahvila"
    assert set(Remark.objects.filter(assigned_to=kaisa)) == {one, two}
    assert elsewhere not in Remark.objects.filter(assigned_to=kaisa)


def test_the_file_has_what_is_shown_as_words(client, kaisa, document, comment_round):
    statement = StatementFactory(round=comment_round, email="salainen@example.org", received_at=OPENS)
    remark = remark_on(comment_round, "kahvila", 0, statement=statement, text="=HYPERLINK(1)")
    remark_on(comment_round, "auto", 0)
    answer([remark], outcome="no_change", reason={"fi": "Ei.", "sv": "Nej."}, by=kaisa)
    response = client.get(url(document, "remarks-spreadsheet"), {"section": "kahvila"})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    _heads, row = list(sheet.iter_rows())
    values = [cell.value for cell in row]
    assert "=HYPERLINK(1)" in values
    assert {cell.data_type for cell in row if cell.value == "=HYPERLINK(1)"} <= {"s", "inlineStr"}
    assert {"Ei.", "Nej.", remark.public_id, "Lausunnot"} <= set(values)
    assert not any("salainen" in str(value) for value in values)


# --- Beside the text --------------------------------------------------------------------------------------


def test_beside_a_section_stands_what_waits_for_an_answer(client, kaisa, document, comment_round):
    page = url_of_section = reverse(
        "documents:section-detail", args=[document.region.slug, document.kind, document.public_id, "kahvila"]
    )
    assert not _panel(client, page)
    waiting = remark_on(comment_round, "kahvila", 0)
    remark_on(comment_round, "auto", 0)
    done = remark_on(comment_round, "kahvila", 1)
    answer([done], outcome="noted", reason={}, by=kaisa)
    (panel,) = _panel(client, url_of_section)
    assert [row["remark"] for row in panel.context["rows"]] == [waiting]
    assert client.get(panel.context["list_url"]).context["count"] == 1
    linked = client.get(document.get_absolute_url()).content.decode()
    assert url(document) in linked


def _panel(client, page):
    panels = client.get(page).context["panels"]
    return [panel for panel in panels if panel.template == "reviews/remark_list_panel.html"]


def test_organisation_that_the_region_does_not_know_is_told_by_the_name_that_it_wrote():
    statement = StatementFactory(
        kind=Statement.Kind.OFFICIAL, organisation_name="Kylän väki ry", signed_by="Esko Esimerkki"
    )
    remark = RemarkFactory(statement=statement)
    assert respondent_name(remark) == "Kylän väki ry"
    assert "allekirjoittaja Esko Esimerkki" in how_it_came(statement)
    assert who_said(remark) == "Kylän väki ry"
    statement.people_removed_at, statement.signed_by = CLOSES, ""
    assert respondent_name(remark) == "Kylän väki ry"
