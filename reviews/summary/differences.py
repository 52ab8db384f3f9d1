"""What would go and what would come, told without colours and strokes: in a Word file, in a cell, read aloud."""

from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import groupby

from django.utils.translation import gettext as _

GONE, COME = "del", "ins"
ENDS = frozenset({"p", "li", "ul", "ol"})
SAID_ALOUD = "visually-hidden"
"""The class of words that tell on a page where a mark begins; here they are told anew, in the reader's language."""

CLOSING = frozenset(".,;:!?)”’")


@dataclass(frozen=True)
class Run:
    """Some words of a difference: as they were, gone or come."""

    text: str
    mark: str = ""


class _Marks(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.runs: list[Run] = []
        self.mark = ""
        self.spans: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {GONE, COME}:
            self.mark = tag
        elif tag == "span":
            self.spans.append(("class", SAID_ALOUD) in attrs)
        elif tag == "br":
            self._say("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {GONE, COME}:
            self.mark = ""
        elif tag == "span" and self.spans:
            self.spans.pop()
        elif tag in ENDS:
            self._say("\n")

    def handle_data(self, data: str) -> None:
        if not any(self.spans):
            self._say(data)

    def _say(self, text: str) -> None:
        self.runs.append(Run(text, self.mark))


def runs_of(html: str) -> list[Run]:
    """A difference as `documents.difference` writes it, as words with their marks."""
    reader = _Marks()
    reader.feed(html)
    reader.close()
    joined = [
        Run("".join(run.text for run in runs), mark) for mark, runs in groupby(reader.runs, key=lambda run: run.mark)
    ]
    return [run for run in joined if run.text]


def told(html: str) -> list[Run]:
    """A difference in words, in the active language: "iltaisin [added: ja viikonloppuna]". Marks keep to one line."""
    out: list[Run] = []
    for run in runs_of(html):
        for position, line in enumerate(run.text.split("\n")):
            if position:
                out.append(Run("\n"))
            if run.mark and line.strip():
                _add(out, _in_brackets(line.strip(), run.mark), run.mark)
            elif line:
                _add(out, line, "")
    return out


def _in_brackets(words: str, mark: str) -> str:
    return (_("[removed: %(words)s]") if mark == GONE else _("[added: %(words)s]")) % {"words": words}


def _add(out: list[Run], text: str, mark: str) -> None:
    """Brackets stand apart from words, and signs that end a sentence stand close."""
    last = out[-1].text[-1:] if out else ""
    meets_mark = bool(mark or (out and out[-1].mark)) and last not in ("", "\n")
    if meets_mark and not last.isspace() and not text[0].isspace() and text[0] not in CLOSING:
        out.append(Run(" "))
    out.append(Run(text, mark))


def before(html: str) -> str:
    """The words as they stood."""
    return "".join(run.text for run in runs_of(html) if run.mark != COME).strip()


def after(html: str) -> str:
    """The words as they would stand, or stand."""
    return "".join(run.text for run in runs_of(html) if run.mark != GONE).strip()
