"""Who may open and do what in rounds: one table of role × page × verb, for every address of `reviews`.

As in tests/test_permissions.py: what one may not see is 404 (without an account: the way to sign-in), what one sees but
may not do is 403, a button's address refuses GET with 405, no GET writes anything. A respondent's pages depend on how
she stands in the round. No page tells her who else was asked or what others are called; no page tells an e-mail
address of a respondent to those who only handle what was said.
"""

import datetime
import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone, translation

from accounts.links import link_path, make_link
from documents.operations import REPLACE_TEXT
from documents.services.versions import freeze
from regions.models import Body
from regions.services import store_file
from reviews.answering.holding import INVITATION, STATEMENT
from reviews.inviting.codes import make_code
from reviews.models import (
    CommentRound,
    InvitationMail,
    MailText,
    Receipt,
    RemarkGrouping,
    RemarkMeeting,
    RemarkNote,
    RemarkReport,
    RemarkSeparation,
    ReturnedRemark,
    RoundChange,
    Statement,
    StatementImport,
    SummaryFile,
    WordReturn,
)
from reviews.services.grouping import put_together
from reviews.services.importing import receive
from reviews.services.invitations import withdraw
from reviews.services.statements import content_of
from reviews.services.summaries import publish_summary
from reviews.services.word_returns import Respondent, bring_file
from tests.accounts.factories import UserFactory
from tests.documents.factories import make_document, make_section
from tests.regions.factories import BodyFactory, MembershipFactory, OrganisationFactory, RegionFactory
from tests.test_permissions import ask, is_sign_in, rows

from .factories import (
    AnswerFactory,
    ChainStepFactory,
    CommentRoundFactory,
    DecisionFactory,
    InvitationFactory,
    RemarkFactory,
    StatementFactory,
)
from .word_files import copy_of, ins, r, with_main

DAY = datetime.timedelta(days=1)
SECRET = "secret.example"
"""Where every address of somebody who is asked or answers lies."""

# --- Who ------------------------------------------------------------------------------------------------------

ACCOUNTS = [
    "stranger",  # signed in, member of nothing
    "ended",  # was in every group of the region until last year
    "coming",  # will be in them
    "inactive",  # a coordinator whose account was closed
    "elsewhere",  # coordinates another region
    "steering",  # of the region, in a body that nobody invited
    "steering_asked",  # in a body that is invited
    "handbook_group",  # writes another document of the region
    "writer",  # writes the document
    "coordinator",
    "superuser",  # an administrator without memberships works in the admin
]
RESPONDENTS = [
    "invitation_link",  # an organisation's, with a statement that is not handed in
    "second_link",  # a colleague's, of the same invitation
    "code",  # typed the code of the same invitation
    "other_invitation",  # of the same round, without a statement
    "withdrawn",  # her invitation was withdrawn after she had come in
    "own_link",  # her own handed-in statement in the open round
    "other_round",  # her own statement in the round that is over
    "foreign_round",  # of a round in another region
    "internal_link",  # of a body's invitation to a round inside the region's groups, and nobody has signed in
]
ROLES = ["anonymous", *ACCOUNTS, *RESPONDENTS]
WITHOUT_ACCOUNT = {"anonymous", "inactive", *RESPONDENTS}
MEMBERS = {"steering", "steering_asked", "handbook_group", "writer", "coordinator"}

WRITE, LEAD, NOTHING = "write", "lead", ""
RELATIONS = {
    **{
        name: {"writer": WRITE, "coordinator": LEAD}
        for name in ("draft", "coming", "open", "invited", "internal", "sign_in", "over")
    },
    "theirs": {"handbook_group": WRITE, "coordinator": LEAD},
    "foreign": {"elsewhere": LEAD},
}

# --- Pages of those who handle and run ------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """One address: what it answers to those who handle the round and to those who run it. None: no such verb (405)."""

    name: str
    rest: tuple[str, ...] = ()
    get: tuple[int, int] | None = (200, 200)
    post: tuple[int, int] | None = None
    query: str = ""
    sent: dict[str, Any] = field(default_factory=lambda: {"sent": "1"})


RUN = {"get": (403, 200)}
RUN_FORM = {"get": (403, 200), "post": (403, 422)}
RUN_ASK = {"get": (403, 200), "post": (403, 302)}
RUN_DO = {"get": None, "post": (403, 302)}
FORM = {"post": (422, 422)}
ASK = {"post": (302, 302)}
DO = {"get": None, "post": (302, 302)}

