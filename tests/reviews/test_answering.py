"""A respondent's way through the pages, as a parish worker, a registrar, a child, and somebody who means harm."""

import datetime
import io
import re
import socket
import threading
import zipfile

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.links import link_path
from accounts.models import AccessLink
from jobs.services import run_due
from regions.files import ODT, XLSX, attachment_type_of
from reviews.answering import limits
from reviews.answering.holding import INVITATION, STATEMENT, make_own_link, visit_of
from reviews.inviting.codes import make_code
from reviews.models import CommentRound, Receipt, Statement
from reviews.services.remarks import say
from reviews.services.statements import begin, hand_in, save_fields
from tests.accounts.factories import UserFactory
from tests.regions.factories import (
    BodyFactory,
    MandateFactory,
    MembershipFactory,
    OrganisationFactory,
)

from .factories import CLOSES, OPENS, CommentRoundFactory, InvitationFactory, RemarkFactory, StatementFactory
from .test_statements import QUESTIONS, place

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()


@pytest.fixture
def comment_round(time_machine):
    time_machine.move_to(OPENS + DAY, tick=False)
    return CommentRoundFactory(
        kind=CommentRound.Kind.OPEN,
        title={"fi": "Lausuntokierros", "sv": "Remiss"},
        questions=QUESTIONS,
        allows_anonymous=True,
        has_family_form=True,
        has_children_form=True,
        case_number="PIR/123/2026",
        contact_phone="040 123 4567",
        attention=[
            {"kind": "", "text": {"fi": "Katsokaa aikataulu."}},
            {"kind": "municipality", "text": {"fi": "Kunnille: luku 4."}},
            {"kind": "parish", "text": {"fi": "Seurakunnille: luku 5."}},
        ],
    )


@pytest.fixture
def invitation(comment_round):
    comment_round.kind = CommentRound.Kind.INVITED
    comment_round.save()
    return InvitationFactory(round=comment_round, email="kirjaamo@kunta.example")


def at(comment_round, name="answer", *rest):
    region = comment_round.version.document.region.slug
    return reverse(f"reviews:{name}", args=[region, comment_round.public_id, *rest])


def come(client, purpose, target):
    """Open a mailed link, as far as the page behind it."""
    token = AccessLink.new_token()
    AccessLink.objects.create(
        purpose=purpose,
        target=target.public_id,
        token_hash=AccessLink.hash_of(token),
        expires_at=CLOSES + 100 * DAY,
    )
    return client.get(link_path(token, "fi"), follow=True)


def hidden(response, name):
    """What a hidden field of the page holds."""
    html = response.content.decode()
    tag = next(tag for tag in re.findall(r"<input[^>]*>", html) if f'name="{name}"' in tag)
    found = re.search(r'value="([^"]*)"', tag)
    return found[1].replace("&quot;", '"') if found else ""


def start(client, comment_round, kind="personal", form="full"):
    return client.post(at(comment_round, "answer-begin"), {"kind": kind, "form": form}, follow=True)


def upload(name, content):
    return SimpleUploadedFile(name, content)


def zipped(**parts):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


# --- Coming in --------------------------------------------------------------------------------------------


def test_front_page_tells_what_is_asked_and_by_when_before_during_and_after(client, comment_round, time_machine):
    page = client.get(at(comment_round)).content.decode()
    assert re.search(r"13.2.2026 \w+ 16.00", page)
    for words in ("PIR/123/2026", "040 123 4567", "Kaisa Koordinaattori", "Katsokaa aikataulu"):
        assert words in page
    assert "Kunnille" not in page
    assert page.count('<form method="post"') == 5
    time_machine.move_to(OPENS - DAY)
    early = client.get(at(comment_round)).content.decode()
    assert re.search(r"12.1.2026 \w+ 8.00", early)
    assert at(comment_round, "answer-begin") not in early
    time_machine.move_to(CLOSES + DAY)
    late = client.get(at(comment_round))
    assert late.context["state"] == "late"
    assert at(comment_round, "answer-begin") in late.content.decode()
    time_machine.move_to(CLOSES + 31 * DAY)
    assert at(comment_round, "answer-begin") not in client.get(at(comment_round)).content.decode()
    assert start(client, comment_round).status_code == 422
    CommentRound.objects.update(announced_at=None)
    assert client.get(at(comment_round)).status_code == 404


