"""What the pages are made of: colours that can be read, fonts of our own, few bytes."""

import re
from pathlib import Path

import pytest

import entrypoints.web
from coursetill_testing.web_pages import Page

STATIC = Path(entrypoints.web.__file__).parent / "static"
SHEET = (STATIC / "shop.css").read_text("utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))
    for block in re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)[:2]
)
READ = 4.5
SEEN = 3.0


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(d * 2 for d in digits)
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    "front, back, least",
    [
        *((front, "paper", READ) for front in ("ink", "quiet", "accent", "accent-strong")),
        *((front, "paper", READ) for front in ("good", "waiting", "bad")),
        *((front, "sheet", READ) for front in ("ink", "quiet", "accent", "bad")),
        ("on-accent", "accent", READ),
        ("on-accent", "accent-strong", READ),
        ("edge", "paper", SEEN),
    ],
)
def test_every_text_colour_has_enough_contrast(scheme, front, back, least):
    assert contrast(scheme[front], scheme[back]) >= least


def test_colours_are_defined_once_and_used_by_name():
    rules = re.sub(r":root \{.*?\}", "", SHEET, flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;,) ])", rules) == []


def test_there_are_five_font_sizes():
    sizes = re.findall(r"font(?:-size)?: ([^;]+);", SHEET)
    named = {found for size in sizes for found in re.findall(r"var\(--(\w+)\)", size)}
    assert named - {"serif", "mono"} == {"small", "text", "large", "title", "display"}


def test_the_layout_supports_both_writing_directions():
    assert (
        re.findall(r"(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)", SHEET)
        == []
    )


def test_the_style_sheet_loads_only_our_own_files():
    for address in re.findall(r'url\("([^"]+)"\)', SHEET):
        assert (STATIC / address).is_file()


def test_the_fonts_are_small_and_have_their_licence():
    fonts = list((STATIC / "fonts").glob("*.woff2"))
    assert len(fonts) == 2
    assert sum(font.stat().st_size for font in fonts) < 120_000
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts" / "OFL.txt").read_text("utf-8")


def test_the_first_page_is_under_50_kilobytes_without_the_font(visitor):
    page: Page = visitor.visit("/")
    files = [link["href"] for link in page.all("link") if "font" not in link.get("as", "")]
    files += [script["src"] for script in page.all("script")]
    size = len(page.response.data)
    for address in files:
        size += len(visitor.visit(address).response.data)
    assert size < 50_000
