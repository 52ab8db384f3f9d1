"""What must hold for identity and merge whatever people do: checked on generated edits."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import richtext
from documents.blocks import LIST_ITEM, PARAGRAPH, TABLE, TABLE_ROW, Block, same_blocks
from documents.html import Incoming, Rendering, parse, render
from documents.identity import identify
from documents.merge import merge, merge_text

WORDS = ["neuvola", "kahvila", "perhe", "tuki", "ero", "Oulu", "ryhmä", "auki", "tiistaina", "jonot", "pitkät"]
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)


def make(texts):
    return [Block(f"b{index:09d}", PARAGRAPH, {"body": {"fi": text}}) for index, text in enumerate(texts)]


def sent(block, *, carries=True):
    return Incoming(
        block.kind, {unit: texts.get("fi", "") for unit, texts in block.text.items()}, id=block.id if carries else None
    )


def decide(base, incoming):
    counter = itertools.count()
    return identify({"s": base}, {"s": incoming}, language="fi", new_id=lambda: f"n{next(counter):09d}")


bases = st.lists(sentences, min_size=1, max_size=6).map(make)


@st.composite
def edits(draw):
    """A base and what an editor may send after it: blocks kept, moved, removed, edited, pasted, inserted."""
    base = draw(bases)
    order = draw(st.permutations(base))
    incoming = []
    for block in order:
        what = draw(st.sampled_from(["keep", "keep", "keep", "edit", "remove", "paste", "insert"]))
        if what != "remove":
            item = sent(block)
            if what == "edit":
                item.text = {"body": draw(sentences)}
            incoming.append(item)
        if what == "paste":
            copy = sent(block)
            copy.pasted = True
            incoming.insert(draw(st.integers(0, len(incoming))), copy)
        if what == "insert":
            incoming.append(Incoming(PARAGRAPH, {"body": draw(sentences)}))
    return base, incoming


@given(edits())
def test_every_incoming_block_gets_exactly_one_id(case):
    base, incoming = case
    result = decide(base, incoming).ids["s"]
    assert len(result) == len(incoming)
    assert len(set(result)) == len(result)


@given(edits())
def test_unchanged_blocks_keep_their_ids_through_any_edit_move_and_paste(case):
    base, incoming = case
    before = {block.id: block.plain_in("fi") for block in base}
    result = decide(base, incoming).ids["s"]
    for item, block_id in zip(incoming, result, strict=True):
        if item.id in before and not item.pasted:
            assert block_id == item.id


@given(bases, st.data())
def test_no_id_passes_to_other_words_by_likeness(base, data):
    """Beside blocks that carry their ids, a new block gets an old id only with exactly the old words."""
    kept = [block for block in base if data.draw(st.booleans())]
    new = [Incoming(PARAGRAPH, {"body": text}) for text in data.draw(st.lists(sentences, min_size=1, max_size=4))]
    incoming = [sent(block) for block in kept]
    for item in new:
        incoming.insert(data.draw(st.integers(0, len(incoming))), item)
    if not kept:
        return
    before = {block.id: block.plain_in("fi").lower() for block in base}
    result = decide(base, incoming).ids["s"]
    for item, block_id in zip(incoming, result, strict=True):
        if item.id is None and block_id in before:
            assert before[block_id] == richtext.plain(item.text["body"]).lower()


@given(bases, st.lists(sentences, min_size=0, max_size=6))
def test_text_without_ids_takes_an_id_only_for_equal_or_half_shared_words(base, texts):
    """What comes from a file carries nothing: equal text, or half of the shorter one's words in order."""
    before = {block.id: block.plain_in("fi").lower().split() for block in base}
    result = decide(base, [Incoming(PARAGRAPH, {"body": text}) for text in texts]).ids["s"]
    for text, block_id in zip(texts, result, strict=True):
        if block_id in before:
            words = text.lower().split()
            old = before[block_id]
            shared = longest_common(old, words)
            assert old == words or shared * 2 >= min(len(old), len(words))


def longest_common(one, other):
    row = [0] * (len(other) + 1)
    for a in one:
        previous = 0
        for index, b in enumerate(other, start=1):
            previous, row[index] = row[index], previous + 1 if a == b else max(row[index], row[index - 1])
    return row[-1]


@st.composite
def rivals(draw):
    """A base and two writers' states of it, each with words that nobody else types."""
    base = draw(bases)

    def writer(name):
        counter = itertools.count()
        blocks = list(draw(st.permutations(base)) if draw(st.booleans()) else base)
        result = []
        for block in blocks:
            what = draw(st.sampled_from(["keep", "keep", "edit", "remove", "insert", "split"]))
            words = block.get("body", "fi").split()
            if what == "remove":
                continue
            if what == "edit":
                place = draw(st.integers(0, len(words)))
                typed = f"{name}{next(counter)}"
                words = [*words[:place], typed, *words[place + draw(st.integers(0, 2)) :]]
            if what == "split" and len(words) > 1:
                place = draw(st.integers(1, len(words) - 1))
                result.append(replace(block, text={"body": {"fi": " ".join(words[:place])}}))
                part = Block(f"{name}part{len(result):05d}", PARAGRAPH, {"body": {"fi": " ".join(words[place:])}})
                splits[part.id] = block.id
                result.append(part)
                continue
            result.append(replace(block, text={"body": {"fi": " ".join(words)}}))
            if what == "insert":
                text = f"{name}{next(counter)}"
                result.append(Block(f"{name}new{next(counter):06d}", PARAGRAPH, {"body": {"fi": text}}))
        return result

    splits = {}
    return base, writer("eeva"), writer("ossi"), splits


