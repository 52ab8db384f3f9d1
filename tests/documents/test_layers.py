"""Text that is small to send and would be huge to read ends in a sentence, at once."""

import random
import time

import pytest
from django.core.exceptions import ValidationError

from documents.difference import mark_words
from documents.html import parse
from documents.layers import readable
from documents.merge import merge_text
from documents.richtext import opcodes, tokens

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
    begun = time.process_time()
    with pytest.raises(ValidationError) as error:
        parse(source)

    assert error.value.code in {"text_too_deep", "text_too_long", "table_too_large"}
    assert time.process_time() - begun < 10


def test_marks_that_are_never_closed_stay_small():
    source = "".join(f"<b a={n}>" for n in range(150)) + "<p>x</p>" * 2_000

    assert {block.text["body"] for block in parse(source)} <= {"x", "<strong>x</strong>"}


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


def long_text(words, seed):
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("bcdfghjk", k=6)) for _ in range(words))


def test_long_paragraph_written_anew_is_compared_at_once():
    base, head, mine = (long_text(5_000, seed) for seed in range(3))
    begun = time.process_time()

    marked = mark_words(base, head)
    assert merge_text(base, head, mine) is None

    assert time.process_time() - begun < 10
    assert (marked.count("<del>"), marked.count("<ins>")) == (1, 1)


def test_two_changes_in_a_long_paragraph_are_merged_still():
    base = long_text(5_000, 1)
    words = base.split()
    head, mine = " ".join([*words[:100], "lisäys", *words[100:]]), " ".join([*words[:4000], "toinen", *words[4000:]])

    both = merge_text(base, head, mine)

    assert both == " ".join([*words[:100], "lisäys", *words[100:4000], "toinen", *words[4000:]])


@pytest.mark.parametrize("seed", range(30))
def test_opcodes_of_long_texts_tell_the_whole_change(seed, monkeypatch):
    monkeypatch.setattr("documents.richtext.MAX_COMPARED", 40)
    chance = random.Random(seed)
    before, after = (tokens(" ".join(chance.choices("abc", k=chance.randint(0, 12)))) for _ in range(2))

    codes = opcodes(before, after)

    made = [token for tag, a, b, c, d in codes for token in (before[a:b] if tag == "equal" else after[c:d])]
    kept = [token for _tag, a, b, _c, _d in codes for token in before[a:b]]
    assert (made, kept) == (after, before)
