"""One screen: the outline beside the text, its menu and keys, tabs on a phone, tables, pictures and kept texts."""

import itertools

import pytest
from playwright.sync_api import expect

from documents.models import Phrase
from documents.services.documents import create_document
from documents.services.outline import add_section
from documents.services.sections import save_section
from tests.browser.test_editor import (  # noqa: F401 fixtures
    TEXT,
    at,
    body,
    box,
    document,
    key,
    open_section,
    press,
    save,
    section,
    user,
)
from tests.documents.factories import blocks, fresh
from tests.documents.test_views import picture

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Perhekeskuspalveluverkostoyhteistyösuunnitelman lapsivaikutusten arviointi"


@pytest.fixture
def chapters(document):  # noqa: F811
    first = add_section(document, heading={"fi": "Johdanto"}, key="johdanto", by=None)
    add_section(document, heading={"fi": "Kenelle"}, key="kenelle", parent=first, by=None)
    second = add_section(document, heading={"fi": LONG}, key="arviointi", by=None)
    add_section(document, heading={"fi": "Loppu"}, key="loppu", by=None)
    save_section(second, by=None, base=None, html={"fi": TEXT})
    return fresh(second)


def rows(page):
    return [" ".join(row.inner_text().split()) for row in page.locator("#outline [data-row-link]").all()]


def focused(page):
    return " ".join(page.evaluate("document.activeElement.innerText").split())


def row(page, name):
    return page.locator("#outline [data-row-link]", has_text=name)


def changed(page, said):
    page.locator(".fc-toasts .fc-toast", has_text=said).wait_for()


def do(page, name, action):
    page.locator(f'li[data-row="{name}"] > .fc-outline__row [data-row-menu]').click()
    page.locator(f'#outline-menu [data-do="{action}"]').click()


def test_a_section_is_moved_by_keys_and_keeps_the_focus(page, axe, user, chapters):  # noqa: F811
    open_section(page, chapters)
    row(page, "Loppu").focus()
    page.keyboard.press("Alt+Shift+ArrowUp")
    changed(page, "Loppu")
    assert rows(page) == ["1 Johdanto", "1.1 Kenelle", "2 Loppu", f"3 {LONG}"]
    assert focused(page) == "2 Loppu"
    page.keyboard.press("Alt+Shift+ArrowRight")
    changed(page, "1.2")
    assert rows(page)[2] == "1.2 Loppu"
    assert focused(page) == "1.2 Loppu"
    # The heading of the page follows.
    assert page.locator("h1").inner_text().startswith("2 ")
    axe()


def test_the_menu_of_a_row_is_walked_by_keys(page, axe, user, chapters):  # noqa: F811
    open_section(page, chapters)
    row(page, "Johdanto").focus()
    key(page, "Tab", "Enter")
    menu = page.get_by_role("menu")
    expect(menu).to_be_visible()
    assert page.locator("#outline-menu [data-do=up]").is_hidden()
    axe()
    key(page, "End")
    assert page.evaluate("document.activeElement.dataset.do") == "remove"
    key(page, "ArrowDown")
    assert page.evaluate("document.activeElement.dataset.do") == "rename"
    key(page, "Escape")
    expect(menu).to_be_hidden()
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "false"
    key(page, "ArrowDown")
    key(page, "Enter")
    page.locator("#id_heading_fi").wait_for()
    axe("#outline-dialog")
    page.locator("#id_heading_fi").fill("")
    page.keyboard.press("Enter")
    page.locator("#outline-dialog .invalid-feedback").wait_for()
    page.locator("#id_heading_fi").fill("Alku")
    page.keyboard.press("Enter")
    expect(page.locator("#outline-dialog")).to_be_hidden()
    expect(row(page, "Alku")).to_be_focused()


