import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from documents import frozen
from jobs.models import Job
from jobs.services import run_due
from reviews.models import CommentRound, Receipt, Remark, Statement
from reviews.services.moderation import black_out
from reviews.services.privacy import forget_people
from reviews.services.remarks import LONGEST_REMARK, change_remark, say, take_back
from reviews.services.rounds import extend, reopen
from reviews.services.statements import LONGEST_TEXT, ChangedMeanwhileError, begin, hand_in, save_fields
from reviews.summary.redaction import passages_of, published
from tests.accounts.factories import UserFactory
from tests.documents.test_concurrency import together
from tests.regions.factories import MunicipalityFactory, OrganisationFactory

from .factories import CLOSES, OPENS, CommentRoundFactory, InvitationFactory, make_version
from .test_rounds import code_of

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
QUESTIONS = [
    {"key": "q1", "kind": "text", "text": {"fi": "Mitä puuttuu?"}},
    {
        "key": "q2",
        "kind": "choice",
        "text": {"fi": "Sopiiko?"},
        "options": [{"key": "k", "text": {"fi": "Kyllä"}}, {"key": "e", "text": {"fi": "Ei"}}],
    },
]


@pytest.fixture
def comment_round(time_machine):
    time_machine.move_to(OPENS + DAY, tick=False)
    return CommentRoundFactory(kind=CommentRound.Kind.OPEN, questions=QUESTIONS, allows_anonymous=True)


@pytest.fixture
def statement(comment_round):
    statement = begin(comment_round, kind=Statement.Kind.PERSONAL, language="fi")
    return save_fields(statement, values={"signed_by": "Esko Esimerkki"}, shown={})


def place(version):
    section = frozen.read(version).sections[0]
    return section.key, section.blocks[0]


# --- Beginning --------------------------------------------------------------------------------------------


def test_all_who_come_by_one_invitation_write_in_one_statement(comment_round):
    invitation = InvitationFactory(round=comment_round)
    first = begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi", invitation=invitation)
    second = begin(comment_round, kind=Statement.Kind.OFFICIAL, language="sv", invitation=invitation)
    assert first == second
    assert first.organisation == invitation.organisation
    invitation.withdrawn_at = OPENS
    invitation.save()
    with pytest.raises(ValidationError) as error:
        begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi", invitation=invitation)
    assert code_of(error) == {"invitation_withdrawn"}


def test_a_round_takes_statements_from_its_opening_until_a_month_after_its_closing(comment_round, time_machine):
    for moment, taken in (
        (OPENS - DAY, False),
        (OPENS, True),
        (CLOSES + 29 * DAY, True),
        (CLOSES + 30 * DAY, False),
    ):
        time_machine.move_to(moment, tick=False)
        if taken:
            begin(comment_round, kind=Statement.Kind.ANONYMOUS, language="fi")
            continue
        with pytest.raises(ValidationError) as error:
            begin(comment_round, kind=Statement.Kind.ANONYMOUS, language="fi")
        assert code_of(error) == {"round_not_open"}


def test_only_the_ways_of_the_round_are_open(comment_round):
    comment_round.allows_anonymous, comment_round.requires_sign_in = False, True
    comment_round.save()
    for kind, user in ((Statement.Kind.ANONYMOUS, UserFactory()), (Statement.Kind.PERSONAL, None)):
        with pytest.raises(ValidationError) as error:
            begin(comment_round, kind=kind, language="fi", user=user)
        assert code_of(error) == {"way_not_allowed"}
    user = UserFactory()
    mine = begin(comment_round, kind=Statement.Kind.PERSONAL, language="fi", user=user)
    assert begin(comment_round, kind=Statement.Kind.PERSONAL, language="fi", user=user) == mine


def test_organisation_of_another_region_is_refused(comment_round):
    with pytest.raises(ValidationError) as error:
        begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi", organisation=OrganisationFactory())
    assert code_of(error) == {"other_region"}


def test_begin_says_in_words_what_the_database_would_refuse(comment_round):
    invitation = InvitationFactory(round=comment_round)
    begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi", invitation=invitation)
    with pytest.raises(ValidationError):
        begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi", organisation=invitation.organisation)
    assert Statement.objects.count() == 1


def test_official_statement_names_its_organisation_when_it_is_handed_in(comment_round):
    statement = begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi")
    save_fields(statement, values={"signed_by": "Reijo Rekisteri", "stance": "nothing"}, shown={})
    with pytest.raises(ValidationError) as error:
        hand_in(statement, key="f1")
    assert code_of(error) == {"organisation_missing"}


