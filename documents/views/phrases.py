"""Texts that a region uses again and again: their list, and adding, changing and removing one.

The editor asks at the same addresses for JSON: the list for its dialog, and whether a text that was kept is in it.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import PlainForm
from accounts.http import Request
from documents.models import Phrase
from documents.permissions import can_edit_phrase, writes_in
from documents.phrases import phrases_of, settled, shown
from documents.rendering import language_name, plain_languages
from documents.services.phrases import remove_phrase, save_phrase
from documents.views.finding import require
from documents.views.glossary import glossary_languages
from regions.models import Region
from regions.permissions import Rights, rights_of


class PhraseForm(PlainForm):
    """The name of a text; the text itself is read by `html.parse`."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("By which you and the others find it again."),
    )


def _find(request: Request, slug: str) -> tuple[Region, Rights]:
    """404 for those who write nothing in the region."""
    region = get_object_or_404(Region, slug=slug)
    rights = rights_of(request.user)
    if not writes_in(rights, region):
        raise Http404
    return region, rights


def _find_one(request: Request, slug: str, phrase_id: str) -> tuple[Region, Phrase]:
    region, rights = _find(request, slug)
    phrase = get_object_or_404(Phrase, region=region, public_id=phrase_id)
    require(can_edit_phrase(rights, request.user, phrase))
    return region, phrase


def _address(region: Region, name: str = "phrase-list", *rest: str) -> str:
    return reverse(f"documents:{name}", args=[region.slug, *rest])


def _crumbs(region: Region, *more: tuple[str, str]) -> list[tuple[str, str]]:
    own = (_("Texts used again"), _address(region) if more else "")
    return [(_("Front page"), reverse("home")), (region.name, reverse("region", args=[region.slug])), own, *more]


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


@require_safe
def phrase_list(request: Request, region: str) -> HttpResponse:
    """The texts of a region for everyone who writes there; as JSON for the editor."""
    found, rights = _find(request, region)
    asked = request.GET.get("q", "")
    languages = [get_language() or "", *found.languages]
    rows = [
        shown(row, languages, may_edit=can_edit_phrase(rights, request.user, row)) for row in phrases_of(found, asked)
    ]
    if _wants_json(request):
        answer = [{"name": row.phrase.name, "texts": row.texts, "words": row.words} for row in rows]
        return JsonResponse({"phrases": answer})
    context = {"region": found, "crumbs": _crumbs(found), "rows": rows, "q": asked}
    return render(request, "documents/phrase_list.html", context)


@require_http_methods(["GET", "POST"])
def phrase_add(request: Request, region: str) -> HttpResponse:
    found, _rights = _find(request, region)
    return _edit(request, found, None)


@require_http_methods(["GET", "POST"])
def phrase_edit(request: Request, region: str, phrase_id: str) -> HttpResponse:
    return _edit(request, *_find_one(request, region, phrase_id))


def _edit(request: Request, region: Region, phrase: Phrase | None) -> HttpResponse:
    known = phrase.text if phrase else {}
    languages = list(dict.fromkeys([*glossary_languages(region), *known]))
    form = PhraseForm(request.POST or None, initial={"name": phrase.name if phrase else ""})
    typed = {code: request.POST.get(f"text-{code}", "") for code in languages}
    if form.is_valid():
        try:
            saved = save_phrase(region, name=form.cleaned_data["name"], text=typed, by=request.user, phrase=phrase)
        except ValidationError as error:
            taken = hasattr(error, "error_dict")  # from the row itself: the name stands there already
            form.add_error("name" if taken else None, ValidationError(error.messages))
        else:
            said = _("“%(name)s” is kept among the texts used again.") % {"name": saved.name}
            if _wants_json(request):
                return JsonResponse({"said": said}, status=201)
            messages.success(request, said)
            return redirect(_address(region))
    if form.errors and _wants_json(request):
        return JsonResponse({"errors": [str(error) for found in form.errors.values() for error in found]}, status=422)
    title = _("Change a text") if phrase else _("Add a text")
    context = {
        "region": region,
        "crumbs": _crumbs(region, (title, "")),
        "title": title,
        "form": form,
        "boxes": _boxes(languages, typed if form.is_bound else known),
        "bilingual": len(languages) > 1,
        "cancel_url": _address(region),
        "remove_url": _address(region, "phrase-remove", phrase.public_id) if phrase else "",
    }
    return render(request, "documents/phrase_form.html", context, status=422 if form.errors else 200)


def _boxes(languages: list[str], texts: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "language": code,
            "name": name,
            "label": _("Text (%(language)s)") % {"language": language_name(code)} if len(languages) > 1 else _("Text"),
            "html": settled(texts.get(code, ""), code),
            "field": f"text-{code}",
        }
        for code, name in plain_languages(languages)
    ]


@require_POST
def phrase_remove(request: Request, region: str, phrase_id: str) -> HttpResponse:
    found, phrase = _find_one(request, region, phrase_id)
    name = phrase.name
    remove_phrase(phrase, by=request.user)
    messages.success(request, _("Removed from the texts used again: %(name)s") % {"name": name})
    return redirect(_address(found))