def test_link_of_an_invitation_leads_to_the_request_and_tells_nothing_of_others(client, invitation):
    other = InvitationFactory(round=invitation.round, organisation__name_fi="Naapurikunta")
    invitation.organisation.kind = "parish"
    invitation.organisation.save()
    response = come(client, INVITATION, invitation)
    page = response.content.decode()
    assert response.request["PATH_INFO"] == at(invitation.round)
    assert str(invitation.organisation) in page
    assert str(other.organisation) not in page
    assert "Seurakunnille: luku 5." in page
    assert "Kunnille" not in page
    invitation.withdrawn_at = OPENS
    invitation.save()
    gone = client.get(at(invitation.round))
    assert str(invitation.organisation) not in gone.content.decode()
    assert gone.context["visit"].is_let_in is False


def test_invited_round_keeps_others_out_and_internal_round_asks_to_sign_in(client, comment_round, invitation):
    assert client.get(at(comment_round)).context["visit"].is_let_in is False
    for name in ("answer-letter", "answer-draft", "answer-copy", "answer-forward", "answer-more-time"):
        assert client.get(at(comment_round, name)).status_code == 404
    assert start(client, comment_round).status_code == 404
    comment_round.kind = CommentRound.Kind.INTERNAL
    comment_round.save()
    assert "/account/login/" in client.get(at(comment_round))["Location"]
    client.force_login(UserFactory())
    assert client.get(at(comment_round)).status_code == 404


def test_code_opens_what_its_link_opens_and_guessing_ends(client, invitation, monkeypatch):
    _link, code = make_code(invitation, sent_to="", expires_at=CLOSES + DAY)
    box = reverse("reviews:code")
    assert client.post(box, {"code": "AAAA-BBBB-CCCC"}).status_code == 422
    response = client.post(box, {"code": code.lower().replace("-", " ")}, follow=True)
    assert response.request["PATH_INFO"] == at(invitation.round)
    monkeypatch.setattr(limits, "CODE", limits.Limit("code", 3, 900))
    assert client.post(box, {"code": "AAAA-BBBB-CCCC"}).status_code == 422
    refused = client.post(box, {"code": "AAAA-BBBB-CCCC"})
    assert refused.status_code == 429
    assert 'value="AAAA-BBBB-CCCC"' in refused.content.decode()


# --- The registrar ------------------------------------------------------------------------------------------


def test_registrar_hands_in_a_signed_statement_in_three_page_loads(client, invitation, comment_round):
    page = come(client, INVITATION, invitation)  # one page
    sent = {
        "stance": "statement",
        "signed_by": "Ritva Registraattori",
        "handled_in": "Kunnanhallitus",
        "handled_on": "10.1.2026",
        "item_no": "§ 12",
        "case_number": "KH 5/2026",
        "files": upload("lausunto.pdf", PDF),
        "key": hidden(page, "key"),
        "shown": hidden(page, "shown"),
    }
    receipt = client.post(at(comment_round, "answer-at-once"), sent, follow=True)  # and the receipt
    assert receipt.redirect_chain == [(at(comment_round, "answer-receipt"), 302)]
    words = receipt.content.decode()
    for told in ("Kunnanhallitus", "10.1.2026", "§ 12", "lausunto.pdf"):
        assert told in words
    assert re.search(r"13.1.2026 \w+ 8.00", words)
    statement = Statement.objects.get()
    assert (statement.kind, statement.organisation) == ("official", invitation.organisation)
    assert statement.late is False
    run_due()
    (letter,) = mail.outbox
    assert letter.to == ["kirjaamo@kunta.example"]
    assert re.search(r"13.1.2026 \w+ 8.00", letter.body)
    assert letter.attachments[0].mimetype == "application/pdf"
    link = re.search(r"/\S+/link/\S+|https?://\S+", letter.body)[0]
    elsewhere = Client().get(re.sub(r"^https?://[^/]+", "", link), follow=True)
    assert elsewhere.request["PATH_INFO"] == at(comment_round)
    assert elsewhere.context["visit"].statement == statement


