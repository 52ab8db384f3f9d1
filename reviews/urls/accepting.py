"""Proposals taken into the text, places found by hand, similar remarks together."""

from django.urls import URLPattern, URLResolver, path

from documents.urls import ONE
from reviews.views import accepting, grouping, placing

PROPOSALS = f"{ONE}remark-proposals/"
PROPOSAL = f"{PROPOSALS}<slug:remark_id>/"
TRAY = f"{ONE}tray/"
GROUPS = f"{ONE}remark-groups/"
GROUP = f"{GROUPS}<slug:group_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(PROPOSALS, accepting.proposal_list, name="proposal-list"),
    path(f"{PROPOSAL}accept/", accepting.proposal_accept, name="proposal-accept"),
    path(f"{PROPOSAL}change/", accepting.proposal_change, name="proposal-change"),
    path(f"{PROPOSAL}reject/", accepting.proposal_reject, name="proposal-reject"),
    path(f"{PROPOSAL}write/", accepting.proposal_write, name="proposal-write"),
    path(f"{PROPOSAL}answers/<slug:answer_id>/undo/", accepting.proposal_undo, name="proposal-undo"),
    path(TRAY, placing.tray, name="tray"),
    path(f"{TRAY}<slug:remark_id>/", placing.remark_place, name="remark-place"),
    path(GROUPS, grouping.group_list, name="group-list"),
    path(f"{GROUPS}search/", grouping.group_search, name="group-search"),
    path(f"{GROUPS}add/", grouping.group_add, name="group-add"),
    path(GROUP, grouping.group_detail, name="group"),
    path(f"{GROUP}take-out/", grouping.group_take_out, name="group-take-out"),
    path(f"{GROUP}take-apart/", grouping.group_take_apart, name="group-take-apart"),
]