@pytest.mark.parametrize("kind", [CommentRound.Kind.INVITED, CommentRound.Kind.INTERNAL])
def test_only_those_who_are_asked_begin(time_machine, kind):
    time_machine.move_to(OPENS + DAY, tick=False)
    comment_round = CommentRoundFactory(kind=kind)
    with pytest.raises(ValidationError) as error:
        begin(comment_round, kind=Statement.Kind.PERSONAL, language="fi")
    assert code_of(error) == {"way_not_allowed"}
    way = {"user": UserFactory()} if kind == "internal" else {"invitation": InvitationFactory(round=comment_round)}
    begin(comment_round, kind=Statement.Kind.PERSONAL, language="fi", **way)


def test_what_arrived_while_a_round_stood_closed_is_in_time_when_it_is_opened_again(
    statement, comment_round, time_machine
):
    say(statement, key="a", text="Milloin?", language="fi")
    time_machine.move_to(CLOSES + DAY, tick=False)
    hand_in(statement, key="f1")
    assert Statement.objects.get().late
    reopen(comment_round, until=CLOSES + 3 * DAY, reason="Verkkokatko", by=UserFactory())
    assert not Statement.objects.get().late


def test_anonymous_statement_by_an_invitation_names_nobody(comment_round):
    invitation = InvitationFactory(round=comment_round)
    mine = begin(comment_round, kind=Statement.Kind.ANONYMOUS, language="fi", invitation=invitation, user=UserFactory())
    assert (mine.organisation, mine.user) == (None, None)


def test_withdrawn_invitation_takes_nothing_more_and_what_was_said_stays(comment_round):
    invitation = InvitationFactory(round=comment_round)
    statement = begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi", invitation=invitation)
    save_fields(statement, values={"signed_by": "Reijo Rekisteri", "text": "Hyvä."}, shown={})
    invitation.withdrawn_at = OPENS
    invitation.save()
    for act in (
        lambda: save_fields(statement, values={"text": "Huono."}, shown={"text": "Hyvä."}),
        lambda: say(statement, key="a", text="Milloin?", language="fi"),
        lambda: hand_in(statement, key="f1"),
    ):
        with pytest.raises(ValidationError) as error:
            act()
        assert code_of(error) == {"invitation_withdrawn"}
    assert Statement.objects.get().text == "Hyvä."


# --- Saving as one goes -----------------------------------------------------------------------------------


def test_colleagues_field_is_not_overwritten_and_the_others_are_kept(statement):
    save_fields(statement, values={"text": "Pidämme suunnitelmaa hyvänä."}, shown={"text": ""})
    with pytest.raises(ChangedMeanwhileError) as error:
        save_fields(
            statement,
            values={"text": "Vastustamme.", "case_number": "813/2025"},
            shown={"text": "", "case_number": ""},
        )
    assert error.value.theirs == {"text": "Pidämme suunnitelmaa hyvänä."}
    fresh = Statement.objects.get()
    assert (fresh.text, fresh.case_number) == ("Pidämme suunnitelmaa hyvänä.", "813/2025")


def test_the_same_words_twice_are_no_change(statement):
    save_fields(statement, values={"text": "Hyvä."}, shown={"text": ""})
    edit = Statement.objects.get().edit
    save_fields(statement, values={"text": "Hyvä."}, shown={"text": ""})
    assert Statement.objects.get().edit == edit


def test_answers_are_those_that_were_asked_for(statement):
    save_fields(statement, values={"answers": {"q1": " Talous. ", "q2": "k", "q9": "x"}}, shown={})
    assert Statement.objects.get().answers == {"q1": "Talous.", "q2": "k"}
    with pytest.raises(ValidationError) as error:
        save_fields(statement, values={"answers": {"q2": "ehkä"}}, shown={})
    assert set(error.value.error_dict) == {"q2"}
    assert Statement.objects.get().answers == {"q1": "Talous.", "q2": "k"}


def test_answers_are_compared_one_by_one_and_those_not_sent_stay(statement):
    save_fields(statement, values={"answers": {"q1": "Talous."}}, shown={"answers": {}})
    save_fields(statement, values={"answers": {"q2": "k"}}, shown={"answers": {}})
    assert Statement.objects.get().answers == {"q1": "Talous.", "q2": "k"}
    with pytest.raises(ChangedMeanwhileError) as error:
        save_fields(statement, values={"answers": {"q1": "Tilat.", "q2": ""}}, shown={"answers": {"q2": "k"}})
    assert error.value.theirs == {"answers": {"q1": "Talous."}}
    assert Statement.objects.get().answers == {"q1": "Talous."}