def test_registrar_answers_in_one_word_and_joining_needs_a_name(client, invitation, comment_round):
    page = come(client, INVITATION, invitation)
    sent = {"stance": "joins", "signed_by": "Ritva", "key": hidden(page, "key"), "shown": hidden(page, "shown")}
    refused = client.post(at(comment_round, "answer-at-once"), sent)
    assert refused.status_code == 422
    assert 'value="Ritva"' in refused.content.decode()
    assert list(refused.context["form"].errors) == ["joins"]
    again = {**sent, "stance": "nothing", "key": hidden(refused, "key"), "shown": hidden(refused, "shown")}
    assert again["key"] == sent["key"]
    assert client.post(at(comment_round, "answer-at-once"), again).status_code == 302
    assert Statement.objects.get().stance == "nothing"


def test_nothing_to_state_needs_one_click_and_its_receipt_tells_where_it_goes(client, invitation, comment_round):
    page = come(client, INVITATION, invitation)
    sent = {"key": hidden(page, "key"), "shown": hidden(page, "shown"), "stance": "statement"}
    nameless = client.post(at(comment_round, "answer-at-once"), sent)
    assert nameless.context["form"].has_error("signed_by", "signer_missing")
    receipt = client.post(at(comment_round, "answer-at-once"), sent | {"stance": "nothing"}, follow=True)
    assert receipt.redirect_chain == [(at(comment_round, "answer-receipt"), 302)]
    assert "kirjaamo@kunta.example" in receipt.content.decode()


def test_youth_council_is_asked_in_plain_words_and_nobodys_name(client, comment_round):
    body = BodyFactory(region=comment_round.region, kind="influence_body", name="Nuorisovaltuusto")
    invitation = InvitationFactory(round=comment_round, organisation=None, body=body, email="nuva@example.org")
    page = come(client, INVITATION, invitation)
    assert page.content.decode().index(at(comment_round, "answer-begin")) < page.content.decode().index("send-title")
    client.post(at(comment_round, "answer-begin"), {"kind": "official"})
    client.post(at(comment_round, "answer-questions"), {"text": "Lisää tapahtumia."})
    finish = client.get(at(comment_round, "answer-finish"))
    receipt = client.post(at(comment_round, "answer-finish"), {"key": hidden(finish, "key")}, follow=True)
    assert "Lisää tapahtumia." in receipt.content.decode()
    assert Statement.objects.get().signed_by == ""


def test_receipt_names_places_as_the_text_does_and_tells_every_proposed_change(client, comment_round):
    start(client, comment_round)
    statement = Statement.objects.get()
    section_key, block = place(comment_round.version)
    for operations in (
        [{"op": "delete", "block_id": block.id}],
        [{"op": "replace_text", "block_id": block.id, "unit": "body", "language": "fi", "value": "Uudet sanat."}],
    ):
        RemarkFactory(
            statement=statement, section_key=section_key, block_id=block.id, text="", operations=operations, order=2
        )
    page = client.get(at(comment_round, "answer-finish")).content.decode()
    assert "1. kappale" in page
    assert "Uudet sanat." in page
    assert "Teksti poistettaisiin" in page


def test_registrar_passes_on_asks_for_time_and_prints(client, invitation, comment_round):
    come(client, INVITATION, invitation)
    done = client.post(at(comment_round, "answer-forward"), {"to_email": "sihteeri@kunta.example", "by_name": "Ritva"})
    assert done.status_code == 302
    assert invitation.mails.get().email == "sihteeri@kunta.example"
    bad = client.post(at(comment_round, "answer-more-time"), {"until": "1.2.2026", "reason": "Hallitus"})
    assert bad.status_code == 422
    asked = {"until": "27.2.2026", "reason": "Hallitus kokoontuu 26.2."}
    assert client.post(at(comment_round, "answer-more-time"), asked).status_code == 302
    invitation.refresh_from_db()
    assert invitation.asked_reason == "Hallitus kokoontuu 26.2."
    letter = client.get(at(comment_round, "answer-letter"))
    assert letter.content.startswith(b"%PDF")
    client.post(at(comment_round, "answer-begin"), {"kind": "official"})
    assert client.get(at(comment_round, "answer-copy")).content.startswith(b"%PDF")
    assert client.get(at(comment_round, "answer-draft")).context["making"] == "not_asked"
    client.post(at(comment_round, "answer-draft"))
    run_due()
    draft = client.get(at(comment_round, "answer-draft"))
    assert draft["Content-Disposition"].startswith("attachment")


