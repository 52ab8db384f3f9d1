import io

import pytest
from django.core.management import call_command
from django.test import override_settings
from fontTools.ttLib import TTFont


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web-fonts")
    with override_settings(WEB_FONTS_DIR=folder):
        call_command("build_fonts", stdout=io.StringIO())
    return folder


@pytest.mark.parametrize("name", ["source-sans-3.woff2", "source-sans-3-italic.woff2"])
def test_web_font_is_small_and_has_our_letters_and_weights(fonts, name):
    path = fonts / name
    assert path.stat().st_size < 90_000

    font = TTFont(path)
    missing = [
        letter for letter in "aÅåÄäÖöŠšŽžČčĐđŊŋŦŧÁáéü–—…”’§€№½→≥−✓\u00a0" if ord(letter) not in font.getBestCmap()
    ]
    assert missing == []
    (axis,) = font["fvar"].axes
    assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", 400, 700)


def test_fonts_that_are_there_are_not_made_again(fonts):
    before = {path: path.stat().st_mtime_ns for path in fonts.iterdir()}
    output = io.StringIO()

    with override_settings(WEB_FONTS_DIR=fonts):
        call_command("build_fonts", stdout=output)

    assert output.getvalue() == ""
    assert {path: path.stat().st_mtime_ns for path in fonts.iterdir()} == before
