import datetime
import io
import re
import smtplib

import pytest
from django.conf import settings
from django.core import mail as django_mail
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from accounts.links import find_link
from accounts.models import AccessLink
from audit.models import AuditEvent
from documents.models import Rendition
from jobs.models import Job
from jobs.services import run_due, tick
from regions.models import Membership, Organisation
from reviews.answering.holding import INVITATION
from reviews.inviting import mails
from reviews.inviting.codes import link_of_code, normalised_code
from reviews.inviting.invited import State, rows_of
from reviews.inviting.mailtexts import check_words, original_words
from reviews.jobs.mailing import mail_round_invitation
from reviews.models import Invitation, InvitationMail, MailText, Statement
from reviews.services import sending
from reviews.services.invitations import (
    MOST_FORWARDS,
    Asked,
    answer_time,
    ask_for_time,
    change_invitation,
    forward,
    invite,
    withdraw,
)
from reviews.services.rounds import extend
from reviews.services.sending import LIVES, mark_bounced, send_again, send_waiting
from tests.accounts.factories import UserFactory
from tests.regions.factories import (
    AreaFactory,
    BodyFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganisationFactory,
    RegionFactory,
    make_stored_file,
)

from .factories import CLOSES, OPENS, CommentRoundFactory, InvitationFactory, StatementFactory, make_version
from .test_rounds import code_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
DAY = datetime.timedelta(days=1)
SITE = "https://plans.example.fi"
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


@pytest.fixture
def kaisa():
    """A coordinator of the round's region."""
    region = RegionFactory(bilingual=True)
    body = BodyFactory(region=region, coordinating=True)
    return MembershipFactory(body=body, user=UserFactory(name="Kaisa Koordinaattori")).user


@pytest.fixture
def comment_round(kaisa, time_machine):
    time_machine.move_to(OPENS + DAY, tick=False)
    region = kaisa.memberships.get().region
    return CommentRoundFactory(
        region=region, contact_phone="040 123 4567", case_number="PIRHA/12/2026", instructions={"fi": "Lukekaa luku 5."}
    )


def ask(comment_round, by, *asked, **kwargs):
    rows = asked or [Asked("kirjaamo@example.org", "Kirjaamo")]
    return invite(comment_round, rows, by=by, site=SITE, **kwargs).invitations


def one_asked(comment_round, by, **kwargs):
    organisation = kwargs.pop("organisation", None) or OrganisationFactory(region=comment_round.region)
    asked = Asked(kwargs.pop("email", "kirjaamo@example.org"), organisation=organisation, **kwargs)
    invitation = ask(comment_round, by, asked)[0]
    run_due()
    invitation.refresh_from_db()
    return invitation


def link_in(mail):
    return re.search(rf"{SITE}(/\S+link/\S+)", mail.body).group(1)


def token_in(mail):
    return link_in(mail).rstrip("/").rpartition("/")[2]


def code_in(mail):
    return CODE.search(mail.body).group()


def state_of(invitation):
    return rows_of(invitation.round, only=invitation)[0].state


def page(comment_round, name, *rest):
    return reverse(f"reviews:{name}", args=[comment_round.region.slug, comment_round.public_id, *rest])


# --- The mail ---------------------------------------------------------------------------------------------------


def test_request_has_a_link_and_a_code_that_are_nowhere_else(comment_round, kaisa, mailoutbox):
    municipality = OrganisationFactory(region=comment_round.region, of_municipality=True)
    (invitation,) = ask(comment_round, kaisa, Asked("kirjaamo@example.org", organisation=municipality))
    assert AccessLink.objects.count() == 0
    run_due()
    (mail,) = mailoutbox
    assert mail.to == ["kirjaamo@example.org"]
    assert mail.from_email.startswith("Kaisa Koordinaattori <")
    assert mail.reply_to == ["kaisa@example.org"]
    assert "13.2.2026 klo 16.00" in mail.body
    assert "040 123 4567" in mail.body
    assert "PIRHA/12/2026" in mail.body
    assert "Lukekaa luku 5." in mail.body
    assert municipality.name in mail.body
    assert "{" not in mail.body + mail.subject
    link, code_link = find_link(token_in(mail)), link_of_code(code_in(mail))
    assert link.pk != code_link.pk
    for found in (link, code_link):
        assert (found.purpose, found.target, found.sent_to) == (INVITATION, invitation.public_id, mail.to[0])
        assert found.expires_at == CLOSES + LIVES
    stored = str(list(Job.objects.values())) + str(list(AuditEvent.objects.values()))
    stored += str(list(InvitationMail.objects.values())) + str(list(AccessLink.objects.values()))
    assert token_in(mail) not in stored
    assert code_in(mail) not in stored
    assert code_in(mail).replace("-", "") not in stored
    row = InvitationMail.objects.get()
    assert (row.link_id, row.message_id) == (link.pk, mail.extra_headers["Message-ID"])
    assert state_of(invitation) == State.SENT