def test_invited_organisation_takes_its_place_from_somebody_who_took_its_name(client, comment_round):
    town = OrganisationFactory(region=comment_round.region, name_fi="Esimerkkilä")
    start(client, comment_round, "official")
    page = client.get(at(comment_round, "answer-who"))
    assert "Esimerkkilä" in page.content.decode()
    client.post(at(comment_round, "answer-who"), {"organisation_name": "esimerkkilä", "shown": hidden(page, "shown")})
    claimed = Statement.objects.get()
    assert (claimed.organisation, claimed.organisation_name) == (town, "")
    second = Client()
    start(second, comment_round, "official")
    second.post(at(comment_round, "answer-who"), {"organisation_name": "Esimerkkilä"})
    assert Statement.objects.get(organisation=None).organisation_name == "Esimerkkilä"
    begin(
        comment_round,
        kind=Statement.Kind.OFFICIAL,
        language="fi",
        invitation=InvitationFactory(round=comment_round, organisation=town),
    )
    claimed.refresh_from_db()
    assert (claimed.organisation, claimed.organisation_name) == (None, "Esimerkkilä")


def test_internal_round_takes_official_statements_from_those_who_may_sign(client, comment_round):
    comment_round.kind = CommentRound.Kind.INTERNAL
    comment_round.save()
    body = BodyFactory(region=comment_round.region)
    document = comment_round.version.document
    document.writing_body = body
    document.save()
    member = MembershipFactory(body=body, region=body.region).user
    client.force_login(member)
    assert start(client, comment_round, "official").status_code == 422
    town = OrganisationFactory(region=comment_round.region)
    other = OrganisationFactory(region=comment_round.region)
    MandateFactory(user=member, organisation=town, right="sign")
    start(client, comment_round, "official")
    for chosen, status in ((other, 422), (town, 302)):
        sent = {"organisation": chosen.public_id, "signed_by": "Maija"}
        assert client.post(at(comment_round, "answer-who"), sent).status_code == status
    assert Statement.objects.get().organisation == town


# --- Writing ------------------------------------------------------------------------------------------------


def test_parish_worker_answers_questions_adds_a_file_and_gets_a_receipt(client, comment_round):
    page = start(client, comment_round)
    assert page.redirect_chain == [(at(comment_round, "answer-questions"), 302)]
    sent = {
        "q-q1": "Kerho puuttuu.",
        "q-q2": "k",
        "text": "Hyvä luonnos <script>alert(1)</script>",
        "files": upload("kuva.exe", PDF),
        "shown": hidden(page, "shown"),
        "go": "next",
    }
    who = client.post(at(comment_round, "answer-questions"), sent, follow=True)
    assert who.redirect_chain == [(at(comment_round, "answer-who"), 302)]
    bad = client.post(at(comment_round, "answer-who"), {"signed_by": "Päivi", "email": "päivi"})
    assert bad.status_code == 422
    assert 'value="Päivi"' in bad.content.decode()
    client.post(at(comment_round, "answer-who"), {"signed_by": "Päivi", "email": "paivi@srk.example"})
    statement = Statement.objects.get()
    section, block = place(comment_round.version)
    say(statement, key="r1", text="Aukiolo puuttuu.", language="fi", section_key=section, block_id=block.id)
    check = client.get(at(comment_round, "answer-finish"))
    for words in ("Kerho puuttuu.", "Kyllä", "&lt;script&gt;", "kuva.exe.pdf", "Päivi", "Aukiolo puuttuu."):
        assert words in check.content.decode()
    receipt = client.post(at(comment_round, "answer-finish"), {"key": hidden(check, "key")}, follow=True)
    assert receipt.redirect_chain == [(at(comment_round, "answer-receipt"), 302)]
    assert "Kerho puuttuu." in receipt.content.decode()
    run_due()
    assert mail.outbox[0].to == ["paivi@srk.example"]
    paper = client.get(at(comment_round, "answer-receipt-file"))
    assert paper.content.startswith(b"%PDF")
    stored = client.get(at(comment_round, "answer-file", statement.attachments.get().public_id))
    assert stored["Content-Disposition"] == 'attachment; filename="kuva.exe.pdf"'
    assert stored["X-Content-Type-Options"] == "nosniff"


