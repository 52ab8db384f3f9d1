import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from regions.models import Area, Mandate, Membership, Organisation, Region
from regions.validators import contrast_to_white
from tests.accounts.factories import UserFactory
from tests.regions.factories import (
    AreaFactory,
    BodyFactory,
    MandateFactory,
    MeetingFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganisationFactory,
    RegionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
DAY = datetime.date(2026, 3, 2)


def messages_of(obj):
    with pytest.raises(ValidationError) as caught:
        obj.full_clean()
    return caught.value.messages


@pytest.mark.parametrize("factory", [MembershipFactory, MandateFactory])
def test_dates_must_be_in_order(factory):
    row = factory()
    row.ends_on = row.starts_on - datetime.timedelta(days=1)
    assert messages_of(row) == ["The last day cannot be before the first."]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("factory", "what", "message"),
    [
        (MembershipFactory, "body", "This person is already a member of the body."),
        (MandateFactory, "organisation", "This person already has this mandate."),
    ],
)
def test_an_open_right_is_given_once(factory, what, message):
    row = factory()
    second = factory.build(user=row.user, region=row.region, **{what: getattr(row, what)})
    assert messages_of(second) == [message]
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()
    row.ends_on = DAY
    row.save()
    second.save()
    assert type(row).objects.count() == 2


@pytest.mark.parametrize(("factory", "model"), [(MembershipFactory, Membership), (MandateFactory, Mandate)])
@pytest.mark.parametrize(
    ("starts", "ends", "valid"),
    [
        (0, None, True),
        (1, None, False),
        (-5, 0, True),
        (-5, -1, False),
        (0, 0, True),
    ],
)
def test_rights_hold_from_the_first_day_to_the_last(factory, model, starts, ends, valid):
    factory(
        starts_on=DAY + datetime.timedelta(days=starts),
        ends_on=None if ends is None else DAY + datetime.timedelta(days=ends),
    )
    assert model.objects.valid_on(DAY).exists() == valid


def test_today_is_the_day_in_finland():
    MembershipFactory(starts_on=DAY)
    with time_machine.travel(datetime.datetime(2026, 3, 1, 21, 59, tzinfo=datetime.UTC), tick=False):
        assert not Membership.objects.valid_on().exists()
    with time_machine.travel(datetime.datetime(2026, 3, 1, 22, 0, tzinfo=datetime.UTC), tick=False):
        assert Membership.objects.valid_on().exists()


def test_organisations_are_valid_between_their_days():
    OrganisationFactory(name_fi="aina")
    OrganisationFactory(name_fi="alkaa", valid_from=DAY)
    OrganisationFactory(name_fi="loppunut", valid_to=DAY - datetime.timedelta(days=1))
    OrganisationFactory(name_fi="tulossa", valid_from=DAY + datetime.timedelta(days=1))
    names = Organisation.objects.valid_on(DAY).order_by("name_fi").values_list("name_fi", flat=True)
    assert list(names) == ["aina", "alkaa"]


def test_a_municipality_as_organisation_names_which_one():
    organisation = OrganisationFactory(of_municipality=True)
    organisation.municipality = None
    assert messages_of(organisation) == ["Choose the municipality that this organisation is."]
    with pytest.raises(IntegrityError), transaction.atomic():
        organisation.save()


def test_organisation_days_must_be_in_order():
    organisation = OrganisationFactory(valid_from=DAY)
    organisation.valid_to = DAY - datetime.timedelta(days=1)
    assert messages_of(organisation) == ["The last day cannot be before the first."]


def test_area_keys_are_unique_inside_a_region():
    area = AreaFactory(key="oulu")
    AreaFactory(key="oulu")
    with pytest.raises(IntegrityError), transaction.atomic():
        AreaFactory(key="oulu", region=area.region)
    assert Area.objects.filter(key="oulu").count() == 2


def test_a_body_meets_once_at_a_time():
    meeting = MeetingFactory()
    again = MeetingFactory.build(body=meeting.body, region=meeting.region, starts_at=meeting.starts_at)
    assert messages_of(again) == ["The body already has a meeting at this time."]


def test_coming_meetings_come_in_order():
    body = BodyFactory()
    now = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)
    days = [MeetingFactory(body=body, starts_at=now + datetime.timedelta(days=n)) for n in (3, -1, 1)]
    assert list(body.meetings.coming(now)) == [days[2], days[0]]


def test_names_follow_the_language_and_fall_back_to_finnish():
    from django.utils import translation

    region = RegionFactory(name_fi="Pohjanmaa", name_sv="Österbotten")
    with translation.override("sv"):
        assert str(region) == "Österbotten"
    with translation.override("en"):
        assert str(region) == "Pohjanmaa"


def test_languages_of_a_region_are_in_order():
    region = RegionFactory(languages=["sv", "fi"])
    assert (region.original_language, region.is_bilingual) == ("sv", True)
    assert RegionFactory().is_bilingual is False


@pytest.mark.parametrize("languages", [[], "fi", ["fi", "fi"], ["fi", "ru"], None, {"fi": 1}, [["fi"]]])
def test_languages_must_be_a_list_of_known_ones(languages):
    region = RegionFactory.build(languages=languages)
    with pytest.raises(ValidationError) as caught:
        region.full_clean()
    assert "languages" in caught.value.message_dict


def test_saami_can_be_a_language_of_texts():
    RegionFactory.build(languages=["fi", "se"]).full_clean(exclude=["name"])


@pytest.mark.parametrize(
    ("colour", "accepted"),
    [("#0b5d66", True), ("#767676", True), ("#777777", False), ("#ffffff", False), ("red", False), ("#12345", False)],
)
def test_the_accent_colour_is_readable_on_white(colour, accepted):
    region = RegionFactory.build(accent=colour)
    if accepted:
        region.full_clean()
    else:
        with pytest.raises(ValidationError) as caught:
            region.full_clean()
        assert list(caught.value.message_dict) == ["accent"]


def test_contrast_is_that_of_the_guideline():
    assert contrast_to_white("#000000") == pytest.approx(21)
    assert contrast_to_white("#ffffff") == pytest.approx(1)
    assert contrast_to_white("#767676") == pytest.approx(4.54, abs=0.01)


def test_public_ids_are_short_and_differ():
    first, second = OrganisationFactory(), OrganisationFactory()
    assert first.public_id != second.public_id
    assert len(first.public_id) == 10
    assert not set(first.public_id) & set("01iloaeuy")


def test_rows_can_be_told_apart_in_lists():
    region = RegionFactory(name_fi="Alue")
    body = BodyFactory(region=region, name_fi="Ohjausryhmä")
    user = UserFactory(name="Liisa Mallikas")
    organisation = OrganisationFactory(region=region, name_fi="Yhdistys", short_name_fi="Yhd.")
    assert str(MembershipFactory(user=user, body=body)) == "Liisa Mallikas – Ohjausryhmä"
    assert str(MandateFactory(user=user, organisation=organisation)).startswith("Liisa Mallikas – Yhdistys: ")
    assert organisation.label == "Yhd."
    assert OrganisationFactory(name_fi="Toinen").label == "Toinen"
    assert str(MunicipalityFactory(name_fi="Liminka")) == "Liminka"
    meeting = MeetingFactory(body=body, starts_at=datetime.datetime(2026, 2, 25, 14, 0, tzinfo=datetime.UTC))
    assert str(meeting).startswith("Ohjausryhmä 25.2.2026")


def test_regions_in_use():
    used, _unused = RegionFactory(), RegionFactory(public=False)
    assert list(Region.objects.in_use()) == [used]