def test_sections_are_added_and_removing_is_undone_with_the_text(page, user, chapters):  # noqa: F811
    open_section(page, chapters)
    do(page, "johdanto", "add-below")
    page.locator("#id_heading_fi").fill("Uusi")
    page.keyboard.press("Enter")
    expect(row(page, "Uusi")).to_be_focused()
    assert rows(page)[:3] == ["1 Johdanto", "1.1 Kenelle", "1.2 Uusi"]
    do(page, "johdanto", "remove")
    changed(page, "Johdanto")
    assert rows(page) == [f"1 {LONG}", "2 Loppu"]
    page.locator(".fc-toast button.btn").click()
    row(page, "Uusi").wait_for()
    assert rows(page) == ["1 Johdanto", "1.1 Kenelle", "1.2 Uusi", f"2 {LONG}", "3 Loppu"]


def test_removing_the_open_section_leads_on_and_brings_it_back(page, user, chapters):  # noqa: F811
    before = [block.id for block in blocks(chapters)]
    open_section(page, chapters)
    box(page).get_by_text("Toiminta on maksutonta").click()
    key(page, "Home")
    page.keyboard.type("Kaikki ")
    do(page, "arviointi", "remove")
    page.wait_for_url("**/s/loppu/")
    page.locator(".fc-toast form button").click()
    page.wait_for_url("**/s/arviointi/")
    assert [block.id for block in blocks(fresh(chapters))] == before
    assert any("Kaikki Toiminta" in block.plain_in("fi") for block in blocks(fresh(chapters)))


def test_a_section_is_split_and_joined_with_what_was_just_typed(page, user, chapters):  # noqa: F811
    open_section(page, chapters)
    box(page).get_by_text("Täällä saa olla").click()
    key(page, "End")
    page.keyboard.type(" Niin on.")
    do(page, "arviointi", "split")
    page.locator("#outline-dialog label", has_text="Niin on.").click()
    page.locator("#id_heading_fi").fill("Lainaus")
    page.keyboard.press("Enter")
    changed(page, "Lainaus")
    box(page).wait_for()
    expect(box(page)).not_to_contain_text("Niin on.")
    do(page, "arviointi", "join")
    page.locator("#outline-dialog button[type=submit]").click()
    changed(page, "Lainaus")
    expect(box(page)).to_contain_text("Niin on.")


def test_what_stands_around_the_text_follows_a_save(page, axe, user, document):  # noqa: F811
    first = add_section(document, heading={"fi": "Alku"}, key="alku", by=None)
    add_section(document, heading={"fi": "Loppu"}, key="loppu", parent=first, by=None)
    open_section(page, first)
    page.locator('li[data-row="alku"] .fc-outline__fold').click()
    expect(page.locator("#section-state form")).to_have_count(0)
    expect(page.locator("#history-lines li")).to_have_count(0)
    box(page).click()
    page.keyboard.type("Ensimmäiset sanat.")
    save(page)
    expect(page.locator("#history-lines li")).to_have_count(1)
    expect(page.locator("#history-lines")).to_contain_text("Liisa Mallikas")
    expect(page.locator("#section-state form button")).to_be_visible()
    expect(page.locator('li[data-row="alku"] > .fc-outline__row .fc-outline__states')).to_contain_text("Luonnos")
    # What was folded stays so, and the writer is where she was.
    expect(row(page, "Loppu")).to_be_hidden()
    box(page).click()
    page.keyboard.type(" Lisää.")
    expect(box(page)).to_contain_text("Lisää.")
    axe()


def test_how_far_a_translation_is_follows_a_save(page, axe, user, body):  # noqa: F811
    document = create_document(  # noqa: F811
        body.region, kind="report", title={"fi": "Raportti", "sv": "Rapport"}, languages=["fi", "sv"], by=None
    )
    section = add_section(document, heading={"fi": "Alku", "sv": "Början"}, by=None)  # noqa: F811
    page.goto(at(document, "section-detail", section.key))
    box(page).click()
    expect(page.locator("#badges-sv")).to_have_text("")
    page.keyboard.type("Ensimmäiset sanat.")
    save(page)
    expect(page.locator("#badges-sv")).to_contain_text("1")
    expect(page.locator("#translation-lines")).to_contain_text("1")
    axe()


