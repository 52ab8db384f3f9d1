"""Bringing criteria sets in and out, and freezing them."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from criteria.files import Data, read_criteria, write_criteria
from criteria.models import AssessmentScale, CriteriaGroup, CriteriaSet, Criterion, ScaleStep
from regions.models import Region


@dataclass(frozen=True)
class Imported:
    """A criteria set that was read from a file, and what that did: "added", "changed" or "unchanged"."""

    criteria_set: CriteriaSet
    outcome: str


def _texts(obj: models.Model, field: str) -> dict[str, str]:
    values = {language: getattr(obj, f"{field}_{language}") for language in settings.MODELTRANSLATION_LANGUAGES}
    return {language: value for language, value in values.items() if value}


def _columns(field: str, texts: dict[str, str]) -> dict[str, str | None]:
    return {f"{field}_{language}": texts.get(language) for language in settings.MODELTRANSLATION_LANGUAGES}


def scale_data(scale: AssessmentScale) -> Data:
    """A scale in the shape of a criteria file."""
    return {
        "key": scale.key,
        "name": _texts(scale, "name"),
        "steps": [
            {
                "key": step.key,
                "label": _texts(step, "label"),
                "description": _texts(step, "description"),
                "assessed": step.assessed,
            }
            for step in scale.steps.all()
        ],
    }


def set_data(criteria_set: CriteriaSet) -> Data:
    """A whole set with its scale in the shape of a criteria file."""
    return {
        "criteria_set": {
            "key": criteria_set.key,
            "version": criteria_set.version,
            "name": _texts(criteria_set, "name"),
            "source": criteria_set.source,
            "source_url": criteria_set.source_url,
            "official": criteria_set.official,
            "region": criteria_set.region.code if criteria_set.region else "",
            "valid_from": criteria_set.valid_from.isoformat() if criteria_set.valid_from else None,
        },
        "scale": scale_data(criteria_set.scale),
        "groups": [
            {
                "key": group.key,
                "name": _texts(group, "name"),
                "criteria": [
                    {
                        "key": criterion.key,
                        "code": criterion.code,
                        "title": _texts(criterion, "title"),
                        "description": _texts(criterion, "description"),
                    }
                    for criterion in group.criteria.all()
                ],
            }
            for group in criteria_set.groups.prefetch_related("criteria")
        ],
    }


def export_criteria_set(criteria_set: CriteriaSet) -> str:
    """The set as a readable file that `import_criteria_set` takes back."""
    return write_criteria(set_data(criteria_set))


@transaction.atomic
def import_criteria_set(text: str, *, by: User | None = None) -> Imported:
    """Make the set of a file be exactly as the file says; importing the same file again changes nothing.

    Raises ValidationError with the line of each fault in the file; with the code `frozen` when the set or its scale
    is in use and the file says something else: then it needs a new version, or the scale a new key.
    """
    data = read_criteria(text)
    head = data["criteria_set"]
    region = None
    if head["region"]:
        region = Region.objects.filter(code=head["region"]).first()
        if region is None:
            raise ValidationError(
                _("There is no region with the code %(code)s."), code="region", params={"code": head["region"]}
            )
    scale = _write_scale(data["scale"])
    existing = (
        CriteriaSet.objects.select_for_update(of=("self",)).filter(key=head["key"], version=head["version"]).first()
    )
    if existing and set_data(existing) == data:
        return Imported(existing, "unchanged")
    if existing and existing.is_frozen:
        raise ValidationError(
            _("The set %(set)s is in use and cannot be changed. Give the file a new version."),
            code="frozen",
            params={"set": str(existing)},
        )
    criteria_set = _write_set(existing or CriteriaSet(), head, scale=scale, region=region)
    _write_groups(criteria_set, data["groups"])
    record(by, "criteria_set.imported", criteria_set, key=criteria_set.key, version=criteria_set.version)
    return Imported(criteria_set, "changed" if existing else "added")


def _write_scale(data: Data) -> AssessmentScale:
    scale = AssessmentScale.objects.select_for_update(of=("self",)).filter(key=data["key"]).first()
    if scale and scale_data(scale) == data:
        return scale
    if scale and scale.criteria_sets.exclude(frozen_at=None).exists():
        raise ValidationError(
            _("The scale %(scale)s is in use and cannot be changed. Give the scale a new key."),
            code="frozen",
            params={"scale": str(scale)},
        )
    scale, _created = AssessmentScale.objects.update_or_create(key=data["key"], defaults=_columns("name", data["name"]))
    for position, step in enumerate(data["steps"], start=1):
        values: dict[str, Any] = {"position": position, "assessed": step["assessed"]}
        values |= _columns("label", step["label"]) | _columns("description", step["description"])
        ScaleStep.objects.update_or_create(scale=scale, key=step["key"], defaults=values)
    scale.steps.exclude(key__in=[step["key"] for step in data["steps"]]).delete()
    return scale


def _write_set(criteria_set: CriteriaSet, head: Data, *, scale: AssessmentScale, region: Region | None) -> CriteriaSet:
    for name in ("key", "version", "source", "source_url", "official", "valid_from"):
        setattr(criteria_set, name, head[name])
    for name, value in _columns("name", head["name"]).items():
        setattr(criteria_set, name, value)
    criteria_set.scale = scale
    criteria_set.region = region
    criteria_set.save()
    criteria_set.refresh_from_db()  # the date as a date
    return criteria_set


def _write_groups(criteria_set: CriteriaSet, groups: list[Data]) -> None:
    """Let the set have exactly these groups and criteria; those that the file has no more are removed."""
    position = 0
    for group_position, group_data in enumerate(groups, start=1):
        group, _created = CriteriaGroup.objects.update_or_create(
            set=criteria_set,
            key=group_data["key"],
            defaults={"position": group_position, **_columns("name", group_data["name"])},
        )
        for data in group_data["criteria"]:
            position += 1
            values: dict[str, Any] = {"group": group, "code": data["code"], "position": position}
            values |= _columns("title", data["title"]) | _columns("description", data["description"])
            Criterion.objects.update_or_create(set=criteria_set, key=data["key"], defaults=values)
    kept = [data["key"] for group_data in groups for data in group_data["criteria"]]
    criteria_set.criteria.exclude(key__in=kept).delete()
    criteria_set.groups.exclude(key__in=[group_data["key"] for group_data in groups]).delete()


@transaction.atomic
def freeze_criteria_set(criteria_set: CriteriaSet, *, by: User | None) -> None:
    """Let a set be changed no more, because something is now bound to it. Freezing it again does nothing."""
    locked = CriteriaSet.objects.select_for_update(of=("self",)).get(pk=criteria_set.pk)
    if not locked.is_frozen:
        locked.frozen_at = timezone.now()
        locked.save(update_fields=["frozen_at"])
        record(by, "criteria_set.frozen", locked, key=locked.key, version=locked.version)
    criteria_set.frozen_at = locked.frozen_at
