"""Internal notes: threads, mentions and their mails, where a note stands when its text moves, and where it never is."""

import datetime
import re

import docx
import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from documents.models import BlockIdentity, Document, Note
from documents.notes import counted_by_block
from documents.renditions import make_rendition
from documents.services.notes import add_note, answer_note, edit_note, mentioned_in, resolve_thread
from documents.services.outline import add_section, join_sections, remove_section
from documents.services.publishing import publish
from documents.services.sections import move_blocks, save_section
from documents.services.versions import freeze
from documents.views.section import editing_html
from jobs.models import Job
from jobs.services import claim, work
from regions.services import open_file
from tests.accounts.factories import UserFactory
from tests.documents.factories import fresh, ids, make_document, make_section
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db

SITE = "https://plans.example.fi"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def region():
    region = RegionFactory(bilingual=True)
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


def member(body, name, **fields):
    return MembershipFactory(body=body, user=UserFactory(name=name, **fields)).user


@pytest.fixture
def kaisa(region, client):
    user = member(region.coordinating_body, "Kaisa Koordinaattori", language="fi")
    client.force_login(user)
    return user


@pytest.fixture
def mats(region):
    return member(region.coordinating_body, "Mats Modell", language="sv")


@pytest.fixture
def document(region):
    return make_document(region, kind=Document.Kind.REPORT)


@pytest.fixture
def section(document):
    return make_section(document, "<p>Alue on laaja.</p><p>Väki vähenee.</p>")


def at(document, name, *rest):
    return reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def page_of(section):
    return at(section.document, "section-detail", section.key)


def post(client, section, text, *, htmx=False, **sent):
    return client.post(
        at(section.document, "note-add"),
        {"section": section.key, "text": text, **sent},
        headers=HTMX if htmx else {},
    )


def note_on(section, by, place=None, text="Tarkista luku."):
    block = ids(section)[place] if place is not None else ""
    return add_note(section, text=text, by=by, site=SITE, block_id=block)


def do(client, verb, note, htmx=False, **sent):
    return client.post(at(note.document, f"note-{verb}", note.public_id), sent, headers=HTMX if htmx else {})


def send_all():
    while job := claim():
        assert work(job)
    return mail.outbox


def panel(client, section):
    return client.get(page_of(section)).context["notes"]


# --- Writing and answering ------------------------------------------------------------------------------------


def test_a_note_on_a_paragraph_stands_beside_its_section_with_the_words(client, kaisa, section):
    response = post(client, section, "Tarkista luku.", block=ids(section)[1])

    note = Note.objects.get()
    assert response.url == at(section.document, "note-detail", note.public_id)
    assert (note.text, note.quote, note.author, note.block_id) == (
        "Tarkista luku.",
        "Väki vähenee.",
        kaisa,
        ids(section)[1],
    )
    (shown,) = panel(client, section).threads
    assert shown.thread.block_id == ids(section)[1]
    assert "Tarkista luku." in client.get(page_of(section)).text


def test_with_htmx_the_panel_comes_back_with_focus_on_the_new_note_and_a_message(client, kaisa, section):
    note_on(section, kaisa, text="Vanha.")

    response = post(client, section, "Uusi.", htmx=True, in_panel="1")

    assert response.status_code == 200
    assert response.text.lstrip().startswith("<section") and "<html" not in response.text
    focused = response.text.split(" data-focus")[0].rsplit('id="note-', 1)[1]
    assert focused.startswith(Note.objects.get(text="Uusi.").public_id)
    assert response.text.count("data-focus") == 1
    assert "data-announce=" in response.text
    states = response.text.split('id="states-', 1)[1]
    assert states.startswith(f'{section.key}" hx-swap-oob="true">')
    assert re.search(r"#comment[^>]*></use></svg>2<", states)


def test_from_the_panel_without_htmx_one_comes_back_to_the_section(client, kaisa, section):
    response = post(client, section, "Uusi.", in_panel="1")
    assert response.url == f"{page_of(section)}#note-{Note.objects.get().public_id}"


@pytest.mark.parametrize("htmx", [True, False])
def test_a_note_without_words_is_refused_and_what_was_chosen_is_kept(client, kaisa, mats, section, htmx):
    block = ids(section)[1]

    response = post(client, section, "  ", htmx=htmx, block=block)

    assert response.status_code == 422
    assert Note.objects.count() == 0
    assert f'<option value="{block}" selected>' in response.text
    assert 'aria-invalid="true"' in response.text