def test_saving_as_one_goes_says_when_and_a_colleagues_words_are_not_lost(client, invitation, comment_round):
    come(client, INVITATION, invitation)
    client.post(at(comment_round, "answer-begin"), {"kind": "official"})
    mine = client.get(at(comment_round, "answer-questions"))
    colleague = Client()
    come(colleague, INVITATION, invitation)
    theirs = colleague.get(at(comment_round, "answer-questions"))
    headers = {"accept": "application/json"}
    sent = {"text": "Minun", "q-q1": "Yhdessä", "shown": hidden(mine, "shown")}
    saved = client.post(at(comment_round, "answer-questions"), sent, headers=headers).json()
    assert "8.00" in saved["saved"]
    sent = {"text": "Minun tekstini", "q-q1": "Yhdessä", "shown": saved["shown"]}
    assert client.post(at(comment_round, "answer-questions"), sent, headers=headers).status_code == 200
    late = {"text": "Kollegan", "q-q1": "Kollegan vastaus", "q-q2": "e", "shown": hidden(theirs, "shown")}
    refused = colleague.post(at(comment_round, "answer-questions"), late)
    page = refused.content.decode()
    assert refused.status_code == 422
    for words in ("Minun tekstini", "Kollegan", "Yhdessä", "Kollegan vastaus"):
        assert words in page
    statement = Statement.objects.get()
    assert (statement.text, statement.answers) == ("Minun tekstini", {"q1": "Yhdessä", "q2": "e"})
    both = {"text": "Molemmat", "q-q1": "Molemmat", "q-q2": "e", "shown": hidden(refused, "shown")}
    assert colleague.post(at(comment_round, "answer-questions"), both).status_code == 302
    statement.refresh_from_db()
    assert statement.text == "Molemmat"


