"""How allauth behaves here."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: coordinators invite people and administrators add them."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is wrong. Check both and try again."),
        "too_many_login_attempts": _("Too many attempts. Wait for a few minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
