import re

import pytest
from playwright.sync_api import expect

from jobs.services import run_due
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


def test_a_coordinator_invites_and_the_person_comes_in(page, sign_in, axe, live_server, mailoutbox):
    region = RegionFactory(name_fi="Pohjanmaa")
    coordinator = MembershipFactory(body=BodyFactory(region=region, coordinating=True)).user
    body = BodyFactory(region=region, name_en="Writers")
    sign_in(coordinator)
    page.goto(f"/en/{region.slug}/people/")
    axe()
    page.get_by_role("link", name="Writers").click()
    page.get_by_role("link", name="Invite members").click()
    page.get_by_label("Names and e-mail addresses").fill("Liisa Mallikas")
    page.get_by_role("button", name="Send the invitations").click()
    expect(page.get_by_text("There is no e-mail address in “Liisa Mallikas”.").first).to_be_visible()
    axe()
    page.get_by_label("Names and e-mail addresses").fill("Liisa Mallikas <liisa@example.org>")
    page.get_by_label("Language of the invitation").select_option("en")
    page.get_by_role("button", name="Send the invitations").click()
    row = page.get_by_role("row", name="Liisa Mallikas")
    expect(row).to_contain_text("The invitation is being sent")
    row.locator("summary").press("Enter")
    expect(row.get_by_role("link", name="Withdraw the invitation")).to_be_visible()
    axe()
    names = ("End the membership", "Replace by somebody else", "Edit the membership")
    for address in [row.get_by_role("link", name=name).get_attribute("href") for name in names]:
        page.goto(address)
        axe()
    page.set_viewport_size({"width": 360, "height": 800})
    for address in (f"/en/{region.slug}/people/{body.public_id}/", f"/en/{region.slug}/people/not-come-in/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        axe()

    run_due()
    page.context.clear_cookies()
    page.goto(re.search(r"https?://\S+/link/\S+", mailoutbox[0].body).group())
    assert "/link/" not in page.url
    axe()
    expect(page.get_by_label("E-mail address")).to_have_value("liisa@example.org")
    page.get_by_label("Password", exact=False).first.fill("correct horse battery")
    page.get_by_label("Password confirmation").fill("correct horse battery")
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My desk")
    page.goto("/en/account/you/")
    axe()
    page.get_by_role("link", name="Leave this group").click()
    page.get_by_role("button", name="Leave this group").click()
    expect(page.get_by_text("until the end of today")).to_be_visible()