def test_mail_is_in_the_language_of_its_receiver(comment_round, kaisa, mailoutbox):
    ask(comment_round, kaisa, Asked("fi@example.org", language="fi"), Asked("sv@example.org", language="sv"))
    run_due()
    finnish, swedish = sorted(mailoutbox, key=lambda one: one.to)
    assert "13.2.2026 klo 16.00" in finnish.subject
    assert "13.2.2026 kl. 16.00" in swedish.subject
    assert "/fi/" in link_in(finnish)
    assert "/sv/" in link_in(swedish)


def test_versions_pdf_goes_along_if_it_has_been_made(comment_round, kaisa, mailoutbox):
    Rendition.objects.create(
        region=comment_round.region,
        version=comment_round.version,
        format=Rendition.Format.PDF,
        language="fi",
        is_draft=True,
        file=make_stored_file(comment_round.region, name="luonnos.png"),
    )
    invitation = one_asked(comment_round, kaisa)
    (mail,) = mailoutbox
    assert [name for name, _content, _kind in mail.attachments] == ["luonnos.png"]
    assert "luonnos.png" in mail.body
    assert mails.attachments_of(invitation)[0]["name"] == "luonnos.png"


@pytest.mark.parametrize("typed", ["k7qf-2mxr-9tda", "K7QF 2MXR 9TDA", " k7qf2mxr9tda ", "K7QF–2MXR–9TDA"])
def test_code_is_forgiven_how_it_is_typed(typed):
    assert normalised_code(typed) == "K7QF2MXR9TDA"


def test_code_forgives_look_alikes_and_refuses_what_is_none():
    assert normalised_code("oOiIlL234567") == "001111234567"
    for text in ("", "K7QF-2MXR", "K7QF-2MXR-9TDU", "K7QF-2MXR-9TDÅ", "x" * 5_000, "\0" * 12):
        assert normalised_code(text) == ""
        assert link_of_code(text) is None


# --- When it leaves ---------------------------------------------------------------------------------------------


def test_requests_wait_for_the_opening_and_are_sent_once(comment_round, kaisa, mailoutbox, time_machine):
    time_machine.move_to(OPENS - DAY, tick=False)
    (invitation,) = ask(comment_round, kaisa)
    tick()
    run_due()
    assert mailoutbox == []
    assert state_of(invitation) == State.WAITING
    time_machine.move_to(OPENS + datetime.timedelta(minutes=3), tick=False)
    for _again in range(2):
        tick()
        run_due()
    assert len(mailoutbox) == 1
    # The same work once more, as after a worker that died before it could say so.
    mail_round_invitation({"pk": InvitationMail.objects.get().pk})
    assert len(mailoutbox) == 1


def test_requests_may_leave_before_the_opening_but_not_of_a_draft(comment_round, kaisa, mailoutbox, time_machine):
    time_machine.move_to(OPENS - DAY, tick=False)
    ask(comment_round, kaisa, at_once=True)
    run_due()
    assert len(mailoutbox) == 1
    draft = CommentRoundFactory(region=comment_round.region, announced_at=None)
    with pytest.raises(ValidationError) as error:
        ask(draft, kaisa, at_once=True)
    assert code_of(error) == {"round_is_draft"}
    ask(draft, kaisa)
    time_machine.move_to(OPENS + DAY, tick=False)
    tick()
    run_due()
    assert len(mailoutbox) == 1
    with pytest.raises(ValidationError) as error:
        send_waiting(draft, by=kaisa)
    assert code_of(error) == {"round_is_draft"}


def test_waiting_requests_can_be_sent_now(comment_round, kaisa, mailoutbox, time_machine, client):
    time_machine.move_to(OPENS - DAY, tick=False)
    ask(comment_round, kaisa)
    client.force_login(kaisa)
    assert client.post(page(comment_round, "invitations-send")).status_code == 302
    run_due()
    assert len(mailoutbox) == 1
    time_machine.move_to(OPENS + DAY, tick=False)
    tick()
    run_due()
    assert len(mailoutbox) == 1


def test_withdrawn_invitation_is_not_sent_and_its_links_open_nothing(comment_round, kaisa, mailoutbox):
    first, second = ask(comment_round, kaisa, Asked("a@example.org"), Asked("b@example.org"))
    withdraw(first, by=kaisa)
    run_due()
    assert [mail.to for mail in mailoutbox] == [["b@example.org"]]
    StatementFactory(round=comment_round, invitation=second)
    withdraw(second, by=kaisa)
    assert find_link(token_in(mailoutbox[0])) is None
    assert link_of_code(code_in(mailoutbox[0])) is None
    assert Statement.objects.filter(invitation=second).exists()
    with pytest.raises(ValidationError) as error:
        withdraw(second, by=kaisa)
    assert code_of(error) == {"invitation_withdrawn"}


