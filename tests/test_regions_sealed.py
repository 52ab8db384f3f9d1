"""Every row has a region of its own, except what belongs to the whole country or to a person."""

import pytest
from django.apps import apps
from django.db import IntegrityError, models

from regions.models import Region
from reviews.models import CommentRound
from tests.reviews.factories import CommentRoundFactory, make_version

OURS = {"accounts", "audit", "jobs", "regions", "criteria", "documents", "directory", "reviews", "handbooks", "plans"}

WITHOUT_REGION = {
    "accounts.User": "a person is a member of bodies in several regions",
    "accounts.AccessLink": "lies below regions; its target has one",
    "audit.AuditEvent": "lies below regions; carries the region's code, because it outlives every row",
    "jobs.Job": "lies below regions; its target has one",
    "regions.Region": "is the region",
    "regions.CollaborativeArea": "reference geography",
    "criteria.AssessmentScale": "national criteria",
    "criteria.ScaleStep": "national criteria",
    "criteria.CriteriaGroup": "national criteria",
    "criteria.Criterion": "national criteria",
}
REGION_MAY_BE_EMPTY = {"criteria.CriteriaSet": "national criteria; a region's own set names its region"}


def own_models():
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def region_field(model):
    fields = [field for field in model._meta.concrete_fields if field.name == "region"]
    return next((field for field in fields if isinstance(field, models.ForeignKey)), None)


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_model_has_a_region_of_its_own(model):
    field = region_field(model)
    if model._meta.label in WITHOUT_REGION:
        assert field is None
        return
    assert field is not None, "give it a region, or say in this file why it has none"
    assert field.related_model is Region
    assert field.null == (model._meta.label in REGION_MAY_BE_EMPTY)
    assert field.remote_field.on_delete is models.PROTECT


def test_exceptions_name_models_that_exist():
    labels = {model._meta.label for model in own_models()}
    assert set(WITHOUT_REGION) | set(REGION_MAY_BE_EMPTY) <= labels


def test_every_package_with_tables_is_looked_at():
    assert {model._meta.app_label for model in own_models()} == OURS


@pytest.mark.django_db
def test_database_itself_refuses_a_row_without_a_region():
    row = CommentRoundFactory.build(version=make_version(), region=None)
    with pytest.raises(IntegrityError, match=r"(?i)null"):
        CommentRound.objects.bulk_create([row])
