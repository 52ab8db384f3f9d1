"""What is said about the settings before a server starts."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security)
def check_site_url(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The address that links in mails begin with: nothing but scheme and host, and set on a public server."""
    if not settings.SITE_URL:
        if not settings.PRODUCTION:
            return []
        return [
            Warning(
                "FC_SITE_URL is not set, so links in mails begin with the host name of whoever asked for the mail.",
                hint='Set it to the address of the installation, for example "https://plans.example.fi".',
                id="accounts.W001",
            )
        ]
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme in {"http", "https"} and parts.netloc and not (parts.path or parts.query or parts.fragment):
        return []
    return [
        Error(
            f"FC_SITE_URL is no address of an installation: {settings.SITE_URL!r}.",
            hint='It has a scheme and a host name alone, for example "https://plans.example.fi".',
            id="accounts.E001",
        )
    ]
