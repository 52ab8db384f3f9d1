"""The editor's own saving: what it is told, what is kept, who else is there, and what is let go of later."""

import datetime
import uuid

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from documents.models import Conflict, Revision, Visit
from documents.services.documents import create_document
from documents.services.outline import add_section, remove_section
from documents.services.sections import move_blocks, save_section
from documents.services.thinning import thin, thin_all
from documents.services.versions import freeze
from documents.services.visiting import note_visit
from documents.views.editing import editing_html
from regions.models import Membership
from tests.accounts.factories import UserFactory
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

from .factories import blocks, fresh, head, texts

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}
TEXT = "<p>Alueella on kuusi kohtaamispaikkaa.</p><p>Ne ovat auki arkisin.</p>"


@pytest.fixture
def body():
    body = BodyFactory(region=RegionFactory(bilingual=True), coordinating=True)
    body.region.refresh_from_db()
    return body


@pytest.fixture
def liisa(body):
    return MembershipFactory(body=body, user=UserFactory(name="Liisa Mallikas")).user


@pytest.fixture
def matti(body):
    return MembershipFactory(body=body, user=UserFactory(name="Matti Esimerkki")).user


@pytest.fixture
def section(body, liisa):
    document = create_document(body.region, kind="report", title={"fi": "Raportti"}, languages=["fi", "sv"], by=liisa)
    section = add_section(document, heading={"fi": "Nykytila"}, key="nykytila", by=liisa)
    save_section(section, by=liisa, base=None, html={"fi": TEXT})
    return fresh(section)


def address(section, name="section-detail", *rest):
    document = section.document
    args = [document.region.slug, document.kind, document.public_id, section.key, *rest]
    return reverse(f"documents:{name}", args=args)


def shown(revision, language="fi"):
    return editing_html(revision.blocks, revision.document, language)


class Window:
    """A writer's browser."""

    def __init__(self, user, section):
        self.client, self.section = Client(), section
        self.client.force_login(user)
        self.base = head(section).number
        self.text = shown(head(section))

    def send(self, text=None, status=200, **more):
        self.text = self.text if text is None else text
        data = {"base": self.base, "client_key": str(uuid.uuid4()), "automatic": "1", "text-fi": self.text} | more
        response = self.client.post(address(self.section), data, **JSON)
        assert response.status_code == status, response.content
        return response.json()

    def go_on(self, answer):
        self.base = answer["base"]
        self.text = (answer["own"] or {}).get("fi", self.text)
        return answer


def test_an_automatic_save_is_an_ordinary_revision(section, liisa):
    window = Window(liisa, section)

    answer = window.send(window.text.replace("kuusi", "seitsemän"))

    revision = head(section)
    assert (revision.number, revision.is_automatic, revision.is_side, revision.author) == (2, True, False, liisa)
    assert (answer["state"], answer["base"], answer["head"], answer["html"], answer["conflicts"]) == (
        "saved",
        2,
        2,
        None,
        "",
    )
    assert answer["saved_at"].startswith("klo\xa0")
    window.go_on(answer)
    assert window.send()["state"] == "unchanged"
    window.send(window.text.replace("seitsemän", "kahdeksan"), automatic="0")
    assert [row.is_automatic for row in section.revisions.order_by("number")] == [False, True, False]


def test_the_browser_learns_the_ids_of_what_was_new(section, liisa):
    window = Window(liisa, section)
    answer = window.go_on(window.send(window.text + "<p>Uusi kap</p>"))
    third = blocks(section)[2].id
    assert f'data-id="{third}"' in answer["own"]["fi"]

    window.send(window.text.replace("Uusi kap", "Aivan toisin sanottu kappale"))

    assert blocks(section)[2].id == third


