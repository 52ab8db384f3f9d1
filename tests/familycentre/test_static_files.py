import io
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

OWN = [path for path in (settings.BASE_DIR / "static").rglob("*") if path.suffix in {".css", ".js", ".svg"}]


def test_every_file_that_a_stylesheet_names_is_collected(tmp_path):
    """As an installation does it: names get a digest, so a missing file stops the start."""
    folder = tmp_path / "web-fonts"
    folder.mkdir()
    manifest = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    with override_settings(
        STATIC_ROOT=tmp_path / "static",
        WEB_FONTS_DIR=folder,
        STATICFILES_DIRS=[*settings.STATICFILES_DIRS[:-1], ("fonts", folder)],
        STORAGES={**settings.STORAGES, "staticfiles": manifest},
    ):
        call_command("build_fonts", stdout=io.StringIO())
        call_command("collectstatic", interactive=False, verbosity=0)

    tokens = next((tmp_path / "static" / "css").glob("tokens.????????????.css")).read_text()
    for name in re.findall(r'url\("\.\./([^"]+)"\)', tokens):
        assert (tmp_path / "static" / name).exists()


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_our_static_files_load_nothing_from_another_host(path):
    source = path.read_text().replace("http://www.w3.org/2000/svg", "")

    assert re.findall(r"https?://\w|@import", source) == []