def test_who_is_asked_already_is_left_alone(comment_round, kaisa, mailoutbox):
    organisation = OrganisationFactory(region=comment_round.region)
    ask(comment_round, kaisa, Asked("kirjaamo@example.org", organisation=organisation), Asked("liisa@example.org"))
    others = [
        Asked("toinen@example.org", organisation=organisation),
        Asked("LIISA@example.org"),
        Asked("kirjaamo@example.org"),
        Asked("uusi@example.org"),
        Asked("Uusi@example.org"),
    ]
    done = invite(comment_round, others, by=kaisa, site=SITE)
    assert [str(row) for row in done.invitations] == ["uusi@example.org"]
    assert len(done.already) == 4
    withdraw(comment_round.invitations.get(organisation=organisation), by=kaisa)
    assert len(ask(comment_round, kaisa, others[0])) == 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked("a@example.org", closes_at=CLOSES - DAY), "not_later"),
        (Asked("a@example.org", language="xx"), "no_such_language"),
        (Asked("no address"), "invalid"),
    ],
)
def test_faulty_invitation_refuses_all_of_them(comment_round, kaisa, asked, code):
    with pytest.raises(ValidationError) as error:
        ask(comment_round, kaisa, Asked("b@example.org"), asked)
    assert code_of(error) == {code}
    assert not Invitation.objects.exists()


def test_organisation_of_another_region_cannot_be_asked(comment_round, kaisa):
    with pytest.raises(ValidationError) as error:
        ask(comment_round, kaisa, Asked("a@example.org", organisation=OrganisationFactory()))
    assert code_of(error) == {"other_region"}


def test_region_sends_so_many_mails_a_day(comment_round, kaisa, monkeypatch, time_machine):
    monkeypatch.setattr(sending, "MOST_MAILS_A_DAY", 2)
    ask(comment_round, kaisa, Asked("a@example.org"), Asked("b@example.org"))
    with pytest.raises(ValidationError) as error:
        ask(comment_round, kaisa, Asked("c@example.org"))
    assert code_of(error) == {"too_many_mails"}
    time_machine.shift(DAY + datetime.timedelta(minutes=1))
    ask(comment_round, kaisa, Asked("c@example.org"))


# --- What goes wrong --------------------------------------------------------------------------------------------


class Refusing(EmailBackend):
    """A mail server that answers with an error, once it has been told which."""

    error: Exception | None = None

    def send_messages(self, messages):
        if Refusing.error:
            raise Refusing.error
        return super().send_messages(messages)


@pytest.fixture
def refuse(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"

    def choose(error):
        Refusing.error = error

    yield choose
    Refusing.error = None


def test_refused_address_comes_back_at_once_and_is_corrected(comment_round, kaisa, refuse, mailoutbox, client):
    refuse(smtplib.SMTPRecipientsRefused({"kirjaamo@example.org": (550, b"5.1.1 User unknown")}))
    invitation = one_asked(comment_round, kaisa)
    assert state_of(invitation) == State.BOUNCED
    assert rows_of(comment_round)[0].detail == "550 5.1.1 User unknown"
    assert not Job.objects.open().filter(kind=sending.MAIL).exists()
    assert not AccessLink.objects.exists()
    refuse(None)
    client.force_login(kaisa)
    address = page(comment_round, "invitation-edit", invitation.public_id)
    sent = {
        "email": "Toimisto@example.org",
        "name": "",
        "language": "sv",
        "own_on": "",
        "own_time": "16.00",
        "send": "on",
    }
    assert client.post(address, sent).status_code == 302
    run_due()
    assert [mail.to for mail in django_mail.outbox] == [["toimisto@example.org"]]
    invitation.refresh_from_db()
    assert state_of(invitation) == State.SENT


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"kirjaamo@example.org": (450, b"4.2.1 Try again later")}),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPAuthenticationError(535, b"wrong password"),
        OSError("no network"),
    ],
)
def test_other_failures_are_tried_again(comment_round, kaisa, refuse, error, time_machine):
    refuse(error)
    invitation = one_asked(comment_round, kaisa)
    assert state_of(invitation) == State.WAITING
    assert not AccessLink.objects.exists()
    refuse(None)
    time_machine.shift(datetime.timedelta(minutes=2))
    run_due()
    assert len(django_mail.outbox) == 1
    assert state_of(Invitation.objects.get()) == State.SENT


def test_given_up_mail_is_shown_and_not_tried_for_ever(comment_round, kaisa, refuse, time_machine):
    refuse(OSError("no network"))
    invitation = one_asked(comment_round, kaisa)
    for _hour in range(12):
        time_machine.shift(datetime.timedelta(hours=7))
        tick()
        run_due()
    assert state_of(invitation) == State.FAILED
    assert Job.objects.filter(kind=sending.MAIL).count() == 1
    refuse(None)
    send_again(invitation, by=kaisa, site=SITE)
    run_due()
    assert len(django_mail.outbox) == 1