I, S, E, R = ("{invitation}",), ("{statement}",), ("{entered}",), ("{remark}",)  # noqa: E741
OF_ROUND = [
    Page("round"),
    Page("round-edit", **RUN_FORM),
    # It has been announced, which the page of the round tells.
    Page("round-announce", get=(403, 302), post=(403, 302)),
    Page("round-extend", **RUN_FORM),
    Page("round-close", **RUN_ASK),
    Page("round-reopen", **RUN_FORM),
    Page("round-qr"),
    # A poster is for rounds that are open to anyone.
    Page("round-poster", get=(404, 404)),
    Page("invitation-list"),
    Page("invitation-list", query="?q=secret.example"),
    Page("invitation-choose", **RUN_FORM),
    Page("invitation-addresses", **RUN_FORM),
    Page("invitation-file", **RUN_FORM),
    Page("invitations-send", **RUN_DO),
    Page("invitations-remind", **RUN_ASK),
    Page("reminder-settings", **RUN_FORM),
    Page("invitation", I, **RUN),
    Page("invitation-edit", I, **RUN_FORM),
    Page("invitation-send", I, **RUN_DO),
    Page("invitation-remind", I, **RUN_DO),
    Page("invitation-bounced", I, **RUN_ASK),
    Page("invitation-time", I, **RUN_FORM),
    Page("invitation-withdraw", I, **RUN_ASK),
    Page("statement-list"),
    Page("statement-list", query="?q=secret.example"),
    Page("statement-export"),
    Page("statement-enter", **RUN_FORM),
    Page("statement-import", **RUN_FORM),
    Page("statement-import-detail", ("{import}",), get=(403, 200), post=(403, 422)),
    Page("statement-import-remove", ("{import}",), **RUN_DO),
    Page("statement", S),
    Page("statement", E),
    # What a respondent wrote herself is changed by nobody else.
    Page("statement-change", S, get=(403, 403), post=(403, 403)),
    Page("statement-change", E, **RUN_FORM),
    Page("statement-add-to", S, **RUN_FORM),
    Page("statement-pick", E, get=None, post=(403, 422)),
    Page("statement-put-back", (*E, "{picked}"), **RUN_DO),
    Page("statement-file", (*S, "{file}")),
    # One statement's file is not another's, and a draft's is nobody's.
    Page("statement-file", (*E, "{file}"), get=(404, 404)),
    Page("statement", ("{begun}",), get=(404, 404)),
    Page("statement-file", ("{begun}", "{begun_file}"), get=(404, 404)),
    Page("statement-receipt", (*S, "1")),
    Page("statement-receipt", (*S, "2"), get=(404, 404)),
    Page("word-return-add", **RUN_FORM),
    Page("word-tray"),
    Page("word-place", ("{unplaced}",), get=None, post=(422, 422)),
    Page("word-return-read", (*S, "{file}"), **RUN_DO),
    Page("word-return", ("{return}",), get=(403, 200), post=(403, 422)),
    Page("word-return-cancel", ("{return}",), **RUN_DO),
    Page("summary"),
    Page("summary", ("fi",)),
    Page("summary-publish", get=None, post=(403, 422)),
    Page("outcomes-tell", **RUN_DO),
    Page("summary-withdraw", **RUN_DO),
    Page("summary-respondents"),
    Page("summary-respondents", ("fi",)),
    Page("summary-whole"),
    Page("summary-whole", ("fi",)),
    Page("summary-part", ("nykytila",)),
    Page("summary-part", ("nykytila", "fi")),
    Page("summary-files", get=(302, 302)),
    Page("summary-file", ("draft", "pdf", "fi")),
    # Nothing of this round was published.
    Page("summary-file", ("published", "pdf", "fi"), get=(404, 404)),
    Page("summary-file-make", ("draft", "xlsx", "fi"), **DO),
    # All that lies in the round, addresses too.
    Page("summary-file", ("draft", "zip", "fi"), get=(403, 200)),
    Page("summary-file-make", ("draft", "zip", "fi"), **RUN_DO),
    Page("summary-file-make", ("published", "zip", "fi"), get=None, post=(403, 404)),
    Page("moderation"),
    Page("remark-hide", R, **RUN_FORM),
    Page("remark-show", R, **RUN_DO),
    Page("remark-leave", R, **RUN_DO),
    Page("statement-hide", S, **RUN_FORM),
    Page("statement-show", S, **RUN_DO),
    Page("statement-black-out", S, **RUN_FORM),
    Page("statement-uncover", S, **RUN_DO),
    Page("statement-hide", ("{begun}",), get=(403, 404), post=(403, 404)),
    # Not before it is over.
    Page("round-forget", get=(403, 200), post=(403, 422)),
]
M = ("{meeting}",)
OF_DOCUMENT = [
    Page("round-list"),
    Page("round-add", ("{version}",), **RUN_FORM),
    Page("remark-list"),
    Page("remark-list", query="?q=secret.example"),
    Page("remarks-spreadsheet"),
    Page("remarks-answer", query="?remark={remark}", **FORM),
    Page("remarks-assign", query="?remark={remark}", **ASK),
    Page("remark", R),
    Page("remark", ("{begun_remark}",), get=(404, 404)),
    Page("remark-answer", R, get=None, post=(422, 422)),
    Page("remark-assign", R, **DO),
    Page("remark-note", R, get=None, post=(422, 422)),
    Page("answer-undo", ("{answered}", "{answer}"), **DO),
    # An answer to one remark is none to another.
    Page("answer-undo", (*R, "{answer}"), get=None, post=(404, 404)),
    Page("proposal-list"),
    Page("proposal-accept", ("{proposal}",), **DO),
    # What proposes nothing cannot be taken into the text.
    Page("proposal-accept", R, get=None, post=(404, 404)),
    Page("proposal-change", ("{proposal}",), **FORM),
    Page("proposal-reject", ("{proposal}",), **FORM),
    Page("proposal-write", R, **ASK),
    Page("proposal-undo", ("{answered}", "{answer}"), **DO),
    Page("tray"),
    Page("remark-place", R, **FORM),
    Page("group-list"),
    Page("group-search", **DO),
    Page("group-add", **FORM),
    Page("group", ("{group}",)),
    Page("group-take-out", ("{group}",), get=None, post=(404, 404)),
    Page("group-take-apart", ("{group}",), **DO),
    Page("meeting-list"),
    Page("meeting-add", **FORM),
    Page("meeting", M),
    Page("meeting-edit", M, **ASK),
    Page("meeting-end", M, **DO),
    Page("meeting-memo-pdf", M),
    Page("meeting-memo-word", M),
    Page("meeting-point", (*M, "{remark}"), **FORM),
    Page("meeting-accept", (*M, "{proposal}"), **DO),
]
# Of every round, whatever its state.
EVERY_ROUND = ("round", "round-list", "invitation-list", "statement-list", "remark-list", "summary", "moderation")

