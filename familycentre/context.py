"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from familycentre.navigation import main_navigation


def site(request: HttpRequest) -> dict[str, Any]:
    """The languages a reader can switch to, the navigation, and whether this is a production installation."""
    return {
        "interface_languages": settings.LANGUAGES,
        "navigation": SimpleLazyObject(lambda: main_navigation(request)),
        "production": settings.PRODUCTION,
    }
