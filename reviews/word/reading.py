"""The words of a returned file's story, by block: with all its changes rejected, or with all accepted."""

from dataclasses import dataclass, field

from documents import richtext
from documents.blocks import TABLE_ROW
from documents.word.pieces import Piece, Tracked
from documents.word.reader import read_package
from reviews.word.story import State, Story


@dataclass
class Reading:
    """What the places of the file say."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    """Block or new text -> unit -> HTML."""
    pieces: dict[str, Piece] = field(default_factory=dict)
    structured: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Structured block -> its rows: label and HTML."""
    headings: dict[str, str] = field(default_factory=dict)
    """Section -> its heading in plain words."""
    title: str = ""
    pictures: int = 0
    """Pictures that are no block of the version's."""


def read_state(story: Story, state: State, tracked: Tracked) -> Reading:
    """Read one state of the file as any Word file is read."""
    text = read_package(story.package.with_xml(story.package.main, state.root), tracked=tracked)
    reading = Reading()
    for piece in text.pieces:
        block_id = piece.incoming.id or ""
        if piece.structured_id:
            if piece.kind == TABLE_ROW:
                label, words = [*piece.incoming.text.values(), "", ""][:2]
                reading.structured.setdefault(piece.structured_id, []).append((label, words))
        elif piece.is_section_heading:
            key = story.shown.section_names.get(piece.section_key)
            if key:
                reading.headings.setdefault(key, richtext.plain(piece.incoming.text["body"]))
        elif block_id:
            reading.texts.setdefault(block_id, dict(piece.incoming.text))
            reading.pieces.setdefault(block_id, piece)
        elif piece.is_title:
            reading.title = reading.title or piece.plain
        elif piece.incoming.data.get("file"):
            reading.pictures += 1
    return reading