# Pages of a region: who is not named gets "else".
COORDINATORS = dict.fromkeys(MEMBERS, 403) | {"coordinator": 200, "else": 404}
PERSON = {"coordinator": 200, "else": 404}
OF_REGION: list[tuple[str, tuple[str, ...], dict[str, int] | None, dict[str, int] | None]] = [
    ("mail-texts", (), COORDINATORS, None),
    ("mail-text", ("request", "fi"), COORDINATORS, COORDINATORS | {"coordinator": 422}),
    ("mail-text-original", ("request", "fi"), None, COORDINATORS | {"coordinator": 302}),
    # Everybody's name and address stand there: to the others of the region there is no such page.
    ("person-find", (), PERSON, PERSON),
    ("person-export", (), None, PERSON),
    ("person-erase", (), None, PERSON | {"coordinator": 302}),
]
REGION_SENT = {"person-find": {"who": "piilo"}, "person-export": {"who": f"oma@{SECRET}"}}
REGION_SENT["person-erase"] = REGION_SENT["person-export"]

# --- Pages of respondents -------------------------------------------------------------------------------------

STANDS = (
    "gone",  # the round does not exist for her: a draft, or inside groups that are not hers
    "sign_in",  # inside the region's groups, and nobody has signed in
    "out",  # there is such a round, and she is not asked in it
    "must_sign",  # only for those who sign in
    "early",  # would be let in, but it has not opened
    "in",  # may read and answer, and has not begun
    "asked",  # by an invitation, and has not begun
    "writes",  # has begun, by an invitation
    "sent",  # has handed in and may still change it
    "over",  # has handed in, and the time is over
)
NONE = "405 " * len(STANDS)
# name, rest, GET and POST by how she stands in the round, in the order of STANDS
OF_RESPONDENT: list[tuple[str, tuple[str, ...], str, str]] = [
    ("answer", (), "404 302 200 200 200 200 200 200 200 200", NONE),
    ("answer-begin", (), NONE, "404 302 404 302 422 422 422 422 422 422"),
    ("answer-leave", (), NONE, "404 302 302 302 302 302 302 302 302 302"),
    ("answer-at-once", (), NONE, "404 403 403 403 403 403 422 422 403 403"),
    ("answer-forward", (), *["404 404 404 404 404 404 200 200 404 404", "404 404 404 404 404 404 422 422 404 404"]),
    ("answer-more-time", (), *["404 404 404 404 404 404 200 200 404 404", "404 404 404 404 404 404 422 422 404 404"]),
    ("answer-letter", (), "404 302 404 302 200 200 200 200 200 200", NONE),
    ("answer-draft", (), *["404 302 404 302 404 200 200 200 200 200", "404 302 404 302 404 302 302 302 302 302"]),
    ("answer-copy", (), "404 404 404 404 404 404 404 200 200 200", NONE),
    ("answer-questions", (), *["404 302 302 302 302 302 302 200 200 302", "404 403 403 403 403 403 403 302 302 422"]),
    ("answer-who", (), *["404 302 302 302 302 302 302 200 200 302", "404 403 403 403 403 403 403 302 302 422"]),
    ("answer-file", ("{own_file}",), "404 404 404 404 404 404 404 200 200 200", NONE),
    # Of another's statement in the same round.
    ("answer-file", ("{other_file}",), "404 404 404 404 404 404 404 404 404 404", NONE),
    ("answer-short", (), *["404 302 302 302 302 302 302 302 302 302", "404 403 403 403 403 403 403 302 302 302"]),
    ("answer-finish", (), *["404 302 302 302 302 302 302 200 200 302", "404 403 403 403 403 403 403 302 302 422"]),
    ("answer-receipt", (), "404 302 302 302 302 302 302 302 200 200", NONE),
    ("answer-receipt-file", (), "404 404 404 404 404 404 404 404 200 200", NONE),
    ("answer-link", (), *["404 302 302 302 302 302 302 200 200 200", "404 302 302 302 302 302 302 200 200 200"]),
    ("text", (), "404 302 302 302 302 200 200 200 200 200", NONE),
    *(
        ("remark-add", rest, "404 302 302 302 302 200 200 200 200 200", "404 403 403 403 403 422 422 422 422 422")
        for rest in ((), ("nykytila",), ("nykytila", "{block}"))
    ),
    ("my-remarks", (), "404 302 302 302 302 200 200 200 200 200", NONE),
    *(
        (name, ("{own_remark}",), get, post)
        for name, get, post in (
            (
                "remark-edit",
                "404 302 302 302 302 404 404 200 200 200",
                "404 403 403 403 403 404 404 422 422 422",
            ),
            (
                "remark-remove",
                "404 302 302 302 302 404 404 200 200 200",
                "404 403 403 403 403 404 404 302 302 422",
            ),
        )
    ),
    # Another's remark is not hers to change.
    ("remark-edit", ("{other_remark}",), "404 302 302 302 302" + " 404" * 5, "404 403 403 403 403" + " 404" * 5),
    # Reported is what is shown to others; where nothing is shared, there is nothing.
    ("remark-report", ("{other_remark}",), "404 302 302 302 302" + " 404" * 5, "404 403 403 403 403" + " 404" * 5),
    ("own-outcome", (), "404 404 404 404 404 404 404 404 404 200", NONE),
]
SHARED = {("remark-report", "in", "get"): 200, ("remark-report", "in", "post"): 302}
SHARED |= {("remark-report", "sent", "get"): 200, ("remark-report", "sent", "post"): 302}
"""What differs in the open round, which shows at once what others say."""
PUBLISHED = [
    ("outcome", ()),
    ("outcome", ("fi",)),
    ("outcome-respondents", ()),
    ("outcome-respondents", ("fi",)),
    ("outcome-whole", ()),
    ("outcome-whole", ("fi",)),
    ("outcome-part", ("nykytila",)),
    ("outcome-part", ("nykytila", "fi")),
    ("outcome-file", ("pdf", "fi")),
]
# Of organisations a published summary tells who was asked and who did not answer.
PUBLIC_AFTERWARDS = {"outcome": {"Vaitelijan"}}
DOORS = [("by-invitation", 302, None), ("by-statement", 302, None), ("code", 200, 422)]

