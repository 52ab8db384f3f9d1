import datetime
import io
import zipfile
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from docx import Document as WordDocument
from PIL import Image

from audit.models import AuditEvent
from regions.files import DOCX, GIF, JPEG, PDF, PNG, WEBP, content_type_of, safe_name
from regions.models import Mandate, Membership, StoredFile
from regions.services import (
    add_meeting,
    add_member,
    end_mandate,
    end_membership,
    grant_mandate,
    open_file,
    set_coordinating_body,
    set_group_members,
    store_file,
)
from tests.accounts.factories import UserFactory
from tests.regions import factories
from tests.regions.factories import (
    BodyFactory,
    MandateFactory,
    MembershipFactory,
    OrganisationFactory,
    OrganisationGroupFactory,
    RegionFactory,
    make_stored_file,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
DAY = datetime.date(2026, 3, 2)


def code_of(call, *args, **kwargs):
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.error_list[0].code


def test_a_member_is_added_and_audited():
    body, user, by = BodyFactory(), UserFactory(), UserFactory()
    organisation = OrganisationFactory(region=body.region)
    membership = add_member(body, user=user, by=by, role=Membership.Role.CHAIR, represents=organisation, starts_on=DAY)
    membership.refresh_from_db()
    assert (membership.region, membership.represents, membership.starts_on) == (body.region, organisation, DAY)
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.region_code) == ("membership.added", by, body.region.code)


def test_a_member_cannot_represent_an_organisation_of_another_region():
    body = BodyFactory()
    arguments = {"user": UserFactory(), "by": None, "represents": OrganisationFactory()}
    assert code_of(add_member, body, **arguments) == "other_region"
    assert not Membership.objects.exists()


def test_a_member_is_not_added_twice():
    membership = MembershipFactory()
    with pytest.raises(ValidationError, match="already a member"):
        add_member(membership.body, user=membership.user, by=None)


def test_a_membership_ends_on_its_last_day():
    membership = MembershipFactory()
    end_membership(membership, by=None, on=DAY)
    membership.refresh_from_db()
    assert membership.ends_on == DAY
    assert code_of(end_membership, membership, by=None, on=DAY + datetime.timedelta(days=1)) == "already_ended"
    end_membership(membership, by=None, on=DAY - datetime.timedelta(days=1))
    membership.refresh_from_db()
    assert membership.ends_on == DAY - datetime.timedelta(days=1)


def test_a_membership_cannot_end_before_it_began():
    membership = MembershipFactory(starts_on=DAY)
    with pytest.raises(ValidationError, match="before the first"):
        end_membership(membership, by=None, on=DAY - datetime.timedelta(days=1))
    assert Membership.objects.get().ends_on is None


def test_a_mandate_is_granted_and_ended():
    organisation, user = OrganisationFactory(), UserFactory()
    mandate = grant_mandate(organisation, user=user, right=Mandate.Right.REPORT, by=None, starts_on=DAY)
    assert mandate.region == organisation.region
    with pytest.raises(ValidationError, match="already has this mandate"):
        grant_mandate(organisation, user=user, right=Mandate.Right.REPORT, by=None)
    end_mandate(mandate, by=None, on=DAY)
    assert not Mandate.objects.valid_on(DAY + datetime.timedelta(days=1)).exists()
    assert code_of(end_mandate, mandate, by=None, on=DAY + datetime.timedelta(days=9)) == "already_ended"
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "mandate.granted",
        "mandate.ended",
    ]


def test_a_mandate_cannot_end_before_it_began():
    mandate = MandateFactory(starts_on=DAY)
    with pytest.raises(ValidationError, match="before the first"):
        end_mandate(mandate, by=None, on=DAY - datetime.timedelta(days=1))


def test_a_meeting_belongs_to_the_region_of_its_body():
    body = BodyFactory()
    starts_at = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)
    meeting = add_meeting(body, starts_at=starts_at, place="Oulu", by=None)
    assert meeting.region == body.region
    with pytest.raises(ValidationError, match="already has a meeting"):
        add_meeting(body, starts_at=starts_at, by=None)


