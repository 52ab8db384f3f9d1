import pytest
from django.urls import reverse
from documents.models import Document, Conflict
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.sections import save_section
from documents.services.versions import freeze
from tests.accounts.factories import UserFactory
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory
pytestmark = pytest.mark.django_db(transaction=True)
TEXT = """<h3>Kohtaamispaikat</h3><p>Avoimia kohtaamispaikkoja on <strong>kuudella</strong> alueella. Iltaisin ne ovat kiinni<span class="note">Kysely vanhemmille 2025.</span>, vaikka moni vanhempi pääsisi tulemaan vasta silloin.</p><p>Toiminta on maksutonta, ja siitä kerrotaan <a href="https://example.org/">verkkosivuilla</a>.</p><ul><li>Oulussa perhekahvila joka arkipäivä</li><li>Koillismaalla kiertävä perheiden talo<ul><li>Kuusamo ja Taivalkoski</li></ul></li></ul><table><caption>Kohtaamispaikat</caption><tr><th>Paikka</th><th>Aukiolo</th></tr><tr><td>Perheiden talo</td><td>ma–pe 9–15</td></tr><tr><td>Perhekahvila</td><td>ti 9–12</td></tr></table><blockquote><p>Täällä saa olla juuri sellainen kuin on.</p></blockquote>"""

@pytest.mark.parametrize("width", [1280, 360])
def test_shots(page, axe, sign_in, width):
    region = RegionFactory(code="07", name_fi="Pohjanmaan hyvinvointialue", bilingual=True)
    body = BodyFactory(region=region, coordinating=True); region.refresh_from_db()
    liisa = MembershipFactory(body=body, user=UserFactory(name="Liisa Mallikas")).user
    matti = MembershipFactory(body=body, user=UserFactory(name="Matti Esimerkki")).user
    d = create_document(region, kind="report", title={"fi": "Perhekeskuksen toimintasuunnitelma 2026–2029", "sv": "Verksamhetsplan för familjecentret 2026–2029"}, languages=["fi", "sv"], by=None)
    a = add_section(d, heading={"fi": "Nykytila", "sv": "Nuläge"}, key="nykytila", by=None, guidance={"fi": "<p>Kuvatkaa, missä perheet voivat tavata toisiaan.</p>"})
    b = add_section(d, heading={"fi": "Kohtaamispaikat", "sv": "Mötesplatser"}, key="paikat", parent=a, by=None)
    c = add_section(d, heading={"fi": "Palvelut ja niiden yhteensovittaminen alueella"}, key="palvelut", by=None)
    r1 = save_section(b, by=liisa, base=None, html={"fi": TEXT, "sv": ""}).revision
    b.refresh_from_db()
    from documents.views.section import editing_html
    fi = editing_html(r1.blocks, d, "fi"); sv = editing_html(r1.blocks, d, "sv")
    sv = sv.replace('"></h3>', '">Mötesplatser</h3>', 1)
    import re
    sv = re.sub(r'(<p data-id="[^"]*">)</p>', r'\1Det finns öppna mötesplatser på sex områden.</p>', sv, count=1)
    r2 = save_section(b, by=liisa, base=r1, html={"sv": sv}).revision
    save_section(a, by=liisa, base=None, html={"fi": "<p>Alue on kaksikielinen.</p>", "sv": "<p>Området är tvåspråkigt.</p>"})
    freeze(d, by=liisa, label="Lausunnoille")
    r3 = save_section(b, by=liisa, base=r2, html={"fi": fi.replace("kuudella", "seitsemällä").replace("Toiminta on maksutonta", "Toiminta on kaikille maksutonta")}).revision
    r4 = save_section(b, by=matti, base=r2, html={"fi": fi.replace("kuudella", "kahdeksalla")}).revision
    assert Conflict.objects.count() == 1
    from documents.services.outline import remove_section
    x = add_section(d, heading={"fi": "Turha"}, key="turha", by=None); remove_section(x, by=None)
    sign_in(matti)
    page.set_viewport_size({"width": width, "height": 900})
    R = [region.slug, "report", d.public_id]
    def u(n, *rest): return reverse(f"documents:{n}", args=[*R, *rest])
    pages = {"detail": u("document-detail"), "detail-sv": u("document-detail", "sv"), "section": u("section-detail", "paikat"), "outline": u("document-outline"),
      "rename": u("section-rename", "paikat"), "remove": u("section-remove", "nykytila"), "split": u("section-split", "paikat"), "join": u("section-join", "nykytila"),
      "history": u("section-history", "paikat"), "revision": u("section-revision", "paikat", 2), "compare": u("section-compare", "paikat") + "?old=2&new=4",
      "versions": u("version-list"), "vcompare": u("version-compare") + "?old=1&new=draft&language=fi", "version": u("version-detail", 1), "settings": u("document-settings"),
      "list": reverse("documents:document-list", args=R[:2])}
    bad = []
    for name, url in pages.items():
        page.goto(url)
        page.wait_for_timeout(300)
        page.screenshot(path=f"/tmp/shots/ed-{name}-{width}.png", full_page=True)
        if name == "section":
            print(page.evaluate("document.querySelector('#text-fi').value")); print(page.evaluate("document.querySelector('.ProseMirror table').outerHTML"))
            page.locator(".ProseMirror td").first.click(); page.wait_for_timeout(200)
            page.screenshot(path=f"/tmp/shots/ed-{name}-view-{width}.png")
        w = page.evaluate("document.documentElement.scrollWidth")
        if w > width: bad.append((name, w))
        try: axe()
        except AssertionError as e: bad.append((name, str(e)[:1500]))
    assert not bad, "\n".join(map(str, bad))