@given(rivals())
def test_every_typed_word_is_in_the_text_or_in_an_open_conflict(case):
    base, head, mine, splits = case
    merged = merge(base, head, mine, splits=splits)
    known = {word for block in base for word in block.get("body", "fi").split()}
    here = {word for block in merged.blocks for word in block.plain_in("fi").split()}
    waiting = " ".join(f"{clash.head} {clash.mine}" for clash in merged.clashes)
    for word in {word for block in [*head, *mine] for word in block.plain_in("fi").split()} - known:
        assert word in here or word in waiting


@given(rivals())
def test_merged_blocks_have_distinct_ids(case):
    base, head, mine, splits = case
    result = [block.id for block in merge(base, head, mine, splits=splits).blocks]
    assert len(result) == len(set(result))


@given(rivals())
def test_merging_with_an_unchanged_side_gives_the_other_side(case):
    base, head, mine, splits = case
    assert same_blocks(merge(base, base, mine, splits=splits).blocks, mine)
    assert same_blocks(merge(base, head, base, splits=splits).blocks, head)


@given(rivals())
def test_merging_the_same_change_again_changes_nothing(case):
    base, head, mine, splits = case
    merged = merge(base, head, mine, splits=splits)
    if not merged.clashes:
        assert same_blocks(merge(base, merged.blocks, merged.blocks, splits=splits).blocks, merged.blocks)


@given(sentences, sentences, sentences)
def test_merged_words_are_never_invented(base, head, mine):
    merged = merge_text(base, head, mine)
    if merged is not None:
        assert set(merged.split()) <= {*base.split(), *head.split(), *mine.split()} or not merged


@given(st.text(alphabet="ab<>/&;\"'= strongemspa", max_size=60))
def test_sanitising_is_idempotent_and_harmless(source):
    once = richtext.sanitise(source)
    assert richtext.sanitise(once) == once
    assert "<script" not in once
    for token in richtext.tokens(once):
        if token.startswith("<"):
            assert token.strip("</>").split(" ")[0] in {"strong", "em", "a", "span", "br"}


marked = st.sampled_from(["", "strong", "em"]).flatmap(
    lambda tag: sentences.map(lambda text: f"<{tag}>{text}</{tag}>" if tag else text)
)
text_blocks = st.one_of(
    st.tuples(st.just(PARAGRAPH), st.just({})),
    st.tuples(st.just("heading"), st.fixed_dictionaries({"level": st.integers(1, 2)})),
    st.tuples(st.just("quote"), st.just({})),
)


@st.composite
def documents(draw):
    """Blocks as the editor may hold them: paragraphs, headings, quotes, nested lists and tables."""
    result = []
    for index in range(draw(st.integers(1, 6))):
        shape = draw(st.sampled_from(["text", "list", "table"]))
        if shape == "text":
            kind, data = draw(text_blocks)
            result.append(Block(f"t{index:09d}", kind, {"body": {"fi": draw(marked)}}, dict(data)))
        elif shape == "list":
            level, ordered = 0, draw(st.booleans())
            for item in range(draw(st.integers(1, 4))):
                data = {"level": level, "ordered": ordered}
                if item == 0 and result and result[-1].kind == LIST_ITEM:
                    data["starts"] = True
                result.append(Block(f"l{index:04d}{item:05d}", LIST_ITEM, {"body": {"fi": draw(marked)}}, data))
                level = draw(st.integers(0, level + 1))
        else:
            columns = [f"c{number}" for number in range(draw(st.integers(1, 3)))]
            result.append(
                Block(
                    f"t{index:09d}",
                    TABLE,
                    {"caption": {"fi": draw(marked)}},
                    {"columns": columns, "head_column": False},
                )
            )
            for row in range(draw(st.integers(1, 3))):
                cells = {key: {"fi": draw(marked)} for key in columns}
                result.append(
                    Block(f"r{index:04d}{row:05d}", TABLE_ROW, cells, {"head": row == 0 and draw(st.booleans())})
                )
    return result


@given(documents())
def test_what_the_editor_is_shown_comes_back_the_same(blocks):
    html = render(blocks, Rendering("fi", editing=True))
    back = parse(html)
    assert [item.id for item in back] == [block.id for block in blocks]
    for item, block in zip(back, blocks, strict=True):
        assert item.kind == block.kind
        assert {unit: text for unit, text in item.text.items() if text} == {
            unit: texts["fi"] for unit, texts in block.text.items() if texts["fi"]
        }
        assert item.data == block.data


@pytest.mark.parametrize(
    ("base", "head", "mine", "merged"),
    [
        ("yksi kaksi kolme neljä", "YKSI kaksi kolme neljä", "yksi kaksi kolme NELJÄ", "YKSI kaksi kolme NELJÄ"),
        ("yksi kaksi kolme", "yksi 2 kolme", "yksi II kolme", None),
        ("yksi kaksi kolme", "YKSI kaksi kolme", "yksi KAKSI kolme", None),
        ("yksi kaksi", "yksi kaksi", "yksi", "yksi"),
        ("yksi kaksi", "yksi kolme", "yksi kolme", "yksi kolme"),
        (
            "yksi kaksi kolme",
            "<strong>yksi</strong> kaksi kolme",
            "yksi kaksi neljä",
            "<strong>yksi</strong> kaksi neljä",
        ),
        ("yksi kaksi", "<strong>yksi kaksi</strong>", "<em>yksi kaksi</em>", None),
    ],
)
def test_word_spans_merge_where_they_neither_overlap_nor_touch(base, head, mine, merged):
    assert merge_text(base, head, mine) == merged
