"""What regional settings must fulfil."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# WCAG 2.2, success criterion 1.4.3: text in the accent colour on white, and white text on it.
MINIMUM_CONTRAST = 4.5


def contrast_to_white(colour: str) -> float:
    """The contrast ratio of `#rrggbb` against white, from 1 to 21, as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def validate_accent(colour: str) -> None:
    """Refuse a colour that is not `#rrggbb`, or whose text on white is too faint to read."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValidationError(_("Write the colour as # and six digits, for example #0b5d66."), code="not_a_colour")
    if contrast_to_white(colour) < MINIMUM_CONTRAST:
        raise ValidationError(
            _("This colour is too light: its contrast against white must be at least 4.5 to 1."), code="contrast"
        )


def validate_languages(languages: object) -> None:
    """Refuse anything but a list of different content languages, at least one."""
    known = [code for code, _name in settings.CONTENT_LANGUAGES]
    if (
        not isinstance(languages, list)
        or not languages
        or len(set(map(str, languages))) != len(languages)
        or not all(language in known for language in languages)
    ):
        raise ValidationError(
            _("List the languages in order, each once. Possible languages: %(languages)s."),
            code="languages",
            params={"languages": ", ".join(known)},
        )