def test_what_was_typed_before_a_merge_is_kept_and_gone_on_from(section, liisa, matti):
    one, two = Window(liisa, section), Window(matti, section)
    one.go_on(one.send(one.text.replace("kuusi", "seitsemän")))

    answer = two.send(two.text.replace("arkisin", "joka päivä"))

    side, merged = section.revisions.order_by("number")[2:]
    assert (side.is_side, side.author, side.number, answer["base"]) == (True, matti, 3, 3)
    assert [block.plain_in("fi") for block in side.blocks] == [
        "Alueella on kuusi kohtaamispaikkaa.",
        "Ne ovat auki joka päivä.",
    ]
    assert (merged.is_side, merged.origin, head(section)) == (False, Revision.Origin.MERGED, merged)
    assert (answer["state"], answer["by"], answer["head"]) == ("merged", ["Liisa Mallikas"], 4)
    assert "seitsemän" in answer["html"]["fi"]
    # Matti has typed on meanwhile, without Liisa's words, and changes his own once more.
    two.base = answer["base"]
    later = two.send(two.text.replace("joka päivä", "joka arkipäivä"))
    assert (later["state"], texts(section)) == (
        "merged",
        ["Alueella on seitsemän kohtaamispaikkaa.", "Ne ovat auki joka arkipäivä."],
    )
    assert Conflict.objects.count() == 0
    assert list(section.revisions.line().values_list("number", flat=True)) == [1, 2, 4, 6]


def test_who_types_on_in_the_same_place_has_one_conflict_with_the_latest_words(section, liisa, matti):
    one, two = Window(liisa, section), Window(matti, section)
    one.send(one.text.replace("kuusi", "seitsemän"))
    answer = two.send(two.text.replace("kuusi", "viisi"))
    assert answer["state"] == "conflict"
    assert "Liisa Mallikas" in answer["conflicts"]
    assert "viisi" in answer["conflicts"]
    two.base = answer["base"]
    one.base = answer["head"]
    one.send(shown(head(section)).replace("seitsemän", "kahdeksan"))

    answer = two.send(two.text.replace("viisi", "viisi tai kuusi"))

    conflict = Conflict.objects.get()
    assert "viisi tai kuusi" in conflict.mine
    assert answer["state"] == "conflict"
    sides = [" ".join(block.plain_in("fi") for block in row.blocks) for row in section.revisions.filter(is_side=True)]
    assert [("viisi koh" in text, "viisi tai kuusi" in text) for text in sides] == [(True, False), (False, True)]
    assert texts(section)[0] == "Alueella on kahdeksan kohtaamispaikkaa."


def test_choosing_answers_the_editor_with_the_text_that_stands(section, liisa, matti):
    one, two = Window(liisa, section), Window(matti, section)
    one.send(one.text.replace("kuusi", "seitsemän"))
    two.send(two.text.replace("kuusi", "viisi"))

    response = two.client.post(address(section, "conflict-take", 1), {"language": "fi", "seen": "1"}, **JSON)

    answer = response.json()
    assert "viisi" in answer["html"]["fi"]
    assert (answer["head"], answer["conflicts"]) == (head(section).number, "")
    assert Conflict.objects.get().settled_by == matti


def test_a_sending_whose_answer_was_lost_is_gone_on_from(section, liisa):
    window = Window(liisa, section)
    key = str(uuid.uuid4())
    window.send(window.text.replace("kuusi", "seitsemän"), client_key=key)

    # The browser never heard; it sends from where it was, and names the sending.
    answer = window.send(window.text.replace("seitsemän", "seitsemän hyvää"), after=[key])

    assert (answer["state"], Conflict.objects.count()) == ("saved", 0)
    assert texts(section)[0] == "Alueella on seitsemän hyvää kohtaamispaikkaa."
    count = section.revisions.count()
    window.send(client_key=key)
    assert section.revisions.count() == count


def test_another_persons_sending_is_nobody_elses_base(section, liisa, matti):
    key = str(uuid.uuid4())
    one, two = Window(liisa, section), Window(matti, section)
    one.send(one.text.replace("kuusi", "seitsemän"), client_key=key)

    two.send(two.text.replace("arkisin", "aina"), after=[key])

    assert texts(section) == ["Alueella on seitsemän kohtaamispaikkaa.", "Ne ovat auki aina."]


