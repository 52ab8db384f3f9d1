import re

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from tests.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_nobody_signs_up_alone(client):
    data = {"email": "new@example.org", "password1": "correct horse battery", "password2": "correct horse battery"}
    response = client.post(reverse("account_signup"), data)
    assert response.status_code == 200
    assert not User.objects.exists()


def test_forgotten_password_is_chosen_anew_through_the_mail(client):
    user = UserFactory()
    response = client.post(reverse("account_reset_password"), {"email": user.email}, follow=True)
    assert response.status_code == 200
    [message] = mail.outbox
    assert message.to == [user.email]
    [address] = re.findall(r"http://testserver(\S+/key/\S+)", message.body)

    page = client.get(address, follow=True)
    new = {"password1": "uusi pitkä salasana 7", "password2": "uusi pitkä salasana 7"}
    done = client.post(page.request["PATH_INFO"], new, follow=True)
    assert done.status_code == 200
    user.refresh_from_db()
    assert user.check_password("uusi pitkä salasana 7")

    again = client.get(address, follow=True)
    assert again.context["token_fail"] is True
    assert reverse("account_reset_password") in again.content.decode()


def test_mail_to_an_unknown_address_offers_no_sign_up(client):
    client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    [message] = mail.outbox
    assert "nobody@example.org" in message.body
    assert "http" not in message.body


def test_wrong_password_says_what_to_check(client):
    user = UserFactory()
    response = client.post(reverse("account_login"), {"login": user.email, "password": "wrong"})
    [error] = response.context["form"].non_field_errors()
    assert error.startswith(("The e-mail address", "Sähköpostiosoite"))
