"""What no person writes is refused with a sentence, and costs nobody else's time."""

import time

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from documents.blocks import Block
from documents.html import Incoming, parse
from documents.identity import identify
from documents.services.sections import save_section
from tests.documents.factories import blocks, fresh, make_document, make_section

pytestmark = pytest.mark.django_db


@pytest.fixture
def section():
    return make_section(make_document())


def write(section, html):
    section = fresh(section)
    return save_section(section, by=None, base=section.head, html={"fi": html})


def items(count):
    return "<ul>" + "".join(f"<li>kohta {number}</li>" for number in range(count)) + "</ul>"


def rows(count):
    return "<table>" + "".join(f"<tr><td>rivi {number}</td></tr>" for number in range(count - 1)) + "</table>"


def paragraphs(count):
    return "".join(f"<p>kappale {number}</p>" for number in range(count))


@pytest.mark.parametrize("text", [items, rows, paragraphs])
def test_section_has_a_largest_number_of_blocks(section, settings, text):
    settings.SECTION_MAX_BLOCKS = 20
    write(section, text(20))
    assert len(blocks(section)) == 20
    other = make_section(section.document, key="toinen")
    with pytest.raises(ValidationError) as refused:
        write(other, text(21))
    assert refused.value.code == "too_many_blocks"
    assert "20" in refused.value.messages[0]
    assert fresh(other).head is None


def test_in_two_languages_it_is_said_which_text_is_too_long(settings):
    settings.SECTION_MAX_BLOCKS = 3
    section = make_section(make_document(languages=["fi", "sv"]), key="osio")
    with pytest.raises(ValidationError) as refused, translation.override("en"):
        save_section(section, by=None, base=None, html={"fi": paragraphs(2), "sv": paragraphs(4)})
    assert refused.value.code == "too_many_blocks"
    assert refused.value.messages[0].startswith("Text (Swedish): ")


def test_empty_lines_do_not_count(section, settings):
    settings.SECTION_MAX_BLOCKS = 3
    write(section, "<p></p>".join(f"<p>{word}</p>" for word in ("yksi", "kaksi", "kolme")))
    assert len(blocks(section)) == 3


def test_section_that_is_longer_already_can_be_written_on_in(section, settings):
    write(section, paragraphs(6))
    settings.SECTION_MAX_BLOCKS = 3
    write(section, paragraphs(5))
    assert len(blocks(section)) == 5
    with pytest.raises(ValidationError):
        write(section, paragraphs(6))


@pytest.mark.parametrize("html", ["<p>{}</p>", "<ul><li>{}</li></ul>", "<table><tr><td>{}</td></tr></table>"])
def test_block_has_a_largest_number_of_words(section, settings, html):
    settings.BLOCK_MAX_WORDS = 30
    write(section, html.format("sana " * 30))
    with pytest.raises(ValidationError) as refused:
        write(section, html.format("sana " * 31))
    assert refused.value.code == "block_too_long"


@pytest.mark.parametrize("html", ["<ul>" + "<li>a</li>" * 100_000 + "</ul>", "<p>a</p>" * 100_000])
def test_hundred_thousand_blocks_are_refused_quickly(html):
    began = time.process_time()
    with pytest.raises(ValidationError):
        parse(html, limit=2_000)
    assert time.process_time() - began < 10


def known(texts):
    return {"s": [Block(id=f"b{n}", kind="paragraph", text={"body": {"fi": text}}, data={}) for n, text in texts]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["a"] * 2_000, ["a", "b"] * 1_000),
        (["a b " * 2_500], ["b a " * 2_499]),
        (["x y " * 2_500], ["x", *["y x"] * 1_999]),
        (["q"], [f"w{n}" for n in range(2_000)]),
    ],
)
def test_hostile_texts_are_told_apart_quickly(before, after):
    numbers = iter(range(1_000_000))
    began = time.process_time()
    found = identify(
        known(enumerate(before)),
        {"s": [Incoming(kind="paragraph", text={"body": text}) for text in after]},
        language="fi",
        new_id=lambda: f"n{next(numbers)}",
    )
    assert time.process_time() - began < 10
    assert len(set(found.ids["s"])) == len(after)


def test_equal_texts_beyond_all_measure_keep_their_ids_in_order():
    ids = [f"b{n}" for n in range(1_500)]
    found = identify(
        known((n, "sama") for n in range(1_500)),
        {"s": [Incoming(kind="paragraph", text={"body": "sama"}) for _ in range(1_500)]},
        language="fi",
        new_id=lambda: "new",
    )
    assert found.ids["s"] == ids
