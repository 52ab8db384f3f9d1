"""The criteria sets that come with the project."""

from pathlib import Path

from django.core.exceptions import ValidationError

from criteria.services import import_criteria_set
from regions.reference import Tally

DATA = Path(__file__).resolve().parent / "data"


def load_criteria_sets() -> Tally:
    """Bring the sets of `criteria/data/` up to their files; loading twice changes nothing.

    A set that is in use and was edited before stays as it is, and is named.
    """
    tally = Tally("Criteria sets")
    for path in sorted(DATA.glob("*.yaml")):
        try:
            imported = import_criteria_set(path.read_text(encoding="utf-8"))
        except ValidationError as error:
            if getattr(error, "code", None) != "frozen":
                raise
            tally.kept.append(path.name)
            continue
        if imported.outcome == "unchanged":
            tally.unchanged += 1
        else:
            getattr(tally, imported.outcome).append(str(imported.criteria_set))
    return tally
