import pytest
from django.urls import reverse

from audit.models import AuditEvent
from tests.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db


def sign_in(client, email, password):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_signing_in_and_out_is_noted(client):
    user = UserFactory()
    sign_in(client, user.email, "correct horse battery")
    client.post(reverse("account_logout"))
    events = AuditEvent.objects.order_by("pk").values_list("verb", "actor", "object_id")
    assert list(events) == [("user.signed_in", user.pk, str(user.pk)), ("user.signed_out", user.pk, str(user.pk))]


def test_a_wrong_password_is_noted_with_the_user_and_without_an_actor(client):
    user = UserFactory(email="liisa@example.org")
    sign_in(client, "LIISA@example.org", "wrong")
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.object_id, event.details) == (
        "user.sign_in_failed",
        None,
        str(user.pk),
        {},
    )


def test_what_a_stranger_typed_is_not_kept(client):
    sign_in(client, "mysecret@example.org", "wrong")
    event = AuditEvent.objects.get()
    assert (event.verb, event.object_id, event.object_label, event.details) == ("user.sign_in_failed", "", "", {})


def test_signing_out_without_being_signed_in_is_nothing(client):
    client.post(reverse("account_logout"))
    assert not AuditEvent.objects.exists()
