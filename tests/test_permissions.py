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

from documents.models import GlossaryTerm, Note, Phrase, Version
from documents.renditions import make_rendition
from documents.services.publishing import publish
from documents.services.sections import save_section
from documents.services.translation_file import receive as receive_translation
from documents.services.translation_file import translation_file
from documents.services.versions import freeze
from documents.views.section import editing_html
from handbooks.services.imports import prepare_import
from plans.models import Source
from plans.services.compiling import compile_plan
from plans.services.needs import add_group
from plans.services.priorities import mark_priority
from plans.services.spreadsheets import receive
from plans.spreadsheets.draft import Draft
from plans.spreadsheets.writing import write_draft
from plans.views.spreadsheets import token_of
from regions.models import Body, Membership
from tests.accounts.factories import UserFactory
from tests.documents.factories import make_region
from tests.handbooks.factories import make_docx
from tests.handbooks.factories import make_handbook as make_handbook_of_template
from tests.plans.factories import make_area, make_full_goal, make_handbook, make_plan
from tests.regions.factories import BodyFactory, MeetingFactory, MembershipFactory, make_stored_file

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
    "bilingual": {"writer": WRITE, "coordinator": LEAD},
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


EVERY = tuple(name for name in RELATIONS if name != "bilingual")
BILINGUAL = ("bilingual",)
PLANS = ("plan", "foreign_plan")
HANDBOOKS = ("handbook", "other_handbook", "foreign_handbook")
# The long list of pages is walked for these; for the others a page of each sort is enough.
TWO = ("plan", "handbook", "foreign_plan")

FORM = {"get": (200, 200), "post": (422, 422)}
ASK = {"get": (200, 200), "post": (302, 302)}
DO = {"get": None, "post": (302, 302)}
ASKED_MORE = {"get": None, "post": (422, 422)}
LEAD_FORM = {"get": (403, 200), "post": (403, 422)}
LEAD_DO = {"get": None, "post": (403, 302)}
# The outline of a handbook is its template's: only coordinators change it.
OUTLINE = {"section-add", "section-add-after", "section-add-below", "section-rename", "section-remove"}
OUTLINE |= {"section-up", "section-down", "section-in", "section-out", "section-bring-back", "section-split"}
OUTLINE |= {"section-join", "section-move", "document-outline", "document-restore"}

