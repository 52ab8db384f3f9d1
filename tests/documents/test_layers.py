"""Text that is small to send and would be huge to read ends in a sentence, at once."""

import time

import pytest
from django.core.exceptions import ValidationError

from documents.html import parse
from documents.layers import MAX_OPEN, readable

HUGE = {
    "boxes in boxes": "<div>" * 200_000,
    "marks that a reader opens again in every paragraph": "".join(f"<p><b a={n}>" for n in range(20_000)),
    "their ends hidden in comments": "".join(f"<p><b a={n}><!--</b>-->" for n in range(20_000)),
    "their ends hidden in attributes": "".join(f'<p><b a={n}><img alt="</b>">' for n in range(20_000)),
    "their ends hidden in cells": "".join(f"<div><b a={n}><table><td></b></table></div>x" for n in range(20_000)),
    "a million list items": "<ul>" + "<li>a" * 1_000_000,
    "a table of a thousand by a thousand": "<table>" + ("<tr>" + "<td>" * 1_000) * 1_000,
    "tables in tables": "<table><tr><td>" * 50_000,
    "signs written as names": "<p>" + "&amp;" * 900_000,
}


@pytest.mark.parametrize("source", HUGE.values(), ids=HUGE)
def test_what_no_person_writes_is_refused_at_once(source):
    begun = time.monotonic()
    with pytest.raises(ValidationError) as error:
        parse(source)

    assert error.value.code in {"text_too_deep", "text_too_long", "table_too_large"}
    assert time.monotonic() - begun < 2


def test_marks_that_are_never_closed_stay_small():
    source = "".join(f"<b a={n}>" for n in range(MAX_OPEN - 1)) + "<p>x</p>" * 2_000

    assert [block.text["body"] for block in parse(source)] == ["<strong>x</strong>"] * 2_000


@pytest.mark.parametrize(
    "source",
    [
        "<p>Yksi<p>Kaksi<ul><li>a<li>b</ul>" * 1_000,
        "<table><tr><td>a<td>b<tr><td>c<td>d</table>" * 1_000,
        "<p><b><i>väärin</b></i> <a href='https://a.fi/?a=1>2'>linkki</a><br></p>" * 200,
        "<div><p>a</p></div>" * 2_000,
    ],
)
def test_what_people_write_is_read_as_it_stands(source):
    assert readable(source) == source


def test_comments_and_attributes_of_marks_are_left_out_and_words_stay():
    source = "<!--[if mso]><b><![endif]-->a < b & c <b style='x>y' class=z>d</b><!-- e"

    assert readable(source) == "a < b & c <b>d</b>"