def test_an_answer_that_is_too_long_is_kept_in_its_form(client, kaisa, section):
    note = note_on(section, kaisa)

    response = do(client, "answer", note, htmx=True, text="pitkä " * 1000)

    assert response.status_code == 422
    assert "pitkä pitkä" in response.text
    assert Note.objects.count() == 1


def test_a_paragraph_that_was_removed_meanwhile_cannot_be_chosen(client, kaisa, section):
    gone = ids(section)[1]
    save_section(section, by=None, base=section.head, html={"fi": f'<p data-id="{ids(section)[0]}">Alue on laaja.</p>'})

    response = post(client, section, "Tarkista luku.", block=gone)

    assert response.status_code == 422
    assert "Tarkista luku." in response.text
    assert Note.objects.count() == 0


def test_a_note_lands_where_its_paragraph_was_moved_meanwhile(client, kaisa, document, section):
    target = make_section(document, "", key="tavoitteet")
    moved = ids(section)[1]
    move_blocks([moved], source=section, target=target, by=None)

    post(client, section, "Tarkista luku.", block=moved)

    assert Note.objects.get().section == target


def test_answers_stand_in_their_thread(client, kaisa, mats, section):
    note = note_on(section, mats)

    response = do(client, "answer", note, htmx=True, text="Tarkistettu.")

    assert response.status_code == 200
    assert "Tarkistettu." in response.text
    (shown,) = panel(client, section).threads
    assert [one.text for one in shown.thread.said] == ["Tarkista luku.", "Tarkistettu."]


def test_markup_in_a_note_is_shown_as_it_was_typed(client, kaisa, section):
    post(client, section, "<script>alert(1)</script> <b>a</b>", block=ids(section)[0])
    assert "<script>alert(1)" not in client.get(page_of(section)).text
    assert "&lt;b&gt;a&lt;/b&gt;" in client.get(page_of(section)).text


# --- Resolving and editing ---------------------------------------------------------------------------------


def test_resolving_and_reopening_a_thread(client, kaisa, section):
    note = note_on(section, kaisa)

    response = do(client, "resolve", note, htmx=True, in_panel="1")
    note.refresh_from_db()
    assert (note.resolved_by, note.resolved_at is not None) == (kaisa, True)
    assert 'id="notes-count" hx-swap-oob="true"></span>' in response.text
    states = response.text.split(f'id="states-{section.key}" hx-swap-oob="true">', 1)[1]
    assert "#comment" not in states
    assert panel(client, section).threads == []
    assert panel(client, section).resolved == 1

    do(client, "reopen", note)
    note.refresh_from_db()
    assert (note.resolved_by, note.resolved_at) == (None, None)
    assert len(panel(client, section).threads) == 1


def test_a_resolved_thread_takes_no_answer_before_it_is_reopened(client, kaisa, section):
    note = note_on(section, kaisa)
    resolve_thread(note, by=kaisa)

    response = do(client, "answer", note, text="Vielä yksi asia.")

    assert response.status_code == 422
    assert Note.objects.count() == 1


def test_one_puts_ones_own_words_right_for_a_quarter_of_an_hour(client, kaisa, mats, section):
    note = note_on(section, kaisa)
    assert client.get(at(section.document, "note-edit", note.public_id)).status_code == 200

    assert do(client, "edit", note, text="Tarkista vuosi.").status_code == 302
    note.refresh_from_db()
    assert note.text == "Tarkista vuosi."

    Note.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=16))
    assert do(client, "edit", note, text="Myöhässä.").status_code == 422
    note.refresh_from_db()
    assert note.text == "Tarkista vuosi."

    client.force_login(mats)
    assert do(client, "edit", note, text="Toisen sanat.").status_code == 403


def test_what_is_done_is_in_the_audit_trail_without_its_words(client, kaisa, section):
    note = note_on(section, kaisa)
    for verb in ("answer", "edit", "resolve", "reopen"):
        do(client, verb, note, text="Salainen sana.")

    events = AuditEvent.objects.filter(verb__startswith="note.")
    assert list(events.order_by("pk").values_list("verb", flat=True)) == [
        "note.added",
        "note.answered",
        "note.edited",
        "note.resolved",
        "note.reopened",
    ]
    assert not any("Salainen" in str(event.details) + event.object_label for event in events)


