"""Files that people bring."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_public_id
from regions.models.geography import Region

STORED = "stored"
"""The folder of the storage that holds them."""


def storage_key(instance: "StoredFile", filename: str) -> str:
    """Where the bytes lie: a random name that tells nothing of the file, spread over folders."""
    key = secrets.token_hex(20)
    return f"{STORED}/{key[:2]}/{key}"


class StoredFile(models.Model):
    """A file that someone brought: a picture, a Word document, a PDF. Its bytes never change.

    It is handed out only by a view that asks whoever owns it for permission; there is no address to its bytes.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="stored_files", verbose_name=_("region"))
    file = models.FileField(upload_to=storage_key, max_length=100, editable=False)
    name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(_("content type"), max_length=100, editable=False)
    size = models.PositiveIntegerField(_("size in bytes"), editable=False)
    sha256 = models.CharField(max_length=64, db_index=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="stored_files",
        verbose_name=_("brought by"),
    )
    created_at = models.DateTimeField(_("brought"), auto_now_add=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name
