"""Reference geography from the files in `regions/data/`."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import models, transaction

from regions.models import CollaborativeArea, Municipality, Region

DATA = Path(__file__).resolve().parent / "data"
# The year of the classifications in the files.
YEAR = 2026


@dataclass
class Tally:
    """What loading one kind of thing did."""

    what: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    # In the database and no more in the file; nothing is removed, because texts may refer to it.
    missing: list[str] = field(default_factory=list)
    # Different from the file, but in use and therefore left as they are.
    kept: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{self.what}: {len(self.added)} added, {len(self.changed)} changed, {self.unchanged} unchanged"
            + (f", {len(self.missing)} not in the file" if self.missing else "")
        ]
        if len(self.added) <= 30:
            lines += [f"  added {name}" for name in self.added]
        lines += [f"  changed {name}" for name in self.changed]
        lines += [f"  not in the file {name}" for name in self.missing]
        lines += [f"  differs from the file, but is in use and stays as it is: {name}" for name in self.kept]
        return "\n".join(lines)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _bring_up(
    tally: Tally,
    existing: dict[str, models.Model],
    *,
    model: type[models.Model],
    key: dict[str, str],
    values: dict[str, Any],
    only_when_new: dict[str, Any] | None = None,
) -> models.Model:
    """Let the row with this key have these values, and count what that took."""
    [code] = key.values()
    obj = existing.pop(code, None)
    if obj is None:
        obj = model(**key, **values, **(only_when_new or {}))
        obj.full_clean()
        obj.save()
        tally.added.append(f"{code} {values['name_fi']}")
        return obj
    differing = [name for name, value in values.items() if getattr(obj, name) != value]
    if differing:
        for name in differing:
            setattr(obj, name, values[name])
        obj.full_clean()
        obj.save()
        tally.changed.append(f"{code} {values['name_fi']}: {', '.join(differing)}")
    else:
        tally.unchanged += 1
    return obj


def _names(row: dict[str, str], *languages: str) -> dict[str, str]:
    return {f"name_{language}": row[f"name_{language}"] for language in languages}


@transaction.atomic
def load_geography() -> list[Tally]:
    """Bring collaborative areas, regions and municipalities up to the files; loading twice changes nothing.

    A region's own settings (languages, colour, word, name in addresses) are written only when it is new.
    """
    areas_tally = Tally("Collaborative areas")
    existing: dict[str, Any] = {area.key: area for area in CollaborativeArea.objects.all()}
    areas: dict[str, Any] = {}
    for row in _rows("collaborative_areas.csv"):
        areas[row["key"]] = _bring_up(
            areas_tally,
            existing,
            model=CollaborativeArea,
            key={"key": row["key"]},
            values=_names(row, "fi", "sv", "en"),
        )
    areas_tally.missing = sorted(existing)

    regions_tally = Tally("Regions")
    existing = {region.code: region for region in Region.objects.select_related("collaborative_area")}
    regions: dict[str, Any] = {}
    for row in _rows("regions.csv"):
        regions[row["code"]] = _bring_up(
            regions_tally,
            existing,
            model=Region,
            key={"code": row["code"]},
            values={**_names(row, "fi", "sv", "en"), "collaborative_area": areas[row["collaborative_area"]]},
            only_when_new={
                "slug": row["slug"],
                "languages": row["languages"].split("+"),
                "accent": row["accent"],
                "meeting_place_word": row["meeting_place_word"],
            },
        )
    regions_tally.missing = sorted(existing)

    municipalities_tally = Tally("Municipalities")
    existing = {one.code: one for one in Municipality.objects.select_related("region")}
    for row in _rows("municipalities.csv"):
        values = {
            **_names(row, "fi", "sv"),
            "languages": row["languages"].split("+"),
            "region": regions[row["region_code"]],
            "year": YEAR,
        }
        _bring_up(municipalities_tally, existing, model=Municipality, key={"code": row["code"]}, values=values)
    municipalities_tally.missing = sorted(existing)
    return [areas_tally, regions_tally, municipalities_tally]
