"""Who may open and do what on the whole site: one table of role × page × verb.

The pages are those of the URL resolver, so an address that nobody has thought about fails here. What one may not see
is 404 (for a visitor who has not signed in: the way to sign-in, unless it is public); what one sees but may not do
is 403; a button's address refuses GET with 405; and no GET writes anything.
"""

import datetime
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, resolve, reverse
from django.utils import translation

from documents.models import Document, Version
from documents.renditions import make_rendition
from documents.services.publishing import publish
from documents.services.sections import save_section
from documents.services.versions import freeze
from handbooks.services.imports import prepare_import
from plans.models import Source
from plans.services.compiling import compile_plan
from regions.models import Body
from tests.accounts.factories import UserFactory
from tests.documents.factories import make_document, make_region, make_section
from tests.handbooks.factories import make_docx
from tests.handbooks.factories import make_handbook as make_handbook_of_template
from tests.plans.factories import answer, make_area, make_full_goal, make_handbook, make_plan
from tests.regions.factories import BodyFactory, MembershipFactory, make_stored_file

# --- Who ------------------------------------------------------------------------------------------------------

ROLES = [
    "anonymous",
    "stranger",  # signed in, member of nothing
    "ended",  # was in every group of the region until last year
    "coming",  # will be in them
    "inactive",  # a coordinator whose account was closed
    "elsewhere",  # coordinates another region
    "steering",  # of the region, in a body that neither writes nor coordinates
    "handbook_group",  # writes one handbook
    "writer",  # writes the plan
    "coordinator",
    "superuser",  # an administrator without memberships works in the admin
]
SIGNED_OUT = {"anonymous", "inactive"}
MEMBERS = {"steering", "handbook_group", "writer", "coordinator"}

WRITE, LEAD, NOTHING = "write", "lead", ""
# What a role has to do with an object: it writes it, leads it, or nothing.
RELATIONS = {
    "plan": {"writer": WRITE, "coordinator": LEAD},
    "handbook": {"handbook_group": WRITE, "coordinator": LEAD},
    "other_handbook": {"coordinator": LEAD},
    "template": {"coordinator": LEAD},
    "published": {"coordinator": LEAD},
    "foreign_plan": {"elsewhere": LEAD},
    "foreign_handbook": {"elsewhere": LEAD},
}

