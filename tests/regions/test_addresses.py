import pytest
from django.core.exceptions import ValidationError

from regions.addresses import parse_people
from regions.invitations import MOST_AT_ONCE, Person

pytestmark = pytest.mark.usefixtures("english")
LIISA = Person("liisa@example.org", "Liisa Mallikas")


@pytest.mark.parametrize(
    "text",
    [
        "Liisa Mallikas <Liisa@Example.org>",
        "Liisa Mallikas liisa@example.org",
        "liisa@example.org Liisa Mallikas",
        '"Mallikas, Liisa" <liisa@example.org>;',
        "Liisa Mallikas\tliisa@example.org\r\n",
        "Liisa Mallikas, liisa@example.org",
        "\n\n  Liisa Mallikas (liisa@example.org).  \n",
    ],
)
def test_one_person_however_she_was_pasted(text):
    assert parse_people(text) == [LIISA]


@pytest.mark.parametrize(
    "text",
    [
        "Liisa Mallikas <liisa@example.org>; Bo Ek <bo@example.org>; carl@example.org",
        "Liisa Mallikas <liisa@example.org>, Bo Ek <bo@example.org>, carl@example.org",
        "Liisa Mallikas\tliisa@example.org\nBo Ek\tbo@example.org\ncarl@example.org",
        "Liisa Mallikas liisa@example.org Bo Ek bo@example.org carl@example.org",
    ],
)
def test_several_people_in_order(text):
    assert parse_people(text) == [LIISA, Person("bo@example.org", "Bo Ek"), Person("carl@example.org")]


def test_each_person_once_with_the_name_that_was_given_somewhere():
    assert parse_people("LIISA@example.org\nLiisa Mallikas liisa@example.org") == [LIISA]


def test_every_piece_without_a_good_address_is_named():
    with pytest.raises(ValidationError) as caught:
        parse_people("Liisa Mallikas\nbo@example\ncarl@example.org")
    assert caught.value.messages == [
        "There is no e-mail address in “Liisa Mallikas”.",
        "“bo@example” is not an e-mail address.",
    ]


@pytest.mark.parametrize("text", ["", " ; \n ,"])
def test_nobody_is_refused(text):
    with pytest.raises(ValidationError) as caught:
        parse_people(text)
    assert [error.code for error in caught.value.error_list] == ["nobody"]


def test_there_is_a_limit():
    parse_people("\n".join(f"p{n}@example.org" for n in range(MOST_AT_ONCE)))
    with pytest.raises(ValidationError) as caught:
        parse_people("\n".join(f"p{n}@example.org" for n in range(MOST_AT_ONCE + 1)))
    assert [error.code for error in caught.value.error_list] == ["too_many"]
