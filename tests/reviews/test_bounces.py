import io
import mailbox
import sys
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reviews.inviting.bounces import MAX_BYTES, notice_of
from reviews.inviting.invited import State, rows_of
from reviews.models import InvitationMail

from .factories import OPENS, CommentRoundFactory, InvitationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
NUMBER = "<0123456789abcdef0123456789abcdef@plans.example.fi>"

REPORT = """\
From: MAILER-DAEMON@mail.example.fi
To: noreply@plans.example.fi
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

Your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.fi

Final-Recipient: rfc822; kirjaamo@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User
 unknown in virtual table

--b1
Content-Type: {kind}

Message-ID: {number}
From: noreply@plans.example.fi
Subject: Lausuntopyyntö

--b1--
"""


def report(number=NUMBER, action="failed", status="5.1.1", kind="message/rfc822"):
    return REPORT.format(number=number, action=action, status=status, kind=kind).encode()


@pytest.fixture
def invitation():
    row = InvitationFactory(round=CommentRoundFactory(), email="kirjaamo@example.org", sent_at=OPENS)
    InvitationMail.objects.create(
        region=row.region, invitation=row, kind="request", email=row.email, sent_at=OPENS, message_id=NUMBER
    )
    return row


def run(monkeypatch, *paths, stdin=b""):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
    out = io.StringIO()
    call_command("note_bounces", *[str(path) for path in paths], stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_returned_mail_marks_its_invitation_once(invitation, monkeypatch, kind):
    assert "1 mails marked" in run(monkeypatch, stdin=report(kind=kind))
    row = rows_of(invitation.round)[0]
    assert (row.state, row.detail) == (State.BOUNCED, "550 5.1.1 User unknown in virtual table")
    assert "0 mails marked" in run(monkeypatch, stdin=report(kind=kind))


def test_letters_are_read_from_a_mail_file_and_a_folder(invitation, monkeypatch, tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    box.add(b"From: a@example.org\nSubject: hello\n\nhello\n")
    box.add(report())
    box.close()
    assert "2 letters read, 1 mails marked" in run(monkeypatch, tmp_path / "box")
    InvitationMail.objects.update(bounced_at=None)
    folder = mailbox.Maildir(tmp_path / "dir")
    folder.add(report())
    assert "1 letters read, 1 mails marked" in run(monkeypatch, tmp_path / "dir")
    InvitationMail.objects.update(bounced_at=None)
    (tmp_path / "one.eml").write_bytes(report())
    assert "1 letters read, 1 mails marked" in run(monkeypatch, tmp_path / "one.eml")
    with pytest.raises(CommandError):
        run(monkeypatch, tmp_path / "nothing")


def test_mail_to_a_colleague_that_came_back_leaves_the_invitation(invitation, monkeypatch):
    InvitationMail.objects.update(kind="forwarded", email="tyotoveri@example.org")
    run(monkeypatch, stdin=report())
    assert InvitationMail.objects.get().bounced_at
    invitation.refresh_from_db()
    assert invitation.bounced_at is None


@pytest.mark.parametrize(
    "letter",
    [
        report(action="delayed", status="4.4.1"),
        report(action="failed", status="4.4.7"),
        report(action="delivered", status="2.0.0"),
        report(number="<somebody-elses@example.org>"),
        report(number=""),
        report().replace(b"multipart/report", b"multipart/mixed"),
        report().replace(b"message/delivery-status", b"text/plain"),
        b"",
        b"\x00\xff" * 10_000,
        b"Content-Type: multipart/report; boundary=\n\n--\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n" * 3_000,
        b"Content-Type: message/rfc822\n\n" * 20_000,
        report().replace(b"smtp; 550", b"=?utf-8?b?!!!?= =?nonsense?q?a?="),
    ],
)
def test_other_letters_and_hostile_ones_change_nothing(invitation, monkeypatch, letter):
    assert "0 mails marked" in run(monkeypatch, stdin=letter) or b"=?nonsense" in letter
    if b"=?nonsense" not in letter:
        assert rows_of(invitation.round)[0].state == State.SENT


def test_letter_of_any_size_is_cut(invitation):
    assert notice_of(report() + b"x" * (MAX_BYTES + 10)) is not None
