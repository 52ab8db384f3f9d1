"""Inviting to a round in a real browser, by keyboard, wide and on a phone."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from regions.models import Organisation
from reviews.models import Invitation, InvitationMail
from tests.accounts.factories import UserFactory
from tests.regions.factories import (
    AreaFactory,
    BodyFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganisationFactory,
)
from tests.reviews.factories import CommentRoundFactory, InvitationFactory, StatementFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def comment_round():
    now = timezone.now()
    day = datetime.timedelta(days=1)
    comment_round = CommentRoundFactory(opens_at=now - 2 * day, closes_at=now + 30 * day, announced_at=now - 3 * day)
    town = MunicipalityFactory(region=comment_round.region)
    AreaFactory(region=comment_round.region).municipalities.set([town])
    asked = {"round": comment_round, "sent_at": now}
    town_hall = OrganisationFactory(
        region=comment_round.region, kind=Organisation.Kind.MUNICIPALITY, municipality=town, name_fi="Esimerkkilä"
    )
    came_back = InvitationFactory(organisation=town_hall, email="vanha@example.org", bounced_at=now, **asked)
    InvitationMail.objects.create(
        region=comment_round.region,
        invitation=came_back,
        kind="request",
        email=came_back.email,
        sent_at=now,
        bounced_at=now,
        bounce="550 5.1.1 User unknown",
    )
    StatementFactory(round=comment_round, invitation=InvitationFactory(**asked))
    OrganisationFactory(region=comment_round.region, name_fi="Perheyhdistys")
    return comment_round


@pytest.mark.parametrize("width", [1280, 320])
def test_coordinator_invites_and_corrects_an_address(page, comment_round, sign_in, axe, width):
    body = BodyFactory(region=comment_round.region, coordinating=True)
    sign_in(MembershipFactory(body=body, user=UserFactory(name="Kaisa Koordinaattori")).user)
    page.set_viewport_size({"width": width, "height": 800})

    def check():
        axe()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    page.goto(f"/en/{comment_round.region.slug}/rounds/{comment_round.public_id}/invitations/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Those who are asked")
    check()
    page.get_by_role("link", name="Choose from the region").press("Enter")
    check()
    page.get_by_role("checkbox", name="Perheyhdistys").press("Space")
    page.get_by_role("button", name="Invite those ticked").press("Enter")
    page.get_by_role("link", name="Perheyhdistys").press("Enter")
    check()
    page.keyboard.type("perhe@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 was invited")).to_be_visible()
    assert Invitation.objects.filter(email="perhe@example.org").exists()

    page.get_by_role("link", name="Esimerkkilä").press("Enter")
    check()
    page.get_by_role("link", name="Correct the address and send again").press("Enter")
    check()
    page.get_by_label("E-mail address").fill("uusi@example.org")
    expect(page.get_by_label("Send the request to this address now")).to_be_checked()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("waits to be sent", exact=True)).to_be_visible()

    page.goto(f"/en/{comment_round.region.slug}/mail-texts/request/fi/")
    page.get_by_role("button", name="Look at an example").press("Enter")
    expect(page.get_by_text("K7QF-2MXR-9TDA")).to_be_visible()
    check()
