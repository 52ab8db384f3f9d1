"""How allauth behaves here."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailConfirmation
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.http import site_of


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: coordinators invite people and administrators add them."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is wrong. Check both and try again."),
        "too_many_login_attempts": _("Too many attempts. Wait for a few minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Each mail ends with the name of the site."""
        super().send_mail(template_prefix, email, {"host": urlsplit(site_of(self.request)).netloc, **context})

    def get_reset_password_from_key_url(self, key: str) -> str:
        return self._on_our_site(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: EmailConfirmation) -> str:
        return self._on_our_site(super().get_email_confirmation_url(request, emailconfirmation))

    def _on_our_site(self, url: str) -> str:
        """An address that allauth made from the host of the request, which anybody may name."""
        return site_of(self.request) + urlsplit(url)._replace(scheme="", netloc="").geturl()
