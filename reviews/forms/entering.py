"""What a coordinator fills in of a statement that came by mail, on paper or from a meeting."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from documents.rendering import plain_languages
from regions.models import Organisation, StoredFile
from reviews.intake.names import folded, names_of
from reviews.models import CommentRound, Invitation, Statement
from reviews.rounds.questions import LONGEST_ANSWER, QuestionKind, questions_of
from reviews.services.statements import LONGEST_TEXT

DATE_HELP = _("For example 13.11.2026.")
MOST_FILES = 20
BY_HAND = (Statement.Origin.MAIL, Statement.Origin.PAPER, Statement.Origin.MEETING, Statement.Origin.WORD)
"""Ways in which a person enters something; what comes as a spreadsheet is imported."""

ORGANISATION, PERSON, NOBODY = "organisation", "person", "nobody"
WHOSE = [
    (ORGANISATION, _("An organisation or a group")),
    (PERSON, _("A person")),
    (NOBODY, _("Somebody without a name")),
]
FURTHER = (
    *("signed_by", "email", "language", "joins"),
    *("handled_in", "handled_on", "item_no", "case_number"),
)
"""What is asked in the closed part of the form."""


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; cleaned it is a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # type: ignore[override]
        given = data if isinstance(data, list | tuple) else [data]
        files = [super(FilesField, self).clean(one, initial) for one in given if one]
        if len(files) > MOST_FILES:
            raise ValidationError(
                gettext("At most %(count)d files at a time.") % {"count": MOST_FILES}, code="too_many_files"
            )
        return files


def files_field(label: Any) -> FilesField:
    return FilesField(
        label=label,
        required=False,
        help_text=_("PDF, Word or a picture. You can drop files here."),
        widget=FilesInput(attrs={"accept": ".pdf,.docx,image/png,image/jpeg,image/webp,image/gif"}),
    )


class StatementForm(PlainForm):
    """What was said and how it came, the same whether it is entered or put right later."""

    origin = forms.ChoiceField(
        label=_("How it came"),
        choices=[(way.value, way.label) for way in BY_HAND],
        initial=Statement.Origin.MAIL,
        widget=forms.RadioSelect,
    )
    received_on = forms.DateField(
        label=_("Day it came"), help_text=_("For example 13.11.2026. Whether it is late is judged by this day.")
    )
    stance = forms.ChoiceField(
        label=_("What they answer"),
        choices=Statement.Stance.choices,
        initial=Statement.Stance.STATEMENT,
        required=False,
    )
    text = forms.CharField(
        label=_("Text of the statement"),
        required=False,
        strip=False,
        max_length=LONGEST_TEXT,
        help_text=_("Paste it here. You can pick remarks from it afterwards."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    files = files_field(_("Files"))  # type: ignore[assignment] # a form keeps what was sent under this name too
    signed_by = forms.CharField(label=_("Who signed it"), max_length=200, required=False)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("There we tell what came of the remarks. It is not shown to others."),
    )
    language = forms.ChoiceField(label=_("Language of the statement"))
    joins = forms.CharField(label=_("Whose statement they join"), max_length=200, required=False)
    handled_in = forms.CharField(
        label=_("Handled in"), max_length=200, required=False, help_text=_("For example the municipal board.")
    )
    handled_on = forms.DateField(label=_("Date of the meeting"), required=False, help_text=DATE_HELP)
    item_no = forms.CharField(label=_("Section (§)"), max_length=20, required=False)
    case_number = forms.CharField(label=_("Their case number"), max_length=60, required=False)

    lead: tuple[str, ...] = ()

    def __init__(self, *args: Any, comment_round: CommentRound, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comment_round = comment_round
        languages = comment_round.version.document.languages
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the statement"),
            choices=plain_languages(languages),
            initial=languages[0],
            required=False,
        )
        self.fields["received_on"].initial = timezone.localdate
        self.kept_html = ""

    def show_kept(self, kept: Sequence[StoredFile], token: str) -> None:
        """Let the form say which files it holds already, so that nobody chooses them anew."""
        self.kept_html = render_to_string("reviews/_statement_kept_files.html", {"kept": kept, "token": token})

    def form_layout(self) -> Layout:
        is_open = any(name in self.errors or self.initial.get(name) for name in FURTHER if name != "language")
        joins = self["stance"].value() == Statement.Stance.JOINS
        summary = gettext("Signature, handling and language")
        return Layout(
            *self.lead,
            "origin",
            Div("received_on", "stance", css_class="fc-enter__beside"),
            "text",
            HTML("{{ form.kept_html }}"),
            "files",
            HTML(f'<details class="fc-more fc-enter__further"{" open" if is_open or joins else ""}>'),
            HTML(f"<summary>{summary}</summary>"),
            Div("signed_by", "email", css_class="fc-enter__beside"),
            Div("language", "joins", css_class="fc-enter__beside"),
            Div("handled_in", "handled_on", css_class="fc-enter__beside"),
            Div("item_no", "case_number", css_class="fc-enter__beside"),
            HTML("</details>"),
        )

    def clean_stance(self) -> str:
        return self.cleaned_data["stance"] or Statement.Stance.STATEMENT

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or self.comment_round.version.document.languages[0]

    def said(self) -> dict[str, Any]:
        """What was filled in, as `enter` takes it."""
        names = ("text", "signed_by", "email", "stance", "joins", "language")
        return {name: self.cleaned_data[name] for name in names} | {
            name: self.cleaned_data[name] for name in ("handled_in", "handled_on", "item_no", "case_number")
        }


class EnterForm(StatementForm):
    """One form for the whole of a statement: who, how, when, what."""

    whose = forms.ChoiceField(label=_("Whose it is"), choices=WHOSE, initial=ORGANISATION, widget=forms.RadioSelect)
    name = forms.CharField(
        label=pgettext_lazy("of an organisation or a person", "Name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "respondents", "autocomplete": "off", "autofocus": True}),
    )
    lead = ("name", "whose")

    def __init__(
        self,
        *args: Any,
        comment_round: CommentRound,
        organisations: QuerySet[Organisation],
        invitations: QuerySet[Invitation],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, comment_round=comment_round, **kwargs)
        self.organisations = list(organisations)
        self.invitations = list(invitations)
        self.organisation: Organisation | None = None
        self.invitation: Invitation | None = None
        self.unknown_name = ""

    @property
    def known_names(self) -> list[str]:
        """For the list of suggestions: who was invited first, then the other organisations of the region."""
        invited = [str(row) for row in self.invitations]
        return list(dict.fromkeys([*invited, *(row.name for row in self.organisations)]))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name, whose = cleaned.get("name", ""), cleaned.get("whose")
        if whose == NOBODY:
            return cleaned
        if not name:
            if "name" not in self.errors:
                self.add_error("name", ValidationError(gettext("Write whose statement it is."), code="name_missing"))
            return cleaned
        wanted = folded(name)
        self.invitation = next((row for row in self.invitations if folded(str(row)) == wanted), None)
        if whose == ORGANISATION:
            self.organisation = next((row for row in self.organisations if wanted in names_of(row)), None)
            if self.invitation and self.invitation.organisation_id:
                self.organisation = self.invitation.organisation
            if self.organisation is None and self.invitation is None:
                # Who sends the same name again has read that the region does not have it.
                if folded(self.data.get("unknown_name", "")) != wanted:
                    self.add_error("name", self._unknown(wanted))
                self.unknown_name = name
        elif self.invitation and self.invitation.organisation_id:
            self.invitation = None
        return cleaned

    def _unknown(self, wanted: str) -> ValidationError:
        near = [name for name in self.known_names if wanted in folded(name)][:3]
        if near:
            message = gettext("There is no organisation of this name. Do you mean %(names)s?") % {
                "names": ", ".join(f"“{name}”" for name in near)
            }
        else:
            message = gettext(
                "There is no organisation of this name in the region. Choose one from the list, or save again to keep "
                "the name as you wrote it."
            )
        return ValidationError(message, code="unknown_organisation")

    @property
    def kind(self) -> Statement.Kind:
        if self.cleaned_data["whose"] == NOBODY:
            return Statement.Kind.ANONYMOUS
        return Statement.Kind.OFFICIAL if self.cleaned_data["whose"] == ORGANISATION else Statement.Kind.PERSONAL

    def respondent(self) -> dict[str, Any]:
        """Whose it is, as `enter` takes it. A person's own name is the signature."""
        if self.kind == Statement.Kind.ANONYMOUS:
            return {"kind": self.kind, "signed_by": "", "email": ""}
        if self.kind == Statement.Kind.PERSONAL:
            return {"kind": self.kind, "invitation": self.invitation, "signed_by": self.cleaned_data["name"]}
        # A group has no row among the organisations: it is named as it was invited.
        named = str(self.invitation) if self.invitation else self.cleaned_data["name"]
        return {
            "kind": self.kind,
            "organisation": self.organisation,
            "invitation": self.invitation,
            "organisation_name": "" if self.organisation else named,
        }


