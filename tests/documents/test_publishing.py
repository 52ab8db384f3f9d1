import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditEvent
from documents.services.publishing import missing_translations, public_now, publish, withdraw
from documents.services.sections import save_section
from documents.services.versions import freeze

from .factories import fresh, ids, make_document, make_section

pytestmark = pytest.mark.django_db


@pytest.fixture
def bilingual():
    document = make_document(languages=("fi", "sv"))
    section = make_section(document, "<p>Yksi.</p><p>Kaksi.</p>")
    first, _second = ids(section)
    save_section(fresh(section), by=None, base=section.head, html={"sv": f'<p data-id="{first}">Ett.</p>'})
    return document


def test_monolingual_version_is_published_as_it_is():
    document = make_document(languages=("fi",))
    make_section(document, "<p>Yksi.</p>")

    publication = publish(freeze(document, by=None), languages=["fi"], by=None)

    assert list(public_now()) == [publication]
    assert AuditEvent.objects.filter(verb="version.published").count() == 1


@pytest.mark.parametrize("languages", [["fi", "sv"], ["fi"]])
def test_bilingual_version_with_a_gap_is_not_published_unless_it_is_said(bilingual, languages):
    version = freeze(bilingual, by=None)
    assert missing_translations(version) == {"sv": 1}

    with pytest.raises(ValidationError) as error:
        publish(version, languages=languages, by=None)

    assert error.value.code == "language_missing"
    assert not public_now().exists()
    assert publish(version, languages=languages, by=None, despite_missing=True).languages == languages


def test_next_public_version_takes_the_place_of_the_earlier_one():
    document = make_document(languages=("fi",))
    make_section(document, "<p>Yksi.</p>")
    earlier = publish(freeze(document, by=None), languages=["fi"], by=None)

    later = publish(freeze(document, by=None), languages=["fi"], by=None)

    assert list(public_now()) == [later]
    earlier.refresh_from_db()
    assert earlier.withdrawn_at is not None


def test_withdrawn_version_is_no_longer_public():
    document = make_document(languages=("fi",))
    make_section(document, "<p>Yksi.</p>")
    publication = publish(freeze(document, by=None), languages=["fi"], by=None)

    withdraw(publication, by=None)
    withdraw(publication, by=None)

    assert not public_now().exists()
    assert AuditEvent.objects.filter(verb="version.withdrawn").count() == 1
