"""The glossary of a region: how one thing is said in each of its languages."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import PlainForm
from accounts.http import Request
from documents.glossary import new_standard_words
from documents.models import Document, GlossaryTerm
from documents.rendering import language_name, plain_languages
from documents.services.glossary import add_standard_words, remove_term, save_term
from documents.views.finding import first_error, require
from regions.models import Region
from regions.permissions import Rights, rights_of


class TermForm(PlainForm):
    """One word in each language."""

    def __init__(self, *args: Any, languages: list[str], term: GlossaryTerm | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = languages
        for code in languages:
            self.fields[f"word_{code}"] = forms.CharField(
                label=_("Word (%(language)s)") % {"language": language_name(code)},
                max_length=200,
                required=False,
                initial=term.words.get(code, "") if term else "",
                help_text=_("Several words for the same thing are parted by a slash.") if code == languages[0] else "",
                widget=forms.TextInput(attrs={"lang": code}),
            )
        self.fields["note"] = forms.CharField(
            label=gettext_lazy("Explanation"), max_length=300, required=False, initial=term.note if term else ""
        )

    @property
    def words(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"word_{code}"] for code in self.languages}


def glossary_languages(region: Region) -> list[str]:
    """The region's own languages and those that some document of it is translated into."""
    used = Document.objects.filter(region=region).values_list("languages", flat=True)
    return list(dict.fromkeys([*region.languages, *(code for languages in used for code in languages)]))


def _find(request: Request, slug: str) -> tuple[Region, Rights, list[str]]:
    """404 for those of other regions, and where everything is written in one language."""
    region = get_object_or_404(Region, slug=slug)
    rights = rights_of(request.user)
    languages = glossary_languages(region)
    if not rights.in_region(region) or len(languages) < 2:
        raise Http404
    return region, rights, languages


def _crumbs(region: Region, *more: tuple[str, str]) -> list[tuple[str, str]]:
    own = (_("Glossary"), _address(region) if more else "")
    return [(_("Front page"), reverse("home")), (region.name, reverse("region", args=[region.slug])), own, *more]


def _address(region: Region, name: str = "glossary", *rest: str) -> str:
    return reverse(f"documents:{name}", args=[region.slug, *rest])


@require_safe
def glossary(request: Request, region: str) -> HttpResponse:
    """The words of a region, for everyone who works there."""
    found, rights, languages = _find(request, region)
    asked = " ".join(request.GET.get("q", "").split()).casefold()
    terms = list(GlossaryTerm.objects.filter(region=found))
    first = languages[0]
    terms.sort(key=lambda term: next((term.words[code] for code in languages if term.words.get(code)), "").casefold())
    shown = [term for term in terms if asked in " ".join([*term.words.values(), term.note]).casefold()]
    context = {
        "region": found,
        "crumbs": _crumbs(found),
        "languages": plain_languages(languages),
        "rows": [
            (term, [(code, term.words.get(code, "")) for code in languages], term.words.get(first) or str(term))
            for term in shown
        ],
        "q": request.GET.get("q", ""),
        "total": len(terms),
        "standard": len(new_standard_words(found)),
        "may_edit": rights.coordinates(found),
    }
    return render(request, "documents/glossary.html", context)


@require_http_methods(["GET", "POST"])
def term_add(request: Request, region: str) -> HttpResponse:
    found, rights, languages = _find(request, region)
    require(rights.coordinates(found))
    return _edit(request, found, languages, None)


@require_http_methods(["GET", "POST"])
def term_edit(request: Request, region: str, term_id: str) -> HttpResponse:
    found, rights, languages = _find(request, region)
    require(rights.coordinates(found))
    term = GlossaryTerm.objects.filter(region=found, public_id=term_id).first()
    if term is None and request.method != "POST":
        raise Http404
    # What was typed into the form of a word that is gone meanwhile is not lost with it.
    return _edit(request, found, languages, term, is_gone=term is None)


def _edit(
    request: Request, region: Region, languages: list[str], term: GlossaryTerm | None, *, is_gone: bool = False
) -> HttpResponse:
    kept = [*languages, *(code for code in (term.words if term else {}) if code not in languages)]
    form = TermForm(request.POST or None, languages=kept, term=term)
    if is_gone and "anew" not in request.POST:
        form.add_error(
            None, _("Somebody has removed this word from the glossary meanwhile. Save again to add it anew.")
        )
    if form.is_valid():
        try:
            save_term(region, words=form.words, note=form.cleaned_data["note"], by=request.user, term=term)
        except ValidationError as error:
            form.add_error(None, error)
            is_gone = is_gone or error.code == "term_gone"
        else:
            messages.success(request, _("The word was saved."))
            return redirect(_address(region))
    title = _("Change a word") if term and not is_gone else _("Add a word")
    context = {
        "region": region,
        "crumbs": _crumbs(region, (title, "")),
        "title": title,
        "form": form,
        "is_gone": is_gone,
        "cancel_url": _address(region),
    }
    return render(request, "documents/glossary_form.html", context, status=422 if form.errors else 200)


@require_POST
def term_remove(request: Request, region: str, term_id: str) -> HttpResponse:
    found, rights, _languages = _find(request, region)
    require(rights.coordinates(found))
    term = get_object_or_404(GlossaryTerm, region=found, public_id=term_id)
    word = str(term)
    remove_term(term, by=request.user)
    messages.success(request, _("Removed from the glossary: %(word)s") % {"word": word})
    return redirect(_address(found))


@require_POST
def glossary_import(request: Request, region: str) -> HttpResponse:
    """Add the standard words of the field that the glossary does not have yet."""
    found, rights, _languages = _find(request, region)
    require(rights.coordinates(found))
    try:
        count = add_standard_words(found, by=request.user)
    except ValidationError as error:
        messages.error(request, first_error(error))
    else:
        messages.success(
            request,
            ngettext("%(count)d word was added.", "%(count)d words were added.", count) % {"count": count},
        )
    return redirect(_address(found))