HELD = {
    ("invitation_link", "invited"): "writes",
    ("second_link", "invited"): "writes",
    ("code", "invited"): "writes",
    ("other_invitation", "invited"): "asked",
    ("own_link", "open"): "sent",
    ("other_round", "over"): "over",
    ("foreign_round", "foreign"): "asked",
    # The members of a body write its answer together, signed in.
    ("steering_asked", "invited"): "asked",
    ("steering_asked", "internal"): "asked",
}


def stands(role: str, name: str) -> str:
    """How somebody in a role stands in a round."""
    has_account = role not in WITHOUT_ACCOUNT
    belongs = bool(RELATIONS[name].get(role))
    if name == "draft":
        return "gone"
    if (role, name) in HELD:
        return HELD[role, name]
    if name == "coming":
        return "early"
    if name == "open":
        return "in"
    if name == "sign_in":
        return "in" if has_account else "must_sign"
    if name == "internal":
        return "in" if belongs else "gone" if has_account else "sign_in"
    return "in" if belongs else "out"


# --- The world ------------------------------------------------------------------------------------------------


@dataclass
class World:
    users: dict[str, Any]
    rounds: dict[str, CommentRound]
    places: dict[str, dict[str, str]]
    """Round -> what stands for the names in braces."""
    links: dict[str, tuple[str, Any]]
    """Role -> purpose and target of the link that she holds."""
    private: dict[str, set[str]]
    """Names that no page of a respondent tells -> the roles whose own they are."""


def _region(name):
    region = RegionFactory(name_fi=name, languages=["fi", "sv"])
    BodyFactory(region=region, coordinating=True, kind=Body.Kind.COORDINATION)
    region.refresh_from_db()
    return region


def _document(region, body):
    document = make_document(region)
    make_section(document, "<p>Kahvila on auki.</p><p>Ryhmä kokoontuu.</p>")
    document.writing_body = body
    document.save(update_fields=["writing_body"])
    return document, freeze(document, by=None)


def _round(region, version, kind, *, opens=-3, closes=10, **more):
    now = timezone.now()
    return CommentRoundFactory(
        region=region,
        version=version,
        kind=kind,
        opens_at=now + opens * DAY,
        closes_at=now + closes * DAY,
        **({"announced_at": now - 9 * DAY} | more),
    )


def _place(version):
    block = version.json["sections"][0]["blocks"][0]["id"]
    return {"section_key": "nykytila", "block_id": block}


def _file(region, name):
    content = f"%PDF-1.7\n% {name}\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
    return store_file(region, name=f"{name}.pdf", content=content.encode(), by=None)


def _hand_in(statement):
    statement.received_at = timezone.now() - DAY
    statement.save()
    Receipt.objects.create(
        region=statement.region,
        statement=statement,
        key="k",
        made_at=statement.received_at,
        content=content_of(statement),
    )


def _statement(comment_round, *, sent=True, said="Aukiolo ovelle.", **fields):
    """A statement with a file and a remark, handed in or not."""
    statement = StatementFactory(round=comment_round, text="Hyvä suunnitelma.", received_at=None, **fields)
    statement.attachments.add(_file(comment_round.region, statement.public_id))
    remark = RemarkFactory(statement=statement, text=said, **_place(comment_round.version))
    if sent:
        _hand_in(statement)
    return statement, remark