S = ("{key}",)
PAGES = [
    Page("documents:document-detail", EVERY, public=True),
    Page("documents:document-detail", ("plan", "published"), ("fi",), public=True),
    Page("documents:document-settings", EVERY, **LEAD_FORM),
    Page("documents:document-remove", EVERY, get=(403, 200), post=(403, 422)),
    Page("documents:document-outline", TWO),
    Page("documents:file", EVERY, ("{file}",), public=True),
    Page("documents:picture-add", TWO, get=None, post=(422, 422)),
    Page("documents:section-add", TWO, **FORM),
    Page("documents:section-detail", EVERY, S, **FORM),
    Page("documents:section-rename", TWO, S, **FORM),
    Page("documents:section-presence", EVERY, S, get=None, post=(200, 200)),
    Page("documents:section-mark-ready", TWO, S, **DO),
    Page("documents:section-mark-draft", TWO, S, **DO),
    # There is no conflict with this number.
    *(Page(f"documents:conflict-{verb}", TWO, (*S, "7"), get=None, post=(404, 404)) for verb in ("keep", "take")),
    Page("documents:conflict-combine", TWO, (*S, "7"), get=None, post=(404, 404)),
    *(Page(f"documents:section-{way}", TWO, S, **DO) for way in ("up", "down", "in", "out")),
    # Without the panel beside a text it leads to the page of the section.
    Page("documents:section-outline", TWO, S, get=(302, 302)),
    Page("documents:section-move", TWO, S, **DO),
    Page("documents:section-add-after", TWO, S, **FORM),
    Page("documents:section-add-below", TWO, S, **FORM),
    Page("documents:section-remove", TWO, S, **ASK),
    Page("documents:section-bring-back", TWO, S, **DO),
    Page("documents:section-split", TWO, S, **FORM),
    Page("documents:section-join", TWO, S, **ASK),
    Page("documents:section-history", EVERY, S),
    Page("documents:section-compare", TWO, S, query="?old=0&new=1"),
    Page("documents:section-revision", TWO, (*S, "1")),
    Page("documents:section-restore", TWO, (*S, "1"), **ASK),
    Page("documents:block-restore", TWO, (*S, "1", "nosuchid"), get=(404, 404), post=(404, 404)),
    Page("documents:section-authors", TWO, S),
    Page("documents:document-history", EVERY),
    Page("documents:document-then", TWO, query="?at=2999-01-01T00:00"),
    Page("documents:document-compare", TWO, query="?at=2999-01-01T00:00"),
    Page("documents:document-restore", TWO, query="?at=2999-01-01T00:00", **ASK),
    Page("documents:change-list", TWO),
    Page("documents:changes-seen", TWO, **DO),
    Page("documents:note-list", TWO),
    Page("documents:note-add", TWO, get=(200, 200), post=(422, 422), query="?section={key}"),
    Page("documents:note-detail", TWO, ("{note}",)),
    Page("documents:note-answer", TWO, ("{note}",), get=None, post=(422, 422)),
    Page("documents:note-resolve", TWO, ("{note}",), **DO),
    Page("documents:note-reopen", TWO, ("{note}",), **DO),
    # One's own words alone: nobody of the table has written the note.
    Page("documents:note-edit", TWO, ("{note}",), get=(403, 403), post=(403, 403)),
    Page("documents:section-translate", BILINGUAL, (*S, "sv"), **FORM),
    Page("documents:translation-list", BILINGUAL, ("sv",), **FORM),
    Page("documents:translation-word", BILINGUAL, ("sv",)),
    Page("documents:translation-import-add", BILINGUAL, ("sv",), **FORM),
    Page("documents:translation-import", BILINGUAL, ("sv", "{file}"), **ASK),
    # A document in one language has no translation for anybody.
    Page("documents:section-translate", ("plan",), (*S, "sv"), get=(404, 404), post=(404, 404)),
    Page("documents:translation-list", ("plan",), ("sv",), get=(404, 404), post=(404, 404)),
    Page("documents:version-list", EVERY),
    Page("documents:version-freeze", TWO, **LEAD_DO),
    Page("documents:version-compare", TWO, query="?old=1&new=draft&language=fi"),
    Page("documents:version-detail", EVERY, ("{version}",), public=True),
    Page("documents:version-detail", ("plan", "published"), ("{version}", "fi"), public=True),
    Page("documents:version-rename", TWO, ("{version}",), get=(403, 200), post=(403, 302)),
    Page("documents:version-publish", PLANS, ("{version}",), get=(403, 200), post=(403, 302)),
    Page("documents:version-publish", ("handbook",), ("{version}",), **LEAD_FORM),
    Page("documents:version-withdraw", TWO, ("{version}",), **LEAD_DO),
    Page("documents:rendition", EVERY, ("{version}", "json", "full", "fi"), public=True),
    Page("documents:rendition-make", EVERY, ("{version}", "json", "full", "fi"), public=True, **DO),
    Page("plans:loose-end-list", PLANS),
    Page("plans:need-decide", PLANS, **DO),
    Page("plans:need-answer", PLANS, **DO),
    Page("plans:criterion-summary", PLANS),
    Page("plans:need-list", PLANS),
    Page("plans:needs-propose", PLANS, **DO),
    Page("plans:needs-move", PLANS, get=None, post=(422, 422)),
    Page("plans:need-group-add", PLANS, **FORM),
    Page("plans:need-show", PLANS),
    Page("plans:need-group", PLANS, ("{need_group}",)),
    Page("plans:need-group-rename", PLANS, ("{need_group}",), **FORM),
    Page("plans:need-groups-join", PLANS, ("{need_group}",), get=None, post=(422, 422)),
    Page("plans:need-group-dissolve", PLANS, ("{need_group}",), **DO),
    Page("plans:need-group-take", PLANS, ("{need_group}",), **LEAD_DO),
    Page("plans:need-group-join", PLANS, ("{need_group}",), get=None, post=(403, 422)),
    Page("plans:need-group-leave", PLANS, ("{need_group}",), get=None, post=(403, 422)),
    Page("plans:need-group-reopen", PLANS, ("{need_group}",), **LEAD_DO),
    Page("plans:priority-list", PLANS),
    Page("plans:priority-mark", PLANS, get=None, post=(403, 422)),
    Page("plans:priority-unmark", PLANS, ("tavoitteet",), **LEAD_DO),
    Page("plans:compile-desk", PLANS),
    Page("plans:plan-compile", PLANS, **DO),
    Page("plans:chapter-detail", PLANS, ("tavoitteet",)),
    Page("plans:feed-edit", PLANS, ("tavoitteet",), **FORM),
    Page("plans:handbook-seen", PLANS, **DO),
    Page("plans:rest-list", PLANS),
    Page("plans:rest-take", PLANS, **ASKED_MORE),
    Page("plans:rest-leave", PLANS, **ASKED_MORE),
    Page("plans:lines-take", PLANS, S, **ASKED_MORE),
    Page("plans:lines-leave", PLANS, S, **ASKED_MORE),
    Page("plans:lines-restore", PLANS, S, **ASKED_MORE),
    Page("plans:sources-seen", PLANS, S, **DO),
    Page("plans:candidates-take", PLANS, ("tavoitteet",), **FORM),
    Page("plans:candidates-join", PLANS, ("tavoitteet",), **ASKED_MORE),
    Page("plans:proposals-apart", PLANS, ("tavoitteet",), **DO),
    Page("plans:spreadsheet", PLANS),
    Page("plans:spreadsheet-add", PLANS, **FORM),
    Page("plans:spreadsheet-import", PLANS, ("{spreadsheet}",), post=(200, 200)),
    Page("plans:spreadsheet-marked", PLANS, ("{spreadsheet}",)),
    Page("plans:goal-list", PLANS),
    Page("plans:extra-field-list", PLANS, get=(200, 200), post=(302, 302)),
    Page("plans:actions-change", PLANS, get=(302, 302), post=(302, 302)),
    *(Page(f"plans:{kind}-history", PLANS, (f"{{{kind}}}",)) for kind in ("goal", "action", "indicator")),
    # There is no such section.
    *(
        Page(f"plans:{kind}-restore", PLANS, (f"{{{kind}}}", "nothing", "1"), get=None, post=(404, 404))
        for kind in ("goal", "action", "indicator")
    ),
    Page("plans:action-move", PLANS, ("{action}",), **FORM),
    Page("plans:indicator-values", PLANS, ("{indicator}",), **FORM),
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
# The steering group reads the digest of needs of its own region, and neither groups nor decides.
DIGEST = {"plans:need-list", "plans:need-show", "plans:need-group", "plans:priority-list"}
DIGEST_WRITTEN = {
    *(f"plans:need-group-{verb}" for verb in ("add", "rename", "dissolve", "take", "join", "leave", "reopen")),
    *("plans:needs-propose", "plans:needs-move", "plans:need-groups-join", "plans:priority-mark"),
    "plans:priority-unmark",
}
EXCEPTIONS |= {(name, "plan", "get", "steering"): 200 for name in DIGEST}
EXCEPTIONS |= {(name, "plan", verb, "steering"): 403 for name in DIGEST_WRITTEN for verb in ("get", "post")}

# Everybody in the region sees that there are people; only coordinators see to them.
FOR_COORDINATORS = dict.fromkeys(MEMBERS, 403) | {"coordinator": 200, "anonymous": 302}
# The writers' own group: to the other members of the region it does not exist.
OF_WRITERS = {"writer": 403, "coordinator": 200, "anonymous": 302}

OF_ALL_WRITERS = {"writer": 200, "handbook_group": 200, "coordinator": 200, "anonymous": 302}
WRITERS_SEND = {"writer": 422, "handbook_group": 422, "coordinator": 422, "anonymous": 302}
PHRASE = {"writer": 403, "handbook_group": 403, "coordinator": 200, "anonymous": 302}

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
    # Anybody may search; what is found depends on the reader (tests/documents/test_search.py).
    ("documents:search", (), {"else": 200}, None),
    ("documents:region-search", ("{region}",), {"else": 200}, None),
    ("documents:region-search", ("{hidden}",), {"else": 404}, None),
    # Whoever works in the region reads its glossary; coordinators write it.
    ("documents:glossary", ("{region}",), dict.fromkeys(MEMBERS, 200) | {"anonymous": 302}, None),
    ("documents:glossary", ("{foreign}",), {"elsewhere": 200, "anonymous": 302}, None),
    ("documents:glossary-add", ("{region}",), FOR_COORDINATORS, FOR_COORDINATORS | {"coordinator": 422}),
    ("documents:glossary-import", ("{region}",), None, FOR_COORDINATORS | {"coordinator": 302}),
    ("documents:glossary-edit", ("{region}", "{term}"), FOR_COORDINATORS, FOR_COORDINATORS | {"coordinator": 422}),
    ("documents:glossary-remove", ("{region}", "{term}"), None, FOR_COORDINATORS | {"coordinator": 302}),
    # Another region's word is as gone as one that was removed: what was typed comes back, and nothing of the word.
    (
        "documents:glossary-edit",
        ("{foreign}", "{term}"),
        {"elsewhere": 404, "anonymous": 302},
        {"elsewhere": 422, "anonymous": 302},
    ),
    # Whoever writes something in the region uses its texts again; coordinators and their authors change them.
    ("documents:phrase-list", ("{region}",), OF_ALL_WRITERS, None),
    ("documents:phrase-list", ("{foreign}",), {"elsewhere": 200, "anonymous": 302}, None),
    ("documents:phrase-add", ("{region}",), OF_ALL_WRITERS, WRITERS_SEND),
    ("documents:phrase-edit", ("{region}", "{phrase}"), PHRASE, PHRASE | {"coordinator": 422}),
    ("documents:phrase-remove", ("{region}", "{phrase}"), None, PHRASE | {"coordinator": 302}),
    ("documents:phrase-edit", ("{foreign}", "{phrase}"), {"elsewhere": 404, "anonymous": 302}, {"anonymous": 302}),
    # Anyone who has signed in may list what is published.
    ("documents:document-list", ("{region}", "plan"), {"else": 200, "anonymous": 302}, None),
    ("documents:document-list", ("{region}", "handbook"), dict.fromkeys(MEMBERS, 200) | {"anonymous": 302}, None),
    ("documents:document-list", ("{foreign}", "plan"), {"elsewhere": 200, "anonymous": 302}, None),
    (
        "plans:plan-new",
        ("{region}",),
        dict.fromkeys(MEMBERS, 403) | {"anonymous": 302, "coordinator": 200},
        dict.fromkeys(MEMBERS, 403) | {"anonymous": 302, "coordinator": 422},
    ),
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
    (
        "handbooks:template-task",
        ("{region}", "{template}", "johtaminen-nykytila"),
        {"coordinator": 200, "anonymous": 302},
        {"coordinator": 422, "anonymous": 302},
    ),
    # People: who takes part in the region sees its own groups, its members see one, coordinators see and change all.
    ("regions:people", ("{region}",), dict.fromkeys(MEMBERS, 200) | {"anonymous": 302}, None),
    ("regions:people", ("{foreign}",), {"elsewhere": 200, "anonymous": 302}, None),
    ("regions:body-add", ("{region}",), FOR_COORDINATORS, FOR_COORDINATORS | {"coordinator": 422}),
    ("regions:not-come-in", ("{region}",), FOR_COORDINATORS, None),
    ("regions:invitations-send-again", ("{region}",), None, FOR_COORDINATORS | {"coordinator": 302}),
    ("regions:body", ("{region}", "{body}"), OF_WRITERS | {"writer": 200}, None),
    # A body of one region is none of another.
    ("regions:body", ("{foreign}", "{body}"), {"anonymous": 302}, None),
    ("regions:body-edit", ("{region}", "{body}"), OF_WRITERS, OF_WRITERS | {"coordinator": 422}),
    ("regions:member-invite", ("{region}", "{body}"), OF_WRITERS, OF_WRITERS | {"coordinator": 422}),
    ("regions:member-edit", ("{region}", "{body}", "{member}"), OF_WRITERS, OF_WRITERS | {"coordinator": 422}),
    ("regions:member-end", ("{region}", "{body}", "{member}"), OF_WRITERS, OF_WRITERS | {"coordinator": 422}),
    ("regions:member-hand-over", ("{region}", "{body}", "{member}"), OF_WRITERS, OF_WRITERS | {"coordinator": 302}),
    ("regions:member-replace", ("{region}", "{body}", "{member}"), OF_WRITERS, OF_WRITERS | {"coordinator": 422}),
    ("regions:invitation-send-again", ("{region}", "{body}", "{member}"), None, OF_WRITERS | {"coordinator": 302}),
    ("regions:invitation-withdraw", ("{region}", "{body}", "{member}"), OF_WRITERS, OF_WRITERS | {"coordinator": 302}),
    ("regions:meeting-add", ("{region}", "{body}"), OF_WRITERS, OF_WRITERS | {"coordinator": 422}),
    ("regions:meeting-edit", ("{region}", "{body}", "{meeting}"), OF_WRITERS, OF_WRITERS | {"coordinator": 422}),
    ("regions:meeting-remove", ("{region}", "{body}", "{meeting}"), OF_WRITERS, OF_WRITERS | {"coordinator": 302}),
    # Only a member leaves a group.
    (
        "regions:member-leave",
        ("{region}", "{body}"),
        {"writer": 200, "anonymous": 302},
        {"writer": 302, "anonymous": 302},
    ),
    ("regions:person", (), {"else": 200, "anonymous": 302}, {"else": 422, "anonymous": 302}),
    # Nobody here came by a link, so all are told that it is gone.
    ("accounts:link-open", ("x" * 43,), {"else": 302}, None),
    ("accounts:link-gone", (), {"else": 410}, None),
    ("regions:invitation", (), {"else": 302}, {"else": 302}),
]