def test_putting_words_right_mails_only_those_who_are_newly_mentioned(kaisa, mats, region, section):
    other = member(region.coordinating_body, "Olli Osallinen")
    note = note_on(section, kaisa, text="@Mats Modell")
    edit_note(note, text="@Olli Osallinen", by=kaisa, site=SITE)
    assert set(note.mentioned.all()) == {mats, other}
    assert sorted(message.to for message in send_all()) == sorted([[mats.email], [other.email]])


# --- Mentions ----------------------------------------------------------------------------------------------


def test_who_is_mentioned_gets_a_mail_in_their_own_language_with_a_link(client, kaisa, mats, section):
    post(client, section, "Tarkista luku, @Mats Modell.", block=ids(section)[0])

    (message,) = send_all()
    note = Note.objects.get()
    assert message.to == [mats.email]
    assert "Kaisa Koordinaattori" in message.subject
    assert f"/sv/{section.document.region.slug}/report/{section.document.public_id}/notes/{note.public_id}/" in (
        message.body
    )
    assert "http://testserver/" in message.body
    assert "Alue on laaja." in message.body
    assert "Tarkista luku, @Mats Modell." in message.body


def test_mails_lead_to_the_address_of_the_settings(client, kaisa, mats, section, settings):
    settings.SITE_URL = "https://plans.example.fi"
    post(client, section, "Katso @Mats Modell.")
    (message,) = send_all()
    assert "https://plans.example.fi/sv/" in message.body
    assert "testserver" not in message.body


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Anna Mäki", ["Anna Mäki"]),
        ("@anna  mäkinen, kiitos", ["Anna Mäkinen"]),
        ("Kysy (@Anna Mäki)ltä ja @Anna Mäkiseltä", ["Anna Mäki"]),
        ("@Mats Modellille", ["Mats Modell"]),
        ("@Ulla\nKatso", ["Ulla"]),
        ("@Ullakko on tila", []),
        ("info@ulla.example", []),
        ("@nimeton@example.org", ["nimeton@example.org"]),
        ("@ Anna Mäki", []),
        ("Anna Mäki", []),
    ],
)
def test_the_longest_name_behind_an_at_sign_counts(text, found):
    names = ["Anna Mäki", "Anna Mäkinen", "Mats Modell", "Ulla"]
    readers = [UserFactory(name=name) for name in names] + [UserFactory(name="", email="nimeton@example.org")]
    assert [str(user) for user in mentioned_in(text, readers)] == found


def test_a_name_behind_an_at_sign_is_a_mention(client, kaisa, mats, section):
    post(client, section, "Katso tätä, @mats modell, kiitos.")
    assert list(Note.objects.get().mentioned.all()) == [mats]
    assert [message.to for message in send_all()] == [[mats.email]]


def test_no_mail_goes_out_for_a_note_that_was_not_kept(client, kaisa, mats, section):
    post(client, section, f"@Mats Modell {'pitkä ' * 1000}")
    assert not Job.objects.filter(kind="send_mail").exists()


def test_those_who_took_part_hear_of_an_answer_once_and_the_writer_never(client, kaisa, mats, region, section):
    other = member(region.coordinating_body, "Olli Osallinen")
    left = member(region.coordinating_body, "Lauri Lähtenyt")
    note = note_on(section, mats)
    answer_note(note, text="Minäkin.", by=left, site=SITE)
    left.memberships.update(starts_on=datetime.date(2020, 1, 1), ends_on=datetime.date(2021, 1, 1))
    Job.objects.all().delete()

    do(client, "answer", note, text="Korjattu. @Olli Osallinen")
    do(client, "answer", note, text="Ja vielä.")

    receivers = sorted(job.payload["to"][0] for job in Job.objects.filter(kind="send_mail"))
    assert receivers == sorted([mats.email, other.email, mats.email, other.email])


def test_only_those_who_may_read_the_draft_can_be_mentioned(client, kaisa, region, section):
    neighbour = member(BodyFactory(region=region), "Naapuri Neuvonen")
    ended = MembershipFactory(
        body=region.coordinating_body, starts_on=datetime.date(2020, 1, 1), ends_on=datetime.date(2021, 1, 1)
    ).user
    page = client.get(page_of(section)).text
    for user in (neighbour, ended):
        assert str(user) not in page
        post(client, section, f"Katso @{user.name}")
    assert not Note.objects.exclude(mentioned=None).exists()