def _make_world():
    kinds = CommentRound.Kind
    region, foreign = _region("Pohjoinen hyvinvointialue"), _region("Läntinen hyvinvointialue")
    writers, group = BodyFactory(region=region), BodyFactory(region=region, kind=Body.Kind.HANDBOOK_GROUP)
    steering = BodyFactory(region=region, kind=Body.Kind.STEERING_GROUP, name_fi="Kuuleva ryhmä")
    asked_body = BodyFactory(region=region, kind=Body.Kind.STEERING_GROUP, name_fi="Kutsuttu lautakunta")
    document, version = _document(region, writers)
    other_document, other_version = _document(region, group)
    foreign_document, foreign_version = _document(foreign, None)
    rounds = {
        "draft": _round(region, version, kinds.OPEN, announced_at=None),
        "coming": _round(region, version, kinds.OPEN, opens=2),
        "open": _round(region, version, kinds.OPEN, allows_anonymous=True, sharing=CommentRound.Sharing.AT_ONCE),
        "invited": _round(region, version, kinds.INVITED),
        "internal": _round(region, version, kinds.INTERNAL),
        "sign_in": _round(region, version, kinds.OPEN, requires_sign_in=True),
        "over": _round(region, version, kinds.INVITED, opens=-30, closes=-5),
        "theirs": _round(region, other_version, kinds.INVITED),
        "foreign": _round(foreign, foreign_version, kinds.INVITED),
    }

    bodies = {"steering": steering, "steering_asked": asked_body, "handbook_group": group, "writer": writers}
    users = {role: MembershipFactory(body=body).user for role, body in bodies.items()}
    users["coordinator"] = MembershipFactory(body=region.coordinating_body).user
    users["elsewhere"] = MembershipFactory(body=foreign.coordinating_body).user
    users["inactive"] = MembershipFactory(body=region.coordinating_body).user
    users["stranger"], users["ended"], users["coming"] = UserFactory(), UserFactory(), UserFactory()
    users["superuser"] = UserFactory(admin=True)
    today = timezone.localdate()
    for body in (*bodies.values(), region.coordinating_body):
        MembershipFactory(user=users["ended"], body=body, ends_on=today - 2 * DAY)
        MembershipFactory(user=users["coming"], body=body, starts_on=today + 2 * DAY)
    lead = users["coordinator"]

    def organisation(name, of=region):
        return OrganisationFactory(region=of, name_fi=name, name_sv=name)

    def invite(comment_round, whom, **fields):
        email = f"{whom.split()[0].lower()}@{SECRET}"
        if "organisation" not in fields:
            fields["organisation"] = organisation(whom, comment_round.region)
        return InvitationFactory(round=comment_round, **({"email": email} | fields))

    # The round by invitation, with all that can lie in one.
    invited = rounds["invited"]
    first = invite(invited, "Ahvenlahden kunta", asked_at=timezone.now(), asked_until=invited.closes_at + 9 * DAY)
    other = invite(invited, "Haukijoen kunta")
    withdrawn = invite(invited, "Kuhasaaren kunta")
    invite(invited, "Nimetty Henkilö", organisation=None, name="Nimetty Henkilö")
    invite(invited, "pelkkä osoite", organisation=None, email=f"pelkka@{SECRET}")
    of_body = [
        InvitationFactory(round=rounds[name], organisation=None, body=asked_body) for name in ("invited", "internal")
    ]
    mail = InvitationMail.objects.create(
        region=region, invitation=first, kind=InvitationMail.Kind.REQUEST, email=first.email, sent_at=timezone.now()
    )
    first.sent_at = mail.sent_at
    first.save()
    begun, begun_remark = _statement(
        invited, sent=False, said="Luonnos.", official=True, organisation=first.organisation, invitation=first
    )
    answered_by = invite(invited, "Siikarannan kunta")
    statement, remark = _statement(
        invited,
        official=True,
        organisation=answered_by.organisation,
        invitation=answered_by,
        signed_by="Sihteeri Salainen",
        email=f"sihteeri@{SECRET}",
    )
    entered, picked = _statement(
        invited,
        signed_by="Pirkko Paperi",
        email=f"pirkko@{SECRET}",
        origin=Statement.Origin.PAPER,
        entered_by=lead,
        said="Hyvä",
    )
    picked.picked_starts_at, picked.picked_ends_at = 0, 4
    picked.save()
    hidden_name, answered = _statement(invited, signed_by="Sanoja Salattu", email=f"sanoja@{SECRET}")
    given = AnswerFactory(region=region, remarks=[answered], answered_by=lead)
    wording = {"op": REPLACE_TEXT, "unit": "body", "language": "fi", "value": "Kahvila on kiinni."}
    proposal = RemarkFactory(
        statement=hidden_name,
        operations=[{**wording, "block_id": _place(version)["block_id"]}],
        **_place(version),
    )
    unplaced = RemarkFactory(statement=statement, text="Mistä sivusta?", unplaced=True)
    RemarkNote.objects.create(region=region, remark=remark, author=lead, text="Sisäinen sana.")
    RemarkReport.objects.create(region=region, remark=remark, text="Tässä on nimi.")
    similar = put_together(document, [answered, proposal], by=lead)
    separation = RemarkSeparation.objects.create(region=region, document=document, by=lead)
    separation.remarks.set([remark, picked])
    RemarkGrouping.objects.create(region=region, document=document, asked_by=lead)
    meeting = RemarkMeeting.objects.create(
        region=region, document=document, body=steering, held_on=today, created_by=lead
    )
    rows_of_file = f"Lausunnonantaja;Sähköposti;Jätetty;Muut huomiot\nOuto ry;outo@{SECRET};1.2.2026;Hyvä.\n"
    brought = receive(invited, name="vastaukset.csv", content=rows_of_file.encode(), by=lead)
    assert isinstance(brought, StatementImport)
    word_return = bring_file(
        invited,
        content=with_main(copy_of(invited), (r("Kahvila on auki."), r("Kahvila on ") + ins("kiinni.", "Wilma"))),
        name="palautus.docx",
        language="fi",
        respondent=Respondent(signed_by="Wilma Word", email=f"wilma@{SECRET}"),
        by=lead,
    )
    assert isinstance(word_return, WordReturn)
    ReturnedRemark.objects.create(region=region, remark=unplaced, word_return=word_return)

    # The open round shows at once what others say, and their names where they may be shown.
    own, own_remark = _statement(rounds["open"], signed_by="Oma Vastaaja", email=f"oma@{SECRET}")
    _hidden, shown = _statement(rounds["open"], signed_by="Piilo Puhuja", email=f"piilo@{SECRET}")
    _public, _remark = _statement(
        rounds["open"], signed_by="Julki Puhuja", shows_name=True, email=f"julki@{SECRET}", said="Julki sanon."
    )
    # The one that is over, with its summary.
    over, over_remark = _statement(rounds["over"], signed_by="Entinen Vastaaja", email=f"entinen@{SECRET}")
    RemarkFactory(statement=over, version=version, text="Kaikesta yhdessä.")
    over.told_at = timezone.now()
    over.save()
    silent = invite(rounds["over"], "Vaitelijan kunta")
    _other_over, other_over = _statement(rounds["over"], signed_by="Vaiettu Nimi", email=f"vaiettu@{SECRET}")
    summary = publish_summary(rounds["over"], intro={}, languages=["fi"], by=lead)
    SummaryFile.objects.filter(summary=summary, format="pdf").update(file=_file(region, "julkaistu"))
    for of_round, kind in ((invited, "pdf"), (invited, "zip"), (rounds["over"], "zip")):
        made = _file(region, f"{of_round.public_id}-{kind}")
        SummaryFile.objects.create(region=region, round=of_round, format=kind, language="fi", file=made)
    # What a member wrote inside the groups that she has left since.
    _statement(rounds["internal"], signed_by="Vanha Jäsen", user=users["ended"])
    assert silent.pk
    abroad = invite(rounds["foreign"], "Lännen kunta")
    foreign_statement, foreign_remark = _statement(rounds["foreign"], signed_by="Lännen Vastaaja")

    # What has no pages yet, so that the seal between regions is proved of every table.
    step = ChainStepFactory(region=region, document=document, body=steering)
    DecisionFactory(region=region, version=version, body=steering, step=step)
    RoundChange.objects.create(region=region, round=invited, kind="announced", closes_at=invited.closes_at, by=lead)
    MailText.objects.create(region=region, kind="reminder", language="fi", subject="Muistutus", body="Muistattehan.")

    def of_document(document, version):
        return {
            "region": document.region.slug,
            "kind": document.kind,
            "public_id": document.public_id,
            "version": version.number,
            "block": _place(version)["block_id"],
        }

    nothing = dict.fromkeys(("own_file", "other_file", "own_remark", "other_remark"), "nosuchid")
    places = {
        name: {**of_document(row.version.document, row.version), **nothing, "round": row.public_id}
        for name, row in rounds.items()
    }

    def one_file(row):
        return row.attachments.get().public_id

    places["invited"] |= {
        "invitation": first.public_id,
        "statement": statement.public_id,
        "file": one_file(statement),
        "entered": entered.public_id,
        "picked": picked.public_id,
        "begun": begun.public_id,
        "begun_file": one_file(begun),
        "begun_remark": begun_remark.public_id,
        "remark": remark.public_id,
        "answered": answered.public_id,
        "answer": given.public_id,
        "proposal": proposal.public_id,
        "unplaced": unplaced.public_id,
        "import": brought.public_id,
        "return": word_return.public_id,
        "group": similar.public_id,
        "meeting": meeting.public_id,
        "own_file": one_file(begun),
        "other_file": one_file(statement),
        "own_remark": begun_remark.public_id,
        "other_remark": remark.public_id,
    }
    places["open"] |= {
        "own_file": one_file(own),
        "other_file": one_file(_hidden),
        "own_remark": own_remark.public_id,
        "other_remark": shown.public_id,
    }
    places["over"] |= {
        "own_file": one_file(over),
        "own_remark": over_remark.public_id,
        "other_remark": other_over.public_id,
    }
    places["foreign"] |= {"other_file": one_file(foreign_statement), "other_remark": foreign_remark.public_id}
    assert other_document.pk and foreign_document.pk
    links = {
        "invitation_link": (INVITATION, first),
        "second_link": (INVITATION, first),
        "other_invitation": (INVITATION, other),
        "withdrawn": (INVITATION, withdrawn),
        "own_link": (STATEMENT, own),
        "other_round": (STATEMENT, over),
        "foreign_round": (INVITATION, abroad),
        "code": (INVITATION, first),
        "internal_link": (INVITATION, of_body[1]),
    }
    by_first = {"invitation_link", "second_link", "code"}
    private: dict[str, set[str]] = {
        "Ahvenlahden": by_first,
        "Haukijoen": {"other_invitation"},
        "Oma Vastaaja": {"own_link"},
        "Entinen Vastaaja": {"other_round"},
        "Lännen kunta": {"foreign_round"},
        **{f"{name}@{SECRET}": roles for name, roles in (("ahvenlahden", by_first), ("oma", {"own_link"}))},
        **{f"haukijoen@{SECRET}": {"other_invitation"}, f"entinen@{SECRET}": {"other_round"}},
        f"lännen@{SECRET}": {"foreign_round"},
        "Kutsuttu lautakunta": {"steering_asked", "internal_link"},
        "Vanha Jäsen": {"ended"},
    }
    others = ("Kuhasaaren", "Nimetty Henkilö", "pelkka@", "Siikarannan", "Sihteeri", "Pirkko Paperi", "Sanoja Salattu")
    others += ("Piilo Puhuja", "Vaitelijan", "Vaiettu Nimi", "Lännen Vastaaja", "Sisäinen sana", "Outo ry")
    private |= {name: set() for name in others}
    return World(users, rounds, places, links, private)


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
        if role in world.users:
            user = world.users[role]
            client.force_login(user)
            if role == "inactive":
                type(user).objects.filter(pk=user.pk).update(is_active=False)
        if role in world.links:
            purpose, target = world.links[role]
            until = timezone.now() + 30 * DAY
            if role == "code":
                _link, typed = make_code(target, sent_to="", expires_at=until)
                assert client.post(reverse("reviews:code"), {"code": typed}).status_code == 302
                assert client.get(reverse("reviews:by-invitation")).status_code == 302
            else:
                _link, token = make_link(purpose, target.public_id, expires_at=until)
                page = client.get(link_path(token, "fi"), follow=True)
                assert at("answer", world.places, target.round.public_id) in page.redirect_chain[1][0]
            if role == "withdrawn":
                withdraw(target, by=world.users["coordinator"])
        return client

    return of


