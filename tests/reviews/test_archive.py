import hashlib
import io
import json
import re
import tempfile
import zipfile

import lxml.html
import pytest
import time_machine
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from regions.services import store_made_file
from reviews.archive import ArchiveTooLargeError, problems_in, write_archive, writing
from reviews.archive.names import attachment_name, numbered_name
from reviews.models import CommentRound, InvitationMail, Receipt, RemarkNote
from reviews.services.answers import answer
from reviews.services.moderation import black_out, hide_statement
from reviews.services.statements import content_of
from reviews.services.summary_files import ask_for_file
from tests.regions.factories import BodyFactory, MembershipFactory

from .factories import CLOSES, CommentRoundFactory, InvitationFactory, RemarkFactory, StatementFactory

pytestmark = pytest.mark.django_db

ADDRESSES = ("koti@example.org", "kirjaamo@example.org", "kollega@example.org", "lisaaika@example.org")


@pytest.fixture
def comment_round():
    return CommentRoundFactory(kind=CommentRound.Kind.OPEN, case_number="D/1", contact_email="kaisa@example.org")


@pytest.fixture
def coordinator(comment_round):
    user = MembershipFactory(body=BodyFactory(region=comment_round.region, coordinating=True)).user
    with time_machine.travel(CLOSES, tick=True):
        yield user


def made(comment_round):
    with tempfile.TemporaryFile() as file:
        write_archive(file, CommentRound.objects.select_related("version__document__region").get(pk=comment_round.pk))
        file.seek(0)
        return zipfile.ZipFile(io.BytesIO(file.read()))


def full_round(comment_round, by):
    invitation = InvitationFactory(round=comment_round, email=ADDRESSES[1], asked_by=ADDRESSES[3], asked_at=CLOSES)
    InvitationMail.objects.create(
        region=comment_round.region, invitation=invitation, kind=InvitationMail.Kind.FORWARDED, email=ADDRESSES[2]
    )
    official = StatementFactory(
        round=comment_round,
        official=True,
        invitation=invitation,
        organisation=invitation.organisation,
        text="Lausumme näin. Ohjaaja Virtanen.",
        email=ADDRESSES[0],
    )
    official.attachments.add(
        *(
            store_made_file(
                comment_round.region, name=name, content=name.encode(), content_type="application/pdf", by=None
            )
            for name in ("Liite.pdf", "../../Liite.pdf", "CON.pdf", "ÄÄ <b>.pdf")
        )
    )
    Receipt.objects.create(
        region=comment_round.region,
        statement=official,
        key="a",
        made_at=official.received_at,
        content={**content_of(official), "email": ADDRESSES[0]},
    )
    remark = RemarkFactory(statement=official, text="Aukiolo.")
    RemarkNote.objects.create(region=comment_round.region, remark=remark, author=by, text="Sisäinen huomio")
    answer([remark], outcome="no_change", reason={"fi": "Ei nyt."}, by=by)
    secret = StatementFactory(round=comment_round, signed_by="<b>Salla</b>", text="Salainen asia.", kind="personal")
    hide_statement(secret, ground="JulkL 24 §", by=by)
    black_out(official, words="Virtanen", reason="nimi", by=by)
    StatementFactory(round=comment_round, received_at=None, text="Keskeneräinen")
    return official, secret


def test_archive_holds_everything_and_its_checksums_agree(comment_round, coordinator):
    official, secret = full_round(comment_round, coordinator)
    archive = made(comment_round)
    names = archive.namelist()
    assert problems_in(archive.fp) == []
    listed = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS.txt").decode().splitlines())
    assert set(listed) == set(names) - {"SHA256SUMS.txt"}
    for name, digest in listed.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest

    index = json.loads(archive.read("index.json"))
    assert {row["path"] for row in index["files"]} == set(names) - {"SHA256SUMS.txt", "index.json"}
    assert index["round"]["case_number"] == "D/1"
    first, second = index["statements"]
    assert [first["id"], second["id"]] == [official.public_id, secret.public_id]
    assert first["text"] == "Lausumme näin. Ohjaaja Virtanen."
    assert first["blacked_out"][0]["reason"] == "nimi"
    assert (second["hidden_ground"], second["text"]) == ("JulkL 24 §", "Salainen asia.")
    assert first["receipts"][0]["content"]["text"] == official.text
    assert index["remarks"][0]["text"] == "Aukiolo."
    assert index["answers"][0]["reason"] == {"fi": "Ei nyt."}
    assert index["answers"][0]["remarks"] == [index["remarks"][0]["id"]]
    assert index["invitations"][0]["statement"] == official.public_id
    assert (
        sum(name.endswith(".pdf") and "/liitteet/" not in name for name in names) == 6
    )  # letter and summary in two languages, and two papers
    text = archive.read("index.json").decode()
    assert "Keskeneräinen" not in text
    assert "Sisäinen huomio" not in text


