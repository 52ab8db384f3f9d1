import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from directory.models import MeetingPlace, ServiceProvision
from tests.directory.factories import MeetingPlaceFactory, ServiceFactory, ServiceProvisionFactory
from tests.regions.factories import AreaFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_a_role_in_a_service_is_given_once_in_an_area_and_once_in_the_region():
    provision = ServiceProvisionFactory()
    same = {
        "service": provision.service,
        "region": provision.region,
        "organisation": provision.organisation,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceProvisionFactory(**same)
    area = AreaFactory(region=provision.region)
    ServiceProvisionFactory(**same, area=area)
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceProvisionFactory(**same, area=area)
    ServiceProvisionFactory(**same, role=ServiceProvision.Role.GUIDES)
    assert ServiceProvision.objects.count() == 3


def test_a_place_has_a_municipality_unless_it_is_on_the_web():
    place = MeetingPlaceFactory(kind=MeetingPlace.Kind.ONLINE, municipality=None)
    place.kind = MeetingPlace.Kind.CLUB
    with pytest.raises(ValidationError, match="Choose the municipality"):
        place.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        place.save()


def test_ages_are_in_order():
    place = MeetingPlaceFactory(age_from=0, age_to=6)
    place.full_clean()
    place.age_from = 7
    with pytest.raises(ValidationError, match="upper age"):
        place.full_clean()


def test_names_are_shown():
    assert str(MeetingPlaceFactory(name_fi="Perhekahvila Omena")) == "Perhekahvila Omena"
    service = ServiceFactory(name_fi="Neuvola")
    provision = ServiceProvisionFactory(service=service)
    assert str(provision) == f"Neuvola – {provision.organisation}"