def test_sending_that_was_cut_off_is_told_and_not_repeated(comment_round, kaisa, mailoutbox, time_machine):
    (invitation,) = ask(comment_round, kaisa)
    row = InvitationMail.objects.get()
    InvitationMail.objects.update(started_at=OPENS + DAY)
    run_due()
    row.refresh_from_db()
    assert row.bounced_at is None  # it may still be under way
    time_machine.shift(datetime.timedelta(minutes=11))
    mail_round_invitation({"pk": row.pk})
    assert mailoutbox == []
    invitation.refresh_from_db()
    assert state_of(invitation) == State.BOUNCED


def test_another_address_withdraws_the_links_of_the_old_one(comment_round, kaisa, mailoutbox):
    invitation = one_asked(comment_round, kaisa)
    forward(invitation, to_email="tyotoveri@example.org", by_name="Liisa", site=SITE)
    run_due()
    values = {"email": "uusi@example.org", "name": "", "language": "fi", "closes_at": None}
    change_invitation(invitation, by=kaisa, **values)
    assert find_link(token_in(mailoutbox[0])) is None
    assert link_of_code(code_in(mailoutbox[0])) is None
    assert find_link(token_in(mailoutbox[1])) is not None


def test_request_is_sent_again_but_not_within_the_hour(comment_round, kaisa, mailoutbox, time_machine, client):
    invitation = one_asked(comment_round, kaisa)
    with pytest.raises(ValidationError) as error:
        send_again(invitation, by=kaisa, site=SITE)
    assert code_of(error) == {"sent_lately"}
    time_machine.shift(datetime.timedelta(hours=2))
    client.force_login(kaisa)
    client.post(page(comment_round, "invitation-send", invitation.public_id))
    run_due()
    assert len(mailoutbox) == 2
    assert find_link(token_in(mailoutbox[0])) is not None
    StatementFactory(round=comment_round, invitation=invitation)
    time_machine.shift(datetime.timedelta(hours=2))
    with pytest.raises(ValidationError) as error:
        send_again(invitation, by=kaisa, site=SITE)
    assert code_of(error) == {"answered"}


def test_coordinator_marks_a_mail_that_came_back(comment_round, kaisa, client):
    invitation = one_asked(comment_round, kaisa)
    client.force_login(kaisa)
    address = page(comment_round, "invitation-bounced", invitation.public_id)
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": "Osoitetta ei ole"}).status_code == 302
    row = rows_of(comment_round)[0]
    assert (row.state, row.detail) == (State.BOUNCED, "Osoitetta ei ole")
    unsent = InvitationFactory(round=comment_round, email="")
    with pytest.raises(ValidationError) as error:
        mark_bounced(unsent, reason="", by=kaisa)
    assert code_of(error) == {"not_sent"}


# --- By the one who is asked --------------------------------------------------------------------------------------


def test_colleague_gets_a_link_of_her_own(comment_round, kaisa, mailoutbox):
    invitation = one_asked(comment_round, kaisa)
    forward(invitation, to_email=" Tyotoveri@example.org ", by_name="Liisa Mallikas", site=SITE)
    run_due()
    first, second = mailoutbox
    assert second.to == ["tyotoveri@example.org"]
    assert "Liisa Mallikas" in second.body
    assert str(invitation) in second.body
    assert token_in(first) != token_in(second)
    assert find_link(token_in(second)).target == invitation.public_id


@pytest.mark.parametrize(
    ("email", "name", "code"),
    [
        ("no address", "Liisa", "bad_address"),
        ("a@example.org\nBcc: b@example.org", "Liisa", "bad_address"),
        ("a@example.org", "", "bad_name"),
        ("a@example.org", "Katso https://evil.example", "bad_name"),
        ("a@example.org", "Osta nyt www.evil.example", "bad_name"),
        ("a@example.org", "{link}", "bad_name"),
        ("kolmas@example.org", "Liisa", "passed_on_already"),
    ],
)
def test_passing_on_sends_no_words_of_strangers(comment_round, kaisa, mailoutbox, email, name, code):
    invitation = one_asked(comment_round, kaisa)
    forward(invitation, to_email="kolmas@example.org", by_name="Liisa", site=SITE)
    with pytest.raises(ValidationError) as error:
        forward(invitation, to_email=email, by_name=name, site=SITE)
    assert code_of(error) == {code}


def test_passing_on_has_a_limit(comment_round, kaisa, mailoutbox):
    invitation = one_asked(comment_round, kaisa)
    for number in range(MOST_FORWARDS):
        forward(invitation, to_email=f"t{number}@example.org", by_name="Liisa", site=SITE)
    with pytest.raises(ValidationError) as error:
        forward(invitation, to_email="one@example.org", by_name="Liisa", site=SITE)
    assert code_of(error) == {"too_many_forwards"}
    withdraw(invitation, by=kaisa)
    with pytest.raises(ValidationError) as error:
        forward(invitation, to_email="two@example.org", by_name="Liisa", site=SITE)
    assert code_of(error) == {"invitation_withdrawn"}


