"""What every view of a round begins with: finding it among what the visitor may see."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from documents.views.finding import Crumbs, document_crumbs
from regions.permissions import Rights, rights_of
from reviews.models import CommentRound
from reviews.models.rounds import CommentRoundQuerySet
from reviews.permissions import can_handle


def round_rows() -> CommentRoundQuerySet:
    return CommentRound.objects.select_related(
        "version__document__region",
        "version__document__coordinating_body",
        "version__document__writing_body",
        "version__label",
    ).defer("version__content")


def find_round(request: HttpRequest, region: str, round_id: str) -> tuple[CommentRound, Rights]:
    """The round, for those who handle what is said in it: two queries. For others it does not exist (404)."""
    rights = rights_of(request.user)
    comment_round = get_object_or_404(round_rows(), public_id=round_id, region__slug=region)
    if not can_handle(rights, comment_round):
        raise Http404
    return comment_round, rights


def find_announced(region: str, round_id: str) -> CommentRound:
    """The round as a respondent asks for it; drafts do not exist. What she may do in it, the view decides."""
    return get_object_or_404(round_rows().announced(), public_id=round_id, region__slug=region)


def address(comment_round: CommentRound, name: str, *rest: object) -> str:
    """A page of this round: `address(comment_round, "round-edit")`."""
    region = comment_round.version.document.region.slug
    return reverse(f"reviews:{name}", args=[region, comment_round.public_id, *rest])


def round_crumbs(comment_round: CommentRound, *more: tuple[str, str]) -> Crumbs:
    """From the front page by the document to the round, and on from there."""
    document = comment_round.version.document
    rounds = reverse("reviews:round-list", args=[document.region.slug, document.kind, document.public_id])
    own = (str(comment_round), address(comment_round, "round") if more else "")
    return document_crumbs(document, (_("Rounds"), rounds), own, *more)