def test_chapters_fold_and_stay_so(page, axe, user, chapters):  # noqa: F811
    open_section(page, chapters)
    fold = page.locator('li[data-row="johdanto"] .fc-outline__fold')
    fold.click()
    expect(row(page, "Kenelle")).to_be_hidden()
    expect(fold).to_have_attribute("aria-expanded", "false")
    axe()
    page.reload()
    expect(row(page, "Kenelle")).to_be_hidden()
    row(page, "Johdanto").focus()
    key(page, "ArrowRight")
    expect(row(page, "Kenelle")).to_be_visible()


def test_a_section_is_dragged(page, user, chapters):  # noqa: F811
    open_section(page, chapters)
    source = page.locator('li[data-row="loppu"] > .fc-outline__row')
    source.drag_to(page.locator('li[data-row="johdanto"] > .fc-outline__row'), target_position={"x": 60, "y": 2})
    changed(page, "Loppu")
    assert rows(page)[0] == "1 Loppu"


def too_wide(page):
    """What stands over the right edge, where the page can be scrolled sideways."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.body.querySelectorAll("*")]
                .filter((one) => one.getBoundingClientRect().right > innerWidth)
                .map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`)"""
    )


def test_on_a_phone_there_are_three_tabs(page, axe, user, chapters):  # noqa: F811
    page.set_viewport_size({"width": 360, "height": 740})
    page.route(
        "**/*.woff2", lambda route: route.abort()
    )  # the widest letters: those of a phone before the font is there
    open_section(page, chapters)
    tabs = page.locator("[data-parts-tabs] [role=tab]")
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#outline")).to_be_hidden()
    tabs.nth(1).focus()
    for name in ("ArrowRight", "ArrowRight", "ArrowLeft", "Home"):
        key(page, name)
        expect(page.locator("[data-parts-tabs] [role=tab]:focus")).to_have_attribute("aria-selected", "true")
        axe()
        assert too_wide(page) == []
    expect(tabs.nth(0)).to_be_focused()
    expect(page.locator("#outline")).to_be_visible()
    expect(box(page)).to_be_hidden()
    page.locator('li[data-row="arviointi"] [data-row-menu]').click()
    expect(page.get_by_role("menu")).to_be_visible()
    axe()
    assert too_wide(page) == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": 740})
    expect(box(page)).to_be_visible()
    expect(page.get_by_role("complementary").last).to_be_visible()


def test_panels_beside_the_text_fold_and_open_for_a_note(page, axe, user, chapters):  # noqa: F811
    open_section(page, chapters)
    fold = page.locator("#notes-title button")
    fold.click()
    expect(page.locator("[data-note-new]")).to_be_hidden()
    axe()
    page.reload()
    box(page).wait_for()
    expect(page.locator("[data-note-new]")).to_be_hidden()
    box(page).get_by_text("Toiminta on maksutonta").click()
    page.keyboard.press("Control+Alt+m")
    expect(page.locator("#new-note-text")).to_be_focused()


def test_shortcuts_are_listed_and_the_single_key_can_be_turned_off(page, axe, user, chapters):  # noqa: F811
    open_section(page, chapters)
    box(page).click()
    page.keyboard.press("?")
    dialog = page.locator("#shortcuts-dialog")
    expect(dialog).to_be_hidden()
    row(page, "Loppu").focus()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    axe("#shortcuts-dialog")
    page.locator("#shortcuts-single").uncheck()
    page.keyboard.press("Escape")
    expect(row(page, "Loppu")).to_be_focused()
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    page.locator("[data-shortcuts-open]").click()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-shortcuts-open]")).to_be_focused()
    page.keyboard.press("Alt+Shift+Digit2")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Alt+Shift+Digit1")
    assert focused(page) == f"2 {LONG}"
    page.keyboard.press("Alt+PageDown")
    page.wait_for_url("**/s/loppu/")


def test_the_outline_leads_on_without_javascript(browser, live_server, page, user, chapters):  # noqa: F811
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(at(chapters.document, "section-detail", chapters.key))
    plain.locator('li[data-row="loppu"] [data-row-menu]').click()
    plain.locator("#up-loppu").click()
    plain.locator(".fc-toast", has_text="Loppu").wait_for()
    context.close()