@pytest.mark.parametrize("answer", [["k"], {"k": "k"}, [["k"]], 5])
def test_answer_that_no_form_would_send_is_refused(statement, answer):
    with pytest.raises(ValidationError) as error:
        save_fields(statement, values={"answers": {"q2": answer}}, shown={})
    assert code_of(error) == {"no_such_option"}


def test_whole_text_has_a_greatest_length(statement):
    with pytest.raises(ValidationError) as error:
        save_fields(statement, values={"text": "a" * (LONGEST_TEXT + 1)}, shown={})
    assert code_of(error) == {"text_too_long"}


def test_municipality_of_another_region_is_refused(statement):
    with pytest.raises(ValidationError) as error:
        save_fields(statement, values={"municipality": MunicipalityFactory()}, shown={})
    assert code_of(error) == {"other_region"}


# --- Remarks ----------------------------------------------------------------------------------------------


def test_remark_keeps_its_place_and_quotes_what_stands_there(statement, comment_round):
    key, block = place(comment_round.version)
    remark = say(statement, key="a", text="Milloin?", language="fi", block_id=block.id, quote="on\n auki", wording=None)
    assert (remark.section_key, remark.block_id, remark.order) == (key, block.id, 2)
    assert (remark.quote, remark.starts_at, remark.ends_at) == ("on auki", 8, 15)
    with pytest.raises(ValidationError) as error:
        say(statement, key="b", text="Miksi?", language="fi", block_id=block.id, quote="on suljettu")
    assert code_of(error) == {"not_quoted"}
    with pytest.raises(ValidationError) as error:
        say(statement, key="b", text="Miksi?", language="fi", block_id="olematon00")
    assert code_of(error) == {"no_such_place"}


def test_sending_a_remark_twice_says_it_once(statement):
    say(statement, key="a", text="Milloin?", language="fi")
    say(statement, key="a", text="Milloin ja missä?", language="fi")
    assert [row.text for row in Remark.objects.all()] == ["Milloin ja missä?"]


def test_other_words_become_an_operation_on_the_block_and_marks_in_them_are_cleaned(statement, comment_round):
    block = place(comment_round.version)[1]
    remark = say(
        statement,
        key="a",
        language="fi",
        block_id=block.id,
        wording={"body": 'Kahvila on <strong>auki</strong> arkisin.<script>alert("x")</script>'},
    )
    (operation,) = remark.operations
    assert (operation["op"], operation["block_id"], operation["language"]) == ("replace_text", block.id, "fi")
    assert operation["value"].startswith("Kahvila on <strong>auki</strong> arkisin.")
    assert "<script" not in operation["value"]
    with pytest.raises(ValidationError) as error:
        say(statement, key="b", language="fi", block_id=block.id, wording={"body": block.get("body", "fi")})
    assert code_of(error) == {"remark_empty"}
    with pytest.raises(ValidationError) as error:
        say(statement, key="b", language="sv", block_id=block.id, wording={"body": "Kafét"})
    assert code_of(error) == {"no_wording_here"}


def test_changing_the_words_of_a_remark_keeps_its_proposal(statement, comment_round):
    block = place(comment_round.version)[1]
    remark = say(statement, key="a", language="fi", block_id=block.id, wording={"body": "Kahvila on kiinni."})
    change_remark(remark, text="Koska remontti.")
    assert [row["value"] for row in Remark.objects.get().operations] == ["Kahvila on kiinni."]
    change_remark(remark, text="Koska remontti.", wording={})
    assert Remark.objects.get().operations == []


def test_proposed_wording_is_no_longer_than_a_remark(statement, comment_round):
    block = place(comment_round.version)[1]
    with pytest.raises(ValidationError) as error:
        say(statement, key="a", language="fi", block_id=block.id, wording={"body": "a" * (LONGEST_REMARK + 1)})
    assert code_of(error) == {"wording_too_long"}


def test_nothing_is_said_or_handed_in_without_the_key_of_a_form(statement):
    with pytest.raises(ValueError, match="key"):
        say(statement, key="", text="Milloin?", language="fi")
    with pytest.raises(ValueError, match="key"):
        hand_in(statement, key="")


def test_remark_is_changed_and_taken_back_until_the_deadline(statement, time_machine):
    remark = say(statement, key="a", text="Milloin?", language="fi")
    change_remark(remark, text="Missä?")
    hand_in(statement, key="f1")
    time_machine.move_to(CLOSES, tick=False)
    for act in (lambda: change_remark(remark, text="Ei"), lambda: take_back(remark)):
        with pytest.raises(ValidationError) as error:
            act()
        assert code_of(error) == {"too_late"}
    assert Remark.objects.get().text == "Missä?"
    time_machine.move_to(CLOSES - DAY, tick=False)
    take_back(remark)
    assert not Remark.objects.said().exists()
    assert Receipt.objects.get().content["remarks"][0]["text"] == "Missä?"


