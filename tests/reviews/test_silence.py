import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from regions.models import Organisation
from reviews.inviting.invited import counts_of, rows_of
from reviews.inviting.silence import ADDRESSES, AREA, BODIES, MUNICIPALITY, NOWHERE, Places, silence_of
from reviews.models import CommentRound
from tests.regions.factories import (
    AreaFactory,
    BodyFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganisationFactory,
    RegionFactory,
)

from .factories import OPENS, CommentRoundFactory, InvitationFactory, StatementFactory
from .test_invitations import page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Kind = Organisation.Kind


@pytest.fixture
def comment_round(time_machine):
    """Two areas; a town in the first, one in both; two towns, a club, a body and an address are asked."""
    time_machine.move_to(OPENS + datetime.timedelta(days=2), tick=False)
    region = RegionFactory()
    lake, sea = AreaFactory(region=region, key="lake"), AreaFactory(region=region, key="sea")
    first, second = MunicipalityFactory(region=region), MunicipalityFactory(region=region)
    lake.municipalities.set([first, second])
    sea.municipalities.set([second])
    comment_round = CommentRoundFactory(region=region, kind=CommentRound.Kind.INVITED)
    asked = {"round": comment_round, "sent_at": OPENS, "email": "a@example.org"}
    towns = [OrganisationFactory(region=region, kind=Kind.MUNICIPALITY, municipality=one) for one in (first, second)]
    answered, begun = (InvitationFactory(organisation=town, **asked) for town in towns)
    StatementFactory(round=comment_round, invitation=answered)
    StatementFactory(round=comment_round, invitation=begun, received_at=None)
    InvitationFactory(organisation=OrganisationFactory(region=region, municipality=first), **asked)
    InvitationFactory(organisation=None, body=BodyFactory(region=region, area=sea), **asked)
    InvitationFactory(organisation=None, **asked)
    InvitationFactory(organisation=OrganisationFactory(region=region), withdrawn_at=OPENS, **asked)
    return comment_round


def table(comment_round, axis=AREA):
    rows = rows_of(comment_round)
    found = silence_of(rows, axis=axis, places=Places.of(comment_round), list_url="/list/")
    numbers = {}
    for line in [*found.lines, found.total]:
        for (kind, _label), cell in zip(found.kinds, line.cells, strict=True):
            numbers[line.key, kind] = (cell.asked, cell.handed_in, cell.begun, cell.silent)
        numbers[line.key, ""] = (line.total.asked, line.total.handed_in, line.total.begun, line.total.silent)
    return found, {key: value for key, value in numbers.items() if value != (0, 0, 0, 0)}


def test_answers_by_kind_and_area(comment_round):
    found, numbers = table(comment_round)
    assert [kind for kind, _label in found.kinds] == [Kind.MUNICIPALITY, Kind.NGO, BODIES, ADDRESSES]
    assert numbers == {
        ("lake", Kind.MUNICIPALITY): (2, 1, 1, 0),
        ("lake", Kind.NGO): (1, 0, 0, 1),
        ("lake", ""): (3, 1, 1, 1),
        # A municipality that lies in two areas stands in both, and once in the line of all.
        ("sea", Kind.MUNICIPALITY): (1, 0, 1, 0),
        ("sea", BODIES): (1, 0, 0, 1),
        ("sea", ""): (2, 0, 1, 1),
        (NOWHERE, ADDRESSES): (1, 0, 0, 1),
        (NOWHERE, ""): (1, 0, 0, 1),
        ("", Kind.MUNICIPALITY): (2, 1, 1, 0),
        ("", Kind.NGO): (1, 0, 0, 1),
        ("", BODIES): (1, 0, 0, 1),
        ("", ADDRESSES): (1, 0, 0, 1),
        ("", ""): (5, 1, 1, 3),
    }
    counts = counts_of(rows_of(comment_round))
    assert (counts.asked, counts.handed_in, counts.begun, counts.silent) == (5, 1, 1, 3)


def test_answers_by_municipality(comment_round):
    _found, numbers = table(comment_round, MUNICIPALITY)
    codes = [row.code for row in comment_round.region.municipalities.order_by("pk")]
    assert numbers[codes[0], ""] == (2, 1, 0, 1)
    assert numbers[codes[1], ""] == (1, 0, 1, 0)
    assert numbers[NOWHERE, ""] == (2, 0, 0, 2)


def test_every_number_has_its_list(comment_round, client):
    body = BodyFactory(region=comment_round.region, coordinating=True)
    client.force_login(MembershipFactory(body=body).user)
    response = client.get(page(comment_round, "invitation-list"))
    silence = response.context["silence"]
    text = response.content.decode()
    assert "1 answered of 2 asked" in text
    for line in [*silence.lines, silence.total]:
        for cell in [*line.cells, line.total]:
            if cell.asked:
                shown = client.get(cell.list_url.partition("#")[0]).context["shown"]
                assert shown == (cell.silent or cell.asked), cell.list_url
    by_municipality = client.get(page(comment_round, "invitation-list"), {"by": "municipality"})
    assert by_municipality.context["silence"].axis == MUNICIPALITY


def test_queries_do_not_grow_with_those_who_are_asked(comment_round):
    with CaptureQueriesContext(connection) as few:
        rows_of(comment_round)
    for _more in range(5):
        town = MunicipalityFactory(region=comment_round.region)
        organisation = OrganisationFactory(region=comment_round.region, kind=Kind.MUNICIPALITY, municipality=town)
        StatementFactory(
            round=comment_round, invitation=InvitationFactory(round=comment_round, organisation=organisation)
        )
    with CaptureQueriesContext(connection) as many:
        rows_of(comment_round)
    assert len(many) == len(few) <= 9


def test_region_without_areas_is_shown_by_municipality(client):
    comment_round = CommentRoundFactory()
    town = MunicipalityFactory(region=comment_round.region)
    organisation = OrganisationFactory(region=comment_round.region, kind=Kind.MUNICIPALITY, municipality=town)
    InvitationFactory(round=comment_round, organisation=organisation, email="k@example.org")
    body = BodyFactory(region=comment_round.region, coordinating=True)
    client.force_login(MembershipFactory(body=body).user)
    response = client.get(page(comment_round, "invitation-list"))
    assert [line.label for line in response.context["silence"].lines] == [town.name]
    assert "?by=" not in response.content.decode()


def test_respondents_see_nothing_of_who_was_asked(comment_round, client):
    """Neither signed out nor signed in without the document's rights; the round's public page names nobody."""
    address = page(comment_round, "invitation-list")
    assert client.get(address).status_code == 302
    member = MembershipFactory(body=comment_round.invitations.exclude(body=None).get().body).user
    client.force_login(member)
    assert client.get(address).status_code == 404
    front = client.get(reverse("reviews:answer", args=[comment_round.region.slug, comment_round.public_id]))
    text = front.content.decode()
    for row in comment_round.invitations.exclude(organisation=None):
        assert str(row) not in text
