"""What came by mail, on paper or from a meeting: entered, counted, put right, and picked from."""

import datetime
import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import AuditEvent
from reviews.answering.places import Places
from reviews.intake.passages import find_picked, lay_out
from reviews.models import CommentRound, Invitation, Remark, Statement
from reviews.services.entering import AnsweredAlreadyError, add_to, change_entered, enter, pick, put_back
from reviews.services.moderation import black_out
from reviews.services.privacy import forget_people
from reviews.services.remarks import say
from reviews.services.statements import begin, save_fields
from reviews.summary.redaction import passages_of
from tests.plans.factories import make_coordinator
from tests.regions.factories import BodyFactory, MembershipFactory, OrganisationFactory, RegionFactory

from .factories import (
    CLOSES,
    OPENS,
    AnswerFactory,
    CommentRoundFactory,
    InvitationFactory,
    RemarkFactory,
    StatementFactory,
)
from .test_rounds import code_of

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
LAST = CLOSES.date()
QUESTIONS = [
    {"key": "q1", "kind": "text", "text": {"fi": "Mitä puuttuu?"}},
    {
        "key": "q2",
        "kind": "choice",
        "text": {"fi": "Sopiiko?"},
        "options": [{"key": "k", "text": {"fi": "Kyllä"}}, {"key": "e", "text": {"fi": "Ei"}}],
    },
]
TEXT = (
    "Kannatamme luonnosta esim. kahvilan osalta. Aukiolo on kuitenkin liian lyhyt.\n\nIsät 😀 puuttuvat 13.11. Lopuksi."
)


@pytest.fixture
def comment_round(time_machine):
    time_machine.move_to(CLOSES + 3 * DAY, tick=False)
    return CommentRoundFactory(kind=CommentRound.Kind.OPEN, questions=QUESTIONS)


@pytest.fixture
def coordinator(comment_round):
    return make_coordinator(comment_round.region)


@pytest.fixture
def town(comment_round):
    return OrganisationFactory(region=comment_round.region, name_fi="Esimerkkilän kunta", name_sv="Exempelby kommun")


def put_in(comment_round, **more):
    fields = {
        "by": None,
        "kind": Statement.Kind.PERSONAL,
        "origin": Statement.Origin.MAIL,
        "received_on": LAST,
        "signed_by": "Esko Esimerkki",
        "text": TEXT,
    }
    return enter(comment_round, **(fields | more))


def address(comment_round, name, *rest):
    return reverse(f"reviews:{name}", args=[comment_round.region.slug, comment_round.public_id, *rest])


def span(words, text=TEXT):
    start = text.index(words)
    return {"starts_at": start, "ends_at": start + len(words)}


# --- Entering ---------------------------------------------------------------------------------------------


def test_statement_entered_counts_for_its_organisation_and_its_invitation(comment_round, coordinator, town):
    invitation = InvitationFactory(round=comment_round, organisation=town)
    statement = put_in(
        comment_round, by=coordinator, kind=Statement.Kind.OFFICIAL, organisation=town, handled_in="Kunnanhallitus"
    )
    assert not Invitation.objects.unanswered().exists()
    assert (statement.invitation, statement.entered_by) == (invitation, coordinator)
    assert statement.receipts.get().content["text"] == TEXT
    assert AuditEvent.objects.get(verb="statement.entered").actor == coordinator


def test_person_is_known_by_the_address_that_was_invited(comment_round):
    invitation = InvitationFactory(round=comment_round, organisation=None, email="esko@example.org")
    assert put_in(comment_round, email="Esko@Example.org").invitation == invitation
    with pytest.raises(AnsweredAlreadyError):
        put_in(comment_round, email="esko@example.org")


def test_late_is_judged_by_the_day_it_came_or_by_the_moment_where_that_is_known(comment_round):
    assert not put_in(comment_round, received_on=LAST).late
    assert put_in(comment_round, received_on=LAST + DAY).late
    assert not put_in(comment_round, received_on=CLOSES - datetime.timedelta(seconds=1)).late
    on_the_second = put_in(comment_round, received_on=CLOSES)
    assert (on_the_second.late, on_the_second.received_at) == (True, CLOSES)
    with pytest.raises(ValidationError) as error:
        put_in(comment_round, received_on=LAST + 30 * DAY)
    assert code_of(error) == {"not_received_yet"}