def test_members_of_the_writing_body_and_of_the_coordinating_body_can_be_mentioned(client, kaisa, region, section):
    writers = BodyFactory(region=region)
    writer = member(writers, "Kirsi Kirjoittaja")
    Document.objects.filter(pk=section.document_id).update(writing_body=writers)
    page = client.get(page_of(section)).text
    assert str(writer) in page
    client.force_login(writer)
    assert "<li>Kaisa Koordinaattori</li>" in client.get(page_of(section)).text


def test_the_names_stand_once_on_a_page_however_many_threads_it_has(client, kaisa, mats, section):
    for number in range(4):
        note_on(section, kaisa, text=f"Nro {number}.")
    pages = [page_of(section), at(section.document, "note-list"), at(section.document, "note-add")]
    for page in pages:
        assert client.get(f"{page}?section={section.key}").text.count("Mats Modell") == 1


# --- Where a note stands -----------------------------------------------------------------------------------


def test_a_note_follows_its_paragraph_to_another_section_with_its_answers(client, kaisa, document, section):
    target = make_section(document, "", key="tavoitteet")
    note = note_on(section, kaisa, 1)
    answer_note(note, text="Selvä.", by=kaisa, site=SITE)

    move_blocks([ids(section)[1]], source=section, target=target, by=None)

    assert set(Note.objects.values_list("section__key", flat=True)) == {"tavoitteet"}
    assert panel(client, section).threads == []
    assert len(panel(client, target).threads) == 1


def test_a_note_follows_a_paragraph_that_went_up_in_another(client, kaisa, section):
    note_on(section, kaisa, 1)
    first = ids(section)[0]
    joined = f'<p data-id="{first}">Alue on laaja. Väki vähenee.</p>'
    save_section(section, by=kaisa, base=section.head, html={"fi": joined})

    (shown,) = panel(client, section).threads
    assert shown.thread.block_id == first
    assert not shown.thread.is_gone
    assert counted_by_block(section.document) == {first: 1}
    listed = client.get(at(section.document, "note-list"), {"block": first})
    assert len(listed.context["threads"]) == 1


def test_a_note_is_counted_where_its_paragraph_went_in_two_steps(client, kaisa, section):
    first, second = ids(section)[:2]
    last = "<p>Palvelut ovat kaukana.</p>"
    start = editing_html(section.head.blocks, section.document, "fi")
    save_section(section, by=kaisa, base=section.head, html={"fi": start + last})
    section = fresh(section)
    third = ids(section)[-1]
    note_on(section, kaisa, 1)
    for joined in (
        f'<p data-id="{first}">Alue on laaja. Väki vähenee.</p><p data-id="{third}">Palvelut ovat kaukana.</p>',
        f'<p data-id="{third}">Alue on laaja. Väki vähenee. Palvelut ovat kaukana.</p>',
    ):
        section = fresh(section)
        save_section(section, by=kaisa, base=section.head, html={"fi": joined})
    assert BlockIdentity.objects.get(block_id=second).alias_of.alias_of.block_id == third

    assert counted_by_block(section.document) == {third: 1}


def test_a_note_on_removed_text_stays_with_its_quote(client, kaisa, section):
    note_on(section, kaisa, 1)
    rest = editing_html(section.head.blocks[:1], section.document, "fi")
    save_section(section, by=kaisa, base=section.head, html={"fi": rest})

    response = client.get(at(section.document, "note-list"))

    assert response.context["threads"] == []
    assert [row.thread.note.quote for row in response.context["gone"]] == ["Väki vähenee."]
    assert "Väki vähenee." in response.text
    assert panel(client, section).threads[0].thread.is_gone


def test_a_note_outlives_its_section(client, kaisa, section):
    note = note_on(section, kaisa)
    remove_section(section, by=kaisa)

    response = client.get(at(section.document, "note-list"))

    assert [row.thread.note for row in response.context["gone"]] == [note]
    assert client.get(at(section.document, "note-detail", note.public_id)).status_code == 200
    assert do(client, "answer", note, text="Siirretään.", in_panel="1").url == at(
        section.document, "note-detail", note.public_id
    )


def test_notes_go_along_when_sections_are_joined(client, kaisa, document, section):
    second = make_section(document, "<p>Tavoite.</p>", key="tavoitteet")
    note_on(second, kaisa)
    note_on(second, kaisa, 0)

    join_sections(section, second, by=None)

    assert len(panel(client, section).threads) == 2