# --- Handing in -------------------------------------------------------------------------------------------


def test_handing_in_twice_is_once_and_the_receipt_holds_every_word(statement):
    say(statement, key="a", text="Milloin?", language="fi")
    save_fields(statement, values={"answers": {"q1": "Talous"}, "text": "Kokonaisuus on hyvä."}, shown={})
    first = hand_in(statement, key="f1")
    assert hand_in(statement, key="f1") == first
    assert Receipt.objects.count() == 1
    content = Receipt.objects.get().content
    assert (content["text"], content["answers"]) == ("Kokonaisuus on hyvä.", {"q1": "Talous"})
    assert [row["text"] for row in content["remarks"]] == ["Milloin?"]


@pytest.mark.parametrize(
    ("moment", "late"), [(CLOSES - datetime.timedelta(seconds=1), False), (CLOSES, True), (CLOSES + 3 * DAY, True)]
)
def test_closing_second_decides_what_is_late_and_nothing_is_refused(statement, time_machine, moment, late):
    say(statement, key="a", text="Milloin?", language="fi")
    time_machine.move_to(moment, tick=False)
    hand_in(statement, key="f1")
    fresh = Statement.objects.get()
    assert (fresh.received_at, fresh.late) == (moment, late)


def test_time_of_arrival_is_the_first_and_stays(statement, time_machine):
    save_fields(statement, values={"text": "Hyvä."}, shown={})
    hand_in(statement, key="f1")
    time_machine.move_to(OPENS + 5 * DAY, tick=False)
    save_fields(statement, values={"text": "Erinomainen."}, shown={"text": "Hyvä."})
    hand_in(statement, key="f2")
    fresh = Statement.objects.get()
    assert (fresh.received_at, fresh.late) == (OPENS + DAY, False)
    assert [row.content["text"] for row in Receipt.objects.all()] == ["Hyvä.", "Erinomainen."]


def test_own_deadline_and_more_time_count(comment_round, time_machine):
    invitation = InvitationFactory(round=comment_round, closes_at=CLOSES + 5 * DAY)
    statement = begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi", invitation=invitation)
    save_fields(statement, values={"signed_by": "Reijo Rekisteri", "stance": "nothing"}, shown={})
    time_machine.move_to(CLOSES + 4 * DAY, tick=False)
    hand_in(statement, key="f1")
    assert not Statement.objects.get().late


def test_more_time_for_all_counts_for_those_who_came_before_it(statement, comment_round, time_machine):
    extend(comment_round, until=CLOSES + DAY, by=UserFactory())
    say(statement, key="a", text="Milloin?", language="fi")
    time_machine.move_to(CLOSES + DAY / 2, tick=False)
    hand_in(statement, key="f1")
    assert not Statement.objects.get().late


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"signed_by": ""}, "signer_missing"),
        ({"stance": "joins"}, "joined_missing"),
        ({}, "nothing_said"),
    ],
)
def test_statement_that_lacks_something_stays_a_draft(statement, values, code):
    save_fields(statement, values=values, shown={})
    with pytest.raises(ValidationError) as error:
        hand_in(statement, key="f1")
    assert code_of(error) == {code}
    assert Statement.objects.get().received_at is None


def test_nothing_to_state_needs_no_words(statement):
    save_fields(statement, values={"stance": "nothing"}, shown={})
    hand_in(statement, key="f1")
    assert Statement.objects.get().received_at


