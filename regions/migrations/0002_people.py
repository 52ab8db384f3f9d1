"""Memberships get an identifier that may stand in addresses; 0003 gives the old ones theirs, 0004 makes it unique."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_link_used"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="public_id",
            field=models.CharField(editable=False, max_length=10, null=True),
        ),
    ]
