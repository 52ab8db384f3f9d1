import pytest
from django.urls import reverse

from tests.accounts.factories import UserFactory

from .factories import (
    OPENS,
    AnswerFactory,
    ChainStepFactory,
    CommentRoundFactory,
    DecisionFactory,
    InvitationFactory,
    RemarkFactory,
    StatementFactory,
)

pytestmark = pytest.mark.django_db
FACTORIES = [CommentRoundFactory, StatementFactory, RemarkFactory, AnswerFactory, ChainStepFactory, DecisionFactory]
SEALED = [StatementFactory, RemarkFactory, AnswerFactory, DecisionFactory]


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def address(factory, page, *args):
    return reverse(f"admin:reviews_{factory._meta.model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("factory", FACTORIES)
def test_list_takes_the_same_queries_for_one_and_three(admin, factory, django_assert_max_num_queries):
    counts = []
    for more in (1, 2):
        factory.create_batch(more)
        with django_assert_max_num_queries(30) as captured:
            page = admin.get(address(factory, "changelist"), {"q": "a"})
            assert admin.get(address(factory, "changelist")).status_code == page.status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("factory", FACTORIES)
def test_page_of_one_row_opens(admin, factory):
    assert admin.get(address(factory, "change", factory().pk)).status_code == 200


@pytest.mark.parametrize("factory", SEALED)
def test_what_was_received_or_decided_cannot_be_rewritten(admin, factory):
    row = factory()
    assert admin.post(address(factory, "change", row.pk), {}).status_code == 403
    assert admin.post(address(factory, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert admin.get(address(factory, "add")).status_code == 403


def test_round_keeps_its_version_and_region(admin):
    comment_round = CommentRoundFactory()
    form = admin.get(address(CommentRoundFactory, "change", comment_round.pk)).context["adminform"].form
    assert {"version", "region"}.isdisjoint(form.fields)
    promised = {"kind", "opens_at", "closes_at", "sharing", "allows_anonymous", "requires_sign_in", "questions"}
    assert promised.isdisjoint(form.fields)
    assert "version" in admin.get(address(CommentRoundFactory, "add")).context["adminform"].form.fields


def test_round_page_shows_whom_it_invites_and_whether_it_is_open(admin, time_machine):
    invitation = InvitationFactory()
    time_machine.move_to(OPENS)
    admin.force_login(UserFactory(is_staff=True, is_superuser=True))
    page = admin.get(address(CommentRoundFactory, "change", invitation.round_id)).content.decode()
    assert str(invitation.organisation) in page
    assert "icon-yes" in admin.get(address(CommentRoundFactory, "changelist")).content.decode()
