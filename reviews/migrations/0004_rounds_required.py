from django.db import migrations, models

import accounts.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0003_rounds_filled"),
    ]

    operations = [
        migrations.AlterField(
            model_name="invitation",
            name="public_id",
            field=models.CharField(
                default=accounts.identifiers.new_public_id, editable=False, max_length=10, unique=True
            ),
        ),
        migrations.RemoveField(model_name="answer", name="reason_text"),
        migrations.RemoveConstraint(model_name="statement", name="official_statement_names_its_organisation"),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "official"), _negated=True),
                    models.Q(("organisation", None), _negated=True),
                    ("received_at", None),
                    _connector="OR",
                ),
                name="official_statement_names_its_organisation",
                violation_error_message="An official statement needs its organisation.",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["accepted", "noted"]), models.Q(("reason", {}), _negated=True), _connector="OR"
                ),
                name="answer_tells_why_not_as_proposed",
                violation_error_message="Tell why the text was not changed as proposed.",
            ),
        ),
    ]
