"""Internal notes on a plan's goals and measures: on which block they stand, and that no file has them."""

import io
import subprocess
import zipfile

import pytest
from django.urls import reverse

from documents.models import Document, Note
from documents.renditions import choices_of, make_rendition
from documents.services.notes import add_note, answer_note
from documents.services.publishing import publish
from documents.services.versions import freeze
from regions.services import open_file

from .factories import make_coordinator, make_full_goal, make_plan

pytestmark = pytest.mark.django_db
SITE = "https://plans.example.fi"
SECRET = "Salainensana"


def words_of(rendition):
    with open_file(rendition.file) as file:
        content = file.read()
    if rendition.format == "pdf":
        done = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
        return done.stdout.decode()
    if rendition.format == "json":
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return " ".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))


def test_notes_on_goals_and_measures_are_in_no_file_and_on_no_public_page(client):
    plan = make_plan()
    goal = make_full_goal(plan)
    action = goal.actions.first()
    document = Document.objects.get(pk=plan.document_id)
    by = make_coordinator(document.region)
    for block in (goal.block_id, action.block_id, ""):
        note = add_note(goal.section, text=f"{SECRET} yksi.", by=by, site=SITE, block_id=block)
        answer_note(note, text=f"{SECRET} kaksi.", by=by, site=SITE)
    assert set(Note.objects.values_list("block_id", flat=True)) == {goal.block_id, action.block_id, ""}

    version = freeze(document, by=by)
    choices = choices_of(version)
    assert {choice.format for choice in choices} == {"pdf", "docx", "json", "xlsx"}
    for choice in choices:
        made = make_rendition(version, format=choice.format, layout=choice.layout, language=choice.language)
        words = words_of(made)
        assert "Illat" in words, choice
        assert SECRET not in words, choice

    publish(version, languages=["fi"], by=by, despite_missing=True)
    page = reverse("documents:version-detail", args=[document.region.slug, "plan", document.public_id, version.number])
    assert "Illat" in client.get(page).text
    assert SECRET not in client.get(page).text
    client.force_login(by)
    assert SECRET not in client.get(page).text


@pytest.mark.parametrize("what", ["goal", "action"])
def test_a_note_is_written_from_the_form_of_a_goal_or_measure(client, what):
    plan = make_plan()
    goal = make_full_goal(plan)
    thing = goal if what == "goal" else goal.actions.first()
    document = Document.objects.get(pk=plan.document_id)
    client.force_login(make_coordinator(document.region))
    args = [document.region.slug, "plan", document.public_id]
    page = client.get(f"{reverse('documents:note-add', args=args)}?block={thing.block_id}")
    # The panel that htmx would put the answer into is beside the text only: here the form is sent as it is.
    assert 'hx-target="#notes-panel"' not in page.text
    assert f'<option value="{thing.block_id}" selected>' in page.text
    sent = {"text": "Onko tämä ajan tasalla?", "block": thing.block_id, "section": goal.section.key}
    detail = client.post(reverse("documents:note-add", args=args), sent, follow=True)
    assert Note.objects.get().block_id == thing.block_id
    assert ("Tavoite" if what == "goal" else "Toimenpide") in detail.text
