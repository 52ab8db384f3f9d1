"""What somebody says about a place, the words that she would have there, and what else she would change."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from accounts.identifiers import new_public_id
from documents import kinds, richtext
from documents.blocks import FIGURE, TABLE_ROW, Block
from documents.models import Document
from documents.operations import DELETE, INSERT_AFTER, MOVE, REPLACE_TEXT, SET_FIELD
from reviews.answering.places import LONGEST_QUOTE, Place, Places
from reviews.answering.wording import from_text, to_text
from reviews.forms.answering import TrappedForm
from reviews.models import Remark
from reviews.services.proposing import LONGEST_WORDING, Proposal, takes_new
from reviews.services.remarks import LONGEST_KEY, LONGEST_REMARK

FIRST_WORDS = 60
"""Signs by which a place is told from its neighbours in a list."""


class RemarkForm(TrappedForm):
    """One place: the box, words quoted from it, and a proposal. Drawn by its page, field by field.

    `ways` are those to answer of somebody who has not begun: with several of them she chooses here, once; None for who
    has.
    """

    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)
    shown = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    near = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("What would you like to say about this?"),
        required=False,
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    quote = forms.CharField(
        label=_("Which words do you mean?"),
        required=False,
        max_length=LONGEST_QUOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Copy them here from the text above, if your comment is about some of its words only."),
    )

    def __init__(
        self,
        *args: Any,
        places: Places,
        place: Place,
        document: Document,
        language: str,
        remark: Remark | None = None,
        may_propose: bool = False,
        ways: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.places, self.place, self.document, self.language = places, place, document, language
        operations = remark.operations if remark else []
        kwargs["initial"] = {**_initial(remark), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["lang"] = language
        if place.block is None or not place.block.plain_in(language):
            del self.fields["quote"]
        self.wordings = self._add_wordings(place.block, operations)
        # Whoever changes a remark is shown all of its proposal, or it would be lost.
        self.changes: list[str] = []
        if place.block and (may_propose or any(row["op"] != REPLACE_TEXT for row in operations)):
            self.changes = self._add_changes(place, place.block, operations)
        if ways is None:
            del self.fields["website"]
        elif len(ways) > 1:
            self.fields["way"] = forms.ChoiceField(
                label=_("How do you answer?"),
                choices=list(ways.items()),
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose how you answer.")},
            )

    # --- Fields ---

    def _add_wordings(self, block: Block | None, operations: list[dict[str, Any]]) -> dict[str, str]:
        """A field for each text of the place that can be edited as plain words: its name and its unit."""
        if block is None:
            return {}
        said = {row["unit"]: row["value"] for row in operations if row["op"] == REPLACE_TEXT}
        names: dict[str, str] = {}
        for unit, label in _units(self.place, block, self.language):
            words = to_text(block.get(unit, self.language))
            if not words:
                continue
            name = f"wording_{unit}"
            shown = to_text(said[unit]) if unit in said else words
            self.fields[name] = forms.CharField(
                label=label,
                required=False,
                max_length=LONGEST_WORDING,
                initial=shown if shown is not None else words,
                widget=forms.Textarea(attrs={"rows": min(12, 2 + len(words) // 70), "lang": self.language}),
            )
            names[name] = unit
        return names

    def _add_changes(self, place: Place, block: Block, operations: list[dict[str, Any]]) -> list[str]:
        said = {row["op"]: row for row in operations}
        kind = kinds.block_kind(block.kind)
        names: list[str] = []
        if takes_new(place):
            new = said.get(INSERT_AFTER, {}).get("new", {}).get("text", {})
            words = next((texts.get(self.language, "") for texts in new.values() if texts.get(self.language)), "")
            self.fields["new"] = forms.CharField(
                label=_("A new measure after this one") if kind and kind.new_after else _("A new text after this one"),
                required=False,
                max_length=LONGEST_WORDING,
                initial=to_text(words) or "",
                widget=forms.Textarea(attrs={"rows": 3, "lang": self.language}),
            )
            names.append("new")
        self.fields["removed"] = forms.BooleanField(
            label=_("Remove this from the text"), required=False, initial=DELETE in said
        )
        names.append("removed")
        if block.kind != TABLE_ROW:
            self.fields["behind"] = forms.ChoiceField(
                label=_("Move this behind another place"),
                required=False,
                choices=[("", _("Stays where it is")), *self._targets(block)],
                initial=said.get(MOVE, {}).get("value", ""),
            )
            names.append("behind")
        values = {row["unit"]: row["value"] for row in operations if row["op"] == SET_FIELD}
        self.proposed = {f"field_{key}" for key in values}
        shown = Block(block.id, block.kind, block.text, {**block.data, **values}, block.shown)
        for item in kind.proposable if kind else ():
            name = f"field_{item.key}"
            self.fields[name] = item.field(self.document, shown)
            names.append(name)
        return names

    def _targets(self, block: Block) -> list[tuple[str, list[tuple[str, str]]]]:
        """The other places by section, each by its name and first words."""
        groups: list[tuple[str, list[tuple[str, str]]]] = []
        for place in self.places:
            if place.section is None:
                continue
            if place.block is None:
                groups.append((place.label(self.language), []))
            elif place.block.id != block.id and place.block.kind != TABLE_ROW:
                words = _first_words(place.block, self.language)
                groups[-1][1].append((place.block.id, f"{place.label(self.language)}: {words}"))
        return [group for group in groups if group[1]]

    # --- What was filled in ---

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not key.replace("-", "").isalnum():
            raise ValidationError(_("The form is broken. Open the page anew."), code="no_such_form")
        return key

    @property
    def proposal(self) -> Proposal:
        cleaned, block = self.cleaned_data, self.place.block
        if block is None:
            return Proposal()
        wording = {}
        for name, unit in self.wordings.items():
            if self.add_prefix(name) not in self.data:  # a request that was cut short asks for no words to go
                continue
            stands = block.get(unit, self.language)
            wording[unit] = from_text(stands, cleaned[name])
        return Proposal(
            wording=wording,
            new=cleaned.get("new", ""),
            removed=cleaned.get("removed", False),
            behind=cleaned.get("behind", ""),
            fields={name.removeprefix("field_"): cleaned[name] for name in self.changes if name.startswith("field_")},
        )

    @property
    def values(self) -> dict[str, Any]:
        """As `say` and `change_remark` take it, but for the place."""
        cleaned = self.cleaned_data
        return {
            "key": cleaned["key"],
            "shown": cleaned["shown"] or 0,
            "text": cleaned["text"],
            "quote": cleaned.get("quote", ""),
            "proposal": self.proposal,
        }

    @property
    def wording_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.wordings]

    @property
    def change_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.changes]

    @property
    def has_wording(self) -> bool:
        """Whether other words stand in the form: then they are shown at once."""
        return any(name in self.errors or self[name].value() != self._stands(name) for name in self.wordings)

    @property
    def has_change(self) -> bool:
        return any(name in self.errors or self._is_proposed(name) for name in self.changes)

    def _stands(self, name: str) -> str | None:
        assert self.place.block is not None  # noqa: S101 for the type checker
        return to_text(self.place.block.get(self.wordings[name], self.language))

    def _is_proposed(self, name: str) -> bool:
        if not name.startswith("field_"):
            return bool(self[name].value())
        return name in self.proposed or (
            self.is_bound and self.fields[name].has_changed(self[name].initial, self[name].value())
        )


def new_key() -> str:
    """The key of a form that is shown for the first time."""
    return new_public_id() + new_public_id()


def _initial(remark: Remark | None) -> dict[str, Any]:
    if remark is None:
        return {"key": new_key(), "shown": 0}
    return {
        "key": new_key(),
        "shown": remark.edit,
        "text": remark.text,
        "quote": remark.quote,
        "near": remark.starts_at,
    }


def _units(place: Place, block: Block, language: str) -> list[tuple[str, str]]:
    """The texts of a place that people read, in order, each with its label."""
    kind = kinds.block_kind(block.kind)
    if kind:
        return [
            (unit, str(label)[:1].upper() + str(label)[1:]) for unit, label in kind.labels.items() if unit in block.text
        ]
    if block.kind == FIGURE:
        return [("caption", gettext("Caption"))]
    if block.kind == TABLE_ROW:
        heads = _heads(place, block, language)
        return [
            (unit, heads.get(unit) or gettext("Column %(number)d") % {"number": number})
            for number, unit in enumerate(block.text, start=1)
        ]
    return [(unit, gettext("The text as you would have it")) for unit in block.text]


def _heads(place: Place, row: Block, language: str) -> dict[str, str]:
    """The headings of the columns of a row's table."""
    heads: dict[str, str] = {}
    for block in place.section.blocks if place.section else []:
        if block.id == row.id:
            break
        if block.kind != TABLE_ROW:
            heads = {}
        elif block.data.get("head"):
            heads |= {unit: richtext.plain(texts.get(language, "")) for unit, texts in block.text.items()}
    return heads


def _first_words(block: Block, language: str) -> str:
    words = block.plain_in(language)
    return words if len(words) <= FIRST_WORDS else f"{words[:FIRST_WORDS].rsplit(' ', 1)[0]}…"


class ReportForm(PlainForm):
    """Why a comment should not be shown, if the reader wants to tell."""

    text = forms.CharField(
        label=_("What is wrong with the comment?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("You need not tell. We do not keep who sent this."),
    )