# Addresses of libraries: those of sign-in (allauth) decide for themselves, view by view. A signed-out visitor is let
# in to what one needs to get in and is sent to sign-in by the rest; none of them knows anything of a region.
SIGN_IN = re.compile(r"(account|mfa)_")
SIGN_IN_PUBLIC = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_email_verification_sent",
    "account_reset_password",
    "account_confirm_login_code",
    "account_confirm_email",
    "account_reset_password_from_key_done",
    "account_reset_password_from_key",
    "account_reset_password_done",
    "mfa_authenticate",
}


# --- The world ------------------------------------------------------------------------------------------------


@dataclass
class World:
    users: dict[str, Any]
    places: dict[str, dict[str, str]]
    """Object -> what stands for the names in braces."""
    site: dict[str, str]


def _coordinated(code, name):
    region = make_region(code, name)
    BodyFactory(region=region, coordinating=True, kind=Body.Kind.COORDINATION)
    region.refresh_from_db()
    region.public = True
    region.save(update_fields=["public"])
    return region


def _write(document, body):
    document.writing_body = body
    document.save(update_fields=["writing_body"])


def _with_picture(document, section):
    """A picture in the section's text."""
    stored = make_stored_file(document.region)
    html = f'<p>Teksti.</p><figure data-file="{stored.public_id}"><img alt="Kuva"></figure>'
    save_section(section, by=None, base=section.head, html={"fi": html})
    return stored


