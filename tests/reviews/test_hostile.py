"""A respondent who means harm gets nowhere and hurts nobody: hostile words in every field, files that lie, links and
ids that are not hers, forms without their token. With HYPOTHESIS_PROFILE=soak every payload goes into every field.
"""

import html
import io
import os
import re
import zipfile
from urllib.parse import urlencode

import lxml.html
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews.answering import limits
from reviews.models import CommentRound, Invitation, Remark, Statement
from reviews.services.attachments import attach
from reviews.services.remarks import say
from reviews.services.statements import begin, hand_in, save_fields
from reviews.urls import answering, reading, summary
from tests.hostile import PLAIN, RUN
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

from .factories import OPENS, CommentRoundFactory, InvitationFactory
from .test_answering import DAY, PDF, come
from .test_statements import QUESTIONS, place

pytestmark = pytest.mark.django_db
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"

BIG = ["x" * 100_000, "\r\n" * 100_000]
PAYLOADS = [
    " ".join(PLAIN),
    "'; DROP TABLE reviews_statement; -- %s%n%(x)s {x} {0.__class__} =cmd|' /C calc'!A0",
    "sana\x00sana",
    "\u202egnp.exe\u202c\u2066sana \ud800 \udfff \x0b\x1b[2J\u2028" + "👩‍👩‍👧‍👦🏳️‍🌈" * 50,
    "-1",
    "9" * 400,
    '["../../../etc/passwd", null, {"a": [1]}]',
]


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()


@pytest.fixture
def comment_round(time_machine):
    time_machine.move_to(OPENS + DAY, tick=False)
    return make_round()


def make_round(**fields):
    return CommentRoundFactory(
        kind=CommentRound.Kind.OPEN,
        questions=QUESTIONS,
        allows_anonymous=True,
        has_family_form=True,
        has_children_form=True,
        sharing=CommentRound.Sharing.AT_ONCE,
        contact_email="",
        **fields,
    )


def at(comment_round, name, *rest):
    return reverse(f"reviews:{name}", args=[comment_round.version.document.region.slug, comment_round.public_id, *rest])


# --- Words in every field ------------------------------------------------------------------------------------------


def forms_of(response, here):
    """The forms of a page that are posted: where to, and the fields with what they hold."""
    found = []
    for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", response.content.decode(), re.DOTALL):
        if 'method="post"' not in attributes:
            continue
        action = re.search(r'action="([^"]*)"', attributes)
        fields = {}
        for tag in re.findall(r"<(?:input|textarea|select|button)[^>]*>", inside):
            named = dict(re.findall(r'(name|value|type)="([^"]*)"', tag))
            if "name" in named and named["name"] != "csrfmiddlewaretoken":
                fields[named["name"]] = html.unescape(named.get("value", ""))
        found.append((html.unescape(action[1]) if action and action[1] else here, fields))
    return found


def post(client, url, fields):
    """As a browser would send it, and also what no browser sends: halves of surrogates."""
    body = urlencode(fields, errors="surrogatepass")
    return client.post(url, body, content_type="application/x-www-form-urlencoded")


def visitors(comment_round):
    """Browsers that have begun in every way, and one that has not; each with the pages it can post from."""
    section, block = place(comment_round.version)
    places = [at(comment_round, "remark-add", section, block.id), at(comment_round, "remark-add")]
    yield Client(), [at(comment_round, "answer"), places[0], reverse("reviews:code")]
    for kind in ("personal", "official", "anonymous"):
        client = Client()
        client.post(at(comment_round, "answer-begin"), {"kind": kind, "form": "full"})
        statement = Statement.objects.latest("pk")
        remark = say(statement, key="k", text="Oma sana", language="fi", section_key=section, block_id=block.id)
        pages = [at(comment_round, name) for name in ("answer-who", "answer-questions")]
        if SOAK or kind == "personal":
            pages += [at(comment_round, name) for name in ("answer", "answer-finish", "answer-link")]
            pages += [*places, at(comment_round, "remark-edit", remark.public_id)]
        yield client, pages
    for form in ("family", "children"):
        client = Client()
        client.post(at(comment_round, "answer-begin"), {"kind": "anonymous", "form": form})
        yield client, [at(comment_round, "answer-short")]
    invited = Client()
    come(invited, "round_invitation", InvitationFactory(round=comment_round, email="kirjaamo@kunta.example"))
    yield invited, [at(comment_round, name) for name in ("answer", "answer-forward", "answer-more-time")]


