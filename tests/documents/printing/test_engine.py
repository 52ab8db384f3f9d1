import pytest
from weasyprint import HTML

from documents.printing.engine import PrintError, PrintFetcher, check_pdf, make_pdf
from tests.documents.printing import texts
from tests.documents.printing.structure import Structure


def page(body, lang="fi"):
    return f'<!doctype html><html lang="{lang}"><head><title>Esimerkki</title></head><body>{body}</body></html>'


def made(html, language="fi"):
    return make_pdf(
        html,
        language=language,
        title="Esimerkki",
        created_at=texts.FROZEN_AT,
        identifier="esimerkki",
        fetch=texts.pictures,
    )


def test_file_is_pdf_ua_and_says_what_it_is():
    content = made(page("<h1>Otsikko</h1><p>Teksti.</p>"))

    assert check_pdf(content)["compliant"]
    pdf = Structure(content).pdf
    assert str(pdf.Root.Lang) == "fi"
    assert str(pdf.docinfo["/Title"]) == "Esimerkki"
    assert str(pdf.docinfo["/CreationDate"]) == "D:20260225103000Z"


def test_checker_refuses_a_file_without_tags():
    report = check_pdf(HTML(string="<p>Teksti.").write_pdf())

    assert not report["compliant"]
    assert report["profile"] == "ua1"
    assert len(report["failures"]) > 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<h1>Otsikko</h1><h3>Liian pieni</h3>", "Liian pieni"),
        ('<h1>Otsikko</h1><p><img src="fc-file:kuva" alt=""></p>', "alt"),
        ('<h1>Otsikko</h1><svg viewBox="0 0 1 1"><rect width="1" height="1"/></svg>', "no title"),
        ('<h1>Otsikko</h1><p><img src="https://example.org/a.png" alt="Kuva"></p>', "https://example.org/a.png"),
        ("<h1>Otsikko</h1><style>p { colour: red }</style>", "colour"),
    ],
)
def test_whatever_would_harm_a_reader_fails_the_export(body, words):
    with pytest.raises(PrintError) as caught:
        made(page(body))

    assert words in str(caught.value)


def test_page_in_another_language_fails_the_export():
    with pytest.raises(PrintError, match="language is 'fi'"):
        made(page("<h1>Rubrik</h1>", lang="sv"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://example.org/a.css",
        "file:///etc/passwd",
        "data:text/css,p{}",
        "fcprint:../../manage.py",
        "fcprint:accent/../plan.css",
        "fc-file:toisen-kuva",
    ],
)
def test_fetcher_refuses_everything_but_our_own(url):
    with pytest.raises((ValueError, KeyError)):
        PrintFetcher(texts.pictures).fetch(url)


def test_fetcher_serves_stylesheet_accent_fonts_and_pictures():
    fetcher = PrintFetcher(texts.pictures)

    assert b"@page" in fetcher.fetch("fcprint:plan.css").read()
    assert fetcher.fetch("fcprint:accent/0b5d66.css").read() == b":root { --accent: #0b5d66; }"
    assert fetcher.fetch("fcprint:source-sans-3.ttf").content_type == "font/ttf"
    assert fetcher.fetch("fc-file:kuva").read() == texts.picture()


def test_finnish_words_are_divided_in_narrow_cells():
    word = "perhekeskuskoordinaattoriverkosto"
    style = "<style>table { width: 25mm; table-layout: fixed; hyphens: auto; hyphenate-character: '-' }</style>"
    body = f"{style}<h1>Otsikko</h1><table><tr><td>{word}</td></tr></table>"

    text = Structure(made(page(body))).all("TD")[0].text

    assert text == "perhekes-kuskoordi-naattori-verkosto"


def test_complaints_of_one_file_do_not_reach_the_next():
    with pytest.raises(PrintError):
        made(page("<h1>Otsikko</h1><h4>Pieni</h4>"))

    assert made(page("<h1>Otsikko</h1>")).startswith(b"%PDF")


def test_stylesheet_is_small_and_uses_nothing_slow():
    rules = PrintFetcher(texts.pictures).fetch("fcprint:plan.css").read().decode()

    assert rules.count("{") < 110  # a hundred rules and five inside @page, give or take
    for slow in ("grid", "columns:", "dotted", "leader(", "!important"):
        assert slow not in rules.split("*/", 1)[1], slow
