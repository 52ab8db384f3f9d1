from django.db import migrations, models

import accounts.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0003_people_identifiers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="public_id",
            field=models.CharField(
                default=accounts.identifiers.new_public_id, editable=False, max_length=10, unique=True
            ),
        ),
    ]