KEPT = {"key", "shown", "website", "stance", "way", "kind", "form"}
"""Fields that a page fills in or offers as a choice: with them as they were the words come further."""


def attacks_on(fields):
    """What is put into a form: a payload into all of its fields, or into those that people fill in.

    In the long form also into each alone.
    """
    for number, payload in enumerate(PAYLOADS):
        if SOAK or number == len(fields) % len(PAYLOADS):
            yield dict.fromkeys(fields, payload) | {"website": ""}
        yield {name: value if name in KEPT else payload for name, value in fields.items()}
    for name in fields if SOAK else ():
        yield from ({**fields, name: payload} for payload in [*PAYLOADS, *BIG])
    yield {}


def test_hostile_words_in_every_field_stay_words(comment_round, client):
    seen = set()
    for visitor, pages in visitors(comment_round):
        for page in pages:
            shown = visitor.get(page, follow=True)
            assert shown.status_code == 200, page
            for url, fields in forms_of(shown, page):
                if url.endswith(("/leave/", "/language/", "/remove/")):
                    continue
                seen.add(re.sub(r"[a-z0-9]{10}", "ID", url))
                for attack in attacks_on(fields):
                    cache.clear()
                    answer = post(visitor, url, attack)
                    assert answer.status_code < 500, (url, attack)
                    assert_words(answer)
        for name in ("text", "my-remarks", "answer-questions", "answer-receipt"):
            assert_words(visitor.get(at(comment_round, name)))
    assert len(seen) > 10
    assert_words_at_the_desk(comment_round, client)


@pytest.mark.parametrize("words", BIG, ids=["word", "lines"])
def test_much_of_nothing_is_refused_or_kept_and_shown(comment_round, client, words):
    section, block = place(comment_round.version)
    client.post(at(comment_round, "answer-begin"), {"kind": "personal", "form": "full"})
    for url, field in (
        (at(comment_round, "answer-questions"), "text"),
        (at(comment_round, "answer-who"), "signed_by"),
        (at(comment_round, "remark-add", section, block.id), "wording_body"),
        (at(comment_round, "remark-add", section, block.id), "quote"),
    ):
        assert post(client, url, {"key": "k", "text": "Hyvä", field: words}).status_code in {302, 422}
        assert client.get(url).status_code == 200


def assert_words_at_the_desk(comment_round, client):
    """What they wrote, and worse, as those who handle it read it."""
    client.force_login(MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user)
    for statement in Statement.objects.all():
        values = {"text": PLAIN[0]} | ({} if statement.kind == Statement.Kind.ANONYMOUS else {"signed_by": PLAIN[1]})
        save_fields(statement, values=values, shown={})
    Statement.objects.filter(kind="official", organisation=None).update(organisation_name=PLAIN[3])
    Statement.objects.update(received_at=OPENS + DAY)
    Remark.objects.filter(statement__kind="personal").update(text=PLAIN[4])
    document = comment_round.version.document
    one = [document.region.slug, document.kind, document.public_id]
    for url in [
        reverse("reviews:remark-list", args=one),
        reverse("reviews:proposal-list", args=one),
        *(reverse("reviews:remark", args=[*one, remark.public_id]) for remark in Remark.objects.received()[:5]),
        *(at(comment_round, name) for name in ("statement-list", "summary", "summary-respondents", "invitation-list")),
        *(at(comment_round, "statement", row.public_id) for row in Statement.objects.received()[:4]),
    ]:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert_words(answer)