def test_more_time_is_asked_for_and_given(comment_round, kaisa, mailoutbox, client):
    invitation = one_asked(comment_round, kaisa)
    until = CLOSES + 7 * DAY
    ask_for_time(invitation, until=until, reason="Hallitus kokoontuu 19.2.", email="sihteeri@example.org")
    run_due()
    asked = mailoutbox[1]
    assert asked.to == ["kaisa@example.org"]
    assert "Hallitus kokoontuu 19.2." in asked.body
    answer_page = page(comment_round, "invitation-time", invitation.public_id)
    assert answer_page.partition("/rounds/")[2] in asked.body
    invitation.refresh_from_db()
    assert state_of(invitation) == State.TIME_ASKED
    client.force_login(kaisa)
    assert "20.2.2026" in client.get(answer_page).content.decode()
    sent = {"answer": "grant", "until_on": "20.2.2026", "until_time": "16.00", "word": "Hyvä näin."}
    assert client.post(answer_page, sent).status_code == 302
    run_due()
    invitation.refresh_from_db()
    assert invitation.deadline == until
    assert state_of(invitation) == State.SENT
    answered = mailoutbox[2]
    assert answered.to == ["sihteeri@example.org"]
    assert "20.2.2026 klo 16.00" in answered.body
    assert "Hyvä näin." in answered.body
    assert find_link(token_in(mailoutbox[0])).expires_at == until + LIVES
    assert client.get(answer_page).status_code == 302  # answered already


def test_more_time_is_refused_with_a_word(comment_round, kaisa, mailoutbox, client):
    invitation = one_asked(comment_round, kaisa)
    ask_for_time(invitation, until=CLOSES + 7 * DAY, reason="")
    client.force_login(kaisa)
    answer_page = page(comment_round, "invitation-time", invitation.public_id)
    refused = client.post(answer_page, {"answer": "refuse", "word": ""})
    assert refused.status_code == 422
    assert "Tell why" in refused.content.decode()
    client.post(answer_page, {"answer": "refuse", "word": "Lautakunta päättää 18.2."})
    run_due()
    invitation.refresh_from_db()
    assert invitation.deadline == CLOSES
    assert mailoutbox[-1].to == ["kirjaamo@example.org"]
    assert "Lautakunta päättää 18.2." in mailoutbox[-1].body
    with pytest.raises(ValidationError) as error:
        answer_time(invitation, until=CLOSES + DAY, word="", by=kaisa)
    assert code_of(error) == {"not_asked"}


@pytest.mark.parametrize(
    ("until", "moment", "code"),
    [
        (CLOSES, OPENS + DAY, "not_later"),
        (CLOSES + 200 * DAY, OPENS + DAY, "too_far"),
        (CLOSES + 7 * DAY, CLOSES, "round_not_open"),
    ],
)
def test_more_time_cannot_be_asked_for(comment_round, kaisa, time_machine, until, moment, code):
    invitation = one_asked(comment_round, kaisa)
    time_machine.move_to(moment, tick=False)
    with pytest.raises(ValidationError) as error:
        ask_for_time(invitation, until=until, reason="")
    assert code_of(error) == {code}


def test_asking_again_for_time_mails_the_contact_once_a_day(comment_round, kaisa, mailoutbox):
    invitation = one_asked(comment_round, kaisa)
    for number in range(3):
        ask_for_time(invitation, until=CLOSES + (number + 1) * DAY, reason="")
    run_due()
    assert len([mail for mail in mailoutbox if mail.to == ["kaisa@example.org"]]) == 1
    invitation.refresh_from_db()
    assert invitation.asked_until == CLOSES + 3 * DAY


def test_links_live_longer_when_the_round_does(comment_round, kaisa, mailoutbox):
    invitation = one_asked(comment_round, kaisa)
    extend(comment_round, until=CLOSES + 20 * DAY, by=kaisa)
    tick()
    run_due()
    assert {link.expires_at for link in AccessLink.objects.filter(target=invitation.public_id)} == {
        CLOSES + 20 * DAY + LIVES
    }


# --- Choosing, pasting, uploading -----------------------------------------------------------------------------------