def test_invited_organisation_with_more_time_is_in_time_until_its_own_deadline(comment_round, town):
    InvitationFactory(round=comment_round, organisation=town, closes_at=CLOSES + 2 * DAY)
    statement = put_in(comment_round, kind=Statement.Kind.OFFICIAL, organisation=town, received_on=LAST + 2 * DAY)
    assert not statement.late


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": " ", "signed_by": "Esko"}, "nothing_said"),
        ({"signed_by": ""}, "signer_missing"),
        ({"kind": Statement.Kind.OFFICIAL}, "organisation_missing"),
        ({"stance": Statement.Stance.JOINS}, "joined_missing"),
        ({"answers": {"q2": "ehkä"}}, "no_such_option"),
        ({"text": "a" * 100_001}, "text_too_long"),
    ],
)
def test_nothing_is_entered_that_lacks_something(comment_round, fields, code):
    with pytest.raises(ValidationError) as error:
        put_in(comment_round, **fields)
    assert code_of(error) == {code}
    assert not Statement.objects.exists()


def test_draft_round_takes_nothing_and_another_regions_organisation_is_refused(comment_round):
    with pytest.raises(ValidationError) as error:
        put_in(comment_round, kind=Statement.Kind.OFFICIAL, organisation=OrganisationFactory())
    assert code_of(error) == {"other_region"}
    comment_round.announced_at = None
    comment_round.save()
    with pytest.raises(ValidationError) as error:
        put_in(comment_round)
    assert code_of(error) == {"round_is_draft"}


def test_same_form_sent_twice_is_one_statement_and_anonymous_names_nobody(comment_round):
    first = put_in(comment_round, key="k1", kind=Statement.Kind.ANONYMOUS, email="esko@example.org")
    assert put_in(comment_round, key="k1", kind=Statement.Kind.ANONYMOUS) == first
    assert (first.signed_by, first.email, first.invitation) == ("", "", None)


def test_draft_by_the_link_gives_way_to_what_was_mailed_and_its_words_are_kept(comment_round, town, time_machine):
    time_machine.move_to(OPENS + DAY, tick=False)
    invitation = InvitationFactory(round=comment_round, organisation=town)
    draft = begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi", invitation=invitation)
    save_fields(draft, values={"text": "Luonnosteltua"}, shown={})
    say(draft, key="r", text="Kesken", language="fi")
    official = {"kind": Statement.Kind.OFFICIAL, "organisation": town, "received_on": OPENS.date()}
    with pytest.raises(AnsweredAlreadyError) as error:
        put_in(comment_round, **official)
    assert error.value.statement == draft
    assert Statement.objects.get().received_at is None
    entered = put_in(comment_round, **official, instead_of_draft=True)
    assert (entered.pk, entered.text, entered.remarks.count()) == (draft.pk, TEXT, 0)
    kept, handed_in = entered.receipts.order_by("pk")
    assert (kept.content["text"], kept.content["remarks"][0]["text"]) == ("Luonnosteltua", "Kesken")
    assert (kept.content["received_at"], handed_in.content["text"]) == ("", TEXT)


def test_what_came_later_stands_below_with_its_day(comment_round, coordinator):
    statement = put_in(comment_round)
    added = add_to(statement, by=coordinator, received_on=LAST + DAY, text="Vielä liikunta.", key="a")
    assert re.fullmatch(re.escape(TEXT) + r"\n\n\w+ 14\.2\.2026:\n\nVielä liikunta\.", added.text)
    assert not added.late
    assert add_to(statement, by=coordinator, received_on=LAST, text="Vielä liikunta.", key="a").text == added.text
    with pytest.raises(ValidationError) as error:
        add_to(statement, by=coordinator, received_on=LAST)
    assert code_of(error) == {"nothing_said"}


# --- Picking ----------------------------------------------------------------------------------------------


