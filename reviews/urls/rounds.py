"""A round as its coordinator prepares and runs it."""

from django.urls import URLPattern, URLResolver, path

from documents.urls import ONE
from reviews.views import rounds, running

ROUND = "<slug:region>/rounds/<slug:round_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{ONE}rounds/", rounds.round_list, name="round-list"),
    path(f"{ONE}<version:number>/rounds/add/", rounds.round_add, name="round-add"),
    path(ROUND, rounds.round_detail, name="round"),
    path(f"{ROUND}edit/", rounds.round_edit, name="round-edit"),
    path(f"{ROUND}announce/", running.round_announce, name="round-announce"),
    path(f"{ROUND}extend/", running.round_extend, name="round-extend"),
    path(f"{ROUND}close/", running.round_close, name="round-close"),
    path(f"{ROUND}reopen/", running.round_reopen, name="round-reopen"),
    path(f"{ROUND}poster/", running.round_poster, name="round-poster"),
    path(f"{ROUND}qr.svg", running.round_qr, name="round-qr"),
]
