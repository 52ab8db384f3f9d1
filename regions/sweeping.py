"""Bytes in the storage that no row names: finding them and taking them away."""

import datetime
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.storage import Storage
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regions.models import StoredFile
from regions.models.files import STORED

# Bytes that no row names are kept for so long: a long import may still be about to write theirs.
SWEPT_AFTER = datetime.timedelta(days=1)
# So few unknown files are no sign of a wrong database.
FEW_FILES = 20


@dataclass(frozen=True)
class Sweep:
    """What lies in the storage without a row that names it: how many files, how many bytes, and what came of them."""

    files: int
    bytes: int
    removed: bool


def sweep_files(*, dry_run: bool = False, despite_many: bool = False) -> Sweep:
    """Remove the bytes that no stored file names and that are older than a day.

    A transaction that was undone leaves such. Younger ones may belong to one that is not committed yet. Raises
    ValidationError (`most_are_unknown`) and removes nothing where most of the files are unknown to the database,
    because then it is likely the wrong database; `despite_many` removes them all the same.
    """
    storage = StoredFile._meta.get_field("file").storage
    before = timezone.now() - SWEPT_AFTER
    known, lost = 0, []
    for folder in _folders(storage):
        paths = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        named = set(StoredFile.objects.filter(file__in=paths).values_list("file", flat=True))
        known += len(named)
        lost += [path for path in paths if path not in named and storage.get_modified_time(path) < before]
    size = sum(storage.size(path) for path in lost)
    if dry_run:
        return Sweep(len(lost), size, removed=False)
    if len(lost) > max(known, FEW_FILES) and not despite_many:
        raise ValidationError(
            _("Most stored files (%(count)d) are unknown to this database, so none was removed. Is it the right one?"),
            code="most_are_unknown",
            params={"count": len(lost)},
        )
    for path in lost:
        storage.delete(path)
    return Sweep(len(lost), size, removed=True)


def _folders(storage: Storage) -> list[str]:
    """The folders over which stored files are spread, and no others: the storage may hold more."""
    try:
        return [f"{STORED}/{name}" for name in sorted(storage.listdir(STORED)[0])]
    except FileNotFoundError:
        return []