def test_passage_becomes_a_remark_at_its_place_once_and_can_be_put_back(comment_round, coordinator):
    statement = put_in(comment_round)
    place = next(iter(Places(comment_round.version)._blocks.values()))
    words = "Isät 😀 puuttuvat 13.11."
    remark = pick(statement, by=coordinator, **span(words), block_id=place.block_id)
    assert (remark.text, remark.section_key, remark.order) == (words, place.section_key, place.order)
    assert pick(statement, by=coordinator, **span(words), block_id=place.block_id) == remark
    whole = pick(statement, by=coordinator, **span(f"\n{words} "))
    assert (whole.picked_starts_at, whole.section_key) == (remark.picked_starts_at, "")
    put_back(whole, by=coordinator)
    assert list(statement.remarks.all()) == [remark]
    remark.answers.add(AnswerFactory(region=comment_round.region))
    with pytest.raises(ValidationError) as error:
        put_back(remark, by=coordinator)
    assert code_of(error) == {"answered"}
    with pytest.raises(ValueError, match="picked"):
        put_back(say_by_link(comment_round), by=coordinator)


def say_by_link(comment_round):
    statement = StatementFactory(round=comment_round)
    return Remark.objects.create(
        region=statement.region, statement=statement, version=comment_round.version, text="Oma"
    )


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"starts_at": 5, "ends_at": 5}, "nothing_picked"),
        ({"starts_at": 5, "ends_at": 9_999}, "nothing_picked"),
        ({"starts_at": 77, "ends_at": 79}, "nothing_picked"),
        ({"starts_at": 0, "ends_at": 2, "question": "q2"}, "nothing_picked"),
        ({"starts_at": 0, "ends_at": 2, "question": "toinen"}, "nothing_picked"),
        ({"starts_at": 0, "ends_at": 9, "block_id": "muualta"}, "no_such_place"),
    ],
)
def test_nothing_else_can_be_picked(comment_round, where, code):
    statement = put_in(comment_round, answers={"q1": "Liikunta puuttuu.", "q2": "k"})
    with pytest.raises(ValidationError) as error:
        pick(statement, by=None, **where)
    assert code_of(error) == {code}
    assert not Remark.objects.exists()


def test_draft_cannot_be_picked_from(comment_round):
    draft = StatementFactory(round=comment_round, received_at=None, text=TEXT)
    with pytest.raises(ValidationError) as error:
        pick(draft, by=None, starts_at=0, ends_at=5)
    assert code_of(error) == {"not_received"}


def test_answer_to_a_question_can_be_picked_from(comment_round):
    statement = put_in(comment_round, answers={"q1": "Liikunta puuttuu."})
    remark = pick(statement, by=None, starts_at=0, ends_at=8, question="q1")
    assert (remark.text, remark.question) == ("Liikunta", "q1")


def test_text_is_laid_out_in_sentences_and_marks_lie_over_each_other():
    statement = Statement(text=TEXT)
    first = Remark(pk=1, statement=statement, text="liian lyhyt.\n\nIsät")
    second = Remark(pk=2, statement=statement, text="Isät 😀")
    for remark in (first, second):
        remark.picked_starts_at, remark.picked_ends_at = span(remark.text).values()
    gone = Remark(pk=3, statement=statement, text="Poissa", picked_starts_at=0, picked_ends_at=6)
    picked = find_picked(TEXT, [first, second, gone], {1: 1, 2: 2, 3: 3})
    assert [one.number for one in picked] == [1, 2]
    paragraphs = lay_out(TEXT, picked)
    sentences = ["".join(piece.text for piece in one.pieces).strip() for row in paragraphs for one in row]
    assert sentences == [
        "Kannatamme luonnosta esim. kahvilan osalta.",
        "Aukiolo on kuitenkin liian lyhyt.",
        "Isät 😀 puuttuvat 13.11.",
        "Lopuksi.",
    ]
    pieces = [piece for row in paragraphs for sentence in row for piece in sentence.pieces]
    assert [(piece.text, piece.ends) for piece in pieces if piece.is_picked] == [
        ("liian lyhyt.", ()),
        ("Isät", (1,)),
        (" 😀", (2,)),
    ]
    assert all(TEXT[piece.starts_at :].startswith(piece.text) for piece in pieces)


# --- Putting right ----------------------------------------------------------------------------------------