@pytest.fixture(autouse=True)
def _papers_are_not_set(monkeypatch):
    """A paper is as good as its HTML here: setting a hundred of them takes minutes."""
    monkeypatch.setattr("reviews.answering.paper.make_pdf", lambda html, **more: html.encode())


def at(name, places, round_id):
    place = next(row for row in places.values() if row["round"] == round_id)
    return reverse(f"reviews:{name}", args=[place["region"], round_id])


def address(name, place, rest=(), query=""):
    """An address with the ids of a place; whether it is of the document or of the round, its name tells."""
    whose = ("kind", "public_id") if name in {page.name for page in OF_DOCUMENT} else ("round",)
    parts = [part if isinstance(part, int) else part.format(**place) for part in rest]
    if name == "round-add":
        parts = [int(part) for part in parts]
    if name == "statement-receipt":
        parts[-1] = int(parts[-1])
    args = [place["region"], *(place[key] for key in whose), *parts]
    return reverse(f"reviews:{name}", args=args) + query.format(**place)


def words_of(response):
    """All that an answer tells: a page, or what is packed into an office file."""
    content = getattr(response, "seen", None) or response.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    return content.decode(errors="replace")


def visit(client, verb, url, sent=None):
    """The answer, what it wrote, and all that it tells."""
    response, writes = ask(client, verb, url, sent)
    told = "" if response.streaming else words_of(response)
    return response, writes, told


