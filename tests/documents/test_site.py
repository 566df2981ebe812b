"""The site of the documentation has every page of its menu, and every module of the core."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.documents.programs import ROOT, program

site_source = program("site_source")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    site_source.lay_out(folder, features=folder / "none")
    return folder


def test_every_page_of_the_menu_exists(source: Path) -> None:
    config = (ROOT / "docs" / "site" / "zensical.toml").read_text(encoding="utf-8")
    named = re.findall(r'"([^"]+\.md)"', config)
    assert tomllib.loads(config)["project"]["site_name"] == "Coursetill"
    assert named
    assert [page for page in named if not (source / page).is_file()] == []


def test_every_page_of_the_repository_is_on_the_site(source: Path) -> None:
    assert [page for page in site_source.pages() if page.name != "README.md"] != []
    for page in site_source.pages():
        name = page.relative_to(ROOT).as_posix()
        assert (source / ("index.md" if name == "README.md" else name)).is_file(), name


def test_every_module_of_the_core_is_in_the_reference(source: Path) -> None:
    told = {
        line.removeprefix("::: ")
        for page in (source / "reference").glob("*.md")
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith("::: ")
    }
    modules = {site_source.module_name(path) for path in (ROOT / "core").rglob("*.py")}
    assert modules <= told


def test_files_linked_from_a_page_are_copied(source: Path) -> None:
    assert (source / "docs" / "architecture.svg").is_file()
    assert (source / "examples" / "sell_one_course.py").is_file()


def test_links_to_the_readme_lead_to_the_home_page(source: Path) -> None:
    assert "](index.md#where-it-stands)" in (source / "SECURITY.md").read_text(encoding="utf-8")


def test_the_features_are_shown_with_their_last_results(tmp_path: Path) -> None:
    results = tmp_path / "features"
    results.mkdir()
    (results / "index.md").write_text("# Features of today", encoding="utf-8")
    site_source.lay_out(tmp_path / "source", features=results)
    index = tmp_path / "source" / "features" / "index.md"
    assert index.read_text(encoding="utf-8") == "# Features of today"
