"""What people fill in about documents. The text itself is read by `html.parse`, not by a form."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from documents.models import Document, Section, Version
from documents.rendering import language_name, plain_languages
from regions.files import IMAGES, content_type_of
from regions.models import Body


class HeadingForm(PlainForm):
    """The heading of a section in each language of its document."""

    def __init__(self, *args: Any, document: Document, section: Section | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = document.languages
        for position, code in enumerate(document.languages):
            named = _("Heading (%(language)s)") % {"language": language_name(code)}
            label = _("Heading") if len(document.languages) == 1 else named
            self.fields[f"heading_{code}"] = forms.CharField(
                label=label,
                max_length=200,
                required=position == 0,
                initial=section.heading.get(code, "") if section else "",
                widget=forms.TextInput(attrs={"lang": code}),
            )

    @property
    def heading(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"heading_{code}"] for code in self.languages}


class SplitForm(HeadingForm):
    """Where a section is cut in two, and the heading of the second half."""

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"] = forms.ChoiceField(
            label=_("The new section begins with"), choices=choices, widget=forms.RadioSelect
        )
        self.order_fields(["at"])


class VersionNameForm(PlainForm):
    """The name that a version is given: "For statements 12.10."."""

    name = forms.CharField(
        label=_("Name of the version"),
        max_length=120,
        required=False,
        help_text=_("For example “For statements” or “To the board”. You can change it later."),
    )


class PublishForm(PlainForm):
    """In which languages a version becomes public, and that it does although a language has gaps."""

    def __init__(self, *args: Any, version: Version, missing: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document = version.document
        self.document = document
        self.missing = missing
        if document.is_bilingual:
            self.fields["languages"] = forms.MultipleChoiceField(
                label=_("Languages in which it is published"),
                choices=plain_languages(document.languages),
                initial=document.languages,
                widget=forms.CheckboxSelectMultiple,
            )
            for code in document.languages:
                if label := self._despite_label(code):
                    self.fields[f"despite_{code}"] = forms.BooleanField(label=label, required=False)

    def _despite_label(self, code: str) -> str:
        """What a region must say before a language is published with gaps, or left out; nothing where it need not."""
        named = {"language": language_name(code)}
        if self.is_bound and code not in (self["languages"].data or ()):
            return _("I publish the version without this language: %(language)s") % named
        if code in self.missing:
            named["count"] = str(self.missing[code])
            return _("I publish although texts in this language are missing: %(language)s (%(count)s)") % named
        return ""

    @property
    def languages(self) -> list[str]:
        return self.cleaned_data.get("languages", self.document.languages)

    @property
    def despite(self) -> list[str]:
        """The languages of which it is said that they are published with gaps or left out."""
        return [code for code in self.document.languages if self.cleaned_data.get(f"despite_{code}")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "languages" in self.errors:
            return cleaned
        for code in self.document.languages:
            name = f"despite_{code}"
            if name in self.fields and not cleaned.get(name):
                text = _("The version is not complete in this language. Confirm that it is published all the same.")
                self.add_error(name, ValidationError(text, code="language_missing"))
        return cleaned


class CompareForm(PlainForm):
    """Which two texts are compared, in which language."""

    def __init__(self, *args: Any, sides: list[tuple[str, str]], document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old"] = forms.ChoiceField(label=_("Older text"), choices=sides)
        self.fields["new"] = forms.ChoiceField(label=_("Newer text"), choices=sides)
        if document.is_bilingual:
            languages = plain_languages(document.languages)
            self.fields["language"] = forms.ChoiceField(label=_("Language"), choices=languages)


class PictureForm(PlainForm):
    """A picture for the text, with what it shows in words."""

    picture = forms.FileField(
        label=_("Picture"),
        help_text=_("PNG, JPEG, WebP or GIF. Of a moving picture only the first frame is kept."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
    )
    alt = forms.CharField(
        label=_("Text alternative"),
        max_length=500,
        required=False,
        help_text=_("Tell in words what the picture shows, for those who do not see it."),
    )
    decorative = forms.BooleanField(
        label=_("The picture is only decoration"),
        required=False,
        help_text=_("It tells nothing that the text does not say, and is not read out."),
    )
    caption = forms.CharField(label=_("Caption"), max_length=500, required=False)

    def clean_picture(self) -> Any:
        return _checked_picture(self.cleaned_data["picture"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decorative"):
            cleaned["alt"] = ""
        elif not cleaned.get("alt", "").strip() and "alt" not in self.errors:
            text = _("Tell in words what the picture shows, or mark it as decoration.")
            self.add_error("alt", ValidationError(text, code="alt_missing"))
        return cleaned


def _checked_picture(upload: Any) -> Any:
    """A picture by its first bytes; one that is too large is not read into memory to find that out."""
    if upload.size > settings.STORED_FILE_MAX_BYTES:
        raise ValidationError(
            _("This file is too large: it may be at most %(size)s."),
            code="too_large",
            params={"size": filesizeformat(settings.STORED_FILE_MAX_BYTES)},
        )
    head = upload.read(64)
    upload.seek(0)
    if content_type_of(head) not in IMAGES:
        raise ValidationError(_("Choose a picture: PNG, JPEG, WebP or GIF."), code="not_a_picture")
    return upload


class DocumentForm(PlainForm):
    """A document's title, description, languages, writing body and cover."""

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        possible = list(dict.fromkeys([*document.languages, *document.region.languages]))
        names = dict(plain_languages(possible))
        self.languages = possible
        for code in possible:
            first = code == document.original
            self.fields[f"title_{code}"] = forms.CharField(
                label=self._label(_("Title"), language_name(code)),
                max_length=200,
                required=first,
                initial=document.title.get(code, ""),
                widget=forms.TextInput(attrs={"lang": code}),
            )
            self.fields[f"description_{code}"] = forms.CharField(
                label=self._label(_("Short description"), language_name(code)),
                required=False,
                max_length=1000,
                initial=document.description.get(code, ""),
                widget=forms.Textarea(attrs={"lang": code, "rows": 3}),
            )
            self.fields[f"cover_alt_{code}"] = forms.CharField(
                label=self._label(_("Text alternative of the cover image"), language_name(code)),
                required=False,
                max_length=500,
                initial=document.cover_alt.get(code, ""),
                widget=forms.TextInput(attrs={"lang": code}),
            )
        self.fields["languages"] = forms.MultipleChoiceField(
            label=_("Languages"),
            choices=[(code, names[code]) for code in possible],
            initial=document.languages,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("The text is written first in %(language)s.") % {"language": language_name(document.original)},
        )
        others = [row for row in settings.CONTENT_LANGUAGES if row[0] not in possible]
        if len(possible) > 1 and others:
            # A region that writes in one language sees no other anywhere; it begins in the settings of the region.
            self.fields["add_language"] = forms.ChoiceField(
                label=_("Add a language"),
                required=False,
                choices=[("", _("None")), *plain_languages(code for code, _name in others)],
                help_text=_("The text can then be translated into it too."),
            )
        self.fields["writing_body"] = forms.ModelChoiceField(
            label=_("Writing group"),
            queryset=Body.objects.filter(region_id=document.region_id),
            required=False,
            initial=document.writing_body_id,
            empty_label=_("None: only the coordinators write"),
            help_text=_("Its members read and edit the draft."),
        )
        self.fields["cover"] = forms.FileField(
            label=_("New cover image") if document.cover else _("Cover image"),
            required=False,
            help_text=_("PNG, JPEG, WebP or GIF."),
            widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
        )
        if document.cover:
            self.fields["remove_cover"] = forms.BooleanField(label=_("Remove the cover image"), required=False)

    def _label(self, label: Any, language: str) -> str:
        return f"{label} ({language})" if len(self.languages) > 1 else str(label)

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        texts = [name for code in self.languages for name in (f"title_{code}", f"description_{code}")]
        cover = [name for name in ("cover", "remove_cover") if name in self.fields]
        helper.layout = Layout(
            Fieldset(_("Title and description"), *texts),
            Fieldset(
                _("Languages and writers"),
                *(name for name in ("languages", "add_language", "writing_body") if name in self.fields),
            ),
            Fieldset(_("Cover"), *cover, *(f"cover_alt_{code}" for code in self.languages)),
        )
        return helper

    def texts(self, name: str) -> dict[str, str]:
        return {code: self.cleaned_data[f"{name}_{code}"] for code in self.languages}

    def clean_cover(self) -> Any:
        upload = self.cleaned_data["cover"]
        return _checked_picture(upload) if upload else upload

    def clean_languages(self) -> list[str]:
        """In the document's own order; the original's language always stays."""
        chosen = set(self.cleaned_data["languages"]) | {self.document.original}
        return [code for code in self.languages if code in chosen]

    @property
    def added_language(self) -> str:
        return str(self.cleaned_data.get("add_language") or "")

    @property
    def chosen_languages(self) -> list[str]:
        """With the one that is added."""
        return [*self.cleaned_data["languages"], *filter(None, [self.added_language])]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        keeps = self.document.cover and not cleaned.get("remove_cover")
        original = f"cover_alt_{self.document.original}"
        if (cleaned.get("cover") or keeps) and not cleaned.get(original, "").strip():
            self.add_error(
                original, ValidationError(_("Tell in words what the cover image shows."), code="alt_missing")
            )
        for code in cleaned.get("languages", []):
            if not cleaned.get(f"title_{code}", "").strip() and f"title_{code}" not in self.errors:
                self.add_error(
                    f"title_{code}",
                    ValidationError(_("Give the document a title in this language."), code="title_missing"),
                )
        return cleaned


class ListFilter(PlainForm):
    """What is looked for in a list of documents."""

    q = forms.CharField(label=_("Words in the title"), required=False)

    def __init__(self, *args: Any, bodies: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("All")), *((name, name) for name in sorted(bodies))]
        self.fields["body"] = forms.ChoiceField(label=_("Writing group"), required=False, choices=choices)