# --- Counts, the list of all notes --------------------------------------------------------------------------


def test_outline_and_reading_page_count_what_is_open(client, kaisa, section):
    note_on(section, kaisa, 1)
    note_on(section, kaisa)
    resolve_thread(note_on(section, kaisa, 0), by=kaisa)

    response = client.get(section.document.get_absolute_url())

    assert ("notes", "2") in response.context["outline"][0]["states"]
    assert [row.notes for row in response.context["sections"]] == [2]
    assert response.context["open_notes"] == 2
    assert list(response.context["note_marks"]) == [ids(section)[1]]
    assert counted_by_block(section.document) == {ids(section)[1]: 1}
    assert ids(section)[1] in response.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["oma", "maininta @Kaisa Koordinaattori", "vastattu", "muu"]),
        ({"state": "resolved"}, ["ratkaistu"]),
        ({"state": "all"}, ["oma", "maininta @Kaisa Koordinaattori", "vastattu", "muu", "ratkaistu"]),
        ({"whose": "mine"}, ["oma", "vastattu"]),
        ({"whose": "mentions"}, ["maininta @Kaisa Koordinaattori"]),
        ({"section": "tavoitteet"}, ["muu"]),
        ({"state": "x", "whose": "y", "page": "z"}, ["oma", "maininta @Kaisa Koordinaattori", "vastattu", "muu"]),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_list_is_filtered(client, kaisa, mats, document, section, query, found, htmx):
    other = make_section(document, "", key="tavoitteet")
    note_on(section, kaisa, text="oma")
    add_note(section, text="maininta @Kaisa Koordinaattori", by=mats, site=SITE)
    answer_note(note_on(section, mats, text="vastattu"), text="Vastaus.", by=kaisa, site=SITE)
    resolve_thread(note_on(section, mats, text="ratkaistu"), by=mats)
    note_on(other, mats, text="muu")

    response = client.get(at(document, "note-list"), query, headers=HTMX if htmx else {})

    shown = re.findall(r'<div class="fc-note__text"><p>(.*?)</p>', response.text)
    assert sorted(set(shown) - {"Vastaus."}) == sorted(found)
    assert ("<html" in response.text) is not htmx


def test_long_lists_have_pages(client, kaisa, section):
    for number in range(32):
        note_on(section, kaisa, text=f"Nro {number}.")
    first, second = (client.get(at(section.document, "note-list"), {"page": page}).context for page in (1, 2))
    assert (len(first["threads"]), len(second["threads"])) == (30, 2)
    assert first["threads"][0].thread.note.text == "Nro 31."


# --- Never outside ------------------------------------------------------------------------------------------


def test_notes_are_in_no_version_and_no_file(client, kaisa, mats, section):
    note = add_note(section, text="Salainensana @Mats Modell.", by=kaisa, site=SITE, block_id=ids(section)[0])
    answer_note(note, text="Salainensana kaksi.", by=mats, site=SITE)
    version = freeze(section.document, by=kaisa)

    assert b"alainensana" not in bytes(version.content)
    assert note.public_id.encode() not in bytes(version.content)
    for form in ("json", "docx"):
        rendition = make_rendition(version, format=form, layout="full", language="fi")
        assert _words_of(rendition, form).count("Salainensana") == 0
        assert "Alue on laaja" in " ".join(_words_of(rendition, form).split())
    publish(version, languages=["fi"], by=kaisa, despite_missing=True)
    client.logout()
    public = client.get(at(section.document, "version-detail", version.number))
    assert public.status_code == 200
    assert "Salainensana" not in public.text


def _words_of(rendition, form):
    with open_file(rendition.file) as file:
        if form == "json":
            return file.read().decode()
        return "\n".join(paragraph.text for paragraph in docx.Document(file).paragraphs)


# --- Who ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"), [("anonymous", 302), ("stranger", 404), ("neighbour", 404), ("elsewhere", 404), ("writer", 200)]
)
@pytest.mark.parametrize("name", ["note-list", "note-detail", "note-add", "note-answer", "note-resolve", "note-reopen"])
def test_notes_are_for_those_who_may_read_the_draft(client, region, section, role, status, name):
    writers = BodyFactory(region=region)
    Document.objects.filter(pk=section.document_id).update(writing_body=writers)
    note = note_on(section, member(writers, "Kirsi Kirjoittaja"))
    body = {
        "neighbour": BodyFactory(region=region),
        "elsewhere": BodyFactory(coordinating=True),
        "writer": writers,
    }.get(role)
    if role != "anonymous":
        client.force_login(member(body, "Joku") if body else UserFactory())
    rest = [] if name in {"note-list", "note-add"} else [note.public_id]
    sent = {"section": section.key, "text": "Uusi."}

    url = at(section.document, name, *rest)
    response = client.get(url, sent) if name in {"note-list", "note-detail"} else client.post(url, sent)

    writes = name not in {"note-list", "note-detail"}
    assert response.status_code == (302 if writes and status == 200 else status)
    assert Note.objects.count() == (2 if role == "writer" and name in {"note-add", "note-answer"} else 1)


