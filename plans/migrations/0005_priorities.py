import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0004_search"),
        ("plans", "0004_kept_apart"),
        ("regions", "0004_people_identifiers_unique"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Priority",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("new", "A group of needs was taken in, and its section was made"),
                            ("old", "A group of needs was taken into a section that was there"),
                            ("marked", "A section was marked as a priority"),
                        ],
                        default="marked",
                        max_length=6,
                        verbose_name="how it came about",
                    ),
                ),
                (
                    "block_id",
                    models.CharField(
                        blank=True,
                        help_text="To which the needs behind the priority are tied.",
                        max_length=10,
                        verbose_name="paragraph",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="priorities",
                        to="plans.plan",
                        verbose_name="action plan",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "section",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="priority",
                        to="documents.section",
                        verbose_name="section",
                    ),
                ),
            ],
            options={
                "verbose_name": "priority",
                "verbose_name_plural": "priorities",
            },
        ),
        migrations.CreateModel(
            name="NeedGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=accounts.identifiers.new_public_id, editable=False, max_length=10, unique=True
                    ),
                ),
                ("title", models.JSONField(default=dict, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="order")),
                (
                    "shared_words",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Basic forms: why these needs were put together.",
                        verbose_name="common words",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "To be decided"),
                            ("taken", "Taken in as a priority"),
                            ("joined", "Joined to a priority"),
                            ("later", "Not this period"),
                        ],
                        default="open",
                        max_length=6,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="date of the meeting")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="when")),
                (
                    "body",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.body",
                        verbose_name="body",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="need_groups",
                        to="plans.plan",
                        verbose_name="action plan",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "priority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups",
                        to="plans.priority",
                        verbose_name="priority",
                    ),
                ),
            ],
            options={
                "verbose_name": "group of needs",
                "verbose_name_plural": "groups of needs",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="NeedGroupItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("block_id", models.CharField(max_length=10, verbose_name="need")),
                ("section_key", models.SlugField(max_length=80, verbose_name="section of the handbook")),
                ("section_label", models.CharField(blank=True, max_length=20, verbose_name="section as printed")),
                (
                    "text_hash",
                    models.CharField(help_text="Tells whether the handbook's words have changed since.", max_length=16),
                ),
                ("quote", models.TextField(blank=True, verbose_name="words of the handbook")),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="plans.needgroup",
                        verbose_name="group",
                    ),
                ),
                (
                    "handbook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                        verbose_name="handbook",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grouped_needs", to="plans.plan"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.region"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.version"
                    ),
                ),
            ],
            options={
                "verbose_name": "need in a group",
                "verbose_name_plural": "needs in groups",
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("plan", "block_id"), name="need_is_in_one_group")],
            },
        ),
        migrations.AddConstraint(
            model_name="needgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("priority__isnull", False), ("state__in", ["taken", "joined"])),
                    models.Q(("priority__isnull", True), ("state__in", ["open", "later"])),
                    _connector="OR",
                ),
                name="need_group_has_a_priority_when_taken_in",
                violation_error_message="Choose the priority.",
            ),
        ),
        migrations.AddConstraint(
            model_name="needgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), ("state", "later"), _negated=True),
                name="need_group_left_for_later_has_a_reason",
                violation_error_message="Give a reason.",
            ),
        ),
    ]
