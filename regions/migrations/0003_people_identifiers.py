from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from accounts.identifiers import new_public_id


def give_identifiers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """An identifier of its own for every membership."""
    Membership = apps.get_model("regions", "Membership")
    rows = list(Membership.objects.filter(public_id=None).only("pk"))
    for row in rows:
        row.public_id = new_public_id()
    Membership.objects.bulk_update(rows, ["public_id"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0002_people"),
    ]

    operations = [migrations.RunPython(give_identifiers, migrations.RunPython.noop)]