# --- Tables -----------------------------------------------------------------------------------------------


def new_table(page, rows="2", cols="2"):
    press(page, "table")
    page.locator("#table-rows").fill(rows)
    page.locator("#table-cols").fill(cols)
    page.keyboard.press("Enter")
    page.locator(".ProseMirror table").wait_for()


def test_a_table_of_a_chosen_size_is_filled_by_keyboard(page, axe, user, document):  # noqa: F811
    section = add_section(document, heading={"fi": "Tyhjä"}, by=None)  # noqa: F811
    open_section(page, section)
    box(page).click()
    press(page, "table")
    axe("#table-dialog")
    page.keyboard.press("Escape")
    new_table(page, rows="1")
    page.get_by_role("group", name="Table").or_(page.get_by_role("group", name="Taulukko")).wait_for()
    for word in ("Paikka", "Aika", "Talo", "ma–pe"):
        page.keyboard.type(word)
        key(page, "Tab")
    page.keyboard.type("Kahvila")
    axe()
    page.set_viewport_size({"width": 360, "height": 740})
    group = page.locator("[data-when=table]")
    expect(group).to_be_visible()
    places = [button.bounding_box() for button in group.locator("button").all()]
    assert all(one["x"] + one["width"] <= other["x"] for one, other in itertools.pairwise(places))
    key(page, "Shift")
    axe()
    page.set_viewport_size({"width": 1280, "height": 740})
    save(page)
    cells = [(block.data["head"], list(block.text.values())) for block in blocks(section)[1:]]
    assert cells[0] == (True, [{"fi": "Paikka"}, {"fi": "Aika"}])
    assert cells[1] == (False, [{"fi": "Talo"}, {"fi": "ma–pe"}])
    assert cells[2][1][0] == {"fi": "Kahvila"}


def test_keys_lead_from_the_text_to_its_buttons_and_back(page, user, document):  # noqa: F811
    section = add_section(document, heading={"fi": "Tyhjä"}, by=None)  # noqa: F811
    open_section(page, section)
    box(page).click()
    new_table(page)
    key(page, "Alt+F10")
    assert page.evaluate("document.activeElement.closest('[role=toolbar]') !== null")
    key(page, "Escape")
    expect(box(page)).to_be_focused()


EXCEL = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style>td {mso-number-format:General}</style>
</head><body><table border=0 width=192 style='border-collapse:collapse'><col width=64 span=2 style='width:48pt'>
<!--StartFragment--><tr height=20><td colspan=2 class=xl65 width=128>Aukiolo</td></tr>
<tr height=20><td height=20 class=xl66 style='height:15.0pt'>Talo</td><td align=right x:num="0.125">12,5 %</td></tr>
<!--EndFragment--></table></body></html>"""


def paste(page, **kinds):
    box(page).evaluate(
        """(target, kinds) => {
            const data = new DataTransfer();
            for (const [kind, value] of Object.entries(kinds)) data.setData(`text/${kind}`, value);
            target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        kinds,
    )


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({"html": EXCEL, "plain": "Aukiolo\t\nTalo\t12,5 %"}, [["Aukiolo"], ["Talo", "12,5 %"]]),
        ({"plain": 'Paikka\tAika\r\nTalo\t"ma\nti"\r\n'}, [["Paikka", "Aika"], ["Talo", "ma<br>ti"]]),
    ],
)
def test_a_spreadsheet_is_pasted_as_a_table(page, user, document, kinds, expected):  # noqa: F811
    section = add_section(document, heading={"fi": "Tyhjä"}, by=None)  # noqa: F811
    open_section(page, section)
    box(page).click()
    paste(page, **kinds)
    save(page)
    table = [[texts["fi"] for texts in block.text.values()] for block in blocks(section) if block.kind == "table_row"]
    assert table == expected


def test_words_with_a_tab_are_no_table(page, user, document):  # noqa: F811
    section = add_section(document, heading={"fi": "Tyhjä"}, by=None)  # noqa: F811
    open_section(page, section)
    box(page).click()
    paste(page, plain="Yksi\tkaksi\nkolme")
    save(page)
    assert {block.kind for block in blocks(section)} == {"paragraph"}


