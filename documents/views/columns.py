"""Which languages stand side by side in the editor, where a document has more than two."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.http import Request
from documents.models import Document
from documents.rendering import plain_languages

PARAMETER = "languages"
Links = list[tuple[str, str, bool]]


def columns_of(request: Request, document: Document) -> list[str]:
    """The languages of the editor's columns, in the document's order: all of two, two of more."""
    languages = document.languages
    if len(languages) <= 2:
        return list(languages)
    asked = [code for code in request.GET.get(PARAMETER, "").split("-") if code in languages]
    if len(set(asked)) == 2:
        return [code for code in languages if code in asked]
    own = get_language()
    return [languages[0], own if own in languages[1:] else languages[1]]


def columns_query(request: Request, document: Document) -> str:
    """What keeps the choice in an address; nothing where there is none to make."""
    if len(document.languages) <= 2 or PARAMETER not in request.GET:
        return ""
    return f"?{urlencode({PARAMETER: '-'.join(columns_of(request, document))})}"


def column_links(request: Request, document: Document) -> Links:
    """Each pair of languages that can stand side by side: its name, its address and whether it does now."""
    languages = document.languages
    if len(languages) <= 2:
        return []
    names = dict(plain_languages(languages))
    now = columns_of(request, document)
    return [
        (
            _("%(first)s and %(second)s") % {"first": names[one], "second": names[other].lower()},
            f"?{urlencode({PARAMETER: f'{one}-{other}'})}",
            [one, other] == now,
        )
        for place, one in enumerate(languages)
        for other in languages[place + 1 :]
    ]


def translations_left(
    rows: Sequence[Mapping[str, Mapping[str, int]]], document: Document
) -> list[tuple[str, str, int, int]]:
    """(Code, name, missing, behind) of each language that a document is translated into."""
    return [
        (
            code,
            name,
            sum(row.get(code, {}).get("missing", 0) for row in rows),
            sum(row.get(code, {}).get("behind", 0) for row in rows),
        )
        for code, name in plain_languages(document.languages[1:])
    ]
