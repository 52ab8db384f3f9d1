"""The people who sign in, and the links that serve those who do not."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Users are found and made by e-mail address, without regard to case."""

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in. What the person may do follows from memberships in bodies, not from here."""

    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="fi")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_is_unique",
                violation_error_message=_("Another user has this e-mail address."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] or self.email

    def get_full_name(self) -> str:
        return self.name


class AccessLinkQuerySet(models.QuerySet["AccessLink"]):
    def usable(self, now: datetime | None = None) -> Self:
        return self.filter(withdrawn_at=None, used_at=None, expires_at__gt=now or timezone.now())


class AccessLink(models.Model):
    """One right that a mailed link gives to someone without an account.

    Only the SHA-256 of the token is stored. Opening the link changes nothing, because mail
    scanners open links before people do.
    """

    purpose = models.CharField(_("purpose"), max_length=50)
    target = models.CharField(_("what it opens"), max_length=100, help_text=_("Public identifier of the target."))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    sent_to = models.EmailField(_("sent to"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="access_links_created"
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    used_at = models.DateTimeField(
        _("used up"), null=True, blank=True, editable=False, help_text=_("Only a link that serves once is used up.")
    )

    objects = AccessLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("access link")
        verbose_name_plural = _("access links")
        indexes = [models.Index(fields=["purpose", "target"], name="link_by_target")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.target}"

    @staticmethod
    def new_token() -> str:
        """A token of 256 random bits, safe in an address."""
        return secrets.token_urlsafe(32)

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()
