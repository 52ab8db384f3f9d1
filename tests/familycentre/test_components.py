import datetime
import re
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import formats, timezone, translation

from familycentre.templatetags.components import BADGES, badge, diff_marks, icon, klo, page_numbers, state

SVG = "{http://www.w3.org/2000/svg}"
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


def sprite_names():
    sprite = ET.parse(settings.BASE_DIR / "static" / "icons" / "sprite.svg")
    return {symbol.get("id") for symbol in sprite.getroot().iter(f"{SVG}symbol")}


def render(source, **context):
    return Template("{% load components charts %}" + source).render(Context(context))


# --- Icons and badges ---------------------------------------------------------------------------


def test_icon_without_label_is_hidden_from_screen_readers():
    assert icon("check") == (
        '<svg class="fc-icon" aria-hidden="true" focusable="false">'
        '<use href="/static/icons/sprite.svg#check"></use></svg>'
    )


def test_icon_with_label_is_an_image_with_that_name():
    assert 'role="img" aria-label="Valmis &amp; tarkistettu"' in icon("check", "Valmis & tarkistettu")


def test_every_icon_that_a_template_or_badge_names_is_in_the_sprite():
    named = {look.icon for look in BADGES.values()}
    for path in TEMPLATES:
        source = path.read_text()
        named |= set(re.findall(r'{% icon "([^"]+)"', source))
        named |= set(re.findall(r'\bsign="([^"]+)"', source))

    assert named - sprite_names() == set()


@pytest.mark.parametrize("kind", BADGES)
def test_badge_says_its_state_in_a_word_and_a_sign(kind):
    html = badge(kind)

    assert str(BADGES[kind].label) in html
    assert f"#{BADGES[kind].icon}" in html


def test_badges_that_stand_together_differ_without_colour():
    together = [
        ("draft", "in_progress", "ready", "handed_in", "frozen", "candidate", "conflict", "no_longer_asked", "empty"),
        ("current", "behind", "missing"),
        ("same", "changed", "added", "moved", "gone"),
        ("not_started", "under_way", "partly_done", "done", "delayed", "discontinued", "not_done", "continuous"),
    ]
    for kinds in together:
        signs = [BADGES[kind].icon for kind in kinds]
        assert len(set(signs)) == len(signs)


def test_state_reads_out_the_whole_word():
    assert '<span class="visually-hidden">: ' in state("behind", "sv")
    assert str(BADGES["behind"].label) in state("behind", "sv")


# --- Differences --------------------------------------------------------------------------------


def test_diff_marks_say_in_words_what_changed():
    with translation.override("en"):
        html = diff_marks([("same", "Auki "), ("removed", "arkisin"), ("added", "myös <iltaisin>"), ("same", ".")])

    assert html == (
        'Auki <del><span class="visually-hidden">Removed: </span>arkisin</del>'
        '<ins><span class="visually-hidden">Added: </span>myös &lt;iltaisin&gt;</ins>.'
    )


# --- Dates, times, numbers ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "clock", "moment", "number"),
    [
        ("fi", "klo\u00a09.05", "25.2.2026 klo 9.05", "1\u00a0234\u00a0567,5"),
        ("sv", "kl.\u00a09.05", "25.2.2026 kl. 9.05", "1\u00a0234\u00a0567,5"),
        ("en", "09:05", "25.2.2026 09:05", "1,234,567.5"),
    ],
)
def test_dates_times_and_numbers_are_written_as_the_language_does(language, clock, moment, number):
    at = datetime.datetime(2026, 2, 25, 7, 5, tzinfo=datetime.UTC)
    with translation.override(language):
        assert klo(timezone.localtime(at)) == clock
        assert Template("{{ at|date:'DATETIME_FORMAT' }}").render(Context({"at": at})) == moment
        assert formats.date_format(at, "SHORT_DATE_FORMAT") == "25.2.2026"
        assert intcomma(Decimal("1234567.5")) == number


