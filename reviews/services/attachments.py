"""The files that a respondent adds to a statement: told by their bytes, looked through by the scanner, kept."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from audit.services import record
from regions.files import DOCX, IMAGES, PDF, attachment_type_of, name_of_type
from regions.models import StoredFile
from regions.scanning import require_clean
from regions.services import store_file, store_made_file
from reviews.models import Statement
from reviews.services.statements import lock_changeable

LARGEST = 20 * 1024 * 1024
"""Bytes of one file."""

MOST_FILES = 10


def attach(statement: Statement, *, name: str, content: bytes) -> StoredFile:
    """Add a file to a statement; the same bytes again are the same file.

    The file is looked through before any lock is taken. Raises ValidationError: `file_empty`, `too_large`,
    `file_type`, `too_many_files`, `malware`, `scanner_silent`, `too_late`, and as `store_file` does.
    """
    content_type = _checked_type(content)
    require_clean(content)
    return _attach(statement, name_of_type(name, content_type), content, content_type)


@transaction.atomic
def _attach(statement: Statement, name: str, content: bytes, content_type: str) -> StoredFile:
    locked = lock_changeable(statement)
    digest = hashlib.sha256(content).hexdigest()
    same = locked.attachments.filter(sha256=digest).first()
    if same:
        return same
    if locked.attachments.count() >= MOST_FILES:
        raise ValidationError(
            _("One answer can have at most %(count)d files."), code="too_many_files", params={"count": MOST_FILES}
        )
    region, by = locked.region, locked.user
    if content_type in (PDF, DOCX, *IMAGES):
        stored = store_file(region, name=name, content=content, by=by)
    else:
        stored = store_made_file(region, name=name, content=content, content_type=content_type, by=by)
    locked.attachments.add(stored)
    locked.edit += 1
    locked.save(update_fields=["edit", "changed_at"])
    return stored


@transaction.atomic
def detach(statement: Statement, *, file_id: str) -> None:
    """Take a file out of a statement; removing it twice is removing it once. ValidationError (`too_late`).

    What was handed in stays: only a file that no receipt names is deleted.
    """
    locked = lock_changeable(statement)
    stored = locked.attachments.filter(public_id=file_id).first()
    if stored is None:
        return
    locked.attachments.remove(stored)
    locked.edit += 1
    locked.save(update_fields=["edit", "changed_at"])
    if locked.received_at is None:
        record(locked.user, "file.removed", stored, sha256=stored.sha256)
        stored.delete()


def _checked_type(content: bytes) -> str:
    if not content:
        raise ValidationError(_("This file is empty."), code="file_empty")
    if len(content) > LARGEST:
        raise ValidationError(
            _("This file is too large: it may be at most %(size)s."),
            code="too_large",
            params={"size": filesizeformat(LARGEST)},
        )
    content_type = attachment_type_of(content)
    if content_type is None:
        raise ValidationError(
            _(
                "This kind of file is not taken in. Send a PDF, a Word, Excel or OpenDocument file without macros, "
                "or a picture (PNG, JPEG, WebP or GIF)."
            ),
            code="file_type",
        )
    return content_type