def _note(document, key):
    """An internal note on a section."""
    section = document.sections.get(key=key)
    return Note.objects.create(region=document.region, document=document, section=section, text="Tarkista.")


def _place(document, key, stored, **more):
    return {
        "region": document.region.slug,
        "kind": document.kind,
        "public_id": document.public_id,
        "key": key,
        "file": stored.public_id,
        "version": "1",
        "note": _note(document, key).public_id,
        **more,
    }


def _spreadsheet(plan):
    """The address of an Excel file that waits to be brought in."""
    content = write_draft(Draft.of(plan))
    return token_of(plan, receive(plan, name="tavoitteet.xlsx", content=content, by=None))


def _plan(region, area):
    """A compiled plan with a goal and a version, and the handbook that it was compiled from."""
    fed = make_handbook(make_area(area, region))
    plan = make_plan(region)
    section = plan.document.sections.get(key="nykytila")
    compile_plan(plan, by=None)
    section.refresh_from_db()
    stored = make_stored_file(region)
    section = plan.document.sections.select_related("head", "document").get(pk=section.pk)
    html = editing_html(section.blocks, plan.document, "fi")
    picture = f'<figure data-file="{stored.public_id}"><img alt="Kuva"></figure>'
    save_section(section, by=None, base=section.head, html={"fi": f"{html}{picture}"})
    goal = make_full_goal(plan)
    freeze(plan.document, by=None)
    source = Source.objects.filter(plan=plan, block_id__in=[b.id for b in section.blocks]).first()
    place = _place(
        plan.document,
        "nykytila",
        stored,
        goal=goal.public_id,
        action=goal.actions.get().public_id,
        indicator=goal.indicators.get().public_id,
        block=source.block_id,
        source_block=source.source_block_id,
        spreadsheet=_spreadsheet(plan),
        need_group=add_group(plan, title={"fi": "Aukiolo"}, block_ids=[source.source_block_id], by=None).public_id,
    )
    mark_priority(plan, plan.document.sections.get(key="tavoitteet"), by=None)
    return plan, place, fed


