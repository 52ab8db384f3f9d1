"""The colours that follow from a region's one accent colour."""

from regions.validators import contrast_to_white

# Links also stand on tinted paper, where contrast is a tenth less than on white.
TEXT_CONTRAST = 5.2


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0–1) of `other` in it; both are `#rrggbb`."""
    pairs = ((int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def readable(colour: str) -> str:
    """The colour itself, or darkened just enough to be read as text on white and on light tints."""
    while contrast_to_white(colour) < TEXT_CONTRAST:
        colour = mixed(colour, "#000000", 0.04)
    return colour


def accent_css(colour: str) -> str:
    """The stylesheet that gives a page the region's accent; `colour` is `#rrggbb`."""
    accent = readable(colour)
    return (
        ":root {\n"
        f"  --fc-accent: {accent};\n"
        f"  --fc-accent-strong: {mixed(accent, '#000000', 0.28)};\n"
        f"  --fc-accent-soft: {mixed(accent, '#ffffff', 0.92)};\n"
        f"  --fc-accent-line: {mixed(accent, '#ffffff', 0.68)};\n"
        "}\n"
    )