def test_organisations_and_bodies_are_chosen_with_an_address_beside_each(comment_round, kaisa, client, mailoutbox):
    region = comment_round.region
    area = AreaFactory(region=region)
    town = MunicipalityFactory(region=region, languages=["sv"])
    area.municipalities.set([town])
    near = OrganisationFactory(region=region, municipality=town)
    far = OrganisationFactory(region=region)
    body = BodyFactory(region=region)
    secretary = MembershipFactory(body=body, role=Membership.Role.SECRETARY)
    used = InvitationFactory(
        round=CommentRoundFactory(region=region, version=comment_round.version),
        organisation=far,
        email="vanha@example.org",
    )
    client.force_login(kaisa)
    address = page(comment_round, "invitation-choose")
    shown = client.get(address).content.decode()
    assert "vanha@example.org" in shown
    assert secretary.user.email in shown
    filtered = client.get(address, {"area": area.key}).content.decode()
    assert near.name in filtered
    assert far.name not in filtered
    keys = {row: f"{'b' if row is body else 'o'}-{row.public_id}" for row in (near, far, body)}
    sent = {
        "pick": list(keys.values()),
        f"email-{keys[near]}": "",
        f"language-{keys[near]}": "sv",
        f"email-{keys[far]}": used.email,
        f"email-{keys[body]}": secretary.user.email,
        "own_on": "",
        "own_time": "16.00",
    }
    missing = client.post(address, sent)
    assert missing.status_code == 422
    assert "Write the e-mail address of" in missing.content.decode()
    assert not comment_round.invitations.exists()
    sent[f"email-{keys[near]}"] = "lahella@example.org"
    assert client.post(address, sent).status_code == 302
    rows = {str(row): (row.email, row.language) for row in comment_round.invitations.all()}
    assert rows[near.name] == ("lahella@example.org", "sv")
    assert rows[far.name][0] == "vanha@example.org"
    assert rows[body.name][0] == secretary.user.email
    run_due()
    assert len(mailoutbox) == 3
    assert "asked already" in client.get(address).content.decode()
    assert client.post(address, {"own_time": "16.00"}).status_code == 422


def test_pasted_addresses(comment_round, kaisa, client):
    client.force_login(kaisa)
    address = page(comment_round, "invitation-addresses")
    text = "Liisa Mallikas <liisa@example.org>\n\nesko@example.org\neipä osoitetta\n"
    sent = {"people": text, "language": "sv", "own_on": "20.2.2026", "own_time": "12.00"}
    wrong = client.post(address, sent)
    assert wrong.status_code == 422
    assert "Line 4" in wrong.content.decode()
    assert "Liisa Mallikas &lt;liisa@example.org&gt;" in wrong.content.decode()
    sent["people"] = text.replace("eipä osoitetta", "")
    assert client.post(address, sent).status_code == 302
    first, second = comment_round.invitations.order_by("pk")
    assert (first.name, first.email, first.language) == ("Liisa Mallikas", "liisa@example.org", "sv")
    assert second.email == "esko@example.org"
    assert first.closes_at == datetime.datetime(2026, 2, 20, 10, tzinfo=datetime.UTC)
    early = client.post(address, sent | {"people": "c@example.org", "own_on": "12.2.2026"})
    assert early.status_code == 422
    assert "later than that of the round" in early.content.decode()


ROWS = [
    ["Lausunnonantajat 2026"],
    ["Taho", "Yhteyshenkilö", "Sähköposti", "Kieli", "Puhelin"],
    ["Partioyhdistys", "Liisa", "liisa@example.org", "suomi", "040"],
    ["Tuntematon ry", "", "tuntematon@example.org", "ruotsi", ""],
    ["", "Esko", "ei osoitetta", "", ""],
    ["", "", "", "", ""],
    ["", "Liisa taas", "LIISA@example.org", "", ""],
    ["Partioyhdistys", "", "toinen@example.org", "klingon", ""],
]