def test_files_are_known_by_their_bytes_limited_and_removed(client, comment_round, monkeypatch):
    start(client, comment_round)
    here = at(comment_round, "answer-questions")
    for name, content in (
        ("lausunto.pdf", b"MZ\x90\x00 program"),
        ("sivu.pdf", b"<html><script>alert(1)</script>"),
        ("kuva.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("tyhja.pdf", b""),
        ("makro.xlsx", zipped(**{"[Content_Types].xml": "", "xl/workbook.xml": "", "xl/vbaProject.bin": ""})),
        ("rikki.docx", b"PK\x03\x04 broken"),
    ):
        refused = client.post(here, {"text": "Säilyy", "files": upload(name, content)})
        assert (refused.status_code, name) == (422, name)
        assert "Säilyy" in refused.content.decode()
    assert Statement.objects.get().attachments.count() == 0
    assert attachment_type_of(zipped(**{"[Content_Types].xml": "", "xl/workbook.xml": ""})) == XLSX
    assert attachment_type_of(zipped(mimetype=ODT, **{"content.xml": ""})) == ODT
    assert attachment_type_of(zipped(mimetype=ODT, **{"content.xml": "", "Basic/x.xml": ""})) is None
    monkeypatch.setattr("reviews.services.attachments.LARGEST", len(PDF) + 1)
    assert client.post(here, {"files": upload("iso.pdf", PDF + b"12")}).status_code == 422
    monkeypatch.setattr("reviews.services.attachments.MOST_FILES", 2)
    two = [upload("../../a.pdf", PDF), upload("b.pdf", PDF + b"1"), upload("a2.pdf", PDF)]
    assert client.post(here, {"files": two}).status_code == 302
    stored = list(Statement.objects.get().attachments.order_by("pk"))
    assert [row.name for row in stored] == ["a.pdf", "b.pdf"]
    monkeypatch.undo()
    client.post(here, {"text": "Säilyy", "remove": stored[0].public_id})
    assert [row.name for row in Statement.objects.get().attachments.all()] == ["b.pdf"]
    assert client.get(at(comment_round, "answer-file", stored[0].public_id)).status_code == 404
    assert Client().get(at(comment_round, "answer-file", stored[1].public_id)).status_code == 404


def test_scanner_refuses_what_it_finds_and_a_silent_one_lets_nothing_in(client, comment_round, settings):
    answers = [b"stream: Eicar-Test-Signature FOUND\0", b"stream: OK\0"]
    heard = []
    server = socket.create_server(("127.0.0.1", 0))

    def scan():
        for answer in answers:
            line, _address = server.accept()
            with line:
                got = b""
                while not got.endswith(b"\0\0\0\0"):
                    got += line.recv(65536)
                heard.append(got)
                line.sendall(answer)

    thread = threading.Thread(target=scan)
    thread.start()
    settings.CLAMD = f"tcp:127.0.0.1:{server.getsockname()[1]}"
    start(client, comment_round)
    here = at(comment_round, "answer-questions")
    assert client.post(here, {"files": upload("a.pdf", PDF)}).status_code == 422
    assert client.post(here, {"files": upload("a.pdf", PDF)}).status_code == 302
    thread.join()
    server.close()
    assert heard[0].startswith(b"zINSTREAM\0") and PDF in heard[0]
    assert client.post(here, {"files": upload("b.pdf", PDF + b"1")}).status_code == 422
    assert Statement.objects.get().attachments.count() == 1


# --- The short forms ----------------------------------------------------------------------------------------


def test_child_is_asked_three_questions_and_nothing_about_herself(client, comment_round):
    page = start(client, comment_round, "anonymous", "children")
    html = page.content.decode()
    names = set(re.findall(r'name="([^"]+)"', html.split('<form class="fc-form"')[1].split("</form>")[0]))
    assert names == {
        *("csrfmiddlewaretoken", "shown", "key", "website"),
        *("q-child-help", "q-child-good", "q-child-change"),
    }
    sent = {
        "q-child-help": "hard",
        "q-child-good": "Puisto",
        "key": hidden(page, "key"),
        "shown": hidden(page, "shown"),
    }
    receipt = client.post(at(comment_round, "answer-short"), sent, follow=True)
    assert receipt.redirect_chain == [(at(comment_round, "answer-receipt"), 302)]
    assert "Puisto" in receipt.content.decode()
    statement = Statement.objects.get()
    assert statement.answers == {"child-help": "hard", "child-good": "Puisto"}
    assert (statement.kind, statement.form, statement.late) == ("anonymous", "children", False)
    assert client.get(at(comment_round, "answer-link")).status_code == 302
    assert run_due() == 0


def test_family_form_is_kept_as_one_goes_and_refused_where_the_round_has_none(client, comment_round):
    page = start(client, comment_round, "anonymous", "family")
    headers = {"accept": "application/json"}
    kept = client.post(at(comment_round, "answer-short"), {"q-family-good": "Kahvila"}, headers=headers)
    assert kept.status_code == 200
    assert Statement.objects.get().answers == {"family-good": "Kahvila"}
    empty = {"q-family-good": "", "shown": kept.json()["shown"], "key": hidden(page, "key")}
    assert client.post(at(comment_round, "answer-short"), empty).status_code == 422
    CommentRound.objects.update(has_family_form=False)
    assert start(Client(), comment_round, "anonymous", "family").status_code == 422


def test_same_computer_is_used_by_one_after_another(client, comment_round):
    start(client, comment_round)
    first = Statement.objects.get()
    front = client.get(at(comment_round))
    assert front.context["ways"] == []
    assert start(client, comment_round).redirect_chain[0][0] == at(comment_round, "answer-questions")
    client.post(at(comment_round, "answer-leave"))
    assert client.get(at(comment_round)).context["visit"].statement is None
    start(client, comment_round)
    assert Statement.objects.exclude(pk=first.pk).count() == 1
    _link, token = make_own_link(first)
    elsewhere = Client().get(link_path(token, "fi"), follow=True)
    assert elsewhere.context["visit"].statement == first


def test_own_link_is_shown_once_and_mailed(client, comment_round):
    start(client, comment_round)
    shown = client.post(at(comment_round, "answer-link"), {"email": "paivi@srk.example"})
    address = shown.context["own_address"]
    run_due()
    assert mail.outbox[0].to == ["paivi@srk.example"]
    assert AccessLink.objects.filter(purpose=STATEMENT).count() == 3
    path = re.sub(r"^https?://[^/]+", "", address)
    assert Client().get(path, follow=True).context["visit"].statement == Statement.objects.get()
    assert address not in client.get(at(comment_round, "answer-link")).content.decode()


# --- The clock ----------------------------------------------------------------------------------------------


def ready(client, comment_round):
    start(client, comment_round)
    client.post(at(comment_round, "answer-questions"), {"text": "Kaikki hyvin."})
    client.post(at(comment_round, "answer-who"), {"signed_by": "Esko"})
    return client.get(at(comment_round, "answer-finish"))


def test_dropped_network_and_two_tabs_hand_in_once(client, comment_round):
    page = ready(client, comment_round)
    other_tab = client.get(at(comment_round, "answer-finish"))
    for _time in range(2):
        client.post(at(comment_round, "answer-finish"), {"key": hidden(page, "key")})
    assert Receipt.objects.count() == 1
    client.post(at(comment_round, "answer-finish"), {"key": hidden(other_tab, "key")})
    assert (Receipt.objects.count(), Statement.objects.count()) == (2, 1)
    assert len({row.content["received_at"] for row in Receipt.objects.all()}) == 1


def test_closing_second_decides_and_afterwards_it_is_read_and_not_changed(client, comment_round, time_machine):
    time_machine.move_to(CLOSES - DAY, tick=False)
    page = ready(client, comment_round)
    time_machine.move_to(CLOSES - datetime.timedelta(seconds=1), tick=False)
    client.post(at(comment_round, "answer-finish"), {"key": hidden(page, "key")})
    time_machine.move_to(CLOSES, tick=False)
    assert Statement.objects.get().late is False
    refused = client.post(at(comment_round, "answer-questions"), {"text": "Vielä yksi asia"})
    assert refused.status_code == 422
    assert "Vielä yksi asia" in refused.content.decode()
    assert Statement.objects.get().text == "Kaikki hyvin."
    read = client.get(at(comment_round, "answer-questions"), follow=True)
    assert read.redirect_chain == [(at(comment_round, "answer-receipt"), 302)]
    assert "Kaikki hyvin." in read.content.decode()
    late = Client()
    page = ready(late, comment_round)
    receipt = late.post(at(comment_round, "answer-finish"), {"key": hidden(page, "key")}, follow=True)
    assert receipt.status_code == 200
    assert Statement.objects.filter(late=True).count() == 1


# --- Those who mean harm ------------------------------------------------------------------------------------


def test_nobody_reaches_the_answer_of_another(client, comment_round):
    page = ready(client, comment_round)
    stranger = Client()
    assert stranger.get(at(comment_round, "answer-questions")).status_code == 302
    typed = "Kirjoitin tämän ennen kuin linkki suljettiin."
    refused = stranger.post(at(comment_round, "answer-questions"), {"text": typed})
    assert refused.status_code == 403
    assert typed in refused.content.decode()
    assert stranger.post(at(comment_round, "answer-finish"), {"key": hidden(page, "key")}).status_code == 403
    AccessLink.objects.update(withdrawn_at=OPENS)
    assert client.post(at(comment_round, "answer-questions"), {"text": typed}).status_code == 403
    assert Statement.objects.get().text == "Kaikki hyvin."


def test_link_to_one_round_opens_no_other(client, comment_round):
    start(client, comment_round)
    other = CommentRoundFactory(region=comment_round.region, kind=CommentRound.Kind.INVITED)
    StatementFactory(round=other)
    assert client.get(at(other)).context["visit"].is_let_in is False


@pytest.mark.parametrize("key", ["", "x" * 41])
def test_forms_without_a_key_of_ours_are_refused(client, comment_round, key):
    ready(client, comment_round)
    assert client.post(at(comment_round, "answer-finish"), {"key": key}).status_code == 400


def test_machine_that_fills_in_everything_hands_in_nothing(client, comment_round):
    page = ready(client, comment_round)
    sent = {"key": hidden(page, "key"), "website": "https://spam.example"}
    refused = client.post(at(comment_round, "answer-finish"), sent)
    assert refused.status_code == 422
    assert hidden(refused, "website") == ""  # a person whose browser filled it in cannot see it to empty it
    assert Receipt.objects.count() == 0
    assert client.post(at(comment_round, "answer-begin"), {"kind": "personal", "website": "x"}).status_code == 422


def test_too_many_posts_are_refused_with_what_was_typed(client, comment_round, monkeypatch):
    start(client, comment_round)
    monkeypatch.setattr(limits, "SAVE", limits.Limit("save", 2, 600))
    here = at(comment_round, "answer-questions")
    statuses = [client.post(here, {"text": f"Teksti {number}"}).status_code for number in range(3)]
    assert statuses == [302, 302, 429]
    refused = client.post(here, {"text": "Kirjoitin pitkään"})
    assert "Kirjoitin pitkään" in refused.content.decode()
    monkeypatch.setattr(limits, "BEGIN", limits.Limit("begin", 0, 600))
    start(Client(), comment_round)
    assert start(Client(), comment_round).status_code == 429


def test_receipts_do_not_fill_a_mailbox(client, comment_round, monkeypatch):
    monkeypatch.setattr("reviews.jobs.receipts.MOST_RECEIPTS_A_DAY", 2)
    statement = StatementFactory(round=comment_round, received_at=None, email="uhri@example.org")
    save_fields(statement, values={"text": "Moi"}, shown={})
    for number in range(4):
        hand_in(statement, key=f"k{number}")
        run_due()
    assert len(mail.outbox) == 2


def test_two_official_statements_of_one_organisation_at_once_give_a_message(comment_round, monkeypatch):
    town = OrganisationFactory(region=comment_round.region)
    StatementFactory(round=comment_round, official=True, organisation=town)
    mine = begin(comment_round, kind=Statement.Kind.OFFICIAL, language="fi")
    looked = []

    def blind(self, *args, **kwargs):
        looked.append(self)
        if len(looked) > 1:
            real(self, *args, **kwargs)

    real = Statement.validate_constraints
    monkeypatch.setattr(Statement, "validate_constraints", blind)
    with pytest.raises(Exception, match=r"official statement|virallinen lausunto|lausunto") as raised:
        save_fields(mine, values={"organisation": town}, shown={})
    assert raised.type.__name__ == "ValidationError"


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_a_constant_number_of_queries(client, comment_round, count):
    start(client, comment_round)
    statement = Statement.objects.get()
    section, block = place(comment_round.version)
    for number in range(count):
        say(statement, key=f"r{number}", text="Huomio", language="fi", section_key=section, block_id=block.id)
        client.post(at(comment_round, "answer-questions"), {"files": upload(f"{number}.pdf", PDF + bytes([number]))})
        InvitationFactory(round=comment_round)
    save_fields(statement, values={"signed_by": "Esko"}, shown={})
    hand_in(statement, key="k")
    client.get(at(comment_round))
    found = {}
    for name in QUERIES:
        with CaptureQueriesContext(connection) as queries:
            client.get(at(comment_round, name))
        found[name] = len(queries)
    assert found == QUERIES


QUERIES = {"answer": 4, "answer-questions": 7, "answer-who": 5, "answer-finish": 7, "answer-receipt": 8}


def test_members_of_an_invited_body_write_its_answer_signed_in(client):
    comment_round = CommentRoundFactory(
        kind=CommentRound.Kind.INVITED,
        opens_at=timezone.now() - datetime.timedelta(days=2),
        closes_at=timezone.now() + datetime.timedelta(days=2),
    )
    body = BodyFactory(region=comment_round.region, name_fi="Nuorisovaltuusto")
    InvitationFactory(round=comment_round, organisation=None, body=body)
    first, second = MembershipFactory(body=body), MembershipFactory(body=body)
    address = reverse("reviews:answer", args=[comment_round.region.slug, comment_round.public_id])
    desk = reverse("home")
    client.force_login(first.user)
    assert address in client.get(desk).content.decode()
    begin = reverse("reviews:answer-begin", args=[comment_round.region.slug, comment_round.public_id])
    client.post(begin, {"kind": "official", "form": "full"})
    statement = comment_round.statements.get()
    assert statement.invitation.body == body
    for who, sees in ((second.user, True), (MembershipFactory(body__region=comment_round.region).user, False)):
        client.force_login(who)
        request = client.get(address).wsgi_request
        assert (visit_of(request, comment_round).statement == statement) is sees
    first.ends_on = timezone.localdate() - datetime.timedelta(days=1)
    first.save()
    client.force_login(first.user)
    assert visit_of(client.get(address).wsgi_request, comment_round).statement is None
    assert address not in client.get(desk).content.decode()
