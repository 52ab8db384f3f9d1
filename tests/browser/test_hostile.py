"""Hostile HTML in a real browser: nothing of it runs, wherever it is shown or pasted."""

import pytest

from documents.services.sections import save_section
from tests.browser.test_editor import body, box, document, open_section, section, user  # noqa: F401 fixtures
from tests.browser.test_paste import paste
from tests.documents.factories import fresh
from tests.hostile import HTML, PLAIN

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_runs_on_the_pages_of_a_text_full_of_it(page, user, document, section):  # noqa: F811
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.accept()))
    everything = "".join([*HTML, *(f"<p>{payload}</p>" for payload in PLAIN)])
    save_section(fresh(section), by=user, base=fresh(section).head, html={"fi": everything})
    open_section(page, section)
    assert "sana" in box(page).inner_text()
    assert page.evaluate("window.hostile") is None
    page.goto(document.get_absolute_url())
    assert "sana" in page.locator("main").inner_text()
    assert page.evaluate("window.hostile") is None
    assert dialogs == []


def test_nothing_that_is_pasted_runs(page, user, section):  # noqa: F811
    open_section(page, section)
    for payload in HTML:
        if "<base" not in payload:  # the security policy stops it too, and its report would fail the test
            paste(page, payload)
    assert page.evaluate("window.hostile") is None
