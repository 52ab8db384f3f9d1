import datetime

import factory

from documents.services.versions import freeze
from reviews.models import Answer, ChainStep, CommentRound, Decision, Invitation, Remark, Statement
from tests.documents.factories import make_document, make_section
from tests.regions.factories import BodyFactory, OrganisationFactory, RegionFactory

OPENS = datetime.datetime(2026, 1, 12, 6, 0, tzinfo=datetime.UTC)
CLOSES = datetime.datetime(2026, 2, 13, 14, 0, tzinfo=datetime.UTC)


def make_version(region=None):
    document = make_document(region or RegionFactory())
    make_section(document, "<p>Kahvila on auki.</p>")
    return freeze(document, by=None)


class CommentRoundFactory(factory.django.DjangoModelFactory):
    """A round from a Monday morning to a Friday at 16.00 in Finland."""

    class Meta:
        model = CommentRound

    region = factory.SubFactory(RegionFactory)
    version = factory.LazyAttribute(lambda row: make_version(row.region))
    kind = CommentRound.Kind.INVITED
    title = {"fi": "Lausuntokierros"}
    opens_at = OPENS
    closes_at = CLOSES
    announced_at = OPENS - datetime.timedelta(days=3)
    contact = "Kaisa Koordinaattori"
    contact_email = "kaisa@example.org"


class OfRound(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True

    round = factory.SubFactory(CommentRoundFactory)
    region = factory.SelfAttribute("round.region")


class InvitationFactory(OfRound):
    class Meta:
        model = Invitation

    organisation = factory.SubFactory(OrganisationFactory, region=factory.SelfAttribute("..region"))


class StatementFactory(OfRound):
    """A person's own statement; `official=True` makes it its organisation's."""

    class Meta:
        model = Statement

    kind = Statement.Kind.PERSONAL
    signed_by = "Esko Esimerkki"
    received_at = OPENS + datetime.timedelta(days=3)

    class Params:
        official = factory.Trait(
            kind=Statement.Kind.OFFICIAL,
            organisation=factory.SubFactory(OrganisationFactory, region=factory.SelfAttribute("..region")),
        )


class RemarkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Remark

    statement = factory.SubFactory(StatementFactory)
    version = factory.SelfAttribute("statement.round.version")
    region = factory.SelfAttribute("version.region")
    text = "Aukiolo pitäisi kertoa."


class AnswerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Answer
        skip_postgeneration_save = True

    region = factory.SubFactory(RegionFactory)
    outcome = Answer.Outcome.NOTED

    @factory.post_generation
    def remarks(self, create, chosen, **kwargs):
        if create and chosen:
            self.remarks.set(chosen)


class ChainStepFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ChainStep

    region = factory.SubFactory(RegionFactory)
    document = factory.LazyAttribute(lambda row: make_document(row.region))
    body = factory.SubFactory(BodyFactory, region=factory.SelfAttribute("..region"))
    position = 1
    handling = ChainStep.Handling.APPROVES


class DecisionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Decision

    region = factory.SubFactory(RegionFactory)
    version = factory.LazyAttribute(lambda row: make_version(row.region))
    body = factory.SubFactory(BodyFactory, region=factory.SelfAttribute("..region"))
    meeting_date = datetime.date(2026, 3, 18)
    outcome = Decision.Outcome.APPROVED
