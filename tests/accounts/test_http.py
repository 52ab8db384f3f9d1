import re

import pytest
from django.core import mail
from django.urls import reverse

from accounts.checks import check_site_url
from accounts.http import site_of
from tests.accounts.factories import UserFactory


def test_links_in_mails_begin_with_the_address_of_the_settings(rf, settings):
    request = rf.get("/fi/", headers={"host": "testserver"})
    assert site_of(request) == "http://testserver"
    settings.SITE_URL = "https://plans.example.fi"
    assert site_of(request) == "https://plans.example.fi"


@pytest.mark.django_db
def test_a_new_password_is_chosen_on_our_site_whatever_host_was_asked(client, settings):
    settings.SITE_URL = "https://plans.example.fi"
    settings.ALLOWED_HOSTS = ["*"]
    user = UserFactory()
    client.post(reverse("account_reset_password"), {"email": user.email}, headers={"host": "evil.example.com"})
    [message] = mail.outbox
    [address] = re.findall(r"https?://\S+", message.body)
    assert address.startswith("https://plans.example.fi/")
    assert client.get(address.removeprefix("https://plans.example.fi"), follow=True).status_code == 200
    assert "evil" not in message.body
    assert "\nplans.example.fi" in message.body


@pytest.mark.django_db
def test_another_address_is_confirmed_on_our_site(client, settings):
    settings.SITE_URL = "https://plans.example.fi"
    client.force_login(UserFactory())
    client.post(reverse("account_email"), {"action_add": "", "email": "toinen@example.org"})
    addresses = re.findall(r"https?://\S+", mail.outbox[-1].body)
    assert len(addresses) == 1
    assert addresses[0].startswith("https://plans.example.fi/")


@pytest.mark.parametrize(
    ("production", "url", "found"),
    [
        (False, "", []),
        (True, "", ["accounts.W001"]),
        (True, "https://plans.example.fi", []),
        (True, "https://plans.example.fi/path", ["accounts.E001"]),
        (False, "plans.example.fi", ["accounts.E001"]),
        (False, "javascript://plans.example.fi", ["accounts.E001"]),
    ],
)
def test_the_address_of_the_installation_is_checked(settings, production, url, found):
    settings.PRODUCTION, settings.SITE_URL = production, url
    assert [message.id for message in check_site_url(None)] == found
