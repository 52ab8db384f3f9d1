"""The admin of accounts, audit, jobs, regions, criteria and directory."""

import datetime
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from criteria.models import CriteriaSet
from criteria.services import freeze_criteria_set
from jobs.models import Job
from regions.models import Body, Membership, Organisation
from tests.accounts.factories import AccessLinkFactory, UserFactory
from tests.audit.factories import AuditEventFactory
from tests.criteria.factories import (
    AssessmentScaleFactory,
    CriteriaGroupFactory,
    CriteriaSetFactory,
    CriterionFactory,
    ScaleStepFactory,
)
from tests.directory.factories import MeetingPlaceFactory, ServiceFactory, ServiceProvisionFactory
from tests.jobs.factories import JobFactory
from tests.regions.factories import (
    AreaFactory,
    BodyFactory,
    CollaborativeAreaFactory,
    MandateFactory,
    MeetingFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganisationFactory,
    OrganisationGroupFactory,
    RegionFactory,
    make_stored_file,
)

pytestmark = pytest.mark.django_db

MAKERS = {
    "accounts.user": UserFactory,
    "accounts.accesslink": AccessLinkFactory,
    "audit.auditevent": AuditEventFactory,
    "jobs.job": JobFactory,
    "regions.collaborativearea": CollaborativeAreaFactory,
    "regions.region": lambda: BodyFactory(coordinating=True).region,
    "regions.municipality": MunicipalityFactory,
    "regions.area": AreaFactory,
    "regions.organisation": lambda: MandateFactory().organisation,
    "regions.organisationgroup": OrganisationGroupFactory,
    "regions.body": lambda: MembershipFactory(represents=OrganisationFactory()).body,
    "regions.membership": lambda: MembershipFactory(represents=OrganisationFactory()),
    "regions.mandate": MandateFactory,
    "regions.meeting": MeetingFactory,
    "regions.storedfile": make_stored_file,
    "criteria.assessmentscale": lambda: ScaleStepFactory().scale,
    "criteria.criteriaset": lambda: CriteriaSetFactory(region=RegionFactory()),
    "criteria.criteriagroup": CriteriaGroupFactory,
    "criteria.criterion": CriterionFactory,
    "directory.service": lambda: ServiceProvisionFactory().service,
    "directory.serviceprovision": ServiceProvisionFactory,
    "directory.meetingplace": MeetingPlaceFactory,
}
READ_ONLY = {"accounts.accesslink", "audit.auditevent", "jobs.job", "regions.storedfile"}
PACKAGES = {"accounts", "audit", "jobs", "regions", "criteria", "directory"}


def registered():
    return {model._meta.label_lower: site for model, site in admin.site._registry.items()}


def page(label, verb, *args):
    return reverse(f"admin:{label.replace('.', '_')}_{verb}", args=args)


@pytest.fixture
def admin_user():
    return UserFactory(admin=True, name="Ylläpitäjä", email="admin@example.org")


@pytest.fixture
def administrator(client, admin_user):
    client.force_login(admin_user)
    return client


def test_every_model_has_its_admin():
    assert {label for label in registered() if label.split(".")[0] in PACKAGES} == set(MAKERS)
    assert Group not in admin.site._registry


@pytest.mark.parametrize("label", MAKERS)
def test_lists_take_the_same_queries_for_one_row_and_three(
    administrator, label, django_assert_max_num_queries, django_assert_num_queries
):
    model_admin = registered()[label]
    MAKERS[label]()
    address = page(label, "changelist")
    administrator.get(address)  # fills the cache of content types
    with django_assert_max_num_queries(30) as first:
        response = administrator.get(address, query_params={"q": "x"})
        assert response.status_code == 200
        assert administrator.get(address).status_code == 200
    MAKERS[label]()
    MAKERS[label]()
    with django_assert_num_queries(len(first)):
        administrator.get(address, query_params={"q": "x"})
        administrator.get(address)
    assert model_admin.search_fields
    assert model_admin.list_filter or label in {"regions.collaborativearea", "criteria.assessmentscale"}