def test_klo_shows_helsinki_time_and_nothing_for_nothing():
    with translation.override("fi"):
        at = datetime.datetime(2026, 7, 1, 13, 0, tzinfo=datetime.UTC)
        assert render("{{ at|klo }}", at=at) == "klo\u00a016.00"
        assert render("{{ at|klo }}", at=None) == ""


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("written", ["25.2.2026", "25.02.2026", "2026-02-25"])
def test_dates_are_read_as_people_write_them(language, written):
    with translation.override(language):
        read = formats.sanitize_separators(written)
        parsed = [
            datetime.datetime.strptime(read, pattern).date()
            for pattern in formats.get_format("DATE_INPUT_FORMATS")
            if _fits(read, pattern)
        ]
    assert parsed[0] == datetime.date(2026, 2, 25)


def _fits(text, pattern):
    try:
        datetime.datetime.strptime(text, pattern)
    except ValueError:
        return False
    return True


# --- Charts -------------------------------------------------------------------------------------

CHART = (
    '{% bar_chart rows id="c" title="Avoimet paikat" label_heading="Vuosi" value_heading="Paikkoja" target=target %}'
)


def drawn(rows, target=None):
    html = render(CHART, rows=rows, target=target)
    figure = ET.fromstring(re.sub(r"&nbsp;", " ", html).strip())
    svg = figure.find("svg")
    return figure, svg


def test_chart_bars_are_in_proportion_and_inside_the_picture():
    _figure, svg = drawn([("2024", 10), ("2025", 20), ("2026", 0)])

    widths = [float(rect.get("width")) for rect in svg.iter("rect")]
    picture_width = float(svg.get("viewBox").split()[2])
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.2)
    assert widths[2] == 0
    assert widths[1] < picture_width


def test_chart_target_beyond_every_bar_sets_the_scale():
    _figure, svg = drawn([("2024", 10)], target=40)

    line = svg.find("line")
    assert float(line.get("x1")) == pytest.approx(4 * float(svg.find("rect").get("width")), abs=0.3)


def test_chart_has_a_name_and_the_same_numbers_in_a_table():
    figure, svg = drawn([("2024", 1234)], target=2000)

    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == figure.find("figcaption").get("id")
    cells = [cell.text for cell in figure.find("table").iter("td")]
    assert len(cells) == 2
    assert re.sub(r"\D", "", cells[0]) == "1234"
    assert re.sub(r"\D", "", cells[1]) == "2000"


def test_chart_of_nothing_but_zeros_is_drawn():
    _figure, svg = drawn([("2024", 0)])

    assert svg.find("rect").get("width") == "0.0"


# --- Partials -----------------------------------------------------------------------------------


def test_breadcrumbs_end_with_the_page_itself():
    html = render_to_string("components/_breadcrumbs.html", {"crumbs": [("Etusivu", "/fi/"), ("Suunnitelma", "")]})

    assert '<a href="/fi/">Etusivu</a>' in html
    assert '<span aria-current="page">Suunnitelma</span>' in html


def test_empty_state_has_a_button_only_when_there_is_something_to_do():
    texts = {"title": "Ei käsikirjoja", "text": "Tuo Word-tiedosto."}

    assert "btn" not in render_to_string("components/_empty.html", texts)
    html = render_to_string("components/_empty.html", {**texts, "action_url": "/tuo/", "action_label": "Tuo"})
    assert '<a class="btn btn-primary" href="/tuo/">Tuo</a>' in html


def test_page_numbers_leave_out_the_middle():
    page = Paginator(range(200), 10).get_page(7)

    gap = page.paginator.ELLIPSIS
    assert page_numbers(page) == [1, gap, 5, 6, 7, 8, 9, gap, 20]


def test_only_web_safe_markup_in_templates():
    for path in TEMPLATES:
        if "/admin/" in path.as_posix():
            continue
        source = path.read_text()
        assert re.findall(r"\sstyle=|<style|\son(?:click|load|change|submit)=", source) == [], path