def as_xlsx(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile("taulukko.xlsx", stream.getvalue())


def as_csv(rows):
    text = "\r\n".join(";".join(row) for row in rows)
    return SimpleUploadedFile("taulukko.csv", text.encode("cp1252"))


@pytest.mark.parametrize("write", [as_xlsx, as_csv])
def test_spreadsheet_is_shown_before_anything_is_saved(comment_round, kaisa, client, write):
    organisation = OrganisationFactory(region=comment_round.region, name_fi="Partioyhdistys")
    client.force_login(kaisa)
    address = page(comment_round, "invitation-file")
    response = client.post(address, {"file": write(ROWS), "language": "fi", "own_on": "", "own_time": "16.00"})
    assert response.status_code == 200
    text = response.content.decode()
    assert "“ei osoitetta” is not an e-mail address." in text
    assert "is not among the organisations of the region" in text
    assert [row.number for row in response.context["rows"]] == [3, 4, 5, 7, 8]
    assert [row.is_good for row in response.context["rows"]] == [True, True, False, True, False]
    assert not comment_round.invitations.exists()
    assert client.post(address, {"confirmed": response.context["signed"] + "x"}).status_code == 302
    assert not comment_round.invitations.exists()
    assert client.post(address, {"confirmed": response.context["signed"]}).status_code == 302
    rows = list(comment_round.invitations.order_by("pk"))
    # The third good row has the address of the first one.
    assert [(row.organisation, row.email, row.language) for row in rows] == [
        (organisation, "liisa@example.org", "fi"),
        (None, "tuntematon@example.org", "sv"),
    ]
    assert rows[1].name == "Tuntematon ry"


def test_confirmed_rows_belong_to_their_round(comment_round, kaisa, client):
    other = CommentRoundFactory(region=comment_round.region, version=comment_round.version)
    client.force_login(kaisa)
    form = {"file": as_csv(ROWS), "language": "fi", "own_on": "", "own_time": "16.00"}
    signed = client.post(page(other, "invitation-file"), form).context["signed"]
    client.post(page(comment_round, "invitation-file"), {"confirmed": signed})
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "no column for e-mail"),
        ("a.csv", b"nimi;puhelin\nLiisa;040\n", "no column for e-mail"),
        ("a.csv", b"nimi;e-mail\n", "no rows below"),
        ("a.csv", b"\x00\x01\x02\xff" * 30, "could not be read"),
        ("a.csv", b"email\n" + b"".join(b"a%d@example.org\n" % n for n in range(700)), "more than 600 rows"),
        ("a.csv", b"email\n" + b"x" * (3 * 1024 * 1024), "too large"),
        ("a.xlsx", b"PK\x03\x04 nothing", "damaged"),
        ("a.xlsx", b"just text", "not an Excel file"),
    ],
)
def test_files_that_are_not_what_they_say(comment_round, kaisa, client, name, content, said):
    client.force_login(kaisa)
    sent = {"file": SimpleUploadedFile(name, content or b"\n"), "language": "fi", "own_on": "", "own_time": "16.00"}
    response = client.post(page(comment_round, "invitation-file"), sent)
    assert response.status_code == 422
    assert said in response.content.decode()


# --- The pages ------------------------------------------------------------------------------------------------------


def test_list_shows_states_and_runs_a_constant_number_of_queries(comment_round, kaisa, client, mailoutbox):
    client.force_login(kaisa)
    area = AreaFactory(region=comment_round.region)
    counts = []
    for number in range(3):
        town = MunicipalityFactory(region=comment_round.region)
        area.municipalities.add(town)
        organisation = OrganisationFactory(
            region=comment_round.region, kind=Organisation.Kind.MUNICIPALITY, municipality=town
        )
        invitation = one_asked(comment_round, kaisa, organisation=organisation, email=f"k{number}@example.org")
        StatementFactory(round=comment_round, invitation=invitation, received_at=None)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            response = client.get(page(comment_round, "invitation-list"))
        counts.append(len(caught))
    assert response.status_code == 200
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= 20
    text = response.content.decode()
    assert "Has begun" in text
    assert "k1@example.org" in text
    filtered = client.get(page(comment_round, "invitation-list"), {"q": "k1@", "state": "begun", "kind": "nonsense"})
    assert filtered.context["shown"] == 1
    assert client.get(page(comment_round, "invitation-list"), {"state": "sent"}).context["shown"] == 0


def test_state_follows_the_answer(comment_round, kaisa, mailoutbox):
    organisation = OrganisationFactory(region=comment_round.region)
    invitation = one_asked(comment_round, kaisa, organisation=organisation)
    statement = StatementFactory(round=comment_round, invitation=invitation, received_at=None)
    assert state_of(invitation) == State.BEGUN
    statement.received_at = OPENS + DAY
    statement.save()
    assert state_of(invitation) == State.HANDED_IN
    statement.stance = Statement.Stance.NOTHING
    statement.save()
    assert state_of(invitation) == State.NOTHING
    # Entered by the coordinator for the organisation, without the invitation.
    other = one_asked(comment_round, kaisa, email="b@example.org")
    StatementFactory(round=comment_round, kind=Statement.Kind.OFFICIAL, organisation=other.organisation)
    assert state_of(other) == State.HANDED_IN


def test_detail_shows_the_mails_and_what_can_be_done(comment_round, kaisa, client, mailoutbox):
    invitation = one_asked(comment_round, kaisa)
    client.force_login(kaisa)
    text = client.get(page(comment_round, "invitation", invitation.public_id)).content.decode()
    assert "Send a reminder" in text
    assert "Mark as come back" in text
    asks = client.get(page(comment_round, "invitation-withdraw", invitation.public_id))
    assert str(invitation) in asks.content.decode()
    assert client.post(page(comment_round, "invitation-withdraw", invitation.public_id)).status_code == 302
    text = client.get(page(comment_round, "invitation", invitation.public_id)).content.decode()
    assert "Send a reminder" not in text