def _handbook(region, plan, **kwargs):
    """A handbook from a template, with an answer, a version, a Word file on its way in."""
    handbook = make_handbook_of_template(region, **kwargs)
    key = "johtaminen-nykytila"
    section = handbook.document.sections.select_related("head", "document").get(key=key)
    stored = _with_picture(handbook.document, section)
    handbook.handed_in = freeze(handbook.document, by=None)
    handbook.save(update_fields=["handed_in"])
    content = make_docx(("h1", "Johtaminen"), ("h2", "Nykytila"), "Johtaminen on selkeää.")
    row = prepare_import(handbook, content=content, name="k.docx", language="fi", by=None)
    more = {"task": key, "plan": plan.document.public_id, "import": row.public_id}
    return handbook, _place(handbook.document, key, stored, **more)


def _bilingual(region, writers):
    """A plan that is translated, with a translator's file on its way in."""
    document = make_plan(region, languages=("fi", "sv")).document
    _write(document, writers)
    section = document.sections.select_related("head", "document").get(key="nykytila")
    save_section(section, by=None, base=None, html={"fi": "<p>Teksti.</p>"})
    content = translation_file(document, "sv", everything=True, names_of_languages=("Suomi", "Ruotsi"))
    stored, _file = receive_translation(document, name="k.docx", content=content, by=None)
    freeze(document, by=None)
    return _place(document, section.key, stored)


