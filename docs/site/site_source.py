"""Lay the pages of the documentation out for the site generator, with a reference of the code.

`python docs/site/site_source.py FOLDER` writes them into FOLDER: every page of the repository at
its own place, each file that a page links to, and a page for each public package in `reference/`.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOPS = ("docs", "examples", "extensions", "simulators", "testing")
LINK = re.compile(r"\]\(([^)\s#]+)")
TO_THE_README = re.compile(r"\]\(((?:\.\./)*)README\.md(#|\))")
NO_RESULTS = """# Features

What the shop does, in the words of product owners, is in `tests/features/`. `make features` runs
them and writes a page for each with its results; the next `make docs` shows them here.
"""
PUBLIC = {
    "core": "The shop in plain Python",
    "entrypoints/extensions": "What an extension is",
    "testing/coursetill_testing": "Test support",
}


def pages() -> list[Path]:
    """Every page, without those that are made while tests run."""
    found = (page for top in TOPS for page in (ROOT / top).rglob("*.md"))
    return sorted([*ROOT.glob("*.md"), *(page for page in found if "build" not in page.parts)])


def copy(path: Path, folder: Path) -> None:
    target = folder / path.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, target)


def linked_files(page: Path) -> list[Path]:
    """The files other than pages that a page links to or shows."""
    targets = (
        (page.parent / link).resolve()
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:", link)
    )
    return [target for target in targets if target.is_file() and target.suffix != ".md"]


def module_name(path: Path) -> str:
    """The name by which a file of the product is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[1:] if parts[0] == "testing" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def reference_pages() -> dict[str, str]:
    """A page for each public package: its modules, one after the other."""
    written: dict[str, str] = {}
    index = ["# Reference", "", "From the docstrings of the code."]
    for top, title in PUBLIC.items():
        index += ["", f"## {title}", ""]
        folders = {path.parent for path in (ROOT / top).rglob("*.py")}
        for folder in sorted(folders):
            modules = sorted(folder.glob("*.py"))
            name = module_name(folder / "__init__.py")
            entries = [f"::: {module_name(module)}" for module in modules]
            written[f"reference/{name}.md"] = f"# {name}\n\n" + "\n\n".join(entries) + "\n"
            index.append(f"- [{name}]({name}.md)")
    written["reference/index.md"] = "\n".join(index) + "\n"
    return written


def lay_out(folder: Path, features: Path) -> None:
    """Write everything into folder, which is emptied first, with the pages of the features."""
    shutil.rmtree(folder, ignore_errors=True)
    for page in pages():
        copy(page, folder)
        for path in linked_files(page):
            copy(path, folder)
    (folder / "README.md").rename(folder / "index.md")
    (folder / "features").mkdir()
    (folder / "features" / "index.md").write_text(NO_RESULTS, encoding="utf-8")
    if features.is_dir():
        shutil.copytree(features, folder / "features", dirs_exist_ok=True)
    for name, text in reference_pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    # The README of the repository is the home page.
    for page in folder.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(
            re.sub(r"\]\(((?:\.\./)*)README\.md(#|\))", _to_index, text), encoding="utf-8"
        )


def _to_index(link: re.Match[str]) -> str:
    return f"]({link[1]}index.md{link[2]}"


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]), ROOT / "build" / "features")
