"""Every document leads to something: links, headings, and the files that the architecture names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOPS = ("docs", "examples", "extensions", "simulators", "testing")
PAGES = sorted([*ROOT.glob("*.md"), *(page for top in TOPS for page in (ROOT / top).rglob("*.md"))])
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
ARCHITECTURE = ROOT / "docs" / "architecture.md"
CITATION = re.compile(r"docs/domain\.md, ([A-Z][\w ]*\w)")


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


def dead_links(page: Path) -> list[str]:
    """Links of a page to files or headings that are not there; the web is not asked."""
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    dead = []
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    return dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_has_a_target(page: Path) -> None:
    assert dead_links(page) == []


@pytest.mark.parametrize("link", ["none.md", "#no-such-heading", "page.md#no-such-heading"])
def test_a_dead_link_is_found(tmp_path: Path, link: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A heading\n\n[one](#a-heading) [two]({link})\n", encoding="utf-8")
    assert dead_links(page) == [link]


def paths_named(text: str) -> set[str]:
    """Every file or folder of this repository that a text names in backquotes."""
    tops = "core|adapters|entrypoints|simulators|extensions|testing|tests|examples|docs"
    return set(re.findall(rf"`((?:{tops})/[\w./*-]*)`", text))


@pytest.mark.parametrize(
    "page",
    [ARCHITECTURE, ROOT / "CONTRIBUTING.md", ROOT / "docs" / "embedding.md"],
    ids=lambda p: p.name,
)
def test_every_file_named_on_a_page_exists(page: Path) -> None:
    named = paths_named(page.read_text(encoding="utf-8"))
    assert named
    assert [path for path in sorted(named) if not list(ROOT.glob(path))] == []


def test_every_question_of_a_newcomer_has_an_existing_answer() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+\?) \| (.+) \|$", text, re.MULTILINE)
    assert len(rows) >= 20
    assert [question for question, answer in rows if not paths_named(answer)] == []


def test_each_extension_point_is_proved_by_an_example_or_a_test() -> None:
    _, _, section = ARCHITECTURE.read_text(encoding="utf-8").partition("## To add something")
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", section, re.MULTILINE)[1:]
    assert rows
    proving = ("examples/", "extensions/", "testing/", "tests/")
    proven = {
        what
        for what, _, proof in rows
        if any(path.startswith(proving) for path in paths_named(proof))
    }
    assert proven == {what for what, _, _ in rows}


def test_a_docstring_that_cites_the_domain_names_a_section() -> None:
    sections = re.findall(
        r"^## (.+)$", (ROOT / "docs" / "domain.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "core").rglob("*.py")]
    cited = {section for text in texts for section in CITATION.findall(text)}
    assert cited
    assert cited <= set(sections)
    assert [text for text in texts if "(domain:" in text] == []
