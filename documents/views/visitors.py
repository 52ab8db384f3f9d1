"""The page of a public version as everybody gets it who has not signed in: written out once, then kept whole."""

import hashlib
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language

from documents.models import Publication

# All that the page shows and that can change while the version stays as it is.
SHOWN = (
    *("languages", "version__sha256", "version__label__name"),
    *(f"version__document__{name}" for name in ("title", "languages", "is_sample")),
    *(f"version__document__region__{name}" for name in ("code", "public")),
    *(f"version__document__region__name_{language}" for language in settings.MODELTRANSLATION_LANGUAGES),
)


def may_be_kept(response: HttpResponse, etag: str) -> HttpResponse:
    """Let the reader's browser keep the page and ask each time whether it is still so."""
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@dataclass(frozen=True)
class VisitorPage:
    """One address of a version that is public now. Its ETag names everything that the page depends on.

    The kept page goes by the ETag, so nothing is ever cleared: when a name changes, a page by another name is made.
    Whoever puts something new on the page of a version for visitors adds it to `SHOWN`.
    """

    etag: str

    @classmethod
    def asked_for(
        cls, request: HttpRequest, *, region: str, kind: str, public_id: str, number: int, language: str | None
    ) -> Self | None:
        """The page, in one query; None for a reader or an address that has no kept page, and where nothing is public.

        Signed in, every reader has a page of her own, and so has somebody whom a message waits for. Addresses with
        a query are without number, and the page repeats them.
        """
        if settings.DEBUG or request.META.get("QUERY_STRING") or request.user.is_authenticated:
            return None
        if messages.get_messages(request):
            return None
        public = Publication.objects.filter(
            withdrawn_at=None,
            version__number=number,
            version__document__public_id=public_id,
            version__document__kind=kind,
            version__document__region__slug=region,
        )
        rows = list(public.values_list(*SHOWN))
        if not any(language in row[0] if language else row[0] for row in rows):
            return None
        release = (settings.RELEASE, getattr(staticfiles_storage, "manifest_hash", ""))
        everything = repr((release, request.path, get_language(), rows))
        return cls(quote_etag(hashlib.sha256(everything.encode()).hexdigest()))

    def kept_response(self, request: HttpRequest) -> HttpResponse | None:
        """304 for a reader who has the page already, else the kept page, if it was made before."""
        if unchanged := get_conditional_response(request, etag=self.etag):
            return may_be_kept(unchanged, self.etag)
        content = caches["versions"].get(self.etag)
        return None if content is None else may_be_kept(HttpResponse(content), self.etag)

    def keep(self, request: HttpRequest, response: HttpResponse) -> None:
        """Keep the page that was just made.

        The nonce of this request goes out of it. Our scripts are files of our own, which the security policy lets run
        without one; a script within the page could not have one anyway, because a 304 sends the policy anew.
        """
        nonce = f' nonce="{request.csp_nonce}"'  # type: ignore[attr-defined]
        response.content = response.content.replace(nonce.encode(), b"")
        may_be_kept(response, self.etag)
        # A form has a token in it that belongs to one visitor.
        if not request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):
            caches["versions"].set(self.etag, response.content)