def test_a_note_is_found_under_its_own_document_alone(client, kaisa, region, section):
    note = note_on(section, kaisa)
    other = make_document(region, kind=Document.Kind.REPORT)
    assert client.get(at(other, "note-detail", note.public_id)).status_code == 404
    assert client.post(at(other, "note-resolve", note.public_id)).status_code == 404


# --- Numbers of queries ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("section-detail", 16), ("note-list", 11), ("note-detail", 11), ("document-detail", 10)]
)
def test_query_count_does_not_grow_with_notes(
    client, kaisa, mats, document, section, django_assert_num_queries, name, count, queries
):
    for _number in range(count):
        note = add_note(section, text="@Mats Modell", by=kaisa, site=SITE, block_id=ids(section)[0])
        for _answer in range(count * 5):
            answer_note(note, text="@Mats Modell katso.", by=kaisa, site=SITE)
    rest = {"section-detail": [section.key], "note-detail": [note.public_id]}.get(name, [])

    with django_assert_num_queries(queries):
        assert client.get(at(document, name, *rest)).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_saving_takes_the_same_queries_with_many_notes(kaisa, section, django_assert_max_num_queries, count):
    for _number in range(count):
        note_on(section, kaisa, 0)
    html = editing_html(section.head.blocks, section.document, "fi").replace("laaja", "pitkä")
    with django_assert_max_num_queries(40) as before:
        save_section(section, by=kaisa, base=section.head, html={"fi": html})
    asked = [row["sql"] for row in before.captured_queries if "documents_note" in row["sql"]]
    assert len(asked) == 1


# --- In the browser -----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_note_from_the_paragraph_under_the_cursor_with_a_mention(page, sign_in, axe, region, document):
    kaisa = member(region.coordinating_body, "Kaisa Koordinaattori")
    mats = member(region.coordinating_body, "Mats Modell")
    section = make_section(document, "<p>Alue on laaja.</p><p>Väki vähenee.</p>")
    add_section(document, heading={"fi": "Tavoitteet"}, by=None)
    sign_in(kaisa)
    page.goto(page_of(section))
    page.locator(".ProseMirror").first.get_by_text("Väki vähenee.").click()
    page.keyboard.press("Control+Alt+KeyM")
    page.keyboard.type("Mistä luku? @mod")
    page.get_by_role("option", name="Mats Modell").wait_for()
    axe("#notes-panel")
    page.keyboard.press("Enter")
    page.locator("#new-note button[type=submit]").click()

    article = page.locator(".fc-notes article")
    article.get_by_text("Mistä luku? @Mats Modell").wait_for()
    note = Note.objects.get()
    assert (note.block_id, list(note.mentioned.all())) == (ids(fresh(section))[1], [mats])
    page.locator(f"#note-{note.public_id}:focus").wait_for()
    badge = page.locator(f"#states-{section.key}").get_by_text("Avoimia sisäisiä muistiinpanoja")
    badge.wait_for(state="attached")
    axe("#notes-panel")
    article.get_by_role("button", name="Merkitse ratkaistuksi").click()
    badge.wait_for(state="detached")
    article.get_by_role("button", name="Avaa uudelleen").click()
    badge.wait_for(state="attached")
    article.get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.classList.contains('ProseMirror')")

    page.locator(".ProseMirror").first.get_by_text("Alue on laaja.").click()
    page.locator("button[data-command=remark]").first.click()
    assert page.locator("#new-note-block").input_value() == ids(fresh(section))[0]
    assert page.evaluate("document.activeElement.id") == "new-note-text"

    page.goto(document.get_absolute_url())
    mark = page.locator(f"#b-{note.block_id} a.fc-note-mark")
    mark.click()
    page.get_by_text("Mistä luku?").wait_for()
    axe()
