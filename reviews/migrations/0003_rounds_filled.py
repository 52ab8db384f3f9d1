from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F

from accounts.identifiers import new_public_id


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Rounds made before there were drafts are announced; reasons are in Finnish; invitations get identifiers."""
    CommentRound = apps.get_model("reviews", "CommentRound")
    CommentRound.objects.filter(announced_at=None).update(announced_at=F("created_at"))
    Answer = apps.get_model("reviews", "Answer")
    for answer in Answer.objects.exclude(reason_text="").only("pk", "reason_text"):
        Answer.objects.filter(pk=answer.pk).update(reason={"fi": answer.reason_text})
    Invitation = apps.get_model("reviews", "Invitation")
    for pk in Invitation.objects.filter(public_id=None).values_list("pk", flat=True):
        Invitation.objects.filter(pk=pk).update(public_id=new_public_id())


def empty(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Reasons back into one text: all their languages, because there is only one place for them."""
    Answer = apps.get_model("reviews", "Answer")
    for answer in Answer.objects.exclude(reason={}).only("pk", "reason"):
        Answer.objects.filter(pk=answer.pk).update(reason_text="\n\n".join(answer.reason.values()))


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0002_rounds"),
    ]

    operations = [migrations.RunPython(fill, empty)]
