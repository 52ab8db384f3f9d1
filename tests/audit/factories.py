import factory

from audit.models import AuditEvent
from tests.accounts.factories import UserFactory


class AuditEventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AuditEvent

    actor = factory.SubFactory(UserFactory)
    verb = "document.frozen"
    object_type = "documents.document"
    object_id = factory.Sequence(lambda n: f"b{n}")
    object_label = factory.Sequence(lambda n: f"Käsikirja {n}")
