"""The database's own guard over frozen versions: a trigger that refuses to change what was frozen.

SQLite rebuilds a table to migrate it, which drops its triggers; so the trigger is made again after every migration,
and a system check tells when it is missing.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Tags as CheckTags
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TRIGGER = "documents_version_is_frozen"
MESSAGE = "A frozen version cannot be changed."

SQLITE = f"""
CREATE TRIGGER IF NOT EXISTS {TRIGGER}
BEFORE UPDATE OF content, sha256, number, document_id ON documents_version
BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
"""

POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF (NEW.sha256, NEW.number, NEW.document_id, NEW.content) IS DISTINCT FROM
   (OLD.sha256, OLD.number, OLD.document_id, OLD.content) THEN
RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS {TRIGGER} ON documents_version;
CREATE TRIGGER {TRIGGER} BEFORE UPDATE ON documents_version FOR EACH ROW EXECUTE FUNCTION {TRIGGER}();
"""
"""Not `UPDATE OF` the columns: PostgreSQL would then refuse every migration that changes the type of one of them."""


def _table_exists(connection: BaseDatabaseWrapper) -> bool:
    return "documents_version" in connection.introspection.table_names()


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the trigger where the table exists; making it twice does no harm."""
    if _table_exists(connection):
        with connection.cursor() as cursor:
            cursor.execute(SQLITE if connection.vendor == "sqlite" else POSTGRESQL)


def is_installed(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = %s", [TRIGGER])
        else:
            cursor.execute("SELECT 1 FROM pg_trigger WHERE tgname = %s AND tgenabled <> 'D'", [TRIGGER])
        return cursor.fetchone() is not None


def install_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    install(connections[using])


@register(CheckTags.database)
def check_guard(*, app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Report a database in which frozen versions could be changed."""
    missing = [
        alias for alias in databases or [] if _table_exists(connections[alias]) and not is_installed(connections[alias])
    ]
    return [
        Error(
            f"Frozen versions are not guarded in the database '{alias}'.",
            hint="Run `manage.py migrate`, which makes the trigger again.",
            id="documents.E001",
        )
        for alias in missing
    ]