# --- The tests ------------------------------------------------------------------------------------------------


def expected(page, verb, role, name="invited"):
    relation = RELATIONS[name].get(role, NOTHING)
    if role in WITHOUT_ACCOUNT:
        return 302
    allowed = getattr(page, verb)
    if allowed is None:
        return 405
    return {LEAD: allowed[1], WRITE: allowed[0], NOTHING: 404}[relation]


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_those_who_handle_and_run(world, visitor, role):
    client = visitor(role)
    before = rows()
    has_part = role in RELATIONS["invited"]
    wanted, found, faults = {}, {}, {}

    def look(page, name, verb):
        key = (name, page.name, *page.rest, page.query, verb)
        url = address(page.name, world.places[name], page.rest, page.query)
        response, writes, told = visit(client, verb, url, page.sent)
        wanted[key], found[key] = expected(page, verb, role, name), response.status_code
        if writes and (verb == "get" or found[key] in {403, 404, 405}):
            faults[key] = writes
        if found[key] == 302 and role in WITHOUT_ACCOUNT and not is_sign_in(response):
            faults[key] = response.url
        if (
            role != "coordinator"
            and role != "elsewhere"
            and SECRET in told.replace("q=secret.example", "").replace('value="secret.example"', "")
        ):
            faults[key] = "tells an e-mail address"

    for page in (*OF_ROUND, *OF_DOCUMENT):
        for verb in ("get", "post") if has_part else [verb for verb in ("get", "post") if getattr(page, verb)]:
            look(page, "invited", verb)
    simple = [page for page in (*OF_ROUND, *OF_DOCUMENT) if page.name in EVERY_ROUND and not (page.rest or page.query)]
    for name in RELATIONS:
        for page in simple if name != "invited" else ():
            look(page, name, "get")
    for name, rest, get, post in OF_REGION:
        url = reverse(f"reviews:{name}", args=[world.places["invited"]["region"], *rest])
        for verb, table in (("get", get), ("post", post)):
            key = (name, *rest, verb)
            response, writes, _told = visit(client, verb, url, REGION_SENT.get(name, {"sent": "1"}))
            found[key] = response.status_code
            wanted[key] = 302 if role in WITHOUT_ACCOUNT else 405 if table is None else table.get(role, table["else"])
            if writes and (verb == "get" or found[key] in {403, 404, 405}):
                faults[key] = writes

    assert {key: (found[key], wanted[key]) for key in wanted if found[key] != wanted[key]} | faults == {}
    assert rows() == before


def expected_of_respondent(name, rest, verb, codes, role, round_name):
    stand = stands(role, round_name)
    if codes == NONE:
        return 405
    if (role, name, round_name) == ("internal_link", "answer", "internal"):
        return 200 if verb == "get" else 405  # who was asked is told that one answers signed in
    if round_name == "open" and (name, stand, verb) in SHARED:
        return SHARED[name, stand, verb]
    return int(codes.split()[STANDS.index(stand)])