class ChangeForm(StatementForm):
    """Putting right what was entered: also answers to the round's questions, which paper forms bring."""

    def __init__(self, *args: Any, statement: Statement, attachments: Sequence[StoredFile], **kwargs: Any) -> None:
        initial = {name: getattr(statement, name) for name in (*FURTHER, "origin", "stance", "text")}
        initial["received_on"] = timezone.localdate(statement.received_at)
        super().__init__(*args, comment_round=statement.round, initial=initial, **kwargs)
        self.statement = statement
        if statement.origin == Statement.Origin.IMPORT:
            imported = Statement.Origin.IMPORT
            self.fields["origin"] = forms.ChoiceField(
                label=_("How it came"), choices=[(imported.value, imported.label)], initial=imported.value
            )
        if statement.kind == Statement.Kind.ANONYMOUS:
            del self.fields["signed_by"], self.fields["email"]
        if attachments:
            self.fields["without"] = forms.MultipleChoiceField(
                label=_("Files to take away"),
                choices=[(row.public_id, row.name) for row in attachments],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        self.questions = questions_of(statement.round.questions)
        for question in self.questions:
            self.fields[f"answer_{question.key}"] = self._answer_field(question)

    def _answer_field(self, question: Any) -> forms.Field:
        stands = self.statement.answers.get(question.key)
        label, language = question.text_in(self.statement.language), self.statement.language
        if question.kind == QuestionKind.TEXT:
            return forms.CharField(
                label=label,
                required=False,
                initial=stands or "",
                max_length=LONGEST_ANSWER,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        options = [(option.key, option.text_in(language)) for option in question.options]
        if question.kind == QuestionKind.SEVERAL:
            return forms.MultipleChoiceField(
                label=label,
                required=False,
                initial=stands or [],
                choices=options,
                widget=forms.CheckboxSelectMultiple,
            )
        return forms.ChoiceField(
            label=label, required=False, initial=stands or "", choices=[("", _("No answer")), *options]
        )

    def form_layout(self) -> Layout:
        layout = super().form_layout()
        present = [name for name in ("without",) if name in self.fields]
        layout.fields[5:5] = present
        if self.questions:
            heading = gettext("Answers to the questions")
            layout.fields.append(HTML(f'<h2 class="h4">{heading}</h2>'))
            layout.fields += [f"answer_{question.key}" for question in self.questions]
        if "signed_by" not in self.fields:
            layout.fields = [row for row in layout.fields if getattr(row, "fields", None) != ["signed_by", "email"]]
        return layout

    def said(self) -> dict[str, Any]:
        names = ("text", "stance", *FURTHER)
        fields = {name: self.cleaned_data[name] for name in names if name in self.fields}
        answers = {question.key: self.cleaned_data[f"answer_{question.key}"] for question in self.questions}
        return fields | {"answers": answers}


class AddToForm(PlainForm):
    """What came later, to a statement that has arrived."""

    received_on = forms.DateField(label=_("Day it came"), initial=timezone.localdate, help_text=DATE_HELP)
    text = forms.CharField(
        label=pgettext_lazy("what is added to a statement", "Text"),
        required=False,
        strip=False,
        max_length=LONGEST_TEXT,
        help_text=_("It is put below the statement's own words, with its day."),
        widget=forms.Textarea(attrs={"rows": 6, "autofocus": True}),
    )
    files = files_field(_("Files"))  # type: ignore[assignment] # a form keeps what was sent under this name too


class StatementFilter(forms.Form):
    """What of the list is shown."""

    q = forms.CharField(label=pgettext_lazy("of an organisation or a person", "Name"), required=False)
    kind = forms.ChoiceField(
        label=pgettext_lazy("of a statement", "Kind"), required=False, choices=[("", _("All")), *Statement.Kind.choices]
    )
    origin = forms.ChoiceField(
        label=_("How it came"), required=False, choices=[("", _("All")), *Statement.Origin.choices]
    )
    stance = forms.ChoiceField(
        label=_("What they answer"), required=False, choices=[("", _("All")), *Statement.Stance.choices]
    )
    of_kind = forms.ChoiceField(
        label=_("Kind of organisation"), required=False, choices=[("", _("All")), *Organisation.Kind.choices]
    )
    only = forms.ChoiceField(
        label=pgettext_lazy("a list", "Show"),
        required=False,
        choices=[
            ("", _("All")),
            ("late", _("Those that came late")),
            ("unpicked", _("Text without remarks")),
            ("files", _("With attachments")),
        ],
    )
