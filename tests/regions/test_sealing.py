import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from directory.models import ServiceProvision
from regions.models import Area, Body, Membership, Organisation, Region
from regions.sealing import crossings, region_paths, require_one_region, sealed_models
from tests.criteria.factories import CriteriaGroupFactory, CriteriaSetFactory, CriterionFactory
from tests.directory.factories import MeetingPlaceFactory, ServiceProvisionFactory
from tests.regions.factories import (
    AreaFactory,
    BodyFactory,
    MandateFactory,
    MeetingFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganisationFactory,
    OrganisationGroupFactory,
    RegionFactory,
    make_stored_file,
)

pytestmark = pytest.mark.django_db


def whole_region():
    """One row of everything, rightly related."""
    body = BodyFactory(coordinating=True)
    region = body.region
    municipality = MunicipalityFactory(region=region)
    body.area = AreaFactory(region=region, municipalities=[municipality])
    body.municipality = municipality
    body.save()
    organisation = OrganisationFactory(region=region, of_municipality=True)
    OrganisationGroupFactory(region=region, members=[organisation])
    MembershipFactory(body=body, represents=organisation)
    MandateFactory(organisation=organisation)
    MeetingFactory(body=body)
    MeetingPlaceFactory(region=region)
    ServiceProvisionFactory(service__region=region)
    CriteriaSetFactory(region=region)
    CriteriaSetFactory()
    make_stored_file(region)
    return region


def test_rightly_related_regions_are_sealed(capsys):
    whole_region()
    whole_region()
    call_command("check_regions")
    assert "Regions are sealed" in capsys.readouterr().out


def plant_in_foreign_key():
    membership = MembershipFactory(represents=OrganisationFactory())
    return membership, f"regions.Membership: region_id ≠ represents__region_id in 1 rows: {membership.pk}"


def plant_in_own_region():
    membership = MembershipFactory(region=RegionFactory())
    return membership, f"regions.Membership: region_id ≠ body__region_id in 1 rows: {membership.pk}"


def plant_in_many_to_many():
    area = AreaFactory(municipalities=[MunicipalityFactory()])
    row = Area.municipalities.through.objects.get(area=area)
    expected = f"regions.Area_municipalities: area__region_id ≠ municipality__region_id in 1 rows: {row.pk}"
    return area, expected


def plant_in_region_itself():
    region = RegionFactory(coordinating_body=BodyFactory())
    return region, f"regions.Region: pk ≠ coordinating_body__region_id in 1 rows: {region.pk}"


def plant_in_an_upper_package():
    provision = ServiceProvisionFactory(organisation=OrganisationFactory())
    expected = f"directory.ServiceProvision: region_id ≠ organisation__region_id in 1 rows: {provision.pk}"
    return provision, expected


def plant_behind_rows_without_a_region():
    group = CriteriaGroupFactory(set__region=RegionFactory())
    criterion = CriterionFactory(set__region=RegionFactory(), group=group)
    expected = f"criteria.Criterion: set__region_id ≠ group__set__region_id in 1 rows: {criterion.pk}"
    return criterion, expected


@pytest.mark.parametrize(
    "plant",
    [
        plant_behind_rows_without_a_region,
        plant_in_foreign_key,
        plant_in_own_region,
        plant_in_many_to_many,
        plant_in_region_itself,
        plant_in_an_upper_package,
    ],
)
def test_a_planted_crossing_is_found(plant, capsys):
    whole_region()
    _row, expected = plant()
    with pytest.raises(CommandError) as caught:
        call_command("check_regions")
    assert caught.value.returncode == 1
    assert str(caught.value) == "1 rows lead from one region to another."
    assert capsys.readouterr().err.splitlines() == [expected]


def test_many_crossings_are_counted_and_some_are_named():
    body = BodyFactory()
    for _n in range(12):
        MembershipFactory(body=body, region=RegionFactory())
    [crossing] = crossings()
    assert len(crossing.pks) == 12
    assert str(crossing).endswith(" …")


def test_relations_are_found_by_themselves():
    assert region_paths(Membership) == ["region_id", "body__region_id", "represents__region_id"]
    assert region_paths(Region) == ["pk", "coordinating_body__region_id"]
    assert region_paths(Body) == ["region_id", "area__region_id", "municipality__region_id"]
    assert region_paths(ServiceProvision) == [
        "region_id",
        "service__region_id",
        "organisation__region_id",
        "area__region_id",
    ]
    assert Area.municipalities.through in sealed_models()


def test_checking_takes_one_query_for_each_relation(django_assert_num_queries):
    relations = sum(max(0, len(region_paths(model)) - 1) for model in sealed_models())
    assert relations > 10
    whole_region()
    with django_assert_num_queries(relations):
        assert list(crossings()) == []


def test_what_is_national_or_empty_may_be_related_to():
    region = RegionFactory()
    own = OrganisationFactory(region=region)
    require_one_region(region, own, None, CriteriaSetFactory(), region)
    with pytest.raises(ValidationError) as caught:
        require_one_region(region, own, RegionFactory())
    assert caught.value.code == "other_region"
    assert Organisation.objects.count() == 1
