import pytest

from familycentre.accent import accent_css, mixed, readable
from regions.validators import contrast_to_white


def test_dark_accent_stays_as_it_was_chosen():
    assert readable("#0b5d66") == "#0b5d66"


@pytest.mark.parametrize("colour", ["#767676", "#c0392b", "#8a6d3b", "#2e7d32"])
def test_accent_is_readable_also_on_tinted_paper(colour):
    accent = readable(colour)
    soft = mixed(accent, "#ffffff", 0.92)

    assert contrast_to_white(accent) / contrast_to_white(soft) >= 4.5
    assert contrast_to_white(accent) / contrast_to_white("#f6f7f5") >= 4.5


def test_mixed_goes_from_one_colour_to_the_other():
    assert mixed("#102030", "#ffffff", 0) == "#102030"
    assert mixed("#102030", "#ffffff", 1) == "#ffffff"
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"


def test_stylesheet_sets_the_four_accents_and_nothing_else():
    names = [line.split(":")[0].strip() for line in accent_css("#0b5d66").splitlines() if "--" in line]

    assert names == ["--fc-accent", "--fc-accent-strong", "--fc-accent-soft", "--fc-accent-line"]