# --- Pictures and kept texts ------------------------------------------------------------------------------


def test_a_picture_may_be_decoration_and_is_told_otherwise_later(page, axe, user, document):  # noqa: F811
    section = add_section(document, heading={"fi": "Tyhjä"}, by=None)  # noqa: F811
    open_section(page, section)
    press(page, "picture")
    page.locator("#picture-file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    page.locator("#picture-decorative").check()
    expect(page.locator("#picture-alt")).to_be_disabled()
    axe("#picture-dialog")
    page.locator("#picture-dialog button[type=submit]").click()
    page.locator(".ProseMirror figure img").wait_for()
    save(page)
    figure = blocks(section)[0]
    assert figure.is_decorative
    assert figure.get("alt", "fi") == ""

    page.locator(".ProseMirror figure").click()
    press(page, "describe")
    assert page.locator("#describe-decorative").is_checked()
    axe("#describe-dialog")
    page.locator("#describe-decorative").uncheck()
    page.locator("#describe-alt").fill("Punainen talo")
    page.keyboard.press("Enter")
    save(page)
    figure = blocks(fresh(section))[0]
    assert (figure.is_decorative, figure.get("alt", "fi")) == (False, "Punainen talo")


def test_a_picture_that_is_none_is_told_in_words(page, axe, user, document):  # noqa: F811
    page.context.set_default_timeout(10_000)
    window = page.context.new_page()  # where the browser's own complaint about a 422 is no fault
    section = add_section(document, heading={"fi": "Tyhjä"}, by=None)  # noqa: F811
    open_section(window, section)
    press(window, "picture")
    window.locator("#picture-file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    window.locator("#picture-alt").fill("Talo")
    window.locator("#picture-dialog button[type=submit]").click()
    error = window.locator("#picture-dialog [data-error]")
    expect(error).to_be_visible()
    expect(error).to_contain_text("PNG")
    expect(window.locator("#picture-file")).to_be_focused()


def test_a_paragraph_is_kept_and_put_into_another_text(page, axe, user, section):  # noqa: F811
    open_section(page, section)
    box(page).get_by_text("Toiminta on maksutonta").click()
    press(page, "keepPhrase")
    axe("#keep-phrase-dialog")
    page.locator("#phrase-name").fill("Maksuttomuus")
    page.keyboard.press("Enter")
    changed(page, "Maksuttomuus")
    kept = Phrase.objects.get()
    assert kept.text["fi"].startswith("<p>Toiminta on maksutonta")

    before = {block.id for block in blocks(section)}
    box(page).get_by_text("Täällä saa olla").click()
    key(page, "Control+End", "Enter", "Enter")
    press(page, "phrase")
    page.locator("#phrase-find").fill("maksut")
    choice = page.locator("#phrase-dialog li button")
    choice.wait_for()
    axe("#phrase-dialog")
    choice.click()
    save(page)
    new = [block for block in blocks(fresh(section)) if block.id not in before]
    assert [block.plain_in("fi") for block in new] == ["Toiminta on maksutonta, ja siitä kerrotaan verkkosivuilla."]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_kept_texts_are_accessible_and_fit(page, axe, user, body, width):  # noqa: F811
    slug = body.region.slug
    Phrase.objects.create(region=body.region, name=LONG, text={"fi": "<p>Saatte apua.</p>"}, author=user)
    phrase = Phrase.objects.get()
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("", "add/", f"{phrase.public_id}/edit/"):
        page.goto(f"/fi/{slug}/phrases/{address}")
        if address:
            page.locator(".ProseMirror").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        axe()
    page.locator("#id_name").fill("Uusi nimi")
    page.locator(".ProseMirror").first.click()
    page.keyboard.type("Heti. ")
    page.locator("main form.fc-form button.btn-primary").click()
    changed(page, "Uusi nimi")
    phrase.refresh_from_db()
    assert "Heti." in phrase.text["fi"]
