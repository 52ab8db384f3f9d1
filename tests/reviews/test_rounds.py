import datetime

import pytest
from django.core.exceptions import ValidationError

from documents.renditions import JOB as RENDITION
from jobs.models import Job
from reviews.models import CommentRound, RoundChange
from reviews.rounds.questions import clean_answers, questions_of
from reviews.services.rounds import announce, change_round, close_now, extend, make_round, reopen
from tests.accounts.factories import UserFactory

from .factories import CLOSES, OPENS, CommentRoundFactory, StatementFactory, make_version

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
QUESTION = {"key": "q1", "kind": "text", "text": {"fi": "Mitä puuttuu?"}}


@pytest.fixture
def coordinator():
    return UserFactory()


@pytest.fixture
def draft(coordinator, time_machine):
    time_machine.move_to(OPENS - 2 * DAY, tick=False)
    return make_round(
        make_version(),
        by=coordinator,
        kind=CommentRound.Kind.OPEN,
        title={"fi": "Lausuntokierros"},
        contact="Kaisa Koordinaattori",
        contact_phone="040 000 0000",
        opens_at=OPENS,
        closes_at=CLOSES,
        questions=[QUESTION],
    )


def code_of(error):
    codes = {item.code for item in error.value.error_list} if hasattr(error.value, "error_list") else set()
    for items in getattr(error.value, "error_dict", {}).values():
        codes |= {item.code for item in items}
    return codes


def test_draft_never_opens_and_an_announced_round_opens_by_itself(draft, coordinator, time_machine):
    time_machine.move_to(OPENS + DAY, tick=False)
    assert not draft.is_open()
    assert not CommentRound.objects.open().exists()
    announce(draft, by=coordinator)
    languages = draft.version.document.languages
    assert Job.objects.filter(kind=RENDITION).count() == len(languages)  # requests carry the PDF, nobody waits for it
    assert CommentRound.objects.open().get() == draft
    time_machine.move_to(CLOSES, tick=False)
    assert CommentRound.objects.over().get() == draft


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": {}}, "title_missing"),
        ({"contact": ""}, "contact_missing"),
        ({"contact_phone": ""}, "contact_missing"),
    ],
)
def test_request_says_what_it_is_about_and_whom_to_ask(draft, coordinator, fields, code):
    CommentRound.objects.filter(pk=draft.pk).update(**fields)
    with pytest.raises(ValidationError) as error:
        announce(draft, by=coordinator)
    assert code_of(error) == {code}


def test_round_is_announced_once_and_before_its_closing(draft, coordinator, time_machine):
    announce(draft, by=coordinator)
    with pytest.raises(ValidationError) as error:
        announce(draft, by=coordinator)
    assert code_of(error) == {"announced"}
    late = CommentRoundFactory(announced_at=None)
    time_machine.move_to(CLOSES, tick=False)
    with pytest.raises(ValidationError) as error:
        announce(late, by=coordinator)
    assert code_of(error) == {"closing_passed"}


def test_more_time_early_end_and_opening_again_are_kept_with_their_reasons(draft, coordinator, time_machine):
    announce(draft, by=coordinator)
    extend(draft, until=CLOSES + DAY, by=coordinator, reason="Kuntien kokoukset")
    time_machine.move_to(OPENS + DAY, tick=False)
    close_now(draft, by=coordinator)
    assert CommentRound.objects.get().is_over()
    with pytest.raises(ValidationError) as error:
        reopen(draft, until=CLOSES, reason=" ", by=coordinator)
    assert code_of(error) == {"reason_missing"}
    reopen(draft, until=CLOSES, reason="Suljettiin vahingossa", by=coordinator)
    assert CommentRound.objects.get().is_open()
    assert list(draft.changes.values_list("kind", "closes_at", "reason")) == [
        (RoundChange.Kind.ANNOUNCED, CLOSES, ""),
        (RoundChange.Kind.EXTENDED, CLOSES + DAY, "Kuntien kokoukset"),
        (RoundChange.Kind.CLOSED, OPENS + DAY, ""),
        (RoundChange.Kind.REOPENED, CLOSES, "Suljettiin vahingossa"),
    ]


def test_closing_time_only_moves_where_it_makes_sense(draft, coordinator, time_machine):
    with pytest.raises(ValidationError) as error:
        extend(draft, until=CLOSES + DAY, by=coordinator)
    assert code_of(error) == {"round_is_draft"}
    announce(draft, by=coordinator)
    for act, code in (
        (lambda: extend(draft, until=CLOSES, by=coordinator), "not_later"),
        (lambda: close_now(draft, by=coordinator), "not_open"),
        (lambda: reopen(draft, until=CLOSES + DAY, reason="x", by=coordinator), "not_over"),
    ):
        with pytest.raises(ValidationError) as error:
            act()
        assert code_of(error) == {code}
    time_machine.move_to(CLOSES, tick=False)
    with pytest.raises(ValidationError) as error:
        extend(draft, until=CLOSES + DAY, by=coordinator)
    assert code_of(error) == {"not_open"}


def test_what_was_promised_stays(draft, coordinator):
    change_round(draft, by=coordinator, fields={"sharing": CommentRound.Sharing.AT_ONCE})
    announce(draft, by=coordinator)
    with pytest.raises(ValidationError) as error:
        change_round(draft, by=coordinator, fields={"sharing": CommentRound.Sharing.NOBODY})
    assert code_of(error) == {"round_fixed"}
    with pytest.raises(ValueError, match="version"):
        change_round(draft, by=coordinator, fields={"version": make_version()})
    change_round(draft, by=coordinator, fields={"instructions": {"fi": "Lukekaa luku 2."}})
    assert CommentRound.objects.get().instructions == {"fi": "Lukekaa luku 2."}


def test_questions_stay_once_somebody_answers(draft, coordinator):
    other = [{**QUESTION, "text": {"fi": "Mikä on hyvää?"}}]
    change_round(draft, by=coordinator, fields={"questions": other})
    StatementFactory(round=draft, received_at=None)
    with pytest.raises(ValidationError) as error:
        change_round(draft, by=coordinator, fields={"questions": [QUESTION]})
    assert code_of(error) == {"questions_fixed"}


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"kind": "text", "text": {"fi": " "}}, "question_empty"),
        (
            {"kind": "choice", "text": {"fi": "Sopiiko?"}, "options": [{"key": "a", "text": {"fi": "Kyllä"}}]},
            "options_missing",
        ),
    ],
)
def test_question_is_whole(draft, coordinator, question, code):
    with pytest.raises(ValidationError) as error:
        change_round(draft, by=coordinator, fields={"questions": [{"key": "q1", **question}]})
    assert code_of(error) == {code}


def test_option_without_a_word_is_left_out(draft, coordinator):
    options = [{"key": key, "text": {"fi": text}} for key, text in (("k", "Kyllä"), ("x", " "), ("e", "Ei"))]
    question = {"key": "q1", "kind": "several", "text": {"fi": "Sopiiko?"}, "options": options}
    change_round(draft, by=coordinator, fields={"questions": [question]})
    (kept,) = questions_of(CommentRound.objects.get().questions)
    assert [option.key for option in kept.options] == ["k", "e"]
    assert clean_answers([kept], {"q1": ["e", "k", "e"]}) == {"q1": ["k", "e"]}
    assert clean_answers([kept], {"q1": "e"}) == {"q1": ["e"]}