# The long list is walked in the round by invitation, and in those where somebody stands otherwise than most; in the
# others a page of each sort is enough. This only saves time.
WALKED = {
    "open": {"anonymous", "stranger", "coordinator"},
    "internal": {"anonymous", "stranger", "ended", "steering_asked", "writer", "internal_link"},
    "sign_in": {"anonymous", "stranger"},
    "over": {"anonymous", "writer"},
}
SHORT = {"answer", "answer-letter", "answer-questions", "text"}


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_respondents(world, visitor, role):
    client = visitor(role)
    before = rows()
    wanted, found, faults = {}, {}, {}

    def look(key, verb, url, want, *, handles):
        response, writes, told = visit(client, verb, url, {"sent": "1", "key": "k1"})
        wanted[key], found[key] = want, response.status_code
        if writes and (verb == "get" or found[key] in {403, 404, 405}):
            faults[key] = writes
        if want == 302 and stands(role, key[0]) in {"sign_in", "must_sign"} and "login" not in response.url:
            assert response.url.split("?")[0].startswith(reverse("reviews:answer", args=_of(world, key[0]))), key
        known = {name for name, roles in world.private.items() if role in roles} | PUBLIC_AFTERWARDS.get(key[1], set())
        names = [name for name in world.private if name not in known and name in told]
        if names and not handles:
            faults[key] = names

    for name, place in world.places.items():
        is_walked = name == "invited" or (role, name) in HELD or role in WALKED.get(name, ())
        handles = bool(RELATIONS[name].get(role))
        for page, rest, get, post in OF_RESPONDENT:
            if not is_walked and page not in SHORT:
                continue
            url = address(page, place, rest)
            for verb, codes in (("get", get), ("post", post)):
                if codes == NONE and name != "invited":
                    continue
                want = expected_of_respondent(page, rest, verb, codes, role, name)
                look((name, page, *rest, verb), verb, url, want, handles=handles)
        for page, rest in PUBLISHED if is_walked and name == "over" else PUBLISHED[:1]:
            want = 200 if name == "over" else 404
            look((name, page, *rest), "get", address(page, place, rest), want, handles=handles)
        look((name, "outcome-file", "zip"), "get", address("outcome-file", place, ("zip", "fi")), 404, handles=handles)
        copy = 200 if handles or stands(role, name) in {"in", "asked", "writes", "sent", "over"} else 404
        look((name, "comment-copy"), "get", address("comment-copy", place, ("fi",)), copy, handles=handles)
    for page, get, post in DOORS:
        url = reverse(f"reviews:{page}")
        look(("open", page, "get"), "get", url, get, handles=False)
        look(("open", page, "post"), "post", url, post or 405, handles=False)

    assert {key: (found[key], wanted[key]) for key in wanted if found[key] != wanted[key]} | faults == {}
    assert rows() == before


def _of(world, name):
    return [world.places[name]["region"], world.places[name]["round"]]


def test_what_lies_in_one_round_or_region_cannot_be_reached_through_another(world, visitor):
    """Every id of the round by invitation, asked for at the address of rounds that the visitor does run."""
    wrong = {}
    for role, name in (("elsewhere", "foreign"), ("coordinator", "theirs")):
        client = visitor(role)
        place = {**world.places["invited"], **{key: world.places[name][key] for key in ("region", "kind", "public_id")}}
        place["round"] = world.places[name]["round"]
        for page in (*OF_ROUND, *OF_DOCUMENT):
            if not any("{" in part for part in page.rest) or page.name == "round-add":
                continue
            for verb in ("get", "post"):
                if getattr(page, verb) is None:
                    continue
                response, writes, _told = visit(client, verb, address(page.name, place, page.rest), page.sent)
                if response.status_code != 404 or writes:
                    wrong[role, page.name, *page.rest, verb] = (response.status_code, writes)
    assert wrong == {}


# --- The table is complete ------------------------------------------------------------------------------------


def _routes(resolver, before=""):
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern, route)
        else:
            yield pattern, route


def _own_routes():
    """Every address of this namespace, with its view."""
    with translation.override("fi"):
        for pattern, route in _routes(get_resolver()):
            if pattern.callback.__module__.startswith("reviews."):
                yield pattern, route


def _public_pages():
    yield from ((name, rest) for name, rest, _get, _post in OF_RESPONDENT)
    yield from PUBLISHED
    yield "comment-copy", ("fi",)


def test_every_address_is_in_the_table(world, db):
    place = world.places["invited"]
    with translation.override("fi"):
        tested = {resolve(address(page.name, place, page.rest)).route for page in (*OF_ROUND, *OF_DOCUMENT)}
        tested |= {resolve(address(name, place, rest)).route for name, rest in _public_pages()}
        tested |= {
            resolve(reverse(f"reviews:{name}", args=[place["region"], *rest])).route
            for name, rest, _get, _post in OF_REGION
        }
        tested |= {resolve(reverse(f"reviews:{name}")).route for name, *_ in DOORS}
        every = {route for _pattern, route in _own_routes()}
    assert every - tested == set()
    assert len(every) > 100


def test_what_is_open_without_sign_in_is_what_the_table_says():
    own = [pattern for pattern, _route in _own_routes()]
    open_views = {pattern.name for pattern in own if not getattr(pattern.callback, "login_required", True)}
    assert open_views == {name for name, _rest in _public_pages()} | {name for name, *_ in DOORS}


def test_regions_are_sealed_with_rows_in_every_table(world, db):
    empty = [model.__name__ for model in apps.get_app_config("reviews").get_models() if not model.objects.exists()]
    assert empty == []
    out = io.StringIO()
    call_command("check_regions", stdout=out)
    assert re.search(r"\d+", out.getvalue())
