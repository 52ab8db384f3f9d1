"""Signing in, signing out and failing to, in the audit trail.

Signals are avoided elsewhere, but signing in happens inside Django and allauth: there is no service of ours to write
the row from, and these three signals are the published place to listen.
"""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from audit.models import AuditEvent
from audit.services import record


@receiver(user_logged_in)
def note_sign_in(sender: object, user: User, **kwargs: Any) -> None:
    record(user, "user.signed_in", user)


@receiver(user_logged_out)
def note_sign_out(sender: object, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record(user, "user.signed_out", user)


@receiver(user_login_failed)
def note_failed_sign_in(
    sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """What was typed is not kept: it may be a password in the wrong field, or someone else's address."""
    address = str(credentials.get("email") or credentials.get("username") or "")
    user = User.objects.filter(email__iexact=address).first() if address else None
    if user:
        record(None, "user.sign_in_failed", user)
    else:
        AuditEvent.objects.create(verb="user.sign_in_failed", object_type=User._meta.label_lower)
