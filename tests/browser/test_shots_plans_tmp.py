import datetime
import pytest
from django.urls import reverse
from plans.services.compiling import compile_plan, take_in_candidates
from plans.services.plans import create_plan
from plans.models import *
from tests.plans.factories import *
from tests.regions.factories import *
pytestmark = pytest.mark.django_db(transaction=True)

@pytest.mark.parametrize("width", [1280, 360])
def test_shots(page, axe, sign_in, width):
    region = make_region()
    make_two_handbooks()
    for n in range(16):
        OrganisationFactory(region=region, name_fi=f"Pohjois-Pohjanmaan yhdistys {n}")
    make_handbook(make_area("koillismaa"), {Facet.SUCCESS: "<p>Perheiden talo on auki joka arkipäivä, ja sinne on helppo tulla ilman ajanvarausta.</p>", Facet.DEVELOPMENT_NEED: "<ul><li>Pitkät välimatkat vaikeuttavat osallistumista, eikä joukkoliikennettä ole.</li></ul>", Facet.PROPOSED_ACTION: "<ul><li>Kiertävä perhekahvila neljään kylään, yhdessä seurakunnan ja järjestöjen kanssa.</li><li>Etäryhmät isille.</li></ul>"})
    plan = make_plan(region)
    user = make_coordinator(region)
    goal = make_full_goal(plan, "Perheet löytävät avoimen kohtaamispaikan läheltä kotia myös iltaisin ja viikonloppuisin")
    g2 = make_goal(plan, "Isät tulevat mukaan")
    compile_plan(plan, by=user)
    take_in_candidates([plan.candidates.order_by("pk")[0], plan.candidates.order_by("pk")[1]], goal=g2, by=user)
    answer(Handbook.objects.get(area__key="lakeus"), Facet.DEVELOPMENT_NEED, "<p>Tilat ovat nyt hyvin ahtaat.</p><p>Uusi tarve: esteettömyys.</p>")
    sign_in(user)
    page.set_viewport_size({"width": width, "height": 900})
    R = [region.slug, plan.document.public_id]
    action = goal.actions.get()
    hb = Handbook.objects.get(area__key="oulu")
    pages = {
        "region": reverse("region", args=[region.slug]),
        "desk": reverse("plans:compile-desk", args=R),
        "chapter-state": reverse("plans:chapter-detail", args=[*R, "nykytila"]),
        "chapter-goals": reverse("plans:chapter-detail", args=[*R, "tavoitteet"]),
        "feed": reverse("plans:feed-edit", args=[*R, "nykytila"]),
        "goals": reverse("plans:goal-list", args=R),
        "goal-edit": reverse("plans:goal-edit", args=[*R, goal.public_id]),
        "action-edit": reverse("plans:action-edit", args=[*R, action.public_id]),
        "indicator-edit": reverse("plans:indicator-edit", args=[*R, goal.indicators.get().public_id]),
        "status": reverse("plans:action-status", args=[*R, action.public_id]),
        "remove": reverse("plans:goal-remove", args=[*R, goal.public_id]),
        "move": reverse("plans:goal-move", args=[*R, goal.public_id]),
        "ends": reverse("plans:loose-end-list", args=R),
        "criteria": reverse("plans:criterion-summary", args=R),
        "use": reverse("plans:handbook-use", args=[region.slug, hb.document.public_id, plan.document.public_id]),
        "new": reverse("plans:plan-new", args=[region.slug]),
        "document": plan.document.get_absolute_url(),
        "section": reverse("documents:section-detail", args=[region.slug, "plan", plan.document.public_id, "tavoitteet"]),
    }
    faults = []
    for name, address in pages.items():
        page.goto(address)
        page.screenshot(path=f"/tmp/shots_plans/{name}-{width}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width: faults.append(f"{name}: {wide}")
        try: axe()
        except AssertionError as e: faults.append(f"{name}: {str(e)[:1500]}")
    assert not faults, "\n".join(faults)
