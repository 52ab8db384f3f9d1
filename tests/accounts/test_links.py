import datetime
import logging

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import links
from accounts.logs import MaskTokens
from accounts.models import AccessLink
from tests.accounts.factories import AccessLinkFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def purpose(monkeypatch):
    """A purpose whose links open the privacy notice."""
    monkeypatch.setattr(links, "_pages", dict(links._pages))
    links.register_purpose("try", opens="privacy")
    return "try"


def make(purpose, **kwargs):
    expires_at = kwargs.pop("expires_at", timezone.now() + datetime.timedelta(days=30))
    return links.make_link(purpose, "b2c3d4f5g6", expires_at=expires_at, **kwargs)


def open_link(client, token):
    return client.get(links.link_path(token, "fi"))


def test_only_the_digest_of_the_token_is_stored(purpose):
    link, token = make(purpose, sent_to="liisa@example.org")
    link.refresh_from_db()
    assert link.token_hash == AccessLink.hash_of(token)
    assert token not in str({field.attname: getattr(link, field.attname) for field in link._meta.concrete_fields})


def test_a_link_needs_a_purpose_with_a_page():
    with pytest.raises(ValueError, match="nothing"):
        make("nothing")
    with pytest.raises(ValueError, match="twice"):
        links.register_purpose("invitation", opens="home")


def test_opening_changes_nothing_and_leads_to_a_clean_address(client, purpose):
    link, token = make(purpose)
    before = AccessLink.objects.values().get()
    for _time in range(3):
        response = open_link(client, token)
    assert response.status_code == 302
    assert response["Location"] == reverse("privacy")
    assert token not in response["Location"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert AccessLink.objects.values().get() == before
    assert client.session[links.SESSION_KEY] == {purpose: link.pk}
    assert token not in str(dict(client.session))


def test_asking_for_the_head_alone_is_as_harmless(client, purpose):
    _link, token = make(purpose)
    assert client.head(links.link_path(token, "fi")).status_code == 302
    assert AccessLink.objects.get().used_at is None
    assert client.post(links.link_path(token, "fi")).status_code == 405


@pytest.mark.parametrize("state", ["expires_at", "withdrawn_at", "used_at"])
def test_a_link_that_is_over_opens_nothing(client, purpose, state):
    link, token = make(purpose)
    AccessLink.objects.filter(pk=link.pk).update(**{state: timezone.now() - datetime.timedelta(seconds=1)})
    response = open_link(client, token)
    assert response["Location"] == reverse("accounts:link-gone")
    assert links.SESSION_KEY not in client.session
    assert client.get(response["Location"]).status_code == 410


def test_an_unknown_token_is_led_away_from_its_address_too(client):
    response = open_link(client, AccessLink.new_token())
    assert response["Location"] == reverse("accounts:link-gone")


def test_what_is_held_is_asked_for_anew_each_time(client, purpose):
    link, token = make(purpose)
    open_link(client, token)
    request = RequestFactory().get("/")
    request.session = client.session
    assert links.held_link(request, purpose) == link
    assert links.held_link(request, "invitation") is None
    links.withdraw_links(AccessLink.objects.all())
    assert links.held_link(request, purpose) is None


def test_a_link_is_let_go_on_a_shared_computer(client, purpose):
    _link, token = make(purpose)
    open_link(client, token)
    request = RequestFactory().get("/")
    request.session = client.session
    links.let_go(request, purpose)
    links.let_go(request, purpose)
    assert links.held_link(request, purpose) is None


def test_a_link_is_used_once(purpose):
    link, _token = make(purpose)
    links.use(link)
    assert link.used_at is not None
    with pytest.raises(ValidationError) as caught:
        links.use(link)
    assert caught.value.code == "link_used"


def test_withdrawing_touches_only_what_still_works(purpose):
    used, _token = make(purpose)
    links.use(used)
    open_one, _token = make(purpose)
    assert links.withdraw_links(AccessLink.objects.all()) == 1
    used.refresh_from_db()
    open_one.refresh_from_db()
    assert (used.withdrawn_at, open_one.withdrawn_at is None) == (None, False)


def test_old_links_of_a_purpose_are_forgotten():
    now = timezone.now()
    AccessLinkFactory(purpose="invitation", expires_at=now - datetime.timedelta(days=91))
    kept = AccessLinkFactory(purpose="invitation", expires_at=now - datetime.timedelta(days=89))
    other = AccessLinkFactory(purpose="statement", expires_at=now - datetime.timedelta(days=91))
    assert links.forget_links("invitation", before=now - datetime.timedelta(days=90)) == 1
    assert set(AccessLink.objects.all()) == {kept, other}


@pytest.mark.parametrize(
    ("message", "args"), [("Not Found: %s", ("/fi/link/{token}/",)), ("GET /sv/link/{token}/ HTTP/1.1", ())]
)
def test_the_token_does_not_stand_in_the_log(message, args):
    token = AccessLink.new_token()
    args = tuple(one.format(token=token) for one in args)
    record = logging.LogRecord("django", logging.WARNING, "", 1, message.format(token=token), args, None)
    assert MaskTokens().filter(record)
    assert token not in record.getMessage()
    assert "/link/***" in record.getMessage()


def test_every_line_of_the_console_is_masked(settings):
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["mask_tokens"]
    plain = logging.LogRecord("django", logging.WARNING, "", 1, "Not Found: %s", ("/fi/link/gone/",), None)
    MaskTokens().filter(plain)
    assert plain.getMessage() == "Not Found: /fi/link/gone/"
