"""Regions are sealed from each other: no row points to a row of another region.

A database cannot check this across tables. So services ask `require_one_region` before they write,
and `manage.py check_regions` walks everything that is stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from regions.models import Region


def region_pk_of(obj: models.Model) -> int | None:
    """The region that a row belongs to (a region belongs to itself), or None for what is national."""
    return obj.pk if isinstance(obj, Region) else getattr(obj, "region_id", None)


def require_one_region(region: Region, *related: models.Model | None) -> None:
    """Refuse what belongs to another region than `region`; what is national or empty may be related to.

    Raises ValidationError with the code `other_region`.
    """
    for obj in related:
        if obj is not None and region_pk_of(obj) not in (None, region.pk):
            raise ValidationError(
                _("%(thing)s belongs to another region."), code="other_region", params={"thing": str(obj)}
            )


@dataclass(frozen=True)
class Crossing:
    """Rows of one model in which two relations lead to different regions."""

    model: type[models.Model]
    one: str
    other: str
    pks: list[object]

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.pks[:10])) + (" …" if len(self.pks) > 10 else "")
        return f"{self.model._meta.label}: {self.one} ≠ {self.other} in {len(self.pks)} rows: {shown}"


def _own_region(model: type[models.Model]) -> str | None:
    if issubclass(model, Region):
        return "pk"
    try:
        field = model._meta.get_field("region")
    except FieldDoesNotExist:
        return None
    return "region_id" if field.many_to_one and field.related_model is Region else None


def region_paths(model: type[models.Model]) -> list[str]:
    """Lookups from a model's row to a region: its own first, then one for each relation that leads to one.

    Through a row without a region of its own (a criterion of a region's own set) they go one step further.
    """
    own = _own_region(model)
    paths = [own] if own else []
    for field in model._meta.concrete_fields:
        if not field.is_relation or not isinstance(field.related_model, type) or field.attname in paths:
            continue
        if issubclass(field.related_model, Region):
            paths.append(field.attname)
        elif _own_region(field.related_model):
            paths.append(f"{field.name}__region_id")
        else:
            paths += [
                f"{field.name}__{further.name}__region_id"
                for further in field.related_model._meta.concrete_fields
                if further.is_relation
                and isinstance(further.related_model, type)
                and _own_region(further.related_model) == "region_id"
            ]
    return paths


def sealed_models() -> Iterator[type[models.Model]]:
    """Every stored model of every app, the tables between many-to-many relations among them."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def crossings() -> Iterator[Crossing]:
    """Everything stored that leads from one region to another; nothing when all is well.

    A model with its own region is compared with each relation; one without (a many-to-many table) has its
    relations compared with each other. One query per pair.
    """
    for model in sealed_models():
        paths = region_paths(model)
        pairs = [(paths[0], path) for path in paths[1:]] if _own_region(model) else combinations(paths, 2)
        for one, other in pairs:
            rows = model._base_manager.filter(**{f"{one}__isnull": False, f"{other}__isnull": False})
            pks = list(rows.exclude(**{one: F(other)}).order_by("pk").values_list("pk", flat=True))
            if pks:
                yield Crossing(model, one, other, pks)
