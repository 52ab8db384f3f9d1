import factory

from directory.models import MeetingPlace, Service, ServiceProvision
from tests.regions.factories import MunicipalityFactory, OrganisationFactory, RegionFactory


class ServiceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Service

    region = factory.SubFactory(RegionFactory)
    kind = Service.Kind.CLINIC
    name_fi = factory.Sequence(lambda n: f"Neuvola {n}")


class ServiceProvisionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ServiceProvision

    service = factory.SubFactory(ServiceFactory)
    region = factory.SelfAttribute("service.region")
    organisation = factory.SubFactory(OrganisationFactory, region=factory.SelfAttribute("..region"))


class MeetingPlaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MeetingPlace

    region = factory.SubFactory(RegionFactory)
    kind = MeetingPlace.Kind.FAMILY_CAFE
    name_fi = factory.Sequence(lambda n: f"Perhekahvila {n}")
    organiser = factory.SubFactory(OrganisationFactory, region=factory.SelfAttribute("..region"))
    municipality = factory.SubFactory(MunicipalityFactory, region=factory.SelfAttribute("..region"))
    languages = ["fi"]