def test_addresses_stand_in_one_place_that_says_so(comment_round, coordinator):
    full_round(comment_round, coordinator)
    archive = made(comment_round)
    index = json.loads(archive.read("index.json"))
    addresses = json.dumps(index.pop("personal_email_addresses"))
    assert all(address in addresses for address in (*ADDRESSES, "kaisa@example.org"))
    assert not any(address in json.dumps(index) for address in (*ADDRESSES, "kaisa@example.org"))
    assert "@" not in archive.read("index.html").decode()


def test_names_of_files_are_safe_and_unique(comment_round, coordinator):
    full_round(comment_round, coordinator)
    names = made(comment_round).namelist()
    assert len({name.casefold() for name in names}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]+", name) and ".." not in name and name[0] != "/" for name in names)
    attachments = [name.rpartition("/")[2] for name in names if "/liitteet/" in name]
    assert attachments == ["001-liite.pdf", "002-liite.pdf", "003-con.pdf", "004-aa-b.pdf"]
    assert numbered_name(7, "///") == "007"
    assert attachment_name(1, type("File", (), {"name": "x" * 300})()) == "001-" + "x" * 60


def test_page_of_the_archive_is_accessible_and_its_links_lead_somewhere(comment_round, coordinator):
    full_round(comment_round, coordinator)
    archive = made(comment_round)
    page = archive.read("index.html").decode()
    root = lxml.html.document_fromstring(page)
    assert root.get("lang") == "fi"
    assert len(root.xpath("//h1")) == 1
    assert root.xpath("//title/text()")[0].strip()
    assert root.xpath("//table/caption")
    assert all(cell.get("scope") for cell in root.xpath("//th"))
    links = root.xpath("//@href")
    assert set(links) <= set(archive.namelist())
    assert "<b>Salla" not in page
    assert "JulkL 24 §" in page


def test_changed_missing_and_added_files_are_noticed(comment_round, coordinator, tmp_path):
    full_round(comment_round, coordinator)
    archive = made(comment_round)
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as other:
        for name in archive.namelist():
            if name.endswith(".xlsx"):
                continue
            other.writestr(name, b"muuta" if name == "index.html" else archive.read(name))
        other.writestr("vieras.txt", b"x")
    found = problems_in(str(path))
    assert [text.rpartition(": ")[2].rpartition(".")[2] for text in found] == ["xlsx", "xlsx", "txt", "html"]
    with pytest.raises(CommandError, match=r"vieras\.txt"):
        call_command("check_archive", str(path))
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("x", b"")
    assert len(problems_in(str(path))) == 1
    path.write_bytes(b"nothing")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("check_archive", str(path))


def test_too_much_for_one_archive_is_refused(comment_round, coordinator, monkeypatch):
    full_round(comment_round, coordinator)
    monkeypatch.setattr(writing, "LARGEST", 10)
    with pytest.raises(ArchiveTooLargeError):
        made(comment_round)


def test_statements_are_plain_text_where_printing_takes_too_long(comment_round, coordinator, monkeypatch):
    full_round(comment_round, coordinator)
    monkeypatch.setattr(writing, "PRINTING", -1)
    archive = made(comment_round)
    papers = [name for name in archive.namelist() if name.endswith(".txt") and "/" in name]
    assert len(papers) == 2
    assert "Lausumme näin." in archive.read(papers[0]).decode()


def test_asking_for_the_archive_is_in_the_trail(comment_round, coordinator):
    ask_for_file(comment_round, summary=None, format_name="zip", language="fi", by=coordinator)
    event = AuditEvent.objects.get(verb="round.archive_asked")
    assert event.actor == coordinator


def test_archive_takes_a_constant_number_of_queries(comment_round, coordinator, django_assert_max_num_queries):
    counts = []
    for _more in range(2):
        statement = StatementFactory(round=comment_round)
        Receipt.objects.create(
            region=comment_round.region,
            statement=statement,
            key="a",
            made_at=statement.received_at,
            content=content_of(statement),
        )
        with django_assert_max_num_queries(60) as captured:
            made(comment_round)
        counts.append(len(captured))
    assert counts[0] == counts[1]
