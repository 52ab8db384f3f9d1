"""Writing in a real browser: by keyboard and mouse, in two windows, without a connection and without JavaScript."""

import re

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from documents.models import Conflict, Document
from documents.services.documents import create_document
from documents.services.outline import add_section, remove_section
from documents.services.sections import save_section
from documents.services.versions import freeze
from documents.views.section import editing_html
from tests.accounts.factories import UserFactory
from tests.documents.factories import blocks, fresh, texts
from tests.documents.test_views import picture
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = """
<h3>Kohtaamispaikat</h3>
<p>Avoimia kohtaamispaikkoja on <strong>kuudella</strong> alueella<span class="note">Kysely 2025.</span>.</p>
<p>Toiminta on maksutonta, ja siitä kerrotaan <a href="https://example.org/">verkkosivuilla</a>.</p>
<ul><li>Oulussa perhekahvila</li><li>Koillismaalla kiertävä talo<ul><li>Kuusamo</li></ul></li></ul>
<table><caption>Aukiolo</caption><tr><th>Paikka</th><th>Aika</th></tr><tr><td>Talo</td><td>ma–pe 9–15</td></tr></table>
<blockquote><p>Täällä saa olla juuri sellainen kuin on.</p></blockquote>
"""


@pytest.fixture
def body():
    body = BodyFactory(region=RegionFactory(name_fi="Pohjanmaan hyvinvointialue", bilingual=True), coordinating=True)
    body.region.refresh_from_db()
    return body


@pytest.fixture
def user(body, sign_in):
    user = MembershipFactory(body=body, user=UserFactory(name="Liisa Mallikas")).user
    sign_in(user)
    return user


@pytest.fixture
def document(body):
    return create_document(
        body.region, kind=Document.Kind.REPORT, title={"fi": "Toimintasuunnitelma"}, languages=["fi"], by=None
    )


@pytest.fixture
def section(document):
    section = add_section(document, heading={"fi": "Nykytila"}, by=None)
    save_section(section, by=None, base=None, html={"fi": TEXT})
    return fresh(section)


def at(document, name, *rest):
    return reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def open_section(page, section):
    page.goto(at(section.document, "section-detail", section.key))
    page.get_by_role("textbox", name="Osion teksti").or_(
        page.get_by_role("textbox", name="Text of the section")
    ).wait_for()


def box(page):
    return page.locator("[data-edit-form] .ProseMirror").first


def press(page, command):
    page.locator(f'[data-command="{command}"]').first.click()


def key(page, *names):
    """Keys at the pace of a person: the editor hears of a moved cursor only in the browser's next turn."""
    for name in names:
        page.keyboard.press(name)
        page.evaluate("new Promise((done) => setTimeout(done, 60))")  # by the browser's clock, however busy it is


def save(page, said="klo"):
    with page.expect_response(lambda response: response.request.method == "POST" and "automatic=0" in sent(response)):
        page.locator("[data-edit-form] button[type=submit]").click()
    expect(page.locator("[data-save-status]")).to_contain_text(said)


def sent(response):
    return response.request.post_data or ""


def test_opening_and_saving_without_a_change_changes_nothing(page, user, section):
    before = [block.to_json() for block in blocks(section)]
    open_section(page, section)
    # A change there and back, so that the box is written out again by the editor.
    box(page).locator("p").first.click()
    key(page, "End")
    page.keyboard.type("x")
    key(page, "Backspace")
    save(page)

    assert [block.to_json() for block in blocks(section)] == before


def test_a_writer_types_formats_saves_and_reads(page, axe, user, document):
    section = add_section(document, heading={"fi": "Tyhjä"}, by=None)
    open_section(page, section)
    box(page).click()
    page.keyboard.type("Perhekahvila on ")
    press(page, "bold")
    page.keyboard.type("auki")
    press(page, "bold")
    key(page, "Enter")
    press(page, "bulletList")
    page.keyboard.type("maanantaina")
    key(page, "Enter")
    page.keyboard.type("aamulla")
    press(page, "indent")
    axe()
    save(page)

    assert [(block.kind, block.get("body", "fi"), block.data.get("level")) for block in blocks(section)] == [
        ("paragraph", "Perhekahvila on <strong>auki</strong>", None),
        ("list_item", "maanantaina", 0),
        ("list_item", "aamulla", 1),
    ]
    page.goto(document.get_absolute_url())
    assert page.locator(".fc-document strong").inner_text() == "auki"
    assert page.locator(".fc-document li li").inner_text() == "aamulla"


