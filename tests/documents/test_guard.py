"""Frozen versions are guarded by the database itself, and the guard outlives migrations."""

import pytest
from django.core import checks
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction

from documents import guard
from documents.models import Document, Version
from documents.services.versions import freeze, name_version

from .factories import make_document, make_section

CHANGES = {"content": b"{}", "sha256": "0" * 64, "number": 9}


@pytest.fixture
def version(transactional_db):
    document = make_document()
    make_section(document, "<p>Teksti.</p>")
    return freeze(document, by=None)


def drop():
    with connection.cursor() as cursor:
        on_table = " ON documents_version" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {guard.TRIGGER}{on_table}")


def is_refused(**change):
    try:
        with transaction.atomic():
            Version.objects.update(**change)
    except DatabaseError as error:
        return guard.MESSAGE in str(error)
    return False


def missing():
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    return [message.id for message in found if message.id == "documents.E001"]


@pytest.mark.parametrize("field", CHANGES)
def test_frozen_fields_cannot_be_changed(version, field):
    before = Version.objects.values_list(field).get()
    assert is_refused(**{field: CHANGES[field]})
    assert Version.objects.values_list(field).get() == before


def test_version_cannot_be_given_to_another_document(version):
    assert is_refused(document=make_document())


def test_frozen_fields_cannot_be_changed_by_hand_made_sql_either(version):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE documents_version SET sha256 = 'x'")


def test_name_can_be_given_and_changed(version):
    name_version(version, name="Lausunnoille", by=None)
    name_version(version, name="Päätettäväksi", by=None)
    assert version.label.__class__.objects.get().name == "Päätettäväksi"


def test_what_is_not_frozen_can_be_changed(version):
    assert not is_refused(made_from=None)


def test_check_tells_when_the_guard_is_missing_and_migrate_makes_it_again(version):
    assert missing() == []
    drop()
    assert missing() == ["documents.E001"]
    assert not is_refused(sha256="1" * 64)
    call_command("migrate", verbosity=0)
    assert missing() == []
    assert is_refused(sha256="0" * 64)


def test_guard_is_there_after_a_migration_that_rebuilds_the_table(version):
    """SQLite copies the table into a new one to change a field, and drops the triggers of the old one."""
    old = Version._meta.get_field("sha256")
    new = models.CharField(max_length=70)
    new.set_attributes_from_name("sha256")
    new.model = Version
    with connection.schema_editor() as editor:
        editor.alter_field(Version, old, new)
    try:
        call_command("migrate", verbosity=0)
        assert missing() == []
        assert is_refused(sha256="0" * 64)
    finally:
        with connection.schema_editor() as editor:
            editor.alter_field(Version, new, old)
        guard.install(connection)


def test_guard_can_be_made_twice(version):
    guard.install(connection)
    guard.install(connection)
    assert is_refused(number=5)


def test_check_asks_nothing_where_there_is_no_table_yet(version, monkeypatch):
    monkeypatch.setattr(guard, "_table_exists", lambda _connection: False)
    drop()
    try:
        assert missing() == []
    finally:
        monkeypatch.undo()
        guard.install(connection)


def test_documents_themselves_are_not_guarded(version):
    assert Document.objects.update(is_sample=True) == 1
