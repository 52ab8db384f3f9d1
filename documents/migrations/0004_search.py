"""Search: the passages, and beside them the database's own table of their words."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "documents_passage_tokens"


def make_table(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "sqlite":
        editor.execute(
            f"CREATE VIRTUAL TABLE {TABLE} USING fts5(words, lemmas, tokenize = 'unicode61 remove_diacritics 0')"
        )
    else:
        editor.execute(f"CREATE TABLE {TABLE} (rowid bigint PRIMARY KEY, tokens tsvector NOT NULL)")
        editor.execute(f"CREATE INDEX {TABLE}_gin ON {TABLE} USING gin (tokens)")


def drop_table(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute(f"DROP TABLE {TABLE}")


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_writing_together"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Passage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("section_key", models.CharField(blank=True, max_length=80)),
                (
                    "number",
                    models.CharField(
                        blank=True,
                        help_text="The section's printed number in a version; that of a draft changes.",
                        max_length=20,
                    ),
                ),
                ("block_id", models.CharField(blank=True, max_length=10)),
                ("language", models.CharField(max_length=2)),
                ("is_heading", models.BooleanField(default=False)),
                ("text", models.TextField(verbose_name="text")),
                ("dated", models.DateTimeField(verbose_name="when")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="passages", to="documents.document"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.region"
                    ),
                ),
                (
                    "section",
                    models.ForeignKey(
                        help_text="The section of the draft; a version's passages name theirs by its key alone.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passages",
                        to="documents.section",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        help_text="Empty for the draft.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passages",
                        to="documents.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "passage for search",
                "verbose_name_plural": "passages for search",
                "indexes": [
                    models.Index(fields=["document", "version", "section_key"], name="passage_by_place"),
                ],
            },
        ),
        migrations.RunPython(make_table, drop_table, elidable=False),
    ]