def test_every_button_does_its_work(page, user, document):
    section = add_section(document, heading={"fi": "Tyhjä"}, by=None)
    open_section(page, section)
    box(page).click()
    for command, words in [("heading1", "Yksi"), ("heading2", "Kaksi"), ("quote", "Lainaus"), ("orderedList", "Ensin")]:
        press(page, command)
        page.keyboard.type(words)
        key(page, "Enter")
        if command in {"quote", "orderedList"}:
            key(page, "Enter")
    page.keyboard.type("Kursiivi")
    key(page, "Shift+Home")
    press(page, "italic")
    key(page, "End")
    key(page, "Enter")
    press(page, "table")
    page.locator("#table-dialog button[value=save]").click()
    page.keyboard.type("Paikka")
    press(page, "columnAfter")
    press(page, "rowAfter")
    press(page, "deleteColumn")
    press(page, "deleteRow")
    press(page, "caption")
    page.locator("#table-caption").fill("Paikat & ajat")
    key(page, "Enter")
    press(page, "undo")
    press(page, "redo")
    save(page)

    kinds = [(block.kind, block.data.get("level"), block.html_in("fi")) for block in blocks(section)]
    assert kinds[:5] == [
        ("heading", 1, "Yksi"),
        ("heading", 2, "Kaksi"),
        ("quote", None, "Lainaus"),
        ("list_item", 0, "Ensin"),
        ("paragraph", None, "<em>Kursiivi</em>"),
    ]
    assert kinds[5][0] == "table"
    assert blocks(section)[5].get("caption", "fi") == "Paikat &amp; ajat"
    assert [block.kind for block in blocks(section)[6:]] == ["table_row"] * 4


def test_links_and_footnotes(page, axe, user, document):
    section = add_section(document, heading={"fi": "Tyhjä"}, by=None)
    open_section(page, section)
    box(page).click()
    page.keyboard.type("Lue sivu")
    key(page, "Shift+Home")
    press(page, "link")
    axe("#link-dialog")
    page.locator("#link-address").fill("javascript:alert(1)")
    key(page, "Enter")
    assert page.locator("#link-error").is_visible()
    page.locator("#link-address").fill("example.org/sivu")
    key(page, "Enter")
    key(page, "End")
    page.keyboard.type(" nyt Lähde")
    for _letter in "Lähde":
        key(page, "Shift+ArrowLeft")
    press(page, "note")
    save(page)

    assert blocks(section)[0].get("body", "fi") == (
        '<a href="https://example.org/sivu">Lue sivu</a> nyt <span class="note">Lähde</span>'
    )


def test_a_picture_goes_in_with_its_words(page, axe, user, document):
    section = add_section(document, heading={"fi": "Tyhjä"}, by=None)
    open_section(page, section)
    press(page, "picture")
    axe("#picture-dialog")
    page.locator("#picture-file").set_input_files({"name": "talo.png", "mimeType": "image/png", "buffer": picture()})
    page.locator("#picture-alt").fill("Punainen talo")
    page.locator("#picture-caption").fill("Perhetalo")
    page.locator("#picture-dialog button[type=submit]").click()
    page.locator(".ProseMirror figure img").wait_for()
    save(page)

    figure = blocks(section)[0]
    assert (figure.kind, figure.get("alt", "fi"), figure.get("caption", "fi")) == (
        "figure",
        "Punainen talo",
        "Perhetalo",
    )
    assert page.evaluate("document.querySelector('.ProseMirror img').naturalWidth") == 4


