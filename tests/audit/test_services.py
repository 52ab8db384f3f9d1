import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from audit.services import erase_personal, record, seal, seal_all, verify_all, verify_chain
from tests.accounts.factories import UserFactory
from tests.regions.factories import BodyFactory, RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    return RegionFactory(code="19")


@pytest.fixture
def trail(region):
    """Three sealed rows of one region."""
    user = UserFactory(name="Liisa Mallikas")
    body = BodyFactory(region=region)
    for verb in ("document.made", "document.frozen", "document.published"):
        record(user, verb, body, title="Käsikirja", number=1)
    assert seal("19") == 3
    return list(AuditEvent.objects.order_by("sequence"))


def test_a_record_knows_its_region_and_thing(region):
    body, user = BodyFactory(region=region, name_fi="Ohjausryhmä"), UserFactory()
    event = record(user, "body.renamed", body, old="Ryhmä")
    assert (event.region_code, event.actor, event.object_type) == ("19", user, "regions.body")
    assert (event.object_id, event.object_label, event.details) == (body.public_id, "Ohjausryhmä", {"old": "Ryhmä"})
    assert record(None, "region.opened", region).region_code == "19"
    assert record(None, "user.made", user).region_code == ""


def test_an_untouched_chain_holds(trail):
    verdict = verify_chain("19")
    assert verdict.holds
    assert (verdict.rows, verdict.erased, verdict.head) == (3, 0, trail[-1].digest)
    assert [event.sequence for event in trail] == [1, 2, 3]
    assert len({event.digest for event in trail}) == 3


def test_sealing_goes_on_where_it_stopped(trail, region):
    assert seal("19") == 0
    record(None, "document.archived", BodyFactory(region=region))
    assert seal("19") == 1
    assert AuditEvent.objects.latest("id").sequence == 4
    assert verify_chain("19").holds


def test_each_region_has_its_own_chain(trail):
    record(None, "body.made", BodyFactory(region=RegionFactory(code="17")))
    record(None, "user.made", UserFactory())
    assert seal_all() == {"": 1, "17": 1}
    assert [(verdict.region_code, verdict.rows) for verdict in verify_all()] == [("", 1), ("17", 1), ("19", 3)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"verb": "document.read"}, "row 2 does not follow from the one before it, or was changed"),
        ({"object_id": "other"}, "row 2 does not follow from the one before it, or was changed"),
        ({"happened_at": "2020-01-01T00:00:00Z"}, "row 2 does not follow from the one before it, or was changed"),
        ({"object_label": "Toinen"}, "row 2: object_label was changed"),
        ({"details": {"title": "Toinen", "number": 1}}, "row 2: details was changed"),
        ({"details": {}}, "row 2: details was changed"),
    ],
)
def test_a_changed_row_shows(trail, change, problem):
    AuditEvent.objects.filter(sequence=2).update(**change)
    assert verify_chain("19").problems == [problem]


def test_a_row_given_to_someone_else_shows(trail):
    AuditEvent.objects.filter(sequence=2).update(actor=UserFactory())
    assert verify_chain("19").problems == ["row 2: actor_id was changed"]


def test_a_changed_row_with_a_new_digest_shows_in_the_next_one(trail):
    from audit.services import _chain_digest

    event = trail[1]
    event.verb = "document.read"
    event.digest = _chain_digest(trail[0].digest, event)
    event.save()
    assert verify_chain("19").problems == ["row 3 does not follow from the one before it, or was changed"]


def test_a_removed_row_shows(trail):
    AuditEvent.objects.filter(sequence=2).delete()
    assert verify_chain("19").problems == [
        "rows 2 to 2 are missing",
        "row 3 does not follow from the one before it, or was changed",
    ]


def test_a_row_put_in_afterwards_has_no_place(trail):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.create(region_code="19", verb="x", sequence=2)
    AuditEvent.objects.create(region_code="19", verb="x", object_type="y", sequence=4, digest="0" * 64)
    assert "row 4 does not follow from the one before it, or was changed" in verify_chain("19").problems


def test_removing_the_last_row_shows_in_the_head(trail):
    head = verify_chain("19").head
    AuditEvent.objects.filter(sequence=3).delete()
    verdict = verify_chain("19")
    assert verdict.holds
    assert verdict.head != head


def test_personal_data_can_be_erased_and_the_chain_holds(trail):
    record(None, "not.sealed", BodyFactory())
    assert erase_personal([trail[1], AuditEvent.objects.get(verb="not.sealed")]) == 1
    event = AuditEvent.objects.get(sequence=2)
    assert (event.actor, event.object_label, event.details, event.personal_key) == (None, "", {}, "")
    assert event.verb == "document.frozen"
    verdict = verify_chain("19")
    assert (verdict.holds, verdict.erased) == (True, 1)


def test_filling_in_erased_data_shows(trail):
    erase_personal([trail[1]])
    AuditEvent.objects.filter(sequence=2).update(object_label="Keksitty")
    assert verify_chain("19").problems == ["row 2 was filled in after its personal data was erased"]


def test_a_deleted_user_leaves_the_chain_whole(trail):
    trail[0].actor.delete()
    assert AuditEvent.objects.get(sequence=1).actor is None
    assert verify_chain("19").holds


def test_commands_seal_and_verify(region, capsys):
    record(None, "body.made", BodyFactory(region=region))
    call_command("seal_audit")
    assert capsys.readouterr().out == "19: 1 rows sealed\n"
    call_command("verify_audit")
    assert capsys.readouterr().out.startswith("19: 1 rows, 0 erased, head ")
    AuditEvent.objects.update(verb="other")
    with pytest.raises(CommandError) as caught:
        call_command("verify_audit")
    assert caught.value.returncode == 1
    assert capsys.readouterr().err.startswith("19: row 1 does not follow")


def test_rows_can_be_told_apart(trail):
    assert str(trail[0]).endswith(f"document.made {trail[0].object_label}")
