"""What the forms of a plan have in common: how they are drawn, texts in several languages, and the state of a block."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crispy_forms.layout import Div
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from documents.blocks import Block
from documents.rendering import language_name
from plans.blocks import to_plain
from plans.models import Plan

Choices = list[tuple[str, str]]
BASE_SALT = "plans.base"
DATE_HELP = _("For example 13.11.2026.")


def set_choices(form: forms.Form, name: str, choices: Iterable[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 for the type checker
    field.choices = list(choices)


def years_of(plan: Plan) -> range:
    return range(plan.starts_on.year, plan.ends_on.year + 1)


class Chooser(forms.SelectMultiple):
    """Several of a long list. static/js/choosing.js makes it a field to type in; without it the list is there."""

    def __init__(self, find: Any, **attrs: Any) -> None:
        texts = {
            "data-choose": find,
            "data-take-out": _("Take out {name}"),
            "data-chosen": _("Chosen"),
            "data-nothing": _("Nothing fits"),
            "data-added": _("Chosen: {name}"),
            "data-removed": _("Taken out: {name}"),
        }
        super().__init__({"size": 6, **texts, **attrs})


class TextsForm(PlainForm):
    """A form with texts in each language of a plan."""

    languages: list[str]

    def add_texts(
        self,
        name: str,
        label: Any,
        *,
        initial: Mapping[str, str],
        lines: int = 1,
        length: int = 300,
        help_text: Any = "",
    ) -> None:
        """One field for each language, side by side where there is room."""
        for code in self.languages:
            attrs: dict[str, Any] = {"lang": code}
            self.fields[f"{name}_{code}"] = forms.CharField(
                label=label if len(self.languages) == 1 else f"{label} ({language_name(code)})",
                required=False,
                max_length=length,
                initial=initial.get(code, ""),
                help_text=help_text,
                widget=forms.Textarea(attrs={**attrs, "rows": lines}) if lines > 1 else forms.TextInput(attrs=attrs),
            )

    def names(self, name: str) -> list[str]:
        return [f"{name}_{code}" for code in self.languages]

    def beside(self, name: str) -> Div:
        """The languages of one text beside each other."""
        return Div(*self.names(name), css_class="fc-beside" if len(self.languages) > 1 else "")

    def texts(self, name: str) -> dict[str, str]:
        return {code: self.cleaned_data[f"{name}_{code}"] for code in self.languages}

    def require_text(self, name: str, message: Any) -> None:
        """The text is written in one language at least; the others may follow."""
        fields = self.names(name)
        if not any(self.cleaned_data.get(field, "").strip() for field in fields) and fields[0] not in self.errors:
            self.add_error(fields[0], ValidationError(message, code="title_missing"))


class BlockForm(TextsForm):
    """A form of a goal, measure or indicator. It carries the state that its writer was shown, so that a change that
    somebody else makes meanwhile is merged field by field and never written over.
    """

    short: Sequence[str] = ()
    """What a row of the table shows of it, by the beginnings of the fields' names; the rest stays as it was."""

    def __init__(self, *args: Any, plan: Plan, block: Block | None = None, in_row: bool = False, **kwargs: Any) -> None:
        if in_row:
            kwargs["auto_id"] = f"row-{block.id if block else 'new'}-%s"
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.block = block
        self.languages = plan.document.languages
        self.base = block
        if block:
            self.fields["base"] = forms.CharField(
                initial=signing.dumps(block.to_json(), salt=BASE_SALT, compress=True),
                widget=forms.HiddenInput,
                required=False,
            )
        self.build(block.data if block else {})
        if in_row:
            self._shorten()

    def _shorten(self) -> None:
        for name, field in list(self.fields.items()):
            if name != "base" and not name.startswith(tuple(self.short)):
                del self.fields[name]
                continue
            field.help_text = ""
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 2
            if not isinstance(field.widget, forms.CheckboxSelectMultiple):
                is_select = isinstance(field.widget, forms.Select)
                field.widget.attrs["class"] = "form-select" if is_select else "form-control"

    def build(self, data: Mapping[str, Any]) -> None:
        """Add the fields, with what the block says in them."""
        raise NotImplementedError

    def plain(self, unit: str) -> dict[str, str]:
        if self.block is None:
            return {}
        return {language: to_plain(text) for language, text in self.block.text.get(unit, {}).items()}

    def texts(self, name: str) -> dict[str, str]:
        """The typed texts, and those that the form does not show: in languages that the plan no longer has."""
        kept = {} if self.base is None else self.base.text.get(name, {})
        typed = super().texts(name) if self.names(name)[0] in self.fields else {}
        return {language: to_plain(text) for language, text in kept.items()} | typed

    def value(self, name: str, kept: Any) -> Any:
        """What was chosen in a field; `kept` where the form does not show it."""
        return self.cleaned_data.get(name) if name in self.fields else kept

    def clean_base(self) -> str:
        """The state that the writer started from. Guessing it could write over another's text."""
        value = self.cleaned_data["base"]
        try:
            base = Block.from_json(signing.loads(value, salt=BASE_SALT))
        except signing.BadSignature:
            base = None
        if base is None or self.block is None or base.id != self.block.id:
            raise ValidationError(
                _(
                    "It is not known which text you started from, so nothing was saved. "
                    "Copy what you wrote, open the page again and add your changes."
                ),
                code="base_unknown",
            )
        self.base = base
        return value