def test_what_was_entered_is_put_right_with_a_receipt_and_marks_move_along(comment_round, coordinator):
    statement = put_in(comment_round)
    stays = pick(statement, by=coordinator, **span("liian lyhyt"))
    goes = pick(statement, by=coordinator, **span("Lopuksi"))
    text = "Alku. " + TEXT.replace("Lopuksi", "Kiitos")
    changed, lost = change_entered(
        statement, by=coordinator, fields={"text": text}, received_on=LAST + DAY, edit=statement.edit
    )
    assert (changed.text, changed.late, lost) == (text, True, 1)
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert text[stays.picked_starts_at : stays.picked_ends_at] == "liian lyhyt"
    assert (goes.text, goes.picked_starts_at) == ("Lopuksi", None)
    assert [row.content["text"] for row in statement.receipts.order_by("pk")] == [TEXT, text]
    with pytest.raises(ValidationError) as error:
        change_entered(statement, by=coordinator, fields={"text": "Muu"}, edit=statement.edit)
    assert code_of(error) == {"changed_meanwhile"}


def test_what_its_respondent_wrote_is_not_changed(comment_round, coordinator, client):
    statement = StatementFactory(round=comment_round, text=TEXT)
    with pytest.raises(ValidationError) as error:
        change_entered(statement, by=coordinator, fields={"text": "Muu"})
    assert code_of(error) == {"not_entered"}
    client.force_login(coordinator)
    assert client.get(address(comment_round, "statement-change", statement.public_id)).status_code == 403


# --- Pages ------------------------------------------------------------------------------------------------

PDF = b"%PDF-1.7\n%%EOF\n"


def sent(**more):
    return {"whose": "organisation", "origin": "mail", "received_on": "13.2.2026", "text": TEXT, "key": "f1"} | more


def test_coordinator_enters_picks_puts_back_and_changes(client, comment_round, coordinator, town):
    client.force_login(coordinator)
    page = address(comment_round, "statement-enter")
    assert b'<option value="Esimerkkil\xc3\xa4n kunta">' in client.get(page).content
    post = sent(name="exempelby KOMMUN", files=SimpleUploadedFile("lausunto.pdf", PDF))
    response = client.post(page, post)
    statement = Statement.objects.get()
    own = address(comment_round, "statement", statement.public_id)
    assert response.url == f"{own}?pick#words"
    assert (statement.organisation, statement.late, statement.attachments.get().name) == (town, False, "lausunto.pdf")
    assert client.post(page, sent(name="Exempelby kommun")).url == response.url
    assert Statement.objects.count() == 1

    pick_url = address(comment_round, "statement-pick", statement.public_id)
    assert client.post(pick_url, {"place": ""}).status_code == 422
    first, last = span("Aukiolo on kuitenkin liian lyhyt.").values()
    response = client.post(pick_url, {"sentence": [f":{first}-{last}"], "place": "s:nykytila"})
    assert response.status_code == 302
    remark = Remark.objects.get()
    assert (remark.text, remark.section_key) == ("Aukiolo on kuitenkin liian lyhyt.", "nykytila")
    shown = client.get(own).content.decode()
    assert f'<mark data-starts="{first}">Aukiolo on kuitenkin liian lyhyt.</mark>' in shown
    client.post(address(comment_round, "statement-put-back", statement.public_id, remark.public_id))
    assert not Remark.objects.exists()

    change = address(comment_round, "statement-change", statement.public_id)
    form = client.get(change).context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name not in ("files", "without")}
    data |= {"received_on": "14.2.2026", "item_no": "45", "answer_q2": "k", "edit": statement.edit}
    data["without"] = [statement.attachments.get().public_id]
    assert client.post(change, data).url == own
    statement.refresh_from_db()
    assert (statement.item_no, statement.late, statement.answers) == ("45", True, {"q2": "k"})
    assert not statement.attachments.exists()
    receipt = client.get(address(comment_round, "statement-receipt", statement.public_id, 1))
    assert "lausunto.pdf" in receipt.content.decode()
    assert client.get(address(comment_round, "statement-receipt", statement.public_id, 3)).status_code == 404