# --- What -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """One address of an object: what it answers to those who write the object and to those who lead it.

    None: the address has no such verb (405).
    """

    name: str
    of: tuple[str, ...]
    rest: tuple[str, ...] = ()
    get: tuple[int, int] | None = (200, 200)
    post: tuple[int, int] | None = None
    sent: dict[str, Any] = field(default_factory=lambda: {"sent": "1"})
    query: str = ""
    public: bool = False
    """The view is open to all and decides for itself; every version of the published document is public."""


EVERY = tuple(RELATIONS)
PLANS = ("plan", "foreign_plan")
HANDBOOKS = ("handbook", "other_handbook", "foreign_handbook")
# The long list of pages is walked for these; for the others a page of each sort is enough.
TWO = ("plan", "handbook", "foreign_plan")

FORM = {"get": (200, 200), "post": (422, 422)}
ASK = {"get": (200, 200), "post": (302, 302)}
DO = {"get": None, "post": (302, 302)}
LEAD_FORM = {"get": (403, 200), "post": (403, 422)}
LEAD_DO = {"get": None, "post": (403, 302)}
# The outline of a handbook is its template's: only coordinators change it.
OUTLINE = {"section-add", "section-add-after", "section-add-below", "section-rename", "section-remove"}
OUTLINE |= {"section-up", "section-down", "section-in", "section-out", "section-bring-back", "section-split"}
OUTLINE |= {"section-join", "document-outline"}

S = ("{key}",)
PAGES = [
    Page("documents:document-detail", EVERY, public=True),
    Page("documents:document-detail", ("plan", "published"), ("fi",), public=True),
    Page("documents:document-settings", EVERY, **LEAD_FORM),
    Page("documents:document-outline", TWO),
    Page("documents:file", EVERY, ("{file}",), public=True),
    Page("documents:picture-add", TWO, get=None, post=(422, 422)),
    Page("documents:section-add", TWO, **FORM),
    Page("documents:section-detail", EVERY, S, **FORM),
    Page("documents:section-rename", TWO, S, **FORM),
    Page("documents:section-mark-ready", TWO, S, **DO),
    Page("documents:section-mark-draft", TWO, S, **DO),
    # There is no conflict with this number.
    *(Page(f"documents:conflict-{verb}", TWO, (*S, "7"), get=None, post=(404, 404)) for verb in ("keep", "take")),
    Page("documents:conflict-combine", TWO, (*S, "7"), get=None, post=(404, 404)),
    *(Page(f"documents:section-{way}", TWO, S, **DO) for way in ("up", "down", "in", "out")),
    Page("documents:section-add-after", TWO, S, **FORM),
    Page("documents:section-add-below", TWO, S, **FORM),
    Page("documents:section-remove", TWO, S, **ASK),
    Page("documents:section-bring-back", TWO, S, **DO),
    Page("documents:section-split", TWO, S, **FORM),
    Page("documents:section-join", TWO, S, **ASK),
    Page("documents:section-history", EVERY, S),
    Page("documents:section-compare", TWO, S, query="?old=0&new=1"),
    Page("documents:section-revision", TWO, (*S, "1")),
    Page("documents:section-restore", TWO, (*S, "1"), **DO),
    Page("documents:version-list", EVERY),
    Page("documents:version-freeze", TWO, **LEAD_DO),
    Page("documents:version-compare", TWO, query="?old=1&new=draft"),
    Page("documents:version-detail", EVERY, ("{version}",), public=True),
    Page("documents:version-detail", ("plan", "published"), ("{version}", "fi"), public=True),
    Page("documents:version-rename", TWO, ("{version}",), get=(403, 200), post=(403, 302)),
    Page("documents:rendition", EVERY, ("{version}", "json", "full", "fi"), public=True),
    Page("documents:rendition-make", EVERY, ("{version}", "json", "full", "fi"), public=True, **DO),
    Page("plans:loose-end-list", PLANS),
    Page("plans:need-decide", PLANS, **DO),
    Page("plans:need-answer", PLANS, **DO),
    Page("plans:criterion-summary", PLANS),
    Page("plans:compile-desk", PLANS),
    Page("plans:plan-compile", PLANS, **DO),
    Page("plans:chapter-detail", PLANS, ("tavoitteet",)),
    Page("plans:feed-edit", PLANS, ("tavoitteet",), **FORM),
    Page("plans:lines-take", PLANS, S, **DO),
    Page("plans:lines-leave", PLANS, S, **DO),
    Page("plans:source-seen", PLANS, (*S, "{block}", "{source_block}"), **DO),
    Page("plans:candidates-take", PLANS, ("tavoitteet",), **DO),
    Page("plans:candidates-join", PLANS, ("tavoitteet",), **DO),
    Page("plans:candidates-leave", PLANS, ("tavoitteet",), **DO),
    Page("plans:goal-list", PLANS),
    Page("plans:goal-add", PLANS, **FORM),
    Page("plans:goal-edit", PLANS, ("{goal}",), **FORM),
    Page("plans:goal-move", PLANS, ("{goal}",), **FORM),
    Page("plans:goal-up", PLANS, ("{goal}",), **DO),
    Page("plans:goal-down", PLANS, ("{goal}",), **DO),
    Page("plans:goal-remove", PLANS, ("{goal}",), **ASK),
    Page("plans:action-add", PLANS, ("{goal}",), **FORM),
    Page("plans:indicator-add", PLANS, ("{goal}",), **FORM),
    Page("plans:action-edit", PLANS, ("{action}",), **FORM),
    Page("plans:action-up", PLANS, ("{action}",), **DO),
    Page("plans:action-down", PLANS, ("{action}",), **DO),
    Page("plans:action-remove", PLANS, ("{action}",), **ASK),
    Page("plans:action-status", PLANS, ("{action}",), **FORM),
    Page("plans:indicator-edit", PLANS, ("{indicator}",), **FORM),
    Page("plans:indicator-up", PLANS, ("{indicator}",), **DO),
    Page("plans:indicator-down", PLANS, ("{indicator}",), **DO),
    Page("plans:indicator-remove", PLANS, ("{indicator}",), **ASK),
    # The handbook's own group sees where its words went.
    Page("plans:handbook-use", ("handbook",), ("{plan}",)),
    Page("handbooks:handbook-form", HANDBOOKS),
    Page("handbooks:handbook-form", ("handbook",), ("fi",)),
    Page("handbooks:word-import-add", HANDBOOKS, **FORM),
    Page("handbooks:word-import", HANDBOOKS, ("{import}",)),
    Page("handbooks:word-import-tracked", HANDBOOKS, ("{import}",), **DO),
    Page("handbooks:word-import-places", HANDBOOKS, ("{import}",), get=None, post=(422, 422)),
    Page("handbooks:word-import-run", HANDBOOKS, ("{import}",), get=None, post=(422, 422)),
    Page("handbooks:word-import-cancel", HANDBOOKS, ("{import}",), **DO),
    Page("handbooks:meeting", HANDBOOKS),
    Page("handbooks:task", HANDBOOKS, ("{task}",)),
    Page("handbooks:task-ready", HANDBOOKS, ("{task}",), **DO),
    Page("handbooks:task-draft", HANDBOOKS, ("{task}",), **DO),
    Page("handbooks:assessment", HANDBOOKS, **ASK),
    Page("handbooks:handing-in", HANDBOOKS),
    Page("handbooks:handbook-hand-in", HANDBOOKS, **DO),
    Page("handbooks:handbook-take-back", HANDBOOKS, **DO),
    Page("handbooks:handbook-upgrade", HANDBOOKS, **LEAD_DO),
]
# (page, object, verb, role): what differs from the table, and why.
EXCEPTIONS: dict[tuple[str, str, str, str], int] = {
    # Who writes the plan sees how it uses any handbook of the region.
    ("plans:handbook-use", "handbook", "get", "writer"): 200,
}

ALL = dict.fromkeys(ROLES, 200)
# Pages of a region and of the site: what each role gets; who is not named gets "else".
SITE: list[tuple[str, tuple[str, ...], dict[str, int] | None, dict[str, int] | None]] = [
    ("healthz", (), {"else": 200}, None),
    ("readyz", (), {"else": 200}, None),
    ("region-accent", ("{code}",), {"else": 200}, None),
    ("home", (), {"else": 200}, None),
    ("about", (), {"else": 200}, None),
    ("accessibility", (), {"else": 200}, None),
    ("privacy", (), {"else": 200}, None),
    ("gallery", (), {"else": 200}, None),
    ("region", ("{region}",), {"else": 200}, None),
    ("region", ("{hidden}",), {"else": 404}, None),
    # Anyone who has signed in may list what is published.
    ("documents:document-list", ("{region}", "plan"), {"else": 200, "anonymous": 302}, None),
    ("documents:document-list", ("{region}", "handbook"), dict.fromkeys(MEMBERS, 200) | {"anonymous": 302}, None),
    ("documents:document-list", ("{foreign}", "plan"), {"elsewhere": 200, "anonymous": 302}, None),
    ("plans:plan-new", ("{region}",), *[dict.fromkeys(MEMBERS, 403) | {"anonymous": 302, "coordinator": 200}] * 2),
    (
        "handbooks:handbook-add",
        ("{region}",),
        dict.fromkeys(MEMBERS, 403) | {"anonymous": 302, "coordinator": 200},
        dict.fromkeys(MEMBERS, 403) | {"anonymous": 302, "coordinator": 422},
    ),
    # Whoever works in the region may take its templates out.
    ("handbooks:template-form", ("{region}", "{template}"), dict.fromkeys(MEMBERS, 200) | {"anonymous": 302}, None),
    (
        "handbooks:template-form",
        ("{region}", "{template}", "fi"),
        dict.fromkeys(MEMBERS, 200) | {"anonymous": 302},
        None,
    ),
]
