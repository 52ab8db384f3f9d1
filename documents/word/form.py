"""Templates and handbooks as fillable Word forms."""

from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext, override


def placeholder() -> str:
    """What stands in an answer area that nobody has written in."""
    return gettext("Write the answer here.")


@lru_cache(maxsize=1)
def placeholder_texts() -> frozenset[str]:
    """The same in every language that a form may have been written in."""
    texts = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            texts.add(" ".join(placeholder().split()))
    return frozenset(texts)
