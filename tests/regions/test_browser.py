import pytest
from playwright.sync_api import expect

from regions.models import Body
from tests.accounts.factories import UserFactory
from tests.regions.factories import BodyFactory, MembershipFactory, OrganisationFactory, RegionFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_labels_of_the_admin_stand_under_a_tab_for_each_language(page, sign_in, live_server):
    region = RegionFactory(name_fi="Pohjanmaa")
    sign_in(UserFactory(admin=True))
    page.goto(f"{live_server.url}/fi/admin/regions/body/add/")
    finnish, swedish = page.locator("#id_name_fi"), page.locator("#id_name_sv")
    expect(finnish).to_be_visible()
    expect(swedish).to_be_hidden()
    finnish.fill("Ohjausryhmä")
    tab = page.get_by_role("button", name="svenska")
    tab.click()
    expect(tab).to_have_attribute("aria-pressed", "true")
    expect(finnish).to_be_hidden()
    swedish.fill("Styrgruppen")
    page.locator("#id_kind").select_option("steering_group")

    # The region is found by typing a part of its name.
    page.locator(".field-region .select2-selection").click()
    page.locator(".select2-search__field").fill("Pohjan")
    page.get_by_role("option", name="Pohjanmaa").click()
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    body = Body.objects.get()
    assert (body.name_fi, body.name_sv, body.region) == ("Ohjausryhmä", "Styrgruppen", region)


def test_a_missing_finnish_label_opens_its_tab(page, sign_in, live_server):
    body = BodyFactory()
    sign_in(UserFactory(admin=True))
    page.goto(f"{live_server.url}/fi/admin/regions/body/{body.pk}/change/")
    page.locator("#id_name_fi").fill("")
    page.get_by_role("button", name="svenska").click()
    expect(page.locator("#id_name_fi")).to_be_hidden()
    page.locator("[name=_save]").click()
    expect(page.locator("#id_name_fi")).to_be_visible()
    assert Body.objects.get().name_fi == body.name_fi


def test_members_inside_a_body_show_whom_they_represent(page, sign_in, live_server):
    organisation = OrganisationFactory(name_fi="Perheyhdistys")
    membership = MembershipFactory(body__region=organisation.region, represents=organisation)
    sign_in(UserFactory(admin=True))
    page.goto(f"{live_server.url}/fi/admin/regions/body/{membership.body.pk}/change/")
    shown = page.locator("#memberships-0 .field-represents .select2-selection__rendered")
    expect(shown).to_contain_text("Perheyhdistys")
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    membership.refresh_from_db()
    assert membership.represents == organisation
