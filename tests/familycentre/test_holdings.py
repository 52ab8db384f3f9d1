import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from documents.models import Conflict, Note
from documents.services.sections import save_section
from handbooks.services.imports import prepare_import
from regions.holdings import holdings_of
from regions.turnover import end_and_hand_over
from reviews.models import Statement
from tests.accounts.factories import UserFactory
from tests.documents.factories import make_region
from tests.handbooks.factories import make_docx, make_handbook
from tests.regions.factories import BodyFactory, MandateFactory, MembershipFactory, OrganisationFactory
from tests.reviews.factories import CommentRoundFactory, StatementFactory, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def region():
    return make_region("19", "Pohjois-Pohjanmaan hyvinvointialue")


@pytest.fixture
def handbook(region):
    return make_handbook(region, writing_body=BodyFactory(region=region))


@pytest.fixture
def leaving(handbook):
    return MembershipFactory(body=handbook.document.writing_body)


def make_note(handbook, **kwargs):
    mentioned = kwargs.pop("mentioned", None)
    document = handbook.document
    section = document.sections.order_by("pk").first()
    note = Note.objects.create(region=document.region, document=document, section=section, text="Katso tätä.", **kwargs)
    if mentioned:
        note.mentioned.add(mentioned)
    return note


def held(leaving):
    return holdings_of(leaving.user, leaving.region, leaving)


def give(leaving, holding, taker):
    today = timezone.localdate()
    end_and_hand_over(
        leaving, by=UserFactory(), site="https://plans.example.fi", on=today, choices={holding.key: taker}
    )


def test_open_threads_that_mention_a_person_are_held(handbook, leaving):
    user = leaving.user
    thread = make_note(handbook, mentioned=user)
    make_note(handbook, thread=thread, mentioned=user)
    make_note(handbook, thread=make_note(handbook), mentioned=user)
    make_note(handbook, mentioned=user, resolved_at=timezone.now())
    make_note(handbook, thread=make_note(handbook, resolved_at=timezone.now()), mentioned=user)
    make_note(handbook, mentioned=UserFactory())
    (holding,) = held(leaving)
    assert holding.text.startswith("2 open notes")
    assert str(handbook.document) in holding.title


def test_who_takes_over_is_mentioned_and_what_was_written_stays(handbook, leaving):
    note = make_note(handbook, mentioned=leaving.user)
    taker = MembershipFactory(body=leaving.body).user
    give(leaving, held(leaving)[0], taker)
    assert set(note.mentioned.all()) == {leaving.user, taker}


def test_notes_go_to_nobody_who_may_not_read_the_draft(handbook, leaving, region):
    note = make_note(handbook, mentioned=leaving.user)
    today = timezone.localdate()
    other_body = MembershipFactory(body=BodyFactory(region=region)).user
    ends_today = MembershipFactory(body=leaving.body, ends_on=today).user
    for taker in (other_body, ends_today):
        with pytest.raises(ValidationError) as caught:
            give(leaving, held(leaving)[0], taker)
        assert caught.value.code == "may_not_read"
    assert list(note.mentioned.all()) == [leaving.user]
    leaving.refresh_from_db()
    assert leaving.ends_on is None


def test_an_unfinished_statement_goes_to_another_person(leaving, region):
    organisation = OrganisationFactory(region=region)
    comment_round = CommentRoundFactory(version=make_version(region=region))
    values = {"region": region, "round": comment_round, "user": leaving.user, "organisation": organisation}
    statement = Statement.objects.create(kind=Statement.Kind.OFFICIAL, **values)
    Statement.objects.create(kind=Statement.Kind.PERSONAL, **{**values, "organisation": None})
    taker = MembershipFactory(body=leaving.body).user
    (holding,) = held(leaving)
    MandateFactory(user=taker, organisation=organisation, region=region)
    give(leaving, holding, taker)
    statement.refresh_from_db()
    assert statement.user == taker


def test_a_statement_goes_to_nobody_who_may_not_sign_and_not_once_it_is_handed_in(leaving, region):
    organisation = OrganisationFactory(region=region)
    statement = StatementFactory(
        round=CommentRoundFactory(region=region, version=make_version(region=region)),
        kind=Statement.Kind.OFFICIAL,
        user=leaving.user,
        organisation=organisation,
        received_at=None,
    )
    (holding,) = held(leaving)
    taker, other = (MembershipFactory(body=leaving.body).user for _number in range(2))
    today = timezone.localdate()
    MandateFactory(user=taker, organisation=organisation, region=region, ends_on=today)
    with pytest.raises(ValidationError) as caught:
        give(leaving, holding, taker)
    assert caught.value.code == "may_not_sign"
    MandateFactory(user=other, organisation=organisation, region=region)
    Statement.objects.filter(pk=statement.pk).update(received_at=timezone.now())
    with pytest.raises(ValidationError) as caught:
        holding.give(other, today, UserFactory())
    assert caught.value.code == "handed_in"
    statement.refresh_from_db()
    assert statement.user == leaving.user


def test_what_only_is_told_cannot_be_given(handbook, leaving):
    document = handbook.document
    section = document.sections.select_related("head", "document").order_by("pk").first()
    save_section(section, by=leaving.user, base=section.head, html={"fi": "<p>Teksti.</p>"})
    section.refresh_from_db()
    Conflict.objects.create(
        region=document.region,
        document=document,
        section=section,
        revision=section.head,
        kind=Conflict.Kind.TEXT,
        block_id="b2c3d4f5g6",
        author=leaving.user,
    )
    content = make_docx(("h1", "Johtaminen"), "Johtaminen on selkeää.")
    prepare_import(handbook, content=content, name="kasikirja.docx", language="fi", by=leaving.user)
    conflict, word_file = held(leaving)
    assert (conflict.give, conflict.end, word_file.give, word_file.end) == (None, None, None, None)
    assert conflict.url.endswith("#conflicts")
    assert "kasikirja.docx" in word_file.title


def test_what_is_held_in_another_region_stays_unsaid(leaving):
    other = make_region("17", "Pohjanmaan hyvinvointialue")
    make_note(make_handbook(other), mentioned=leaving.user)
    MembershipFactory(user=leaving.user, body=BodyFactory(region=other), starts_on=datetime.date(2022, 1, 1))
    assert held(leaving) == []