def test_a_paragraph_cut_and_pasted_between_two_saves_keeps_its_translation(section, liisa):
    first, second = blocks(section)
    save_section(
        section,
        by=liisa,
        base=head(section),
        html={"sv": f'<p data-id="{first.id}">Sex.</p><p data-id="{second.id}">Öppet.</p>'},
    )
    window = Window(liisa, section)
    cut = f'<p data-id="{first.id}">Alueella on kuusi kohtaamispaikkaa.</p>'
    window.go_on(window.send(window.text.replace(cut, "")))
    assert texts(section) == ["Ne ovat auki arkisin."]

    window.send(window.text + cut)

    back = blocks(section)[1]
    assert (back.id, back.plain_in("sv")) == (first.id, "Sex.")


def test_a_script_is_never_sent_to_a_page(section, liisa, matti):
    data = {"base": "1", "text-fi": "<p>Uusi.</p>", "automatic": "1"}
    anonymous = Client().post(address(section), data, **JSON)
    assert (anonymous.status_code, anonymous.headers["Content-Type"]) == (401, "application/json")
    piece = Client().get(address(section, "section-rename"), headers={"HX-Request": "true"})
    assert (piece.status_code, list(piece.json())) == (401, ["error"])
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(liisa)
    expired = strict.post(address(section), data, **JSON)
    assert (expired.status_code, expired.json()["code"]) == (403, "csrf")
    window = Window(matti, section)
    assert window.send(status=409, base="77")["error"]
    assert window.send("<p>" + "x" * 5_000_001 + "</p>", status=422)["error"]
    assert window.client.post(address(section), {"base": "1"}, **JSON).status_code == 422
    assert texts(section) == ["Alueella on kuusi kohtaamispaikkaa.", "Ne ovat auki arkisin."]


def test_a_right_that_has_ended_is_told(section, liisa, matti, body):
    window = Window(matti, section)
    Membership.objects.filter(user=matti).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    nothing = window.send(window.text + "<p>Lisää.</p>", status=404)["error"]
    assert nothing
    window = Window(liisa, section)
    remove_section(section, by=liisa)
    assert window.send(status=404)["error"] == nothing
    assert fresh(section).head.number == 1


def test_presence_names_those_who_have_the_section_open(section, liisa, matti):
    one, two = Client(), Client()
    one.force_login(liisa)
    two.force_login(matti)
    here = address(section, "section-presence")
    assert one.post(here, {"seen": "1"}, **JSON).json()["others"] == ""
    assert "Liisa Mallikas" in two.post(here, {"seen": "1"}, **JSON).json()["others"]
    assert one.post(here, {"seen": "1", "leaving": "1"}, **JSON).status_code == 204
    assert two.post(here, {"seen": "1"}, **JSON).json()["others"] == ""
    Visit.objects.filter(user=matti).update(seen_at=timezone.now() - datetime.timedelta(minutes=1))
    assert one.post(here, {"seen": "1"}, **JSON).json()["others"] == ""


def test_presence_brings_the_news_to_a_clean_editor(section, liisa, matti):
    one = Window(liisa, section)
    one.send(one.text.replace("kuusi", "seitsemän"))
    client = Client()
    client.force_login(matti)
    here = address(section, "section-presence")
    dirty = client.post(here, {"seen": "1", "language": "fi"}, **JSON).json()
    assert (dirty["head"], "html" in dirty) == (2, False)
    clean = client.post(here, {"seen": "1", "clean": "1", "language": "fi"}, **JSON).json()
    assert (clean["by"], "seitsemän" in clean["html"]["fi"]) == (["Liisa Mallikas"], True)
    assert "html" not in client.post(here, {"seen": "2", "clean": "1", "language": "fi"}, **JSON).json()


def test_presence_tells_of_a_conflict_where_the_text_has_not_changed(section, liisa, matti):
    one, two = Window(liisa, section), Window(matti, section)
    one.send(one.text.replace("kuusi", "seitsemän"))
    two.send(two.text.replace("kuusi", "viisi"))
    here = address(section, "section-presence")
    seen = {"seen": str(fresh(section).head.number), "language": "fi"}
    told = one.client.post(here, {**seen, "clean": "1"}, **JSON).json()
    assert ("html" in told, "viisi" in told["conflicts"]) == (False, True)
    assert "conflicts" not in one.client.post(here, seen, **JSON).json()
    Conflict.objects.update(settled_at=timezone.now())
    assert one.client.post(here, {**seen, "clean": "1"}, **JSON).json()["conflicts"] == ""