def _make_world():
    region = _coordinated("19", "Pohjois-Pohjanmaan hyvinvointialue")
    foreign = _coordinated("17", "Pohjanmaan hyvinvointialue")
    hidden = make_region("08", "Keski-Suomen hyvinvointialue")
    hidden.public = False
    hidden.save(update_fields=["public"])
    writers, group = BodyFactory(region=region), BodyFactory(region=region, kind=Body.Kind.HANDBOOK_GROUP)
    steering = BodyFactory(region=region, kind=Body.Kind.STEERING_GROUP)
    places: dict[str, dict[str, str]] = {}

    plan, places["plan"], _fed = _plan(region, "oulu")
    _write(plan.document, writers)
    handbook, places["handbook"] = _handbook(region, plan, writing_body=group)
    _other, places["other_handbook"] = _handbook(region, plan, writing_body=None)
    foreign_plan, places["foreign_plan"], _fed = _plan(foreign, "vaasa")
    _foreign, places["foreign_handbook"] = _handbook(foreign, foreign_plan)
    template = handbook.template_version.document
    section = template.sections.select_related("head", "document").get(key="johtaminen-nykytila")
    stored = _with_picture(template, section)
    places["template"] = _place(template, section.key, stored)
    public = make_plan(region).document
    section = public.sections.select_related("head", "document").get(key="nykytila")
    stored = _with_picture(public, section)
    publish(freeze(public, by=None), languages=["fi"], by=None)
    places["published"] = _place(public, section.key, stored)
    places["bilingual"] = _bilingual(region, writers)
    for version in Version.objects.all():
        make_rendition(version, format="json", language="fi", by=None)

    bodies = {"steering": steering, "handbook_group": group, "writer": writers}
    users = {role: MembershipFactory(body=body).user for role, body in bodies.items()}
    users["coordinator"] = MembershipFactory(body=region.coordinating_body).user
    users["elsewhere"] = MembershipFactory(body=foreign.coordinating_body).user
    users["inactive"] = MembershipFactory(body=region.coordinating_body).user
    users["stranger"], users["ended"], users["coming"] = UserFactory(), UserFactory(), UserFactory()
    users["superuser"] = UserFactory(admin=True)
    today = datetime.date.today()
    for body in (*bodies.values(), region.coordinating_body):
        MembershipFactory(user=users["ended"], body=body, ends_on=today - datetime.timedelta(days=2))
        MembershipFactory(user=users["coming"], body=body, starts_on=today + datetime.timedelta(days=2))
    site = {
        "region": region.slug,
        "foreign": foreign.slug,
        "hidden": hidden.slug,
        "code": region.code,
        "template": template.public_id,
        "body": writers.public_id,
        "member": Membership.objects.get(body=writers, user=users["writer"]).public_id,
        "meeting": MeetingFactory(body=writers).public_id,
        "phrase": Phrase.objects.create(region=region, name="Lupaus", text={"fi": "<p>Lupaus.</p>"}).public_id,
        "term": GlossaryTerm.objects.create(region=region, words={"fi": "kunta", "sv": "kommun"}).public_id,
    }
    return World(users, places, site)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, _test_settings):
    """Everything that the table speaks of, made once; each test works in a transaction inside this one."""
    with django_db_blocker.unblock(), transaction.atomic(), translation.override("fi"):
        yield _make_world()
        transaction.set_rollback(True)


