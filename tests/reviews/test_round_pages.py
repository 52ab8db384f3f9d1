"""A coordinator prepares a round, announces it and runs it, page by page."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from documents.models import Document
from documents.services.versions import freeze
from regions.models import Membership
from reviews.models import CommentRound, RoundChange
from reviews.rounds.questions import questions_of
from tests.documents.factories import make_document, make_region, make_section
from tests.regions.factories import BodyFactory, MembershipFactory

from .factories import CLOSES, OPENS, CommentRoundFactory, InvitationFactory, StatementFactory

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
NOW = OPENS - 40 * DAY
ADDRESS = re.compile(r'value="(http[^"]+/answer/[^"]+)"')


@pytest.fixture
def region(time_machine):
    time_machine.move_to(NOW, tick=False)
    region = make_region()
    region.coordinating_body = BodyFactory(region=region)
    region.save()
    return region


@pytest.fixture
def document(region):
    document = make_document(region, languages=("fi",))
    make_section(document, "<p>Kahvila on auki.</p>")
    return document


@pytest.fixture
def coordinator(region, client):
    user = MembershipFactory(body=region.coordinating_body, role=Membership.Role.MEMBER).user
    user.name = "Kaisa Koordinaattori"
    user.save()
    client.force_login(user)
    return user


def of(comment_round, name="round"):
    region = comment_round.version.document.region
    return reverse(f"reviews:{name}", args=[region.slug, comment_round.public_id])


def add_page(version):
    document = version.document
    return reverse("reviews:round-add", args=[document.region.slug, document.kind, document.public_id, version.number])


def list_page(document):
    return reverse("reviews:round-list", args=[document.region.slug, document.kind, document.public_id])


def sent(response, **changes):
    """What a browser would send of the form that was shown, with some fields changed; None leaves one out."""
    page = response.context
    forms = [page["form"], *(page["questions"].forms if page["questions"] else [])]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                data[field.html_name] = "on"
            elif value not in (None, False):
                data[field.html_name] = field.field.widget.format_value(value)
                if isinstance(data[field.html_name], list):
                    data[field.html_name] = data[field.html_name][0]
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def test_way_from_a_version_to_a_closed_round(client, document, coordinator, time_machine):
    assert reverse("documents:version-list", args=[document.region.slug, document.kind, document.public_id]) in (
        client.get(list_page(document)).content.decode()
    )
    version = freeze(document, by=coordinator)
    assert add_page(version) in client.get(list_page(document)).content.decode()

    shown = client.get(add_page(version))
    assert shown.context["form"]["contact"].value() == "Kaisa Koordinaattori"
    assert shown.context["calendar"] == []
    data = sent(
        shown,
        title_fi="Lausuntopyyntö käsikirjasta",
        case_number="KEUHDno-2026-12",
        opens_on="12.1.2026",
        opens_time="9.00",
        closes_on="27.2.2026",
        closes_time="16.00",
    )
    response = client.post(add_page(version), data)
    comment_round = CommentRound.objects.get()
    assert response.url == of(comment_round)
    assert (comment_round.created_by, comment_round.kind, comment_round.is_draft) == (coordinator, "open", True)
    assert timezone.localtime(comment_round.closes_at).isoformat() == "2026-02-27T16:00:00+02:00"
    assert [question.kind for question in questions_of(comment_round.questions)] == ["scale", "text", "text"]
    assert comment_round.background["fi"]
    assert "\r" not in comment_round.background["fi"]

    page = client.get(of(comment_round)).content.decode()
    assert of(comment_round, "round-announce") in page
    assert ADDRESS.search(page) is None
    assert client.get(of(comment_round, "round-qr")).status_code == 404
    assert client.get(of(comment_round, "round-poster")).status_code == 404

    assert "27.2.2026 klo 16.00" in client.get(of(comment_round, "round-announce")).content.decode()
    client.post(of(comment_round, "round-announce"))
    comment_round.refresh_from_db()
    assert not comment_round.is_draft
    page = client.get(of(comment_round)).content.decode()
    assert "12.1.2026 klo 9.00" in page
    (link,) = ADDRESS.findall(page)
    poster = client.get(of(comment_round, "round-poster")).content.decode()
    assert link.removeprefix("http://") in poster
    assert "27.2.2026 klo 16.00" in poster
    qr = client.get(of(comment_round, "round-qr"))
    assert qr["Content-Type"] == "image/svg+xml"
    assert b"<svg" in qr.content

    time_machine.move_to(OPENS + DAY, tick=False)
    client.force_login(coordinator)
    later = {"until_on": "6.3.2026", "until_time": "12.00", "reason": "Kolme kuntaa pyysi."}
    assert client.post(of(comment_round, "round-extend"), {**later, "until_on": "1.2.2026"}).status_code == 422
    client.post(of(comment_round, "round-extend"), later)
    client.post(of(comment_round, "round-close"), {"reason": ""})
    assert client.post(of(comment_round, "round-reopen"), {**later, "reason": ""}).status_code == 422
    client.post(of(comment_round, "round-reopen"), later)
    kinds = list(comment_round.changes.values_list("kind", flat=True))
    assert kinds == ["announced", "extended", "closed", "reopened"]
    page = client.get(of(comment_round)).content.decode()
    assert "6.3.2026 klo 12.00" in page
    assert page.count("Kolme kuntaa pyysi") == 2


def test_what_was_typed_stays_where_something_is_wrong(client, document, coordinator):
    version = freeze(document, by=coordinator)
    wrong = sent(
        client.get(add_page(version)),
        title_fi="",
        closes_on="32.13.2026",
        background_fi="Oma tausta",
        contact_email="ei osoite",
        allows_official=None,
        allows_personal=None,
        **{"question-good-text_fi": "", "question-good-kind": "choice", "question-good-options_fi": "Vain yksi"},
    )
    response = client.post(add_page(version), wrong)
    assert response.status_code == 422
    faulty = {id for id, _label, _error in response.context["errors"]}
    assert faulty == {
        "id_title_fi",
        "id_closes_on",
        "id_contact_email",
        "id_allows_official",
        "id_question-good-text_fi",
        "id_question-good-options_fi",
    }
    page = response.content.decode()
    for typed in ("Oma tausta", "32.13.2026", "ei osoite", "Vain yksi"):
        assert typed in page
    assert all(f'id="{id}"' in page for id in faulty)
    assert not CommentRound.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"closes_on": "11.1.2026", "opens_on": "12.1.2026"}, "id_closes_on"),
        ({"requires_sign_in": "on", "allows_anonymous": "on"}, "id_requires_sign_in"),
        ({"opens_on": "29.3.2026", "opens_time": "3.30"}, "id_opens_time"),
    ],
)
def test_rules_of_a_round_are_told_beside_their_fields(client, document, coordinator, changes, field):
    version = freeze(document, by=coordinator)
    response = client.post(add_page(version), sent(client.get(add_page(version)), **changes))
    assert [id for id, _label, _error in response.context["errors"]] == [field]


def keys(response):
    return [form.key for form in response.context["questions"].forms]


def test_questions_are_added_moved_and_removed_without_a_script(client, document, coordinator):
    version = freeze(document, by=coordinator)

    def press(response, do, **changes):
        answer = client.post(add_page(version), sent(response, do=do, **changes))
        assert answer.status_code == 200
        assert answer.context["errors"] == []
        return answer

    shown = client.get(add_page(version))
    assert keys(shown) == ["fits", "good", "change"]
    shown = press(shown, "question-add", title_fi="")
    assert keys(shown) == ["fits", "good", "change", "q1"]
    assert 'name="question-q1-text_fi"' in shown.content.decode()
    shown = press(
        shown,
        "question-q1-up",
        **{
            "question-q1-text_fi": "Missä asut?",
            "question-q1-kind": "choice",
            "question-q1-options_fi": "Oulu\r\n\r\nKuusamo\r\n",
        },
    )
    assert keys(shown) == ["fits", "good", "q1", "change"]
    shown = press(shown, "question-fits-down")
    shown = press(shown, "question-good-remove")
    assert keys(shown) == ["fits", "q1", "change"]
    shown = press(shown, "question-nothing-up")
    client.post(add_page(version), sent(shown, title_fi="Kierros"))
    asked = questions_of(CommentRound.objects.get().questions)
    assert [(question.key, question.text["fi"]) for question in asked][1] == ("q1", "Missä asut?")
    assert [option.text for option in asked[1].options] == [{"fi": "Oulu"}, {"fi": "Kuusamo"}]


def test_question_with_a_key_that_is_too_long_is_no_question(client, document, coordinator):
    version = freeze(document, by=coordinator)
    data = sent(client.get(add_page(version)), title_fi="Kierros")
    long = "question-" + "a" * 41
    client.post(add_page(version), data | {f"{long}-kind": "text", f"{long}-text_fi": "Mitä?"})
    assert [row["key"] for row in CommentRound.objects.get().questions] == ["fits", "good", "change"]


def test_document_in_two_languages_has_both_and_its_options_go_together(client, region, coordinator):
    document = make_document(region, kind=Document.Kind.REPORT)
    make_section(document, "<p>Kahvila on auki.</p>")
    version = freeze(document, by=coordinator)
    shown = client.get(add_page(version))
    assert shown.context["warnings"]
    data = sent(shown, title_sv="Remiss", **{"question-fits-options_sv": "Bra\nDåligt"})
    response = client.post(add_page(version), data)
    assert [id for id, _label, _error in response.context["errors"]] == ["id_question-fits-options_sv"]
    client.post(add_page(version), data | {"question-fits-options_fi": "Hyvä\nHuono"})
    comment_round = CommentRound.objects.get()
    assert comment_round.title["sv"] == "Remiss"
    assert comment_round.questions[0]["options"][1]["text"] == {"fi": "Huono", "sv": "Dåligt"}
    client.post(of(comment_round, "round-announce"))
    assert len(ADDRESS.findall(client.get(of(comment_round)).content.decode())) == 2


def test_dates_are_counted_back_from_the_board_and_warned_of(client, document, coordinator):
    version = freeze(document, by=coordinator)
    shown = client.get(add_page(version))
    counted = client.post(add_page(version), sent(shown, do="count", meeting_on="10.6.2026"))
    form = counted.context["form"]
    found = [form[name].value() for name in ("opens_on", "opens_time", "closes_on", "closes_time", "answers_by")]
    assert found == ["9.3.2026", "9.00", "24.4.2026", "16.00", "8.5.2026"]
    assert len(counted.context["countdown"].milestones) == 8
    missing = client.post(add_page(version), sent(shown, do="count", meeting_on=""))
    assert missing.context["meeting_error"]
    july = client.post(add_page(version), sent(shown, do="draw", opens_on="29.6.2026", closes_on="4.7.2026"))
    assert len(july.context["calendar"]) == 3
    assert not CommentRound.objects.exists()


@pytest.fixture
def announced(document, coordinator):
    return CommentRoundFactory(
        region=document.region,
        version=freeze(document, by=coordinator),
        kind=CommentRound.Kind.OPEN,
        questions=[{"key": "q1", "kind": "text", "text": {"fi": "Mitä puuttuu?"}}],
    )


def test_promises_stay_and_texts_can_be_mended(client, announced):
    page = of(announced, "round-edit")
    shown = client.get(page)
    assert {"kind", "opens_on", "closes_on", "sharing", "allows_anonymous"}.isdisjoint(shown.context["form"].fields)
    data = sent(shown, title_fi="Parempi otsikko", closes_on="1.1.2027", closes_time="9.00", kind="internal")
    assert client.post(page, data).url == of(announced)
    announced.refresh_from_db()
    assert (announced.title["fi"], announced.closes_at, announced.kind) == ("Parempi otsikko", CLOSES, "open")


def test_questions_stay_once_somebody_has_begun(client, announced):
    page = of(announced, "round-edit")
    before = sent(client.get(page), **{"question-q1-text_fi": "Mitä muuta?"})
    StatementFactory(round=announced, received_at=None)
    assert client.get(page).context["questions"] is None
    client.post(page, before)
    announced.refresh_from_db()
    assert announced.questions[0]["text"] == {"fi": "Mitä puuttuu?"}


def test_changing_is_for_coordinators_and_reading_for_writers(client, announced, coordinator):
    document = announced.version.document
    document.writing_body = BodyFactory(region=document.region)
    document.save()
    client.force_login(MembershipFactory(body=document.writing_body).user)
    assert client.get(of(announced)).status_code == 200
    assert client.get(list_page(document)).status_code == 200
    for name in ("round-edit", "round-announce", "round-extend", "round-close", "round-reopen"):
        assert client.post(of(announced, name)).status_code == 403
    assert client.get(add_page(announced.version)).status_code == 403
    client.force_login(MembershipFactory(body=BodyFactory(region=document.region)).user)
    for name in ("round", "round-edit", "round-announce", "round-poster", "round-qr"):
        assert client.get(of(announced, name)).status_code == 404
    assert client.get(list_page(document)).status_code == 404
    assert RoundChange.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_list_counts_answers_in_a_constant_number_of_queries(
    client, document, coordinator, django_assert_num_queries, count
):
    version = freeze(document, by=coordinator)
    rounds = CommentRoundFactory.create_batch(count, region=document.region, version=version)
    for row in rounds:
        invitations = InvitationFactory.create_batch(2, round=row)
        StatementFactory(round=row, invitation=invitations[0])
        StatementFactory(round=row)
        StatementFactory(round=row, received_at=None)
    with django_assert_num_queries(7):
        response = client.get(list_page(document))
    assert [(row.asked, row.asked_answered, row.answered) for row in response.context["rows"]] == [(2, 1, 2)] * count


def test_region_page_tells_of_rounds_until_they_are_long_closed(client, announced, coordinator, time_machine):
    region = announced.version.document.region
    page = reverse("region", args=[region.slug])
    InvitationFactory(round=announced)
    for moment, is_told in ((OPENS - DAY, True), (OPENS + DAY, True), (CLOSES + DAY, True), (CLOSES + 20 * DAY, False)):
        time_machine.move_to(moment, tick=False)
        client.force_login(coordinator)
        urls = [step.url for step in client.get(page).context["work"].steps]
        assert (of(announced) in urls) is is_told
    time_machine.move_to(OPENS + DAY, tick=False)
    client.force_login(coordinator)
    with translation.override("fi"):
        assert "13.2.2026 klo 16.00" in client.get(page).content.decode()


def test_versions_page_and_document_lead_to_rounds(client, document, coordinator):
    version = freeze(document, by=coordinator)
    args = [document.region.slug, document.kind, document.public_id]
    versions = client.get(reverse("documents:version-list", args=args)).content.decode()
    assert add_page(version) in versions
    assert list_page(document) in versions
    assert list_page(document) in client.get(document.get_absolute_url()).content.decode()
