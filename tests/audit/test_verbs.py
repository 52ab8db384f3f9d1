"""What is done is told in words, in the trail that administrators read."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from audit.services import record
from audit.verbs import VERBS, words_of
from tests.accounts.factories import UserFactory

PACKAGES = ["accounts", "audit", "criteria", "directory", "documents", "handbooks", "plans", "regions", "reviews"]
RECORDED = re.compile(r'\brecord\(\s*[^"()]*?"([a-z_]+\.[a-z_]+)"')


def recorded():
    files = [file for package in PACKAGES for file in (Path(settings.BASE_DIR) / package).rglob("*.py")]
    return {verb for file in files for verb in RECORDED.findall(file.read_text(encoding="utf-8"))}


def test_every_verb_that_is_written_has_words():
    assert len(recorded()) > 50
    assert recorded() - VERBS.keys() == set()


def test_what_nobody_has_named_stands_as_its_code():
    assert words_of("area.changed_in_admin") == "Muutti ylläpidossa"
    assert words_of("moon.landed") == "moon.landed"


@pytest.mark.django_db
def test_trail_in_the_administration_tells_in_words(client):
    admin = UserFactory(is_staff=True, is_superuser=True)
    record(admin, "user.signed_out", admin)
    client.force_login(admin)
    page = client.get(reverse("admin:audit_auditevent_changelist")).content.decode()
    assert page.count("Kirjautui ulos") == 2  # the row, and the filter
    assert "user.signed_out</td>" not in page
    assert "?verb=user.signed_out" in page