def test_wrong_form_keeps_the_file_and_the_second_statement_is_added(client, comment_round, coordinator, town):
    client.force_login(coordinator)
    page = address(comment_round, "statement-enter")
    put_in(comment_round, kind=Statement.Kind.OFFICIAL, organisation=town, signed_by="")
    response = client.post(page, sent(name="Esimerkkilän", text="", files=SimpleUploadedFile("liite.pdf", PDF)))
    assert response.status_code == 422
    assert "“Esimerkkilän kunta”" in str(response.context["form"].errors["name"])
    token = response.context["form"].kept_html.partition('name="kept_files" value="')[2].partition('"')[0]
    again = sent(name="Esimerkkilän kunta", text="Lisää", kept_files=token)
    response = client.post(page, again)
    assert response.status_code == 422
    assert response.context["already"].organisation == town
    assert client.post(page, again | {"then": "add"}).status_code == 302
    statement = Statement.objects.get()
    assert statement.text.endswith("Lisää")
    assert [row.name for row in statement.attachments.all()] == ["liite.pdf"]
    more = address(comment_round, "statement-add-to", statement.public_id)
    wrong = client.post(more, {"received_on": "13.2.2026", "files": SimpleUploadedFile("x.exe", b"MZ")})
    assert "x.exe" in str(wrong.context["form"].errors["files"])
    assert client.post(more, {"received_on": "13.2.2026", "text": "Ja vielä", "key": "m"}).status_code == 302


def test_invited_group_a_person_and_nobody_are_entered_by_name(client, comment_round, coordinator):
    body = BodyFactory(region=comment_round.region, name_fi="Nuorisovaltuusto")
    invitation = InvitationFactory(round=comment_round, organisation=None, body=body)
    client.force_login(coordinator)
    page = address(comment_round, "statement-enter")
    for number, post in enumerate(
        [
            sent(name="nuorisovaltuusto", signed_by="Sihteeri"),
            sent(name="Esko Esimerkki", whose="person"),
            sent(whose="nobody", next="another"),
        ]
    ):
        response = client.post(page, post | {"key": f"f{number}"})
        assert response.status_code == 302, response.context["form"].errors
    assert response.url == page
    group, person, nobody = Statement.objects.order_by("pk")
    assert (group.invitation, group.signed_by, group.kind) == (invitation, "Sihteeri", "official")
    assert str(group) == "Nuorisovaltuusto"
    assert (person.signed_by, nobody.kind) == ("Esko Esimerkki", "anonymous")
    assert client.post(page, sent(name="")).status_code == 422
    unknown = client.post(page, sent(name="Outo ry", key="f8"))
    assert unknown.status_code == 422
    assert b'name="unknown_name" value="Outo ry"' in unknown.content
    assert client.post(page, sent(name="Outo ry", key="f8", unknown_name="Outo ry")).status_code == 302
    assert Statement.objects.get(organisation_name="Outo ry").kind == "official"


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_a_constant_number_of_queries(client, comment_round, coordinator, django_assert_num_queries, count):
    for number in range(count):
        statement = put_in(
            comment_round,
            kind=Statement.Kind.OFFICIAL,
            organisation=OrganisationFactory(region=comment_round.region),
            by=coordinator,
        )
        for words in ("Isät", "Lopuksi")[: number + 1]:
            pick(statement, by=coordinator, **span(words))
    client.force_login(coordinator)
    with django_assert_num_queries(LIST_QUERIES):
        response = client.get(address(comment_round, "statement-list"), {"q": "yhdistys", "kind": "official"})
    assert response.context["shown"] == count
    with django_assert_num_queries(DETAIL_QUERIES):
        client.get(address(comment_round, "statement", statement.public_id))


LIST_QUERIES = 8
DETAIL_QUERIES = 11


