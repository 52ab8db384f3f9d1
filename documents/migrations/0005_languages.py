"""Of headings and titles: the original that a translation was made from, where that is another now.

What is there already counts as current: nobody knows from what it was made.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_search")]

    operations = [
        migrations.AddField(
            model_name="section",
            name="heading_shown",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="document",
            name="texts_shown",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
    ]