def test_only_a_body_of_its_own_coordinates_a_region():
    region, body = RegionFactory(), BodyFactory()
    assert code_of(set_coordinating_body, region, body, by=None) == "other_region"
    set_coordinating_body(body.region, body, by=None)
    body.region.refresh_from_db()
    assert body.region.coordinating_body == body


def test_a_group_holds_organisations_of_its_own_region_only():
    group = OrganisationGroupFactory()
    own, foreign = OrganisationFactory(region=group.region), OrganisationFactory()
    set_group_members(group, [own], by=None)
    assert code_of(set_group_members, group, [own, foreign], by=None) == "other_region"
    assert list(group.members.all()) == [own]


# --- Files --------------------------------------------------------------------------------------


def image_bytes(kind):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), "#0b5d66").save(buffer, kind)
    return buffer.getvalue()


def docx_bytes(*, extra=None):
    buffer = io.BytesIO()
    WordDocument().save(buffer)
    if extra:
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr(extra, b"x")
    return buffer.getvalue()


def zip_bytes():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hello.txt", b"x")
    return buffer.getvalue()


def test_the_type_is_told_by_the_bytes():
    assert content_type_of(image_bytes("PNG")) == PNG
    assert content_type_of(image_bytes("JPEG")) == JPEG
    assert content_type_of(image_bytes("GIF")) == GIF
    assert content_type_of(image_bytes("WEBP")) == WEBP
    assert content_type_of(b"%PDF-1.7\n") == PDF
    assert content_type_of(docx_bytes()) == DOCX
    assert content_type_of(docx_bytes(extra="word/vbaProject.bin")) is None
    assert content_type_of(zip_bytes()) is None
    assert content_type_of(b"PK\x03\x04 broken") is None
    assert content_type_of(b"<svg xmlns='http://www.w3.org/2000/svg'/>") is None
    assert content_type_of(b"MZ\x90") is None
    assert content_type_of(b"") is None


def test_a_file_is_stored_under_a_random_name_and_opened_again(settings):
    region, by = RegionFactory(), UserFactory()
    content = image_bytes("PNG")
    stored = store_file(region, name="../../kuvat/Kansi kuva.PNG", content=content, by=by)
    stored.refresh_from_db()
    assert (stored.region, stored.uploaded_by, stored.name) == (region, by, "Kansi kuva.PNG")
    assert (stored.content_type, stored.size) == (PNG, len(content))
    assert "Kansi" not in stored.file.name
    assert Path(settings.MEDIA_ROOT) in Path(stored.file.path).parents
    with open_file(stored) as file:
        assert file.read() == content
    assert AuditEvent.objects.get().details == {"sha256": stored.sha256}


def test_the_same_bytes_twice_are_two_files():
    region = RegionFactory()
    first, second = make_stored_file(region), make_stored_file(region)
    assert first.sha256 == second.sha256
    assert first.file.name != second.file.name


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg/>", "file_type"),
        (b"", "file_type"),
        (b"\x89PNG\r\n\x1a\n and then nonsense", "broken_image"),
        (b"GIF89a", "broken_image"),
        (b"\xff\xd8\xff", "broken_image"),
        (b"RIFF\x04\x00\x00\x00WEBPVP8 ", "broken_image"),
    ],
)
def test_what_is_not_a_known_file_is_refused(content, code):
    assert code_of(store_file, RegionFactory(), name="kuva.png", content=content, by=None) == code
    assert not StoredFile.objects.exists()


def test_a_file_above_the_limit_is_refused(settings):
    settings.STORED_FILE_MAX_BYTES = len(factories.PNG)
    make_stored_file()
    settings.STORED_FILE_MAX_BYTES -= 1
    assert code_of(make_stored_file) == "too_large"


def test_a_monstrous_picture_is_refused(settings):
    settings.PICTURE_MAX_PIXELS = 11
    assert code_of(make_stored_file, content=image_bytes("PNG")) == "too_many_pixels"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("C:\\kuvat\\kansi.png", "kansi.png"),
        ("käsi\x00kirja\n.docx", "käsikirja.docx"),
        ("", "file"),
        ("..", ".."),
        ("a" * 300 + ".pdf", "a" * 196 + ".pdf"),
    ],
)
def test_file_names_are_harmless(name, safe):
    assert safe_name(name) == safe
