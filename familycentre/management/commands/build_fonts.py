"""Make the web fonts: Source Sans 3, cut to the letters and weights that the pages use."""

from pathlib import Path
from typing import Any

import fontpkg_source_sans_3
from django.conf import settings
from django.core.management.base import BaseCommand
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

SOURCES = {
    "source-sans-3.woff2": "SourceSans3[wght].ttf",
    "source-sans-3-italic.woff2": "SourceSans3-Italic[wght].ttf",
}
WEIGHTS = (400, 700)
# Latin with the letters of Finnish, Swedish, every Saami language and the names of Europe; then punctuation,
# superscripts, currency, letter-like signs, fractions, arrows, mathematics and a few shapes.
RANGES = [
    (0x0020, 0x007E),
    (0x00A0, 0x017F),
    (0x01B7, 0x01B7),
    (0x01E4, 0x01EF),
    (0x0218, 0x021B),
    (0x0292, 0x0292),
    (0x02B0, 0x02FF),
    (0x0300, 0x0308),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2049),
    (0x2070, 0x208E),
    (0x20AC, 0x20AC),
    (0x2116, 0x2122),
    (0x2150, 0x215E),
    (0x2190, 0x2193),
    (0x2212, 0x2265),
    (0x25A0, 0x25CF),
    (0x2713, 0x2717),
]
LAYOUT_FEATURES = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "lnum", "tnum", "frac", "sups", "case"]


class Command(BaseCommand):
    help = "Make the web fonts in FC_VAR_DIR. Run before collectstatic; does nothing when they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.WEB_FONTS_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for name, source_name in SOURCES.items():
            source = Path(fontpkg_source_sans_3.__file__).parent / "files" / source_name
            target = folder / name
            if target.exists() and target.stat().st_mtime >= max(
                source.stat().st_mtime, Path(__file__).stat().st_mtime
            ):
                continue
            build_web_font(source, target)
            self.stdout.write(f"{target} {target.stat().st_size // 1024} kB")


def build_web_font(source: Path, target: Path) -> None:
    """Write `source`, a variable TrueType font, as WOFF2 with our letters and weights only."""
    with TTFont(source) as font:
        subsetter = Subsetter(Options(layout_features=LAYOUT_FEATURES, notdef_outline=True, drop_tables=["DSIG"]))
        subsetter.populate(unicodes={code for first, last in RANGES for code in range(first, last + 1)})
        subsetter.subset(font)
        instantiateVariableFont(font, {"wght": WEIGHTS}, inplace=True)
        font.flavor = "woff2"
        unfinished = target.with_suffix(".part")
        font.save(unfinished)
    unfinished.replace(target)