def test_list_filters_sorts_and_goes_out_as_words(client, comment_round, coordinator, town):
    hostile = '=HYPERLINK("http://evil.example")'
    late = put_in(
        comment_round, received_on=LAST + DAY, signed_by=hostile, text="<script>alert(1)</script>", by=coordinator
    )
    put_in(comment_round, kind=Statement.Kind.OFFICIAL, organisation=town, answers={"q2": "k", "q1": "@SUM(1)"})
    StatementFactory(round=comment_round, received_at=None, signed_by="Kesken")
    client.force_login(coordinator)
    page = address(comment_round, "statement-list")
    response = client.get(page, {"sort": "-received_at"})
    html = response.content.decode()
    assert "Kesken" not in html
    assert next(row.record for row in response.context["table"].page.object_list) == late
    assert client.get(page, {"only": "late"}).context["shown"] == 1
    assert client.get(page, {"q": "exempelby"}).context["shown"] == 1
    assert client.get(page, {"only": "files"}).context["shown"] == 0
    export = client.get(address(comment_round, "statement-export"))
    sheet = load_workbook(io.BytesIO(export.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
    assert rows[0][-2:] == ["Mitä puuttuu?", "Sopiiko?"]
    assert [rows[1][0], rows[1][-2], rows[1][-1]] == ["Esimerkkilän kunta", "@SUM(1)", "Kyllä"]
    assert rows[2][0] == hostile
    assert sheet["A3"].quotePrefix
    own = client.get(address(comment_round, "statement", late.public_id)).content.decode()
    assert "<script>alert" not in own


def test_only_those_who_coordinate_enter_and_writers_read(client, comment_round, coordinator):
    statement = put_in(comment_round, by=coordinator)
    remark = pick(statement, by=coordinator, starts_at=0, ends_at=5)
    stored = StatementFactory(round=comment_round)
    own = [statement.public_id]
    reads = [("statement-list",), ("statement-export",), ("statement", *own), ("statement-receipt", *own, 1)]
    writes = [
        *(("statement-enter",), ("statement-import",), ("statement-change", *own), ("statement-add-to", *own)),
        *(("statement-pick", *own), ("statement-put-back", *own, remark.public_id)),
    ]
    body = BodyFactory(region=comment_round.region)
    document = comment_round.version.document
    document.writing_body = body
    document.save()
    people = {
        "writer": (MembershipFactory(body=body).user, 200, 403),
        "stranger": (MembershipFactory(body=BodyFactory(region=RegionFactory())).user, 404, 404),
    }
    for user, read, write in people.values():
        client.force_login(user)
        assert {client.get(address(comment_round, *page)).status_code for page in reads} == {read}
        assert {client.post(address(comment_round, *page)).status_code for page in writes} == {write}
    client.force_login(coordinator)
    other = CommentRoundFactory(region=comment_round.region)
    assert client.get(address(other, "statement", statement.public_id)).status_code == 404
    assert client.get(address(comment_round, "statement-file", stored.public_id, "x")).status_code == 404


def test_what_is_blacked_out_stays_so_when_the_text_is_put_right(comment_round, coordinator):
    statement = put_in(comment_round, text="Ohjaaja Virtanen ei tule.")
    black_out(statement, words="Virtanen", reason="nimi", by=coordinator)
    changed, _lost = change_entered(statement, by=coordinator, fields={"text": "Kahvilan ohjaaja Virtanen ei tule."})
    (passage,) = passages_of(changed.redactions)
    assert changed.text[passage.starts_at : passage.ends_at] == "Virtanen"


def test_no_name_comes_back_once_it_was_removed(comment_round, coordinator):
    statement = put_in(comment_round)
    forget_people(comment_round, by=None)
    fields = {"signed_by": "Esko", "email": "esko@example.org", "text": "Korjattu."}
    changed, _lost = change_entered(statement, by=coordinator, fields=fields)
    assert (changed.text, changed.signed_by, changed.email) == ("Korjattu.", "", "")
    with pytest.raises(ValidationError) as error:
        put_in(comment_round)
    assert code_of(error) == {"people_removed"}


def test_coordinator_reads_short_forms_and_not_what_was_taken_back(client, comment_round, coordinator):
    client.force_login(coordinator)
    comment_round.has_family_form = True
    comment_round.save()
    family = StatementFactory(
        round=comment_round,
        kind=Statement.Kind.ANONYMOUS,
        form=Statement.Form.FAMILY,
        signed_by="",
        answers={"family-good": "Iltapäiväkerho auttaa."},
    )
    gone = RemarkFactory(statement=family, text="Peruttu huomio.", withdrawn_at=OPENS)
    slug = comment_round.region.slug
    own = reverse("reviews:statement", args=[slug, comment_round.public_id, family.public_id])
    html = client.get(own).content.decode()
    assert "Iltapäiväkerho auttaa." in html
    assert gone.text not in html
    content = client.get(reverse("reviews:statement-export", args=[slug, comment_round.public_id])).content
    (row,) = load_workbook(io.BytesIO(content)).active.iter_rows(min_row=2, values_only=True)
    assert "Iltapäiväkerho auttaa." in row
    assert row[15] == 0
