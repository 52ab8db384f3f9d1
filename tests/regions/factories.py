import base64
import datetime

import factory

from regions.models import (
    Area,
    Body,
    CollaborativeArea,
    Mandate,
    Meeting,
    Membership,
    Municipality,
    Organisation,
    OrganisationGroup,
    Region,
)
from regions.services import store_file
from tests.accounts.factories import UserFactory

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")


class CollaborativeAreaFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CollaborativeArea

    key = factory.Sequence(lambda n: f"yta-{n}")
    name_fi = factory.Sequence(lambda n: f"Yhteistyöalue {n}")


class RegionFactory(factory.django.DjangoModelFactory):
    """A region; `bilingual=True` makes it write in Finnish and Swedish."""

    class Meta:
        model = Region

    code = factory.Sequence(lambda n: f"{chr(ord('A') + n // 36 % 26)}{'0123456789abcdefghijklmnopqrstuvwxyz'[n % 36]}")
    name_fi = factory.Sequence(lambda n: f"Esimerkkialue {n}")
    name_sv = factory.Sequence(lambda n: f"Exempelområde {n}")
    slug = factory.Sequence(lambda n: f"esimerkkialue-{n}")
    public = True

    class Params:
        bilingual = factory.Trait(languages=["fi", "sv"])


class MunicipalityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Municipality

    region = factory.SubFactory(RegionFactory)
    code = factory.Sequence(lambda n: f"{n % 1000:03d}")
    name_fi = factory.Sequence(lambda n: f"Kunta {n}")
    name_sv = factory.Sequence(lambda n: f"Kommun {n}")
    year = 2026


class AreaFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Area
        skip_postgeneration_save = True

    region = factory.SubFactory(RegionFactory)
    key = factory.Sequence(lambda n: f"alue-{n}")
    name_fi = factory.Sequence(lambda n: f"Toiminta-alue {n}")
    name_sv = factory.Sequence(lambda n: f"Delområde {n}")

    @factory.post_generation
    def municipalities(self, create, chosen, **kwargs):
        if create and chosen:
            self.municipalities.set(chosen)


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    region = factory.SubFactory(RegionFactory)
    kind = Organisation.Kind.NGO
    name_fi = factory.Sequence(lambda n: f"Yhdistys {n}")
    name_sv = factory.Sequence(lambda n: f"Förening {n}")

    class Params:
        of_municipality = factory.Trait(
            kind=Organisation.Kind.MUNICIPALITY,
            municipality=factory.SubFactory(MunicipalityFactory, region=factory.SelfAttribute("..region")),
        )


class OrganisationGroupFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OrganisationGroup
        skip_postgeneration_save = True

    region = factory.SubFactory(RegionFactory)
    name_fi = factory.Sequence(lambda n: f"Ryhmä {n}")

    @factory.post_generation
    def members(self, create, chosen, **kwargs):
        if create and chosen:
            self.members.set(chosen)


class BodyFactory(factory.django.DjangoModelFactory):
    """A body; `coordinating=True` makes it the one that coordinates its region."""

    class Meta:
        model = Body
        skip_postgeneration_save = True

    region = factory.SubFactory(RegionFactory)
    kind = Body.Kind.WORKING_GROUP
    name_fi = factory.Sequence(lambda n: f"Työryhmä {n}")
    name_sv = factory.Sequence(lambda n: f"Arbetsgrupp {n}")

    @factory.post_generation
    def coordinating(self, create, chosen, **kwargs):
        if create and chosen:
            self.region.coordinating_body = self
            self.region.save(update_fields=["coordinating_body"])


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    body = factory.SubFactory(BodyFactory)
    region = factory.SelfAttribute("body.region")
    starts_on = datetime.date(2020, 1, 1)


class MandateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Mandate

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    region = factory.SelfAttribute("organisation.region")
    right = Mandate.Right.SIGN
    starts_on = datetime.date(2020, 1, 1)


class MeetingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Meeting

    body = factory.SubFactory(BodyFactory)
    region = factory.SelfAttribute("body.region")
    starts_at = factory.Sequence(lambda n: datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(n))


def make_stored_file(region=None, **kwargs):
    """A small picture, stored as a person would store it."""
    return store_file(region or RegionFactory(), **{"name": "kuva.png", "content": PNG, "by": None, **kwargs})