def test_the_toolbar_is_one_stop_and_walked_with_arrows(page, user, section):
    open_section(page, section)
    toolbar = page.get_by_role("toolbar").first
    assert toolbar.locator("button[tabindex='0']").count() == 1
    toolbar.locator("button").first.focus()
    key(page, "ArrowRight")
    assert page.evaluate("document.activeElement.dataset.command") == "italic"
    key(page, "End")
    assert page.evaluate("document.activeElement.dataset.command") == "redo"
    key(page, "ArrowRight")
    assert page.evaluate("document.activeElement.dataset.command") == "bold"
    box(page).locator("strong").click()
    expect(toolbar.locator("[data-command=bold]")).to_have_attribute("aria-pressed", "true")


def test_two_windows_in_different_paragraphs_both_survive(page, user, section):
    open_section(page, section)
    second = page.context.new_page()
    open_section(second, section)

    box(page).get_by_text("Toiminta on maksutonta").click()
    key(page, "Home")
    page.keyboard.type("Kaikki ")
    box(second).get_by_text("Täällä saa olla").click()
    key(second, "End")
    second.keyboard.type(" Niin on.")
    save(page)
    save(second)

    assert [text for text in texts(section) if "Kaikki" in text or "Niin on" in text] == [
        "Kaikki Toiminta on maksutonta, ja siitä kerrotaan verkkosivuilla.",
        "Täällä saa olla juuri sellainen kuin on. Niin on.",
    ]
    assert Conflict.objects.count() == 0


def test_two_windows_in_the_same_words_choose(page, axe, user, section):
    open_section(page, section)
    second = page.context.new_page()
    open_section(second, section)
    for window, word in ((page, "neljällä"), (second, "seitsemällä")):
        box(window).locator("strong").dblclick()
        window.keyboard.type(word)
    save(page)
    second.locator("[data-edit-form] button[type=submit]").click()
    second.locator("#conflicts").wait_for()
    second.close()

    open_section(page, section)
    axe()
    page.locator(".fc-combine > summary").click()
    combined = page.locator(".fc-combine .ProseMirror")
    combined.locator("strong").dblclick()
    page.keyboard.type("neljällä tai seitsemällä")
    page.locator(".fc-combine button[type=submit]").click()
    expect(page.locator("#conflicts")).to_have_count(0)
    expect(box(page)).to_contain_text("neljällä tai seitsemällä")

    assert "Avoimia kohtaamispaikkoja on neljällä tai seitsemällä alueella" in " ".join(texts(section))
    assert Conflict.objects.get().settled_by == user


def test_pasted_text_is_cleaned_and_a_moved_paragraph_keeps_its_identity(page, user, section):
    before = {block.plain_in("fi"): block.id for block in blocks(section)}
    open_section(page, section)
    # A paragraph is cut and pasted at the end, as people move text.
    box(page).get_by_text("Toiminta on maksutonta").click(click_count=3)
    key(page, "Control+x")
    key(page, "Control+End")
    key(page, "Enter")
    key(page, "Enter")
    key(page, "Control+v")
    save(page)

    moved = next(block for block in blocks(section) if block.plain_in("fi").startswith("Toiminta on maksutonta"))
    assert moved.id == before[moved.plain_in("fi")]
    assert blocks(section)[-1].plain_in("fi").endswith("verkkosivuilla.")


def test_without_a_connection_the_text_is_kept_and_saved_later(page, user, section):
    page = page.context.new_page()  # in a window where the browser's own complaints about the network are no fault
    open_section(page, section)
    box(page).get_by_text("Täällä saa olla").click()
    key(page, "End")
    page.keyboard.type(" Kirjoitettu junassa.")
    page.context.set_offline(True)
    page.locator("[data-edit-form] button[type=submit]").click()
    status = page.locator("[data-save-status]")
    expect(status).to_have_text(page.locator("[data-edit-form]").get_attribute("data-offline"))
    assert page.evaluate("localStorage.length") == 1
    page.context.set_offline(False)
    expect(status).to_contain_text("klo")

    assert any("Kirjoitettu junassa." in text for text in texts(section))
    assert page.evaluate("localStorage.length") == 0


def test_the_form_works_without_javascript(browser, live_server, page, user, section):
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(at(section.document, "section-detail", section.key))
    area = plain.locator("#text-fi")
    area.fill(area.input_value().replace("maksutonta", "kaikille maksutonta"))
    plain.locator("[data-edit-form] button[type=submit]").click()
    plain.locator(".fc-toast").wait_for()
    context.close()

    assert any("kaikille maksutonta" in text for text in texts(section))


