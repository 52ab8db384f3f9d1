"""The words of a region's mails about invitations, by kind and language."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from documents.views.finding import Crumbs, require
from regions.models import Region
from regions.permissions import rights_of
from reviews.forms.invitations import MailTextForm
from reviews.inviting.mails import preview
from reviews.inviting.mailtexts import NEEDED, PLACEHOLDERS, Words, words_for
from reviews.models import InvitationMail, MailText
from reviews.services.mail_texts import back_to_original, save_words


def _find(request: Request, slug: str) -> Region:
    """The region, for its coordinators; for others its texts do not exist (404)."""
    region: Region = get_object_or_404(Region, slug=slug)
    rights = rights_of(request.user)
    if not rights.in_region(region):
        raise Http404
    require(rights.coordinates(region))
    return region


def _languages(region: Region) -> list[tuple[str, str]]:
    """The languages that a region's mails are sent in."""
    return [(code, name) for code, name in settings.LANGUAGES if code in region.languages or code == "en"]


def _crumbs(region: Region, *more: tuple[str, str]) -> Crumbs:
    own = reverse("reviews:mail-texts", args=[region.slug]) if more else ""
    front = [(_("Front page"), reverse("home")), (region.name, reverse("region", args=[region.slug]))]
    return [*front, (_("Texts of the mails"), own), *more]


@require_safe
def mail_texts(request: Request, region: str) -> HttpResponse:
    found = _find(request, region)
    own = set(MailText.objects.filter(region=found).values_list("kind", "language"))
    languages = _languages(found)
    rows = [
        (
            str(label),
            [
                (name, reverse("reviews:mail-text", args=[found.slug, kind, code]), (kind, code) in own)
                for code, name in languages
            ],
        )
        for kind, label in InvitationMail.Kind.choices
    ]
    context = {"region": found, "crumbs": _crumbs(found), "rows": rows}
    return render(request, "reviews/mail_texts.html", context)


@require_http_methods(["GET", "POST"])
def mail_text(request: Request, region: str, kind: str, language: str) -> HttpResponse:
    """The words of one mail with an example of how it looks; POST with `look` shows the example and saves nothing."""
    found, label, language_name = _chosen(request, region, kind, language)
    words = words_for(found, kind, language)
    initial = {"subject": words.subject, "body": words.body}
    form = MailTextForm(request.POST or None, initial=initial, language=language)
    if form.is_valid():
        words = Words(form.cleaned_data["subject"], form.cleaned_data["body"], is_own=words.is_own)
        if "look" not in request.POST:
            save_words(found, kind, language, words, by=request.user)
            messages.success(request, _("The text was saved. It is used in mails sent from now on."))
            return redirect("reviews:mail-text", found.slug, kind, language)
    subject, body = preview(found, words, kind, language)
    title = f"{label} ({language_name})"
    context = {
        "region": found,
        "crumbs": _crumbs(found, (title, "")),
        "title": title,
        "form": form,
        "language": language,
        "subject": subject,
        "body": body,
        "is_own": words.is_own,
        "is_looked_at": "look" in request.POST and not form.errors,
        "names": [(f"{{{name}}}", text, name in NEEDED) for name, text in PLACEHOLDERS.items()],
        "original_url": reverse("reviews:mail-text-original", args=[found.slug, kind, language]),
        "cancel_url": reverse("reviews:mail-texts", args=[found.slug]),
    }
    return render(request, "reviews/mail_text.html", context, status=422 if form.errors else 200)


@require_POST
def mail_text_original(request: Request, region: str, kind: str, language: str) -> HttpResponse:
    found, _label, _name = _chosen(request, region, kind, language)
    back_to_original(found, kind, language, by=request.user)
    messages.success(request, _("The original text is used again."))
    return redirect("reviews:mail-text", found.slug, kind, language)


def _chosen(request: Request, region: str, kind: str, language: str) -> tuple[Region, str, str]:
    found = _find(request, region)
    label = dict(InvitationMail.Kind.choices).get(kind)
    name = dict(_languages(found)).get(language)
    if label is None or name is None:
        raise Http404
    return found, str(label), name
