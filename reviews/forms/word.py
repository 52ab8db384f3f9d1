"""A Word file that came back, and in whose name."""

from typing import Any

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.rendering import plain_languages
from reviews.forms.entering import EnterForm
from reviews.models import Statement
from reviews.services.word_returns import Respondent

NEW = ""
DOCX = ".docx,application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class WordReturnForm(EnterForm):
    """The file, its language, and whose it is: of a statement that is there, or of somebody who is entered with it."""

    file = forms.FileField(label=_("Word file"), widget=forms.FileInput(attrs={"accept": DOCX}))
    statement = forms.ChoiceField(label=_("In whose name"), required=False)

    origin = stance = text = files = joins = handled_in = handled_on = item_no = case_number = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document = self.comment_round.version.document
        self.fields["file"].help_text = _("A .docx file of at most %(megabytes)s MB. Nothing is saved yet.") % {
            "megabytes": settings.IMPORT_MAX_BYTES // (1024 * 1024)
        }
        self.fields["name"].widget.attrs.pop("autofocus", None)
        self.fields["name"].label = _("Name of an organisation or a person")
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the file"), choices=plain_languages(document.languages), initial=document.original
        )
        if not document.is_bilingual:
            self.fields["language"].widget = forms.HiddenInput()
        self.somebody = gettext("Somebody who has not answered yet")
        given = self.comment_round.statements.received().for_list().order_by("organisation__name", "signed_by", "pk")
        self.given = {row.public_id: row for row in given}
        self.fields["statement"] = forms.ChoiceField(
            label=_("In whose name"),
            required=False,
            choices=[(NEW, self.somebody), *((key, str(row)) for key, row in self.given.items())],
            help_text=_("Choose a statement to add this to it. A file that comes again adds only what is new in it."),
        )

    def form_layout(self) -> Layout:
        fields: list[Any] = ["file", "language", "statement"] if self.given else ["file", "language"]
        return Layout(
            *fields,
            HTML(f'<fieldset class="fc-returned-new"><legend>{self.somebody}</legend>')
            if self.given
            else HTML('<div class="fc-returned-new">'),
            "name",
            "whose",
            Div("signed_by", "email", css_class="fc-enter__beside"),
            "received_on",
            HTML("</fieldset>" if self.given else "</div>"),
        )

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise ValidationError(_("The day has not come yet."), code="not_received_yet")
        return day

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("statement"):
            return self.cleaned_data
        cleaned = super().clean()
        same = self._same() if not self.errors else None
        if same and same.public_id in self.given:
            message = gettext("%(name)s has answered in this round already. Choose that statement above.")
            self.add_error("statement", _answered(message, same))
        elif same:
            message = gettext(
                "%(name)s has begun an answer by the link and has not handed it in. Enter that answer first, and "
                "add the file to it then."
            )
            self.add_error("name", _answered(message, same))
        return cleaned

    def _same(self) -> Statement | None:
        """The statement that this respondent has in the round already."""
        statements = self.comment_round.statements.select_related("organisation", "user")
        if self.organisation:
            return statements.filter(organisation=self.organisation, kind=Statement.Kind.OFFICIAL).first()
        return statements.filter(invitation=self.invitation).first() if self.invitation else None

    def taken_for(self) -> Respondent:
        """Whose the file is."""
        chosen = self.given.get(self.cleaned_data.get("statement", ""))
        if chosen:
            return Respondent(statement=chosen)
        return Respondent(
            **{
                **self.respondent(),
                "email": "" if self.kind == Statement.Kind.ANONYMOUS else self.cleaned_data["email"],
                "received_on": self.cleaned_data["received_on"],
            }
        )


def _answered(message: str, statement: Statement) -> ValidationError:
    return ValidationError(message, params={"name": str(statement)}, code="answered_already")
