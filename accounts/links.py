"""Links that give one right to someone without an account: made, opened, held in the session, used up, withdrawn.

The way of a link: `make_link` gives the token once, for the mail, and keeps its SHA-256. Opening its address
(`views.link_open`) changes nothing in the link, because mail scanners open links before people do: it notes in the
visitor's session which link was opened and sends on to a clean address, the page that the purpose names. That page asks
`held_link` on every request, so a link that was withdrawn meanwhile opens nothing. Only what the person then sends
by POST may `use` a link that serves once.

A package that sends links registers its purpose and page: `register_purpose("invitation", opens="regions:invitation")`.
"""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.models import AccessLink, User

SESSION_KEY = "access_links"

_pages: dict[str, str] = {}


def register_purpose(purpose: str, *, opens: str) -> None:
    """Let links of a purpose open a page: the name of an address without arguments. Once, from an app's `ready`."""
    if _pages.get(purpose, opens) != opens:
        raise ValueError(f"The purpose {purpose!r} is registered twice.")
    _pages[purpose] = opens


def page_of(link: AccessLink) -> str:
    """The address of the page that a link opens."""
    return reverse(_pages[link.purpose])


def make_link(
    purpose: str, target: str, *, expires_at: datetime.datetime, sent_to: str = "", by: User | None = None
) -> tuple[AccessLink, str]:
    """A new link and its token, which is nowhere else: put it into the mail at once and do not store it.

    Make it when the mail is sent, in the job, so that no token waits in the outbox. ValueError for a purpose without
    a page.
    """
    if purpose not in _pages:
        raise ValueError(f"Links of the purpose {purpose!r} open nothing.")
    token = AccessLink.new_token()
    link = AccessLink.objects.create(
        purpose=purpose,
        target=target,
        token_hash=AccessLink.hash_of(token),
        sent_to=sent_to,
        created_by=by,
        expires_at=expires_at,
    )
    return link, token


def link_path(token: str, language: str) -> str:
    """The path of the address that opens a link, with the interface language that its reader begins in."""
    with override(language):
        return reverse("accounts:link-open", args=[token])


def find_link(token: str) -> AccessLink | None:
    """The usable link of a token. Looked up by its digest, so the time it takes tells nothing of the token."""
    return AccessLink.objects.usable().filter(token_hash=AccessLink.hash_of(token), purpose__in=_pages).first()


def hold(request: HttpRequest, link: AccessLink) -> None:
    """Note in the visitor's session that she came by this link; the newest one of its purpose."""
    request.session[SESSION_KEY] = {**request.session.get(SESSION_KEY, {}), link.purpose: link.pk}


def held_link(request: HttpRequest, purpose: str) -> AccessLink | None:
    """The link of a purpose by which this visitor came, if it still opens anything."""
    pk = request.session.get(SESSION_KEY, {}).get(purpose)
    return AccessLink.objects.usable().filter(pk=pk, purpose=purpose).first() if pk else None


def let_go(request: HttpRequest, purpose: str) -> None:
    """Forget the visitor's link of a purpose: she has finished, perhaps on a shared computer."""
    held = dict(request.session.get(SESSION_KEY, {}))
    if held.pop(purpose, None) is not None:
        request.session[SESSION_KEY] = held


@transaction.atomic
def use(link: AccessLink) -> None:
    """Use up a link that serves once, under its lock. ValidationError (`link_used`) when it opens nothing any more."""
    locked = AccessLink.objects.usable().select_for_update(of=("self",)).filter(pk=link.pk).first()
    if locked is None:
        raise ValidationError(_("This link does not work any more."), code="link_used")
    locked.used_at = link.used_at = timezone.now()
    locked.save(update_fields=["used_at"])


def withdraw_links(links: QuerySet[AccessLink]) -> int:
    """Let links open nothing from now on; how many still did."""
    return links.filter(pk__in=AccessLink.objects.usable().values("pk")).update(withdrawn_at=timezone.now())


def forget_links(purpose: str, *, before: datetime.datetime) -> int:
    """Delete links of a purpose that stopped working before a time, with the addresses they were sent to."""
    return AccessLink.objects.filter(purpose=purpose, expires_at__lt=before).delete()[0]
