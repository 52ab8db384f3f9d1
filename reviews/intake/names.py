"""Names as people and services write them, and those that an organisation is known by."""

from documents.services.versions import labels
from regions.models import Organisation


def folded(words: str) -> str:
    """Words without what spaces and capitals make of them."""
    return " ".join(words.replace("\u00ad", "").split()).casefold()


def names_of(organisation: Organisation) -> set[str]:
    """Every name of an organisation, in every language, folded."""
    names = [*labels(organisation, "name").values(), *labels(organisation, "short_name").values()]
    return {folded(name) for name in names}
