"""Hostile HTML through every door by which text comes in ends as words, on every page that shows it."""

import io
import re

import docx
import lxml.html
import pytest
from django.urls import reverse
from django.utils import timezone

from documents import richtext
from documents.models import Document, Note, Phrase, Publication
from documents.services.outline import add_section
from documents.services.versions import freeze
from documents.word.reader import read_docx
from tests.accounts.factories import UserFactory
from tests.documents.factories import blocks, fresh, make_document
from tests.hostile import HTML, PLAIN
from tests.regions.factories import BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db

OUTSIDE = {"iframe", "object", "embed", "base", "applet", "frame", "math", "marquee", "video", "audio", "style"}
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "background", "ping", "{xlink}href", "xlink:href"}


def assert_inert(page: str) -> None:
    """Nothing on a page runs, loads or leads anywhere but what we wrote ourselves."""
    tree = lxml.html.document_fromstring(page)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        assert element.tag not in OUTSIDE, lxml.html.tostring(element)
        if element.tag == "script":
            assert element.get("nonce") or element.get("type") == "application/json", lxml.html.tostring(element)
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), lxml.html.tostring(element)
            assert name != "style", lxml.html.tostring(element)
            if name.lower() in ADDRESSES:
                address = re.sub(r"[\x00-\x20]", "", value).lower()
                assert not address.startswith(("javascript:", "vbscript:", "data:text")), lxml.html.tostring(element)
                assert "evil.example" not in address, lxml.html.tostring(element)
            if name.startswith("hx-"):
                assert value != "load", lxml.html.tostring(element)
        if element.tag == "textarea" and "<" in (element.text or ""):
            assert_inert(f"<html><body>{element.text}</body></html>")


@pytest.fixture
def region():
    region = RegionFactory(bilingual=True)
    BodyFactory(region=region, coordinating=True)
    region.refresh_from_db()
    return region


@pytest.fixture
def document(region):
    return make_document(region, kind=Document.Kind.REPORT)


@pytest.fixture
def section(document):
    return fresh(add_section(document, heading={"fi": "Nykytila", "sv": "Nuläge"}, by=None))


@pytest.fixture
def writer(region, client):
    user = MembershipFactory(body=region.coordinating_body, user=UserFactory(name="Liisa Mallikas")).user
    client.force_login(user)
    return client


def at(document, name, *rest):
    return reverse(f"documents:{name}", args=[document.region.slug, document.kind, document.public_id, *rest])


def pages_of(document, section):
    return [
        at(document, "document-detail"),
        at(document, "document-detail", "sv"),
        at(document, "section-detail", section.key),
        at(document, "section-history", section.key),
        at(document, "section-translate", section.key, "sv"),
        at(document, "translation-list", "sv"),
        at(document, "note-list"),
        reverse("documents:search") + "?q=sana",
    ]


@pytest.mark.parametrize("payload", HTML, ids=range(len(HTML)))
def test_editor_takes_words_and_no_more(writer, document, section, payload):
    response = writer.post(
        at(document, "section-detail", section.key),
        {"base": "0", "client_key": "a", "text-fi": payload, "text-sv": payload},
        headers={"accept": "application/json"},
    )
    assert response.status_code == 200
    words = " ".join(block.plain_in("fi") for block in blocks(section))
    assert "sana" in words
    shown = [writer.get(at(document, "section-detail", section.key)), writer.get(at(document, "document-detail"))]
    for page in shown:
        assert_inert(page.content.decode())


def test_all_of_them_together_are_inert_on_every_page(writer, document, section):
    together = "".join(HTML)
    writer.post(
        at(document, "section-detail", section.key),
        {"base": "0", "client_key": "a", "text-fi": together, "text-sv": together},
    )
    for address in pages_of(document, section):
        response = writer.get(address)
        assert response.status_code == 200, address
        assert_inert(response.content.decode())
    version = freeze(document, by=None)
    Publication.objects.create(
        region=document.region, version=version, languages=["fi", "sv"], published_at=timezone.now()
    )
    for language in ("fi", "sv"):
        page = writer.get(at(document, "version-detail", version.number, language))
        assert page.status_code == 200
        assert_inert(page.content.decode())


def test_words_that_look_like_marks_come_back_from_the_editor_as_they_are(writer, document, section):
    """A box of a form decodes what stands in it once, so its text is escaped once more."""
    address = at(document, "section-detail", section.key)
    writer.post(address, {"base": "0", "client_key": "a", "text-fi": "<p>Lapsi &lt;3 v&gt; &amp;amp; perhe</p>"})
    for base in ("1", "2"):
        page = lxml.html.document_fromstring(writer.get(address).content.decode())
        box = page.get_element_by_id("text-fi").text
        writer.post(address, {"base": base, "client_key": base, "text-fi": box})
        assert [block.plain_in("fi") for block in blocks(section)] == ["Lapsi <3 v> &amp; perhe"]
    assert fresh(section).head.number == 1


@pytest.mark.parametrize("payload", PLAIN, ids=range(len(PLAIN)))
def test_plain_fields_show_what_was_typed_as_words(writer, document, section, payload):
    writer.post(at(document, "section-rename", section.key), {"heading_fi": payload, "heading_sv": payload})
    writer.post(at(document, "note-add"), {"section": section.key, "text": payload})
    assert fresh(section).heading["fi"] == payload
    assert Note.objects.get().text == payload
    for address in pages_of(document, section):
        page = writer.get(address).content.decode()
        assert_inert(page)
    shown = lxml.html.document_fromstring(writer.get(at(document, "note-list")).content.decode())
    assert payload in shown.text_content()


@pytest.mark.parametrize("payload", HTML, ids=range(len(HTML)))
def test_text_used_again_is_clean_when_it_is_kept(writer, document, payload):
    response = writer.post(
        reverse("documents:phrase-add", args=[document.region.slug]),
        {"name": "Teksti", "text-fi": payload, "text-sv": ""},
    )
    assert response.status_code == 302
    kept = Phrase.objects.get().text["fi"]
    assert "sana" in kept
    assert_inert(f"<html><body>{kept}</body></html>")


def test_marks_in_a_word_file_are_words():
    """What stands in Word as `<script>` is text when it is read, and stays so when it is rendered."""
    stream = io.BytesIO()
    file = docx.Document()
    for payload in PLAIN:
        file.add_paragraph(payload)
    file.save(stream)
    pieces = read_docx(stream.getvalue()).pieces
    sources = [piece.incoming.text["body"] for piece in pieces]
    assert [richtext.plain(source) for source in sources] == PLAIN
    assert_inert("<html><body>" + "".join(richtext.sanitise(source) for source in sources) + "</body></html>")