def test_what_was_seen_once_stays_seen_and_no_more_than_there_is(section, liisa):
    for seen, expected in ((0, 0), (99, 1), (0, 1)):
        note_visit(section, by=liisa, seen=seen, is_open=True)
        assert Visit.objects.get(user=liisa).number == expected


@pytest.mark.parametrize("count", [1, 3])
def test_saving_takes_the_same_number_of_queries_however_long_the_history(
    section, liisa, django_assert_max_num_queries, count
):
    window = Window(liisa, section)
    for number in range(5 * count):
        window.go_on(window.send(window.text.replace("auki", f"auki {number}")))
    with django_assert_max_num_queries(45) as captured:
        window.send(window.text.replace("arkisin", "aina"))
    QUERIES.add(len(captured))
    assert len(QUERIES) == 1


QUERIES: set[int] = set()


# --- Letting go ----------------------------------------------------------------------------------------------


def age(section, days=40):
    """Every revision some weeks older, with a minute between one and the next."""
    for row in section.revisions.all():
        Revision.objects.filter(pk=row.pk).update(
            created_at=timezone.now() - datetime.timedelta(days=days) + datetime.timedelta(minutes=row.number)
        )


def numbers(section):
    return list(section.revisions.order_by("number").values_list("number", flat=True))


def test_old_automatic_saves_are_thinned_to_the_last_of_a_sitting(section, liisa):
    window = Window(liisa, section)
    for number in range(6):
        window.go_on(window.send(window.text.replace("auki", f"auki {number}")))
    thin_all()
    assert numbers(section) == [1, 2, 3, 4, 5, 6, 7]
    age(section)

    assert thin(section.document) == 5

    assert numbers(section) == [1, 7]
    assert section.revisions.get(number=7).base.number == 1
    assert thin(section.document) == 0


def test_what_something_leads_to_is_not_thinned(section, liisa, matti):
    one, two = Window(liisa, section), Window(matti, section)
    one.go_on(one.send(one.text.replace("kuusi", "seitsemän")))  # 2: frozen
    freeze(section.document, by=liisa)
    one.go_on(one.send(one.text.replace("seitsemän", "kahdeksan")))  # 3: goes
    one.go_on(one.send(one.text.replace("kahdeksan", "yhdeksän")))  # 4: was merged with
    two.send(two.text.replace("kuusi", "viisi"))  # 5: side, in conflict
    one.go_on(one.send(one.text.replace("yhdeksän", "kymmenen")))  # 6: goes, another of its sitting follows
    one.go_on(one.send(one.text.replace("kymmenen", "sata")))  # 7: head
    age(section)

    thin(section.document)

    assert numbers(section) == [1, 2, 4, 5, 7]
    assert section.revisions.get(number=4).base.number == 2
    assert fresh(section).head.number == 7


def test_moving_text_while_a_writer_types_leaves_their_words_somewhere(section, liisa, matti):
    other = add_section(section.document, heading={"fi": "Muu"}, key="muu", by=liisa)
    window = Window(matti, section)
    move_blocks([blocks(section)[0].id], source=fresh(section), target=other, by=liisa)

    answer = window.send(window.text.replace("kuusi", "seitsemän"))

    assert texts(fresh(other)) == ["Alueella on seitsemän kohtaamispaikkaa."]
    assert texts(section) == ["Ne ovat auki arkisin."]
    assert answer["state"] == "merged"


def test_the_page_names_its_addresses_to_the_script(section, liisa, client):
    client.force_login(liisa)
    page = client.get(address(section)).content.decode()
    assert f'data-presence-url="{address(section, "section-presence")}"' in page
    assert f'data-user="{liisa.pk}"' in page
    assert settings.CSRF_COOKIE_NAME in client.cookies