def assert_words(answer):
    """Nothing of what was sent is markup: no element of theirs, no attribute."""
    if answer.streaming or not answer.content or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    page = lxml.html.document_fromstring(answer.content, parser=lxml.html.HTMLParser(encoding="utf-8"))
    for element in page.iter():
        if isinstance(element.tag, str):
            assert not [name for name in element.attrib if isinstance(name, str) and name.startswith("on")]
            assert not any("javascript:" in value for value in element.attrib.values() if element.tag == "a")
            assert element.tag != "script" or RUN not in (element.text or "")


@pytest.mark.parametrize("value", ["\ud800", "x" * 5_000, "-1", "[]", "' OR 1=1 --"], ids=ascii)
def test_hostile_addresses_find_nothing(comment_round, client, value):
    """NUL in an address is refused before any view (`tests/test_security.py`)."""
    section, block = place(comment_round.version)
    client.post(at(comment_round, "answer-begin"), {"kind": "personal", "form": "full"})
    names = ("language", "mark", "page", "body", "section", "next", "q", "token")
    query = urlencode(dict.fromkeys(names, value), errors="surrogatepass")
    for url in (
        *(at(comment_round, name) for name in ("answer", "text", "my-remarks", "answer-questions", "answer-finish")),
        at(comment_round, "remark-add", section, block.id),
        reverse("reviews:code"),
        reverse("reviews:by-invitation"),
        reverse("reviews:by-statement"),
    ):
        assert client.get(f"{url}?{query}").status_code in {200, 302, 404}
    for url in (
        at(comment_round, "answer-questions"),
        at(comment_round, "answer-finish"),
        at(comment_round, "answer-short"),
    ):
        sent = dict.fromkeys(("remove", "go", "back", "autosave", "key", "shown", "kind", "form"), value)
        assert post(client, url, sent).status_code < 500


# --- Files that are not what they say ----------------------------------------------------------------------------