@pytest.mark.postgresql
def test_what_was_handed_in_is_changed_under_the_rounds_lock(statement):
    say(statement, key="a", text="Milloin?", language="fi")
    hand_in(statement, key="f1")
    with CaptureQueriesContext(connection) as queries:
        save_fields(statement, values={"text": "Hyvä."}, shown={"text": ""})
    locks = [row["sql"] for row in queries if " FOR UPDATE" in row["sql"]]
    assert [sql.split('"')[1] for sql in locks] == ["reviews_statement", "reviews_commentround"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_fifty_hand_in_at_once_and_every_receipt_is_true(time_machine):
    time_machine.move_to(OPENS + DAY, tick=False)
    comment_round = CommentRoundFactory(kind=CommentRound.Kind.OPEN, version=make_version())
    statements = []
    for number in range(50):
        statement = begin(comment_round, kind=Statement.Kind.PERSONAL, language="fi")
        statements.append(
            save_fields(statement, values={"signed_by": f"Henkilö {number}", "text": f"S{number}"}, shown={})
        )

    def act(statement):
        say(statement, key="a", text=f"Huomio {statement.signed_by}", language="fi")
        hand_in(statement, key="f1")
        hand_in(statement, key="f1")

    together(*[lambda row=row: act(row) for row in statements])
    connection.close()
    assert Statement.objects.received().count() == 50
    for receipt in Receipt.objects.select_related("statement"):
        assert receipt.content["text"] == receipt.statement.text
        assert [row["text"] for row in receipt.content["remarks"]] == [f"Huomio {receipt.statement.signed_by}"]


# --- What others do at the same time, and afterwards ------------------------------------------------------


def test_each_address_gets_its_receipt_even_if_the_other_is_refused(comment_round, monkeypatch):
    invitation = InvitationFactory(round=comment_round, email="kirjaamo@example.org")
    statement = begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi", invitation=invitation)
    values = {"signed_by": "Rauha", "text": "Kyllä.", "email": "vaara@example.org"}
    statement = save_fields(statement, values=values, shown={})
    sent = []

    def send(payload):
        if payload["to"] == ["vaara@example.org"]:
            raise OSError
        sent.extend(payload["to"])

    monkeypatch.setattr("reviews.jobs.receipts.send_mail", send)
    hand_in(statement, key="k")
    run_due()
    Job.objects.open().update(run_after=timezone.now())
    run_due()
    assert sent == ["kirjaamo@example.org"]


def test_nothing_is_taken_in_once_names_were_removed(comment_round, statement, time_machine):
    hand_in(save_fields(statement, values={"text": "Kyllä."}, shown={}), key="k")
    time_machine.move_to(CLOSES + DAY, tick=False)
    begin(comment_round, kind=Statement.Kind.ANONYMOUS, language="fi")
    forget_people(comment_round, by=None)
    with pytest.raises(ValidationError) as error:
        begin(comment_round, kind=Statement.Kind.PERSONAL, language="fi")
    assert code_of(error) == {"round_not_open"}
    with pytest.raises(ValidationError) as error:
        reopen(comment_round, until=CLOSES + 9 * DAY, reason="Myöhässä", by=UserFactory())
    assert code_of(error) == {"people_removed"}


def test_words_that_are_blacked_out_stay_so_when_the_respondent_changes_the_text(comment_round, statement):
    values = {"text": "Ohjaaja Virtanen ei tule.", "answers": {"q1": "Virtanen puuttuu."}}
    statement = save_fields(statement, values=values, shown={})
    hand_in(statement, key="k")
    black_out(statement, words="Virtanen", reason="nimi", by=UserFactory())
    values = {"text": "Meidän ohjaaja Virtanen ei tule.", "answers": {"q1": "Missä on Virtanen?"}}
    changed = save_fields(statement, values=values, shown={})
    told = published(changed.text, passages_of(changed.redactions))
    assert told == "Meidän ohjaaja [jätetty pois: nimi] ei tule."
    (answer,) = passages_of(changed.redactions, "answers.q1")
    assert changed.answers["q1"][answer.starts_at : answer.ends_at] == "Virtanen"


def test_remark_stays_hidden_and_blacked_out_while_its_respondent_changes_it(comment_round, statement, monkeypatch):
    section_key, _block = place(comment_round.version)
    remark = say(statement, key="r", text="Virtanen on myöhässä.", language="fi", section_key=section_key)
    hand_in(statement, key="k")
    black_out(statement, words="Virtanen", reason="nimi", by=UserFactory())
    handler = UserFactory()

    def handled_meanwhile(*args, **kwargs):
        fields = {"hidden_at": OPENS, "hidden_reason": "Nimi", "assigned_to": handler}
        Remark.objects.filter(pk=remark.pk).update(**fields)

    monkeypatch.setattr("reviews.services.remarks.quote_in", handled_meanwhile)
    change_remark(remark, text="Taas Virtanen on myöhässä.")
    remark.refresh_from_db()
    assert (remark.text, remark.hidden_reason, remark.assigned_to) == ("Taas Virtanen on myöhässä.", "Nimi", handler)
    (passage,) = passages_of(remark.redactions)
    assert remark.text[passage.starts_at : passage.ends_at] == "Virtanen"


def test_statement_is_never_called_by_an_address(comment_round):
    user = UserFactory(name="", email="salaa@example.org")
    assert "@" not in str(begin(comment_round, kind=Statement.Kind.PERSONAL, language="fi", user=user))
