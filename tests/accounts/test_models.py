import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.identifiers import ALPHABET, new_public_id
from accounts.models import AccessLink, User
from tests.accounts.factories import AccessLinkFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_an_address_is_unique_without_regard_to_case():
    UserFactory(email="liisa@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="Liisa@Example.org")
    assert User.objects.get_by_natural_key("LIISA@example.org").email == "liisa@example.org"


def test_users_are_made_with_small_letters_and_a_hashed_password():
    user = User.objects.create_user("Liisa@Example.org", "correct horse battery", name="Liisa Mallikas")
    assert user.email == "liisa@example.org"
    assert user.check_password("correct horse battery")
    assert (user.is_staff, user.is_superuser) == (False, False)
    chief = User.objects.create_superuser("pekka@example.org", "correct horse battery", name="Pekka")
    assert (chief.is_staff, chief.is_superuser) == (True, True)
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("")


def test_names_of_users():
    user = UserFactory(name="Liisa Mallikas")
    assert (str(user), user.get_full_name(), user.get_short_name()) == ("Liisa Mallikas", "Liisa Mallikas", "Liisa")
    nameless = UserFactory(name="", email="x@example.org")
    assert (str(nameless), nameless.get_short_name()) == ("x@example.org", "x@example.org")


def test_public_ids_hold_only_unambiguous_characters():
    ids = {new_public_id() for _ in range(500)}
    assert len(ids) == 500
    assert {len(one) for one in ids} == {10}
    assert set("".join(ids)) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01ilouae")


def test_a_link_is_usable_until_it_expires_or_is_withdrawn():
    now = timezone.now()
    usable = AccessLinkFactory(expires_at=now + datetime.timedelta(minutes=1))
    AccessLinkFactory(expires_at=now)
    AccessLinkFactory(withdrawn_at=now)
    assert list(AccessLink.objects.usable(now)) == [usable]
    assert str(usable) == "statement b2c3d4f5g6"


def test_only_the_hash_of_a_token_could_be_stored():
    token = AccessLink.new_token()
    assert len(token) >= 43
    assert AccessLink.hash_of(token) != AccessLink.hash_of(AccessLink.new_token())
    assert len(AccessLink.hash_of(token)) == 64