def bomb(*names):
    """An archive of a few kilobytes that would become a hundred megabytes."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"<a>" + b" " * 50_000_000)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("lausunto.pdf", lambda: b"MZ\x90\x00" + PDF),
        ("kuva.png", f"<svg onload={RUN}>".encode),
        ("sivu.pdf", f"<!--%PDF-1.7--><script>{RUN}</script>".encode),
        ("molemmat.pdf", lambda: PDF + f"<script>{RUN}</script>".encode() + bomb("a")),
        ("pommi.docx", lambda: bomb("[Content_Types].xml", "word/document.xml")),
        ("pommi.xlsx", lambda: bomb("[Content_Types].xml", "xl/workbook.xml")),
        ("katkennut.docx", lambda: bomb("[Content_Types].xml", "word/document.xml")[:400]),
        ("\u202efdp.exe", lambda: PDF),
        ("../../etc/x.pdf", lambda: PDF + b"1"),
        ("a\r\nSet-Cookie: x=1.pdf", lambda: PDF + b"2"),
        ("x" * 3_000 + ".pdf", lambda: PDF + b"3"),
        (f"<script>{RUN}<_script>.pdf", lambda: PDF + b"4"),
    ],
    ids=lambda value: ascii(value)[:20] if isinstance(value, str) else "",
)
def test_files_that_are_not_what_they_say_are_kept_apart(comment_round, client, name, make):
    client.post(at(comment_round, "answer-begin"), {"kind": "personal", "form": "full"})
    here = at(comment_round, "answer-questions")
    answer = client.post(here, {"text": "Säilyy", "files": SimpleUploadedFile(name, make())})
    assert answer.status_code in {302, 422}
    statement = Statement.objects.get()
    assert statement.text == "Säilyy"
    assert_words(client.get(here))
    for stored in statement.attachments.all():
        given = client.get(at(comment_round, "answer-file", stored.public_id))
        assert given.headers["Content-Disposition"].startswith("attachment")
        assert (given.headers["X-Content-Type-Options"], "Set-Cookie" in given.headers) == ("nosniff", False)
        assert "sandbox" in given.headers["Content-Security-Policy"]
        assert not re.search(r"[\\/\r\n\u202e]", stored.name)
        assert stored.content_type != "text/html"
        assert_word_reader_survives(comment_round, statement, stored)


def assert_word_reader_survives(comment_round, statement, stored):
    """The coordinator opens what was attached as a returned Word file."""
    statement.received_at = OPENS + DAY
    statement.save()
    coordinator = Client()
    coordinator.force_login(MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user)
    url = at(comment_round, "word-return-read", statement.public_id, stored.public_id)
    answer = coordinator.post(url)
    assert answer.status_code in {302, 404, 422}


def test_bodies_that_are_too_large_are_refused_before_they_are_read(comment_round, client):
    client.post(at(comment_round, "answer-begin"), {"kind": "personal", "form": "full"})
    here = at(comment_round, "answer-questions")
    assert (
        client.post(here, urlencode({"text": "x" * 11_000_000}), "application/x-www-form-urlencoded").status_code == 400
    )
    many = urlencode([(f"f{number}", "1") for number in range(1_500)])
    assert client.post(here, many, "application/x-www-form-urlencoded").status_code == 400
    assert client.post(here, b"\xff" * 1_000, "multipart/form-data; boundary=x").status_code < 500
    assert client.post(here, b"{", "application/json").status_code < 500
    assert Statement.objects.get().text == ""


# --- Links and ids that are another's ------------------------------------------------------------------------------

MARK = "salaisuuteni"


@pytest.fixture
def victim(comment_round):
    """Somebody in another round of another region, who has handed in a remark and a file, shown to nobody."""
    other = make_round(region=RegionFactory(bilingual=True))
    CommentRound.objects.filter(pk=other.pk).update(kind=CommentRound.Kind.INVITED, sharing="nobody")
    other.refresh_from_db()
    return say_all(other)


def say_all(comment_round):
    kind = Statement.Kind.PERSONAL
    invitation = None
    if comment_round.kind == CommentRound.Kind.INVITED:
        invitation, kind = InvitationFactory(round=comment_round), Statement.Kind.OFFICIAL
    statement = begin(comment_round, kind=kind, language="fi", invitation=invitation)
    section, block = place(comment_round.version)
    say(statement, key="k", text=f"Huomio {MARK}", language="fi", section_key=section, block_id=block.id)
    statement = save_fields(statement, values={"signed_by": f"Esko {MARK}", "text": f"Kaikki {MARK}"}, shown={})
    attach(statement, name=f"{MARK}.pdf", content=PDF)
    hand_in(statement, key="mine")
    return Statement.objects.select_related("round__version__document__region").get(pk=statement.pk)


def every_address(comment_round, statement, region=None):
    """Every address of the respondents' pages and of the summary, with this statement's ids in all places."""
    section, block = place(comment_round.version)
    values = {
        "region": region or comment_round.version.document.region.slug,
        "round_id": comment_round.public_id,
        "remark_id": statement.remarks.get().public_id,
        "file_id": statement.attachments.get().public_id,
        "section_key": section,
        "block_id": block.id,
        "key": section,
        "language": "fi",
        "stage": "draft",
        "format": "pdf",
    }
    for pattern in [*answering.urlpatterns, *reading.urlpatterns, *summary.urlpatterns]:
        names = pattern.pattern.converters
        yield reverse(f"reviews:{pattern.name}", kwargs={name: values[name] for name in names})


def test_nobody_reaches_what_is_anothers(comment_round, victim, client):
    """Neither a stranger nor a respondent of another round, nor one of the same round, by any address."""
    neighbour = say_all(comment_round)
    CommentRound.objects.filter(pk=comment_round.pk).update(sharing="nobody")
    client.post(at(comment_round, "answer-begin"), {"kind": "personal", "form": "full"})
    before = state()
    own = sorted({*every_address(comment_round, neighbour), *every_address(comment_round, victim)})
    others = list(every_address(victim.round, victim))
    others += every_address(victim.round, victim, comment_round.region.slug) if SOAK else []
    attack = {"text": "Varas", "key": "mine", "remove": victim.attachments.get().public_id, "signed_by": "Varas"}
    attack |= {"kind": "x", "to_email": "varas@example.org", "by_name": "Varas", "until": "1.3.2026", "reason": "x"}
    for browser, urls in ((Client(), own), (client, own if SOAK else own[::2]), (client, others)):
        for url in urls:
            cache.clear()
            for answer in (
                browser.get(url),
                *([] if url.endswith(("/begin/", "/leave/")) else [browser.post(url, attack)]),
            ):
                assert answer.status_code < 500, url
                assert MARK not in b"".join(answer).decode("utf-8", "replace"), url
    assert state() == before


def state():
    """What the two who have handed in have said, and whether anything was asked in their names."""
    return (
        list(
            Statement.objects.filter(text__contains=MARK).order_by("pk").values_list("pk", "text", "signed_by", "edit")
        ),
        list(
            Remark.objects.filter(text__contains=MARK).order_by("pk").values_list("pk", "text", "edit", "withdrawn_at")
        ),
        list(Statement.attachments.through.objects.filter(statement__text__contains=MARK).values_list("pk", flat=True)),
        list(Invitation.objects.values_list("asked_until", flat=True)),
    )


def test_guessed_links_and_codes_open_nothing_and_forms_need_their_token(comment_round, victim):
    guesser = Client()
    for token in ("x", "a" * 43, "..%2f", victim.public_id, victim.invitation.public_id):
        assert guesser.get(f"/fi/link/{token}/", follow=True).status_code in {200, 404, 410}
        assert guesser.get(reverse("reviews:by-statement")).url == reverse("accounts:link-gone")
    honest = Client(enforce_csrf_checks=True)
    seen = 0
    for url in set(every_address(victim.round, victim)):
        answer = honest.post(url, {"text": "Varas", "key": "k"})
        assert answer.status_code in {403, 405, 302, 404}, url
        seen += answer.status_code == 403
    assert seen > 15


# --- Too much ------------------------------------------------------------------------------------------------------


def test_beyond_the_limit_a_post_is_refused_cheaply_and_others_are_not_hurt(comment_round, client, monkeypatch):
    section, block = place(comment_round.version)
    client.post(at(comment_round, "answer-begin"), {"kind": "personal", "form": "full"})
    for name in ("BEGIN", "SAVE", "SEND", "CODE"):
        limit = getattr(limits, name)
        monkeypatch.setattr(limits, name, limits.Limit(limit.name, 3, limit.seconds))
    stranger = Client()
    floods = {
        reverse("reviews:code"): (stranger, {"code": "AAAA-BBBB-CCCC"}),
        at(comment_round, "answer-begin"): (stranger, {"kind": "personal"}),
        at(comment_round, "answer-questions"): (client, {"text": "Hyvä."}),
        at(comment_round, "answer-finish"): (client, {"key": "k"}),
        at(comment_round, "remark-add", section, block.id): (client, {"key": "r", "text": "Huomio"}),
    }
    for url, (browser, data) in floods.items():
        cache.clear()
        for number in range(5):
            if url.endswith("/begin/"):
                browser.cookies.clear()
            with CaptureQueriesContext(connection) as queries:
                answer = browser.post(url, {**data, "key": f"k{number}"}, REMOTE_ADDR="192.0.2.1")
        assert answer.status_code in {429, 422}, url
        assert len(queries) <= 9, url
        other = Client().get(at(comment_round, "answer"), REMOTE_ADDR="192.0.2.2")
        assert other.status_code == 200
        begun = Client().post(at(comment_round, "answer-begin"), {"kind": "personal"}, REMOTE_ADDR="192.0.2.2")
        assert begun.status_code == 302


def test_a_form_sent_again_after_leaving_changes_nothing(comment_round, client):
    """A shared computer: the next one presses back and sends what the one before had typed."""
    client.post(at(comment_round, "answer-begin"), {"kind": "personal", "form": "full"})
    sent = {"text": "Eskon sanat, jotka jäivät selaimeen."}
    client.post(at(comment_round, "answer-questions"), sent)
    client.post(at(comment_round, "answer-leave"))
    assert (
        client.post(at(comment_round, "answer-questions"), {"text": "Seuraava kävijä kirjoittaa."}).status_code == 403
    )
    assert Statement.objects.get().text == sent["text"]