@pytest.fixture
def visitor(world, db):
    """The browser of a person in a role."""

    def of(role):
        client = Client()
        if role != "anonymous":
            user = world.users[role]
            client.force_login(user)
            if role == "inactive":
                type(user).objects.filter(pk=user.pk).update(is_active=False)
        return client

    return of


def address(page, place):
    kind = [] if not page.name.startswith("documents:") else [place["kind"]]
    rest = [part.format(**place) for part in page.rest]
    if page.rest[:1] == ("{version}",):
        rest[0] = int(rest[0])
    return reverse(page.name, args=[place["region"], *kind, place["public_id"], *rest]) + page.query.format(**place)


def expected(page, name, verb, role):
    """What the table says of an object's page."""
    allowed = getattr(page, verb)
    relation = RELATIONS[name].get(role, NOTHING)
    if role in SIGNED_OUT and not page.public:
        return 302
    if allowed is None:
        return 405
    if (page.name, name, verb, role) in EXCEPTIONS:
        return EXCEPTIONS[page.name, name, verb, role]
    if relation == LEAD:
        return allowed[1]
    if relation == WRITE:
        outline = RELATIONS[name] is RELATIONS["handbook"] and page.name.split(":")[1] in OUTLINE
        return 403 if outline else allowed[0]
    if name == "published" and page.public:
        return 302 if page.name == "documents:document-detail" or verb == "post" else 200
    return 302 if role in SIGNED_OUT else 404


def is_sign_in(response):
    return response.status_code == 302 and response.url.split("?")[0] == reverse(settings.LOGIN_URL)


# Sign-in's own: the session, and the address book that the library keeps beside ours.
OF_SIGN_IN = "django_session|account_emailaddress"
WRITES = re.compile(rf"\s*(INSERT|UPDATE|DELETE|REPLACE|ALTER|DROP|CREATE)\b(?!.*({OF_SIGN_IN}))", re.IGNORECASE)


def rows():
    """How many rows every table of the house has."""
    return {model._meta.label: model._base_manager.count() for model in apps.get_models() if model._meta.managed}


def ask(client, verb, url, sent=None):
    """The answer and what it wrote; a POST is undone, so that the next one meets the same world."""
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        response = client.post(url, sent or {}) if verb == "post" else client.get(url)
        if hasattr(response, "streaming_content"):
            list(response.streaming_content)
        if verb == "post":
            transaction.set_rollback(True)
    return response, [query["sql"] for query in queries if WRITES.match(query["sql"])]


# --- The tests ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_role_page_and_verb(world, visitor, role):
    client = visitor(role)
    before = rows()
    wanted, found, written, to_sign_in = {}, {}, {}, {}
    # A verb that an address does not have is asked for by those who may do most; who has nothing to do with anything
    # asks for each page of one object. Both only save time.
    has_part = any(role in relations for relations in RELATIONS.values())
    for page in PAGES:
        for name in page.of if has_part or page.of == EVERY else page.of[:1]:
            url = address(page, world.places[name])
            for verb in ("get", "post") if has_part else [verb for verb in ("get", "post") if getattr(page, verb)]:
                key = (page.name, *page.rest, name, verb)
                wanted[key] = expected(page, name, verb, role)
                response, writes = ask(client, verb, url, page.sent)
                found[key] = response.status_code
                if writes and (verb == "get" or found[key] in {403, 404, 405}):
                    written[key] = writes
                to_own_login = found[key] == 302 and role in SIGNED_OUT and name != "published"
                if to_own_login and not is_sign_in(response):
                    to_sign_in[key] = response.url

    assert {key: (found[key], wanted[key]) for key in wanted if found[key] != wanted[key]} == {}
    assert written == {}
    assert to_sign_in == {}
    assert rows() == before


@pytest.mark.parametrize("role", ROLES)
def test_role_and_page_of_the_site(world, visitor, role):
    client = visitor(role)
    asked_as = "anonymous" if role in SIGNED_OUT else role
    wanted, found, written = {}, {}, {}
    for name, args, get, post in SITE:
        url = reverse(name, args=[part.format(**world.site) for part in args])
        for verb, table in (("get", get), ("post", post)):
            public = "anonymous" not in (get or post or {})
            refused = 302 if asked_as == "anonymous" and not public else 405
            key = (name, *args, verb)
            wanted[key] = refused if table is None else table.get(asked_as, table.get("else", 404))
            response, writes = ask(client, verb, url, {"sent": "1"})
            found[key] = response.status_code
            if writes and verb == "get":
                written[key] = writes

    assert {key: (found[key], wanted[key]) for key in wanted if found[key] != wanted[key]} == {}
    assert written == {}