def test_writers_see_who_is_asked_and_change_nothing(comment_round, kaisa, client, mailoutbox):
    invitation = one_asked(comment_round, kaisa)
    writer = MembershipFactory(body=BodyFactory(region=comment_round.region)).user
    document = comment_round.version.document
    document.writing_body = writer.memberships.get().body
    document.save()
    one = [invitation.public_id]
    pages = [
        *[(name, []) for name in ("invitation-choose", "invitation-addresses", "invitation-file")],
        *[(name, []) for name in ("invitations-send", "invitations-remind", "reminder-settings")],
        *[(name, one) for name in ("invitation", "invitation-edit", "invitation-send", "invitation-remind")],
        *[(name, one) for name in ("invitation-bounced", "invitation-time", "invitation-withdraw")],
    ]
    client.force_login(writer)
    shown = client.get(page(comment_round, "invitation-list"))
    assert shown.status_code == 200
    assert str(invitation) in shown.content.decode()
    assert page(comment_round, "invitation", *one) not in shown.content.decode()
    for name, rest in pages:
        assert client.post(page(comment_round, name, *rest)).status_code in (403, 405), name
    client.force_login(MembershipFactory(body=BodyFactory(region=comment_round.region)).user)
    for name, rest in [("invitation-list", []), *pages]:
        assert client.post(page(comment_round, name, *rest)).status_code in (404, 405), name
    client.logout()
    assert client.get(page(comment_round, "invitation-list")).status_code == 302


def test_invitation_of_another_round_is_not_found(comment_round, kaisa, client):
    elsewhere = InvitationFactory(
        round=CommentRoundFactory(region=comment_round.region, version=make_version(comment_round.region))
    )
    client.force_login(kaisa)
    assert client.get(page(comment_round, "invitation", elsewhere.public_id)).status_code == 404


# --- Texts of the mails -----------------------------------------------------------------------------------------------


def test_region_uses_its_own_words(comment_round, kaisa, client, mailoutbox):
    client.force_login(kaisa)
    slug = comment_round.region.slug
    assert client.get(reverse("reviews:mail-texts", args=[slug])).status_code == 200
    address = reverse("reviews:mail-text", args=[slug, "request", "fi"])
    body = (
        "Hei {receiver}!\n\nAsianumero: {case_number}\nLiitteet: {attachments}\n{link}\n{code_page} {code}\n{deadline}"
    )
    looked = client.post(address, {"subject": "Omin sanoin: {document}", "body": body, "look": "1"})
    assert "Omin sanoin" in looked.content.decode()
    assert not MailText.objects.exists()
    assert client.post(address, {"subject": "Omin sanoin", "body": body}).status_code == 302
    one_asked(comment_round, kaisa)
    assert mailoutbox[0].subject == "Omin sanoin"
    assert "Asianumero: PIRHA/12/2026" in mailoutbox[0].body
    assert "Liitteet" not in mailoutbox[0].body  # a line with nothing to say
    client.post(reverse("reviews:mail-text-original", args=[slug, "request", "fi"]))
    assert not MailText.objects.exists()


def test_value_with_braces_is_no_name(comment_round, kaisa, mailoutbox):
    organisation = OrganisationFactory(region=comment_round.region, name_fi="{link} {nonsense}")
    one_asked(comment_round, kaisa, organisation=organisation)
    assert "{link} {nonsense}" in mailoutbox[0].body


GOOD = "{link} {code} {code_page} {deadline}"


@pytest.mark.parametrize(
    ("subject", "body", "code"),
    [
        ("S", GOOD.replace("{link}", ""), "name_missing"),
        ("S", GOOD.replace("{code}", ""), "name_missing"),
        ("S", GOOD + " {lnk}", "unknown_name"),
        ("S", GOOD + " {link", "brace_open"),
        ("S {code}", GOOD, "secret_in_subject"),
        ("S\nBcc: x", GOOD, "subject_lines"),
        ("S", GOOD + "x" * 6_000, "too_long"),
        ("{link.__class__}", GOOD, "unknown_name"),
    ],
)
def test_words_that_make_no_mail_are_refused(subject, body, code):
    with pytest.raises(ValidationError) as error:
        check_words(subject, body)
    assert code_of(error) == {code}


@pytest.mark.parametrize("kind", InvitationMail.Kind.values)
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_original_words_are_good(kind, language):
    words = original_words(kind, language)
    check_words(words.subject, words.body)


def test_saving_the_original_words_leaves_no_row(comment_round, kaisa, client):
    client.force_login(kaisa)
    words = original_words("reminder", "sv")
    address = reverse("reviews:mail-text", args=[comment_round.region.slug, "reminder", "sv"])
    client.post(address, {"subject": words.subject, "body": words.body.replace("\n", "\r\n")})
    assert not MailText.objects.exists()
    assert client.get(address.replace("reminder", "nonsense")).status_code == 404
    outsider = MembershipFactory(body=BodyFactory(region=comment_round.region)).user
    client.force_login(outsider)
    assert client.get(address).status_code == 403
    client.force_login(UserFactory())
    assert client.get(address).status_code == 404
