"""The sample, loaded whole: what it promises to those who try the program with it."""

import io
from collections import Counter

import pikepdf
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings

from documents.models import Document, Publication
from documents.renditions import make_rendition
from handbooks.models import Handbook, WordImport
from handbooks.services.imports import placement_of
from jobs.models import Job
from plans.models import Action, Goal, Plan
from plans.queries import loose_ends
from regions.services import open_file
from reviews.deciding.colliding import collisions
from reviews.deciding.standing import standings
from reviews.models import CommentRound, Receipt, Remark, Statement

pytestmark = pytest.mark.django_db

REGIONS = {"region": ["19", "14", "08"]}


@pytest.fixture(scope="module")
def said(django_db_setup, django_db_blocker, _test_settings):
    """What loading two regions said; loaded once, and rolled back when the last test here is done."""
    out = io.StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_sample", stdout=out, **REGIONS)
        yield out.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def plan(said):
    return Plan.objects.select_related("document__region").get(region__code="19")


def test_second_time_changes_nothing(said):
    def rows():
        return {model: model._default_manager.count() for model in apps.get_models()}

    before, out = rows(), io.StringIO()
    call_command("load_sample", stdout=out, **REGIONS)

    assert rows() == before
    assert "@" not in out.getvalue()


def test_six_handbooks_came_in_with_every_word(said):
    handbooks = Handbook.objects.filter(region__code="19").select_related("handed_in", "area")
    assert sorted(row.area.key for row in handbooks) == [
        "koillismaa",
        "lakeus",
        "oulu",
        "oulun-etelainen",
        "oulunkaari",
        "rannikko",
    ]
    assert all(row.handed_in for row in handbooks)
    for row in WordImport.objects.filter(handbook__in=handbooks):
        assert row.words_in_file == row.words_imported == placement_of(row).counts().words > 2000
    assert WordImport.objects.count() == 6


def test_plan_has_its_goals_and_actions_tied_to_the_handbooks(plan):
    actions = Action.objects.filter(goal__plan=plan)
    tied = set(plan.sources.values_list("block_id", flat=True))
    assert Goal.objects.filter(plan=plan).count() == 26
    assert 75 <= actions.count() <= 90
    assert [str(action) for action in actions if action.block_id not in tied] == [
        "Selvitetään, voiko koulukyytien vajaita vuoroja ja asiointiliikennettä käyttää kohtaamispaikkaan tulemiseen"
    ]


def test_loose_ends_are_those_that_were_planned(plan):
    found = loose_ends(plan)
    assert Counter(end.kind for end in found.ends) == {"goal_without_indicator": 1, "network_as_owner": 1}
    assert sorted(group.handbook.area.key for group in found.needs) == ["lakeus", "rannikko"]
    assert found.criteria_without_goal == []
    assert found.waiting_candidates > 0


def test_plan_is_printed_as_accessible_pdf(plan):
    version = plan.document.versions.get()
    rendition = make_rendition(version, format="pdf", layout="full", language="fi")
    assert rendition.check_report["compliant"]
    with open_file(rendition.file) as file, pikepdf.open(file) as pdf:
        assert 30 <= len(pdf.pages) <= 45


def test_nothing_crosses_regions_and_everything_says_that_it_is_a_sample(said):
    call_command("check_regions", stdout=io.StringIO())
    assert not Document.objects.filter(is_sample=False).exists()


def test_draft_stays_in_its_region_and_the_other_plan_is_public(said, client):
    published = Publication.objects.get(withdrawn_at=None).version.document
    assert published.region.code == "14"
    for address in ("/fi/", f"/fi/{published.region.slug}/"):
        html = client.get(address).content.decode()
        assert f'">{published}</a>' in html, address
        assert "2023–2025" not in html
    version = published.versions.get()
    assert client.get(f"/fi{version.get_absolute_url()[3:]}").status_code == 200


def test_rounds_went_as_their_file_says(said):
    document = Document.objects.get(region__code="08")
    rounds = CommentRound.objects.filter(version__document=document)
    assert [row.is_open() for row in rounds.order_by("opens_at")] == [False, False, True]
    remarks = list(Remark.objects.received().select_related("statement", "version"))
    assert len(remarks) == 143
    assert Remark.objects.answered().count() == 72
    assert Remark.objects.proposals().count() == 12
    states = Counter(standing.state for standing in standings(document, remarks).values())
    assert states["gone"] == 3
    (collision,) = collisions(document)
    assert len(collision.rivals) == 2
    assert Statement.objects.filter(late=True).count() == 1
    assert {row.statement.received_at for row in Receipt.objects.select_related("statement")} == {
        row.made_at for row in Receipt.objects.all()
    }
    # What is invented is mailed to nobody.
    assert not Job.objects.exclude(kind__in=["make_rendition"]).exists()


def test_accounts_are_written_to_files_of_the_owner_only(said):
    path = settings.VAR_DIR / "sign-ins.txt"
    assert path.stat().st_mode & 0o077 == 0
    for email in ("kaisa.koordinaattori@example.org", "karoliina.karelia@example.org"):
        assert email in path.read_text(encoding="utf-8")
        assert email in said


def test_sample_is_refused_in_production():
    with override_settings(PRODUCTION=True), pytest.raises(CommandError, match="production"):
        call_command("load_sample")


def test_nothing_is_loaded_beside_documents_that_there_are(said):
    out = io.StringIO()
    call_command("load_sample", if_empty=True, stdout=out)
    assert out.getvalue() == ""
