"""Bytes that a transaction left behind are found, and nothing else is touched."""

import os
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction

from jobs.models import Job
from jobs.services import run_due, tick
from regions import sweeping
from regions.models import StoredFile
from regions.sweeping import sweep_files
from tests.regions.factories import make_stored_file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def age(path, days):
    then = time.time() - days * 24 * 60 * 60
    os.utime(path, (then, then))


def left_behind(days):
    """What a save that is undone leaves on disk."""
    with pytest.raises(RuntimeError), transaction.atomic():
        stored = make_stored_file()
        raise RuntimeError
    path = Path(stored.file.path)
    age(path, days)
    return path


def test_only_old_bytes_without_a_row_are_removed(files):
    kept = Path(make_stored_file().file.path)
    age(kept, 30)
    other = files / "elsewhere" / "notes"
    other.parent.mkdir()
    other.write_text("not ours")
    age(other, 30)
    old, young = left_behind(days=1.1), left_behind(days=0.9)
    assert sweep_files(dry_run=True).files == 1
    assert old.exists()
    swept = sweep_files()
    assert (swept.files, swept.removed, swept.bytes > 0) == (1, True, True)
    assert [path.exists() for path in (old, young, kept, other)] == [False, True, True, True]


def test_an_empty_storage_is_swept():
    assert sweep_files().files == 0


def test_a_wrong_database_removes_nothing(monkeypatch):
    monkeypatch.setattr(sweeping, "FEW_FILES", 1)
    paths = [left_behind(days=2), left_behind(days=2)]
    make_stored_file()
    with pytest.raises(ValidationError) as refused:
        sweep_files()
    assert refused.value.code == "most_are_unknown"
    assert all(path.exists() for path in paths)
    with pytest.raises(CommandError, match="despite-many"):
        call_command("sweep_files")
    call_command("sweep_files", despite_many=True, stdout=StringIO())
    assert not any(path.exists() for path in paths)
    assert StoredFile.objects.count() == 1


def test_the_command_says_what_it_does():
    path = left_behind(days=2)
    out = StringIO()
    call_command("sweep_files", dry_run=True, stdout=out)
    assert "1 files" in out.getvalue()
    assert path.exists()


def test_it_is_done_once_a_day():
    path = left_behind(days=2)
    assert "sweep_files" in tick()
    assert "sweep_files" not in tick()
    run_due()
    assert not path.exists()
    assert Job.objects.get(kind="sweep_files").finished_at
