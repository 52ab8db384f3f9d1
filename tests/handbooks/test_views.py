import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents.services.sections import save_section
from handbooks.models import Assessment, Handbook, WordImport
from handbooks.services.handbooks import hand_in
from handbooks.services.imports import prepare_import
from tests.handbooks.factories import (
    bring,
    make_docx,
    make_handbook,
    make_template,
    sample_file,
    sample_template,
    texts,
    writer_of,
)
from tests.regions.factories import AreaFactory, BodyFactory, MembershipFactory, RegionFactory

pytestmark = pytest.mark.django_db


def address(handbook, rest=""):
    return f"/en/{handbook.region.slug}/handbook/{handbook.document.public_id}/{rest}"


def test_word_file_goes_in_through_the_browser(client):
    handbook = make_handbook(data=sample_template())
    client.force_login(writer_of(handbook))
    upload = SimpleUploadedFile("oulu.docx", sample_file("oulu"))
    response = client.post(address(handbook, "import/"), {"file": upload, "language": "fi"})
    word_import = WordImport.objects.get()
    assert response.status_code == 302
    assert response.url == address(handbook, f"import/{word_import.public_id}/")
    preview = client.get(response.url)
    page = preview.content.decode()
    assert "186" in page
    assert "2,293 words in the file, 2,293 imported" in page
    data = {"outline": preview.context["outline_digest"]}
    response = client.post(f"{preview.request['PATH_INFO']}run/", data)
    assert response.status_code == 302
    result = client.get(response.url)
    assert "The file was imported" in result.content.decode()
    assert texts(handbook, "osaaminen-tarpeet")[0] == "Perhekeskuksesta puuttuu yhteinen perehdytysaineisto."
    for rest in (
        "",
        "import/",
        "meeting/",
        "meeting/osaaminen-tarpeet/",
        "assessment/",
        "handing-in/",
        "s/osaaminen-tarpeet/",
    ):
        assert client.get(address(handbook, rest)).status_code == 200, rest
    form = client.get(address(handbook, "form/"))
    assert form.content[:2] == b"PK"
