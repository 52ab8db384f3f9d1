"""Reading names and addresses as people paste them from their mail program or a spreadsheet."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from regions.invitations import MOST_AT_ONCE, Person

_ADDRESS = re.compile(r"[^\s<>()\[\];,:\"']+@[^\s<>()\[\];,:\"']+")
_AROUND = " \t\"'<>()[],;:–-"


def parse_people(text: str) -> list[Person]:
    """The people of a pasted text, each once, in order.

    Taken are `Name <address>`, `Name address`, `address`, `Surname, First <address>` and columns of a spreadsheet, one
    to a line or with semicolons or commas between. ValidationError names every piece without a good address
    (`no_address`, `bad_address`), and `nobody`, `too_many`.
    """
    people: dict[str, Person] = {}
    faults: list[ValidationError] = []
    for piece in _pieces(text):
        found = _ADDRESS.search(piece)
        if found is None:
            faults.append(
                ValidationError(_("There is no e-mail address in “%(text)s”."), "no_address", {"text": piece[:80]})
            )
            continue
        email = found.group().strip(".").lower()
        try:
            validate_email(email)
        except ValidationError:
            faults.append(
                ValidationError(_("“%(text)s” is not an e-mail address."), "bad_address", {"text": email[:80]})
            )
            continue
        name = _name(piece[: found.start()] + " " + piece[found.end() :])
        if email not in people or not people[email].name:
            people[email] = Person(email, name)
    if not faults and not people:
        faults.append(ValidationError(_("Write at least one e-mail address."), "nobody"))
    if len(people) > MOST_AT_ONCE:
        message = _("Invite at most %(count)d people at once.")
        faults.append(ValidationError(message, "too_many", {"count": MOST_AT_ONCE}))
    if faults:
        raise ValidationError(faults)
    return list(people.values())


def _pieces(text: str) -> list[str]:
    """What belongs to one person each: lines and semicolons divide, and commas where a line has several addresses."""
    pieces = []
    for line in re.split(r"[\n\r;]+", text):
        if len(_ADDRESS.findall(line)) > 1:
            pieces += _divided(line)
        else:
            pieces.append(line)
    return [piece.strip() for piece in pieces if piece.strip(_AROUND)]


def _divided(line: str) -> list[str]:
    """A line with several addresses, cut after each of them."""
    pieces, start = [], 0
    for found in _ADDRESS.finditer(line):
        end = found.end()
        while end < len(line) and line[end] in ">)]\"'":
            end += 1
        pieces.append(line[start:end].lstrip(", \t"))
        start = end
    return [*pieces, line[start:].strip(_AROUND)]


def _name(text: str) -> str:
    """What is left of a piece without its address; a surname that was put first goes last."""
    name = " ".join(re.sub(r'["<>()\[\]]', " ", text).split()).strip(_AROUND + ".")
    surname, comma, first = name.partition(",")
    if comma and first.strip() and "," not in first:
        name = f"{first.strip()} {surname.strip()}"
    return name[:150]
