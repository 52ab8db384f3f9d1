import datetime

import factory
from django.utils import timezone

from accounts.models import AccessLink, User


class UserFactory(factory.django.DjangoModelFactory):
    """A person who can sign in with the password "correct horse battery"."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Henkilö {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    password = factory.django.Password("correct horse battery")

    class Params:
        admin = factory.Trait(is_staff=True, is_superuser=True)


class AccessLinkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AccessLink

    purpose = "statement"
    target = "b2c3d4f5g6"
    token_hash = factory.LazyFunction(lambda: AccessLink.hash_of(AccessLink.new_token()))
    expires_at = factory.LazyFunction(lambda: timezone.now() + datetime.timedelta(days=30))