# --- The table is complete ------------------------------------------------------------------------------------


def _routes(resolver, before=""):
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            # The admin has its own test below; rounds have another world, in tests/reviews/test_permissions.py.
            if pattern.app_name not in {"admin", "reviews"}:
                yield from _routes(pattern, route)
        else:
            yield pattern, route


def test_every_address_is_in_the_table(world, db):
    with translation.override("fi"):
        tested = {resolve(address(page, world.places[page.of[0]]).split("?")[0]).route for page in PAGES}
        tested |= {
            resolve(reverse(name, args=[part.format(**world.site) for part in args])).route for name, args, *_ in SITE
        }
        every = {route for pattern, route in _routes(get_resolver()) if not SIGN_IN.match(pattern.name or "")}

    assert every - tested == set()


def test_what_is_open_without_sign_in_is_what_the_table_says(world):
    open_views = {
        (resolve(address(page, world.places[page.of[0]]).split("?")[0]).view_name, page.public) for page in PAGES
    }
    says = {name for name, public in open_views if public}
    says |= {name for name, _args, get, post in SITE if "anonymous" not in (get or post or {})}
    found = set()
    for pattern, _route in _routes(get_resolver()):
        if not getattr(pattern.callback, "login_required", True):
            found.add(pattern.name)

    assert found == {name.split(":")[-1] for name in says} | SIGN_IN_PUBLIC


# --- Sign-in and the admin ------------------------------------------------------------------------------------


def _sign_in_addresses():
    arguments = {"key": "x-y", "uidb36": "1"}
    for pattern, _route in _routes(get_resolver()):
        if SIGN_IN.match(pattern.name or ""):
            names = pattern.pattern.converters or pattern.pattern.regex.groupindex
            yield pattern.name, reverse(pattern.name, kwargs={name: arguments[name] for name in names})


@pytest.mark.parametrize("role", ["anonymous", "stranger", "coordinator"])
def test_pages_of_sign_in_open_nothing_and_write_nothing_on_get(world, visitor, role):
    client = visitor(role)
    before = rows()
    faults = {}
    for name, url in _sign_in_addresses():
        response, writes = ask(client, "get", url)
        if writes or response.status_code >= 500:
            faults[name] = (response.status_code, writes)
        if role == "anonymous" and name not in SIGN_IN_PUBLIC and not is_sign_in(response):
            faults[name] = (response.status_code, "open to anyone")
    after = rows()

    assert faults == {}
    assert {label for label in after if before[label] != after[label]} <= {"account.EmailAddress", "sessions.Session"}


def _admin_addresses():
    yield reverse("admin:index")
    for model in admin.site._registry:
        info = (model._meta.app_label, model._meta.model_name)
        yield reverse("admin:{}_{}_changelist".format(*info))
        yield reverse("admin:{}_{}_add".format(*info))
        if row := model._default_manager.first():
            for view in ("change", "delete", "history"):
                yield reverse(f"admin:{info[0]}_{info[1]}_{view}", args=[row.pk])


@pytest.mark.parametrize("role", ["anonymous", "stranger", "coordinator"])
def test_admin_is_closed_to_everyone_else(world, visitor, role):
    client = visitor(role)

    for url in _admin_addresses():
        for verb in ("get", "post"):
            response, writes = ask(client, verb, url)
            assert response.status_code in {302, 403}, url
            assert response.status_code == 403 or reverse("admin:login") in response.url or is_sign_in(response)
            assert writes == []


def test_admin_reads_without_writing(world, visitor):
    client = visitor("superuser")
    faults = {}
    for url in _admin_addresses():
        response, writes = ask(client, "get", url)
        # 403: nobody may add or delete a row there.
        if response.status_code not in {200, 403} or writes:
            faults[url] = (response.status_code, writes)

    assert faults == {}


def test_staff_without_more_rights_sees_nothing_in_the_admin(world, visitor):
    client = visitor("stranger")
    type(world.users["stranger"]).objects.filter(pk=world.users["stranger"].pk).update(is_staff=True)

    for url in _admin_addresses():
        if url != reverse("admin:index"):
            assert client.get(url).status_code == 403, url