@pytest.mark.parametrize("label", MAKERS)
def test_pages_of_one_row_open_and_load_nothing_from_elsewhere(administrator, label):
    row = MAKERS[label]()
    added = administrator.get(page(label, "add"))
    assert added.status_code == (403 if label in READ_ONLY else 200)
    changed = administrator.get(page(label, "change", row.pk))
    assert changed.status_code == 200
    for response in (added, changed):
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', response.text) == []
        assert re.findall(r"<script(?![^>]*src=)(?![^>]*application/json)[^>]*>", response.text) == []
    if label in READ_ONLY:
        assert administrator.post(page(label, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert 'name="_save"' not in changed.text


@pytest.mark.parametrize("count", [1, 3])
def test_inline_rows_take_no_queries_of_their_own(administrator, count, django_assert_num_queries):
    body = BodyFactory()
    for _n in range(count):
        MembershipFactory(body=body, represents=OrganisationFactory(region=body.region))
        MeetingFactory(body=body)
    address = page("regions.body", "change", body.pk)
    administrator.get(address)
    with django_assert_num_queries(6):
        administrator.get(address)


@pytest.mark.parametrize(
    "label", [label for label in MAKERS if label not in READ_ONLY and label != "criteria.assessmentscale"]
)
def test_rows_are_found_by_a_search(administrator, label):
    row = MAKERS[label]()
    words = str(getattr(row, "name_fi", "") or getattr(row, "title_fi", "") or getattr(row, "name", ""))
    if not words:
        words = (getattr(row, "body", None) or getattr(row, "organisation", None)).name_fi
    response = administrator.get(page(label, "changelist"), {"q": words})
    assert row in response.context["cl"].queryset


def test_languages_have_a_field_each_and_tabs_of_our_own(administrator):
    text = administrator.get(page("regions.body", "add")).text
    for language in ("fi", "sv", "en", "se"):
        assert f'name="name_{language}"' in text
    assert "regions/language_tabs.js" in text
    assert "jquery-ui" not in text


# --- Regions stay sealed ------------------------------------------------------------------------


def test_a_region_is_chosen_once(administrator):
    body = BodyFactory()
    other = RegionFactory()
    data = {"region": other.pk, "kind": body.kind, "name_fi": "Uusi nimi", **EMPTY_INLINES}
    response = administrator.post(page("regions.body", "change", body.pk), data)
    assert response.status_code == 302
    region = body.region
    body.refresh_from_db()
    assert (body.name_fi, body.region) == ("Uusi nimi", region)


EMPTY_INLINES = {
    "memberships-TOTAL_FORMS": "0",
    "memberships-INITIAL_FORMS": "0",
    "meetings-TOTAL_FORMS": "0",
    "meetings-INITIAL_FORMS": "0",
}


def test_a_relation_to_another_region_is_refused(administrator):
    region, foreign = RegionFactory(), AreaFactory()
    data = {"region": region.pk, "kind": "team", "name_fi": "Tiimi", "area": foreign.pk, **EMPTY_INLINES}
    response = administrator.post(page("regions.body", "add"), data, headers={"accept-language": "en"})
    assert [error.code for error in response.context["adminform"].errors.as_data()["area"]] == ["other_region"]
    assert not Body.objects.exists()
    data["area"] = AreaFactory(region=region).pk
    assert administrator.post(page("regions.body", "add"), data).status_code == 302
    assert Body.objects.get().region == region


def test_many_relations_to_another_region_are_refused(administrator):
    group, foreign = OrganisationGroupFactory(), OrganisationFactory()
    address = page("regions.organisationgroup", "change", group.pk)
    own = OrganisationFactory(region=group.region)
    response = administrator.post(address, {"name_fi": "Kaikki", "members": [own.pk, foreign.pk]})
    assert list(response.context["adminform"].errors) == ["members"]
    assert administrator.post(address, {"name_fi": "Kaikki", "members": [own.pk]}).status_code == 302
    assert list(group.members.all()) == [own]


@pytest.mark.parametrize("foreign", [True, False])
def test_members_added_inside_a_body_belong_to_its_region(administrator, foreign):
    body, user = BodyFactory(), UserFactory()
    organisation = OrganisationFactory() if foreign else OrganisationFactory(region=body.region)
    data = {
        "kind": body.kind,
        "name_fi": body.name_fi,
        **EMPTY_INLINES,
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-user": user.pk,
        "memberships-0-body": body.pk,
        "memberships-0-role": "chair",
        "memberships-0-represents": organisation.pk,
        "memberships-0-starts_on": "1.1.2026",
    }
    response = administrator.post(page("regions.body", "change", body.pk), data)
    if foreign:
        assert response.status_code == 200
        assert not Membership.objects.exists()
    else:
        assert response.status_code == 302
        membership = Membership.objects.get()
        assert (membership.region, membership.represents) == (body.region, organisation)
        assert membership.starts_on == datetime.date(2026, 1, 1)


def test_the_coordinating_body_is_one_of_the_regions_own(administrator):
    region, body = RegionFactory(), BodyFactory()
    data = {
        "code": region.code,
        "name_fi": region.name_fi,
        "slug": region.slug,
        "languages": ["fi"],
        "first_language": "fi",
        "meeting_place_word": "motesplats",
        "accent": "#0b5d66",
        "coordinating_body": body.pk,
    }
    response = administrator.post(page("regions.region", "change", region.pk), data)
    assert list(response.context["adminform"].errors) == ["coordinating_body"]
    data["coordinating_body"] = BodyFactory(region=region).pk
    assert administrator.post(page("regions.region", "change", region.pk), data).status_code == 302
    data["accent"] = "#ffff00"
    response = administrator.post(page("regions.region", "change", region.pk), data)
    assert list(response.context["adminform"].errors) == ["accent"]


def test_languages_of_a_region_are_ticked_and_one_of_them_is_the_first(administrator):
    region = RegionFactory()
    data = {
        "code": region.code,
        "name_fi": region.name_fi,
        "slug": region.slug,
        "languages": ["fi", "sv"],
        "first_language": "sv",
        "meeting_place_word": "motesplats",
        "accent": "#0b5d66",
    }
    address = page("regions.region", "change", region.pk)
    assert administrator.get(address).content.decode().count('name="languages"') == 4
    assert administrator.post(address, data).status_code == 302
    region.refresh_from_db()
    assert region.languages == ["sv", "fi"]
    response = administrator.post(address, data | {"languages": ["fi"]})
    assert list(response.context["adminform"].errors) == ["first_language"]
    response = administrator.post(address, data | {"languages": []})
    assert list(response.context["adminform"].errors) == ["languages"]


# --- The trail ----------------------------------------------------------------------------------


def test_what_is_done_in_the_admin_is_in_the_trail(administrator, admin_user):
    region = RegionFactory()
    AuditEvent.objects.all().delete()
    data = {"region": region.pk, "kind": "ngo", "name_fi": "Yhdistys"}
    inlines = {"mandates-TOTAL_FORMS": "0", "mandates-INITIAL_FORMS": "0"}
    administrator.post(page("regions.organisation", "add"), data | inlines)
    organisation = Organisation.objects.get()
    address = page("regions.organisation", "change", organisation.pk)
    administrator.post(address, {"kind": "ngo", "name_fi": "Toinen"} | inlines)
    administrator.post(page("regions.organisation", "delete", organisation.pk), {"post": "yes"})
    events = AuditEvent.objects.order_by("pk")
    assert [event.verb for event in events] == [
        "organisation.added_in_admin",
        "organisation.changed_in_admin",
        "organisation.deleted_in_admin",
    ]
    assert {(event.actor, event.region_code, event.object_id) for event in events} == {
        (admin_user, region.code, organisation.public_id)
    }
    assert "changed" in str(events[1].details["changes"])


def test_a_user_added_in_the_admin_can_sign_in_and_is_in_the_trail(administrator, admin_user):
    data = {
        "email": "liisa@example.org",
        "name": "Liisa Mallikas",
        "language": "sv",
        "usable_password": "true",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
    }
    response = administrator.post(page("accounts.user", "add"), data)
    assert response.status_code == 302
    user = User.objects.get(email="liisa@example.org")
    assert (user.name, user.language, user.is_staff) == ("Liisa Mallikas", "sv", False)
    assert user.check_password("correct horse battery")
    assert AuditEvent.objects.get(verb="user.added_in_admin").actor == admin_user
    data["email"] = "LIISA@example.org"
    response = administrator.post(page("accounts.user", "add"), data)
    assert response.status_code == 200
    assert User.objects.filter(email__iexact="liisa@example.org").count() == 1


def test_links_are_withdrawn_once_and_that_is_in_the_trail(administrator):
    earlier = timezone.now() - datetime.timedelta(days=1)
    old, new = AccessLinkFactory(withdrawn_at=earlier), AccessLinkFactory()
    data = {"action": "withdraw", "_selected_action": [old.pk, new.pk]}
    administrator.post(page("accounts.accesslink", "changelist"), data)
    old.refresh_from_db()
    new.refresh_from_db()
    assert old.withdrawn_at == earlier
    assert new.withdrawn_at is not None
    assert AuditEvent.objects.filter(verb="access_link.withdrawn_in_admin").count() == 1


def test_jobs_that_were_given_up_can_be_started_anew(administrator):
    failed = JobFactory(failed_at=timezone.now(), attempts=8)
    done = JobFactory(finished_at=timezone.now())
    for state, shown in (("open", []), ("failed", [failed]), ("finished", [done])):
        response = administrator.get(page("jobs.job", "changelist"), {"state": state})
        assert list(response.context["cl"].queryset) == shown
    data = {"action": "start_anew", "_selected_action": [failed.pk, done.pk]}
    administrator.post(page("jobs.job", "changelist"), data)
    assert list(Job.objects.open()) == [failed]


# --- Criteria in use ----------------------------------------------------------------------------


def test_criteria_in_use_can_be_read_and_not_changed(administrator):
    criterion = CriterionFactory()
    scale = criterion.set.scale
    rows = {
        "criteria.criterion": criterion,
        "criteria.criteriagroup": criterion.group,
        "criteria.criteriaset": criterion.set,
        "criteria.assessmentscale": scale,
    }
    for label, row in rows.items():
        assert 'name="_save"' in administrator.get(page(label, "change", row.pk)).text
    freeze_criteria_set(criterion.set, by=None)
    for label, row in rows.items():
        response = administrator.get(page(label, "change", row.pk))
        assert response.status_code == 200
        assert 'name="_save"' not in response.text
        assert administrator.post(page(label, "change", row.pk), {}).status_code == 403
        assert administrator.post(page(label, "delete", row.pk), {"post": "yes"}).status_code == 403
        data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        administrator.post(page(label, "changelist"), data)
        assert type(row).objects.filter(pk=row.pk).exists()


def test_nothing_is_added_to_a_set_in_use_or_to_the_group_of_another_set(administrator):
    group, other = CriteriaGroupFactory(), CriteriaGroupFactory()
    data = {"set": group.set_id, "group": other.pk, "key": "new", "title_fi": "Uusi", "position": "1"}
    response = administrator.post(page("criteria.criterion", "add"), data)
    assert list(response.context["adminform"].errors) == ["group"]
    data["group"] = group.pk
    freeze_criteria_set(group.set, by=None)
    response = administrator.post(page("criteria.criterion", "add"), data)
    assert list(response.context["adminform"].errors) == ["set"]
    data |= {"set": other.set_id, "group": other.pk}
    assert administrator.post(page("criteria.criterion", "add"), data).status_code == 302


def test_a_set_is_exported_from_the_list(administrator):
    criterion = CriterionFactory(set__key="omat", title_fi="Otsikko")
    other = CriteriaSetFactory()
    address = page("criteria.criteriaset", "changelist")
    response = administrator.post(address, {"action": "export_set", "_selected_action": [criterion.set_id]})
    assert response.headers["Content-Disposition"] == 'attachment; filename="criteria-omat-2025.yaml"'
    assert "fi: Otsikko" in response.text
    data = {"action": "export_set", "_selected_action": [criterion.set_id, other.pk]}
    assert administrator.post(address, data).status_code == 302
    assert CriteriaSet.objects.count() == 2


def test_services_show_their_providers_once_they_are_saved(administrator):
    service = ServiceFactory()
    assert "provisions-TOTAL_FORMS" not in administrator.get(page("directory.service", "add")).text
    assert "provisions-TOTAL_FORMS" in administrator.get(page("directory.service", "change", service.pk)).text


def test_a_scale_without_sets_can_be_deleted(administrator):
    scale = AssessmentScaleFactory()
    administrator.post(page("criteria.assessmentscale", "delete", scale.pk), {"post": "yes"})
    assert not type(scale).objects.exists()