def test_sections_are_moved_by_buttons_and_it_is_said(page, axe, user, document):
    for name in ("Alku", "Loppu"):
        add_section(document, heading={"fi": name}, key=name.lower(), by=None)
    page.goto(at(document, "document-outline"))
    page.locator("#up-loppu").click()
    page.locator(".fc-toasts .fc-toast", has_text="1").wait_for()

    assert [row.inner_text() for row in page.locator(".fc-tree__title a").all()] == ["Loppu", "Alku"]
    axe()


@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_accessible_and_fits(page, axe, user, body, width):
    other = MembershipFactory(body=body, user=UserFactory(name="Matti Esimerkki")).user
    title = {"fi": "Perhekeskuksen toimintasuunnitelma 2026–2029", "sv": "Verksamhetsplan för familjecentret 2026–2029"}
    document = create_document(body.region, kind=Document.Kind.REPORT, title=title, languages=["fi", "sv"], by=None)
    guidance = {"fi": "<p>Kuvatkaa, missä perheet voivat tavata toisiaan.</p>"}
    first = add_section(document, heading={"fi": "Nykytila"}, key="nykytila", guidance=guidance, by=None)
    second = add_section(document, heading={"fi": "Paikat", "sv": "Platser"}, key="paikat", parent=first, by=None)
    add_section(document, heading={"fi": "Palvelut"}, key="palvelut", by=None)
    remove_section(add_section(document, heading={"fi": "Turha"}, by=None), by=None)
    save_section(second, by=user, base=None, html={"fi": TEXT})
    freeze(document, by=user, label="Lausunnoille")
    base = fresh(second).head
    html = editing_html(base.blocks, document, "fi")
    save_section(second, by=other, base=base, html={"fi": html.replace("kuudella", "viidellä")})
    save_section(second, by=user, base=base, html={"fi": html.replace("kuudella", "neljällä")})
    page.set_viewport_size({"width": width, "height": 900})
    addresses = [
        at(document, "document-detail"),
        at(document, "document-detail", "sv"),
        at(document, "section-detail", "paikat"),
        at(document, "section-detail", "nykytila"),
        at(document, "document-outline"),
        at(document, "section-add"),
        at(document, "section-rename", "paikat"),
        at(document, "section-remove", "nykytila"),
        at(document, "section-split", "paikat"),
        at(document, "section-join", "nykytila"),
        at(document, "section-history", "paikat"),
        at(document, "section-history", "palvelut"),
        at(document, "section-revision", "paikat", 1),
        at(document, "section-compare", "paikat") + "?old=1&new=2",
        at(document, "version-list"),
        at(document, "version-rename", 1),
        at(document, "version-detail", 1),
        at(document, "version-compare") + "?old=1&new=draft&language=fi",
        at(document, "document-settings"),
        reverse("documents:document-list", args=[body.region.slug, document.kind]),
    ]
    for address in addresses:
        page.goto(address)
        if re.search(r"/s/paikat/$", address):
            box(page).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        axe()


def test_text_outlives_the_end_of_the_session(page, user, document):
    section = add_section(document, heading={"fi": "Nykytila"}, by=None)
    open_section(page, section)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] != settings.SESSION_COOKIE_NAME])
    box(page).click()
    page.keyboard.type("Kirjoitettu uloskirjauksen jälkeen.")
    page.keyboard.press("Control+s")
    signed_out = page.locator("[data-edit-form]").get_attribute("data-signed-out")
    expect(page.locator("[data-save-status]")).to_have_text(signed_out)

    expect(
        page.get_by_role("link", name="Kirjaudu uudessa välilehdessä").or_(page.locator("[data-sign-in]"))
    ).to_be_visible()
    # Signed in again in another tab, whose page brings another token: saving goes on by itself.
    page.context.add_cookies(
        [{**cookie, "value": "x" * 32} if cookie["name"] == "csrftoken" else cookie for cookie in cookies]
    )
    expect(page.locator("[data-save-status]")).to_contain_text("klo", timeout=15_000)

    assert texts(fresh(section)) == ["Kirjoitettu uloskirjauksen jälkeen."]
