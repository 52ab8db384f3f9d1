import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
        ("regions", "0004_people_identifiers_unique"),
    ]

    operations = [
        migrations.AddField(
            model_name="action",
            name="extra",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Place of the field -> text. Never printed.",
                verbose_name="extra fields",
            ),
        ),
        migrations.CreateModel(
            name="ExtraField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField(verbose_name="order")),
                ("name", models.JSONField(default=dict, verbose_name="name")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="extra_fields", to="plans.plan"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.region"
                    ),
                ),
            ],
            options={
                "verbose_name": "extra field",
                "verbose_name_plural": "extra fields",
                "ordering": ["place"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "place"),
                        name="extra_field_has_its_place",
                        violation_error_message="The plan already has this extra field.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("place__gte", 1), ("place__lte", 2)),
                        name="plan_has_two_extra_fields_at_most",
                        violation_error_message="A plan has two extra fields at most.",
                    ),
                ],
            },
        ),
    ]
