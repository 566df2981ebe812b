"""The pages of the manual. A wheel carries them; elsewhere they are read from docs/."""

from __future__ import annotations

from pathlib import Path

_IN_THE_WHEEL = Path(__file__).parents[1] / "manual"
_IN_THE_SOURCE = Path(__file__).parents[3] / "docs"


def page_names() -> list[str]:
    """The names of all pages, sorted."""
    return sorted(page.stem for page in _folder().glob("*.md"))


def page_text(name: str) -> str:
    """The text of a page, in Markdown. Raises FileNotFoundError."""
    return (_folder() / f"{name}.md").read_text(encoding="utf-8")


def page_title(name: str) -> str:
    """The heading of a page. Raises FileNotFoundError."""
    return page_text(name).partition("\n")[0].removeprefix("# ")


def _folder() -> Path:
    return _IN_THE_WHEEL if _IN_THE_WHEEL.is_dir() else _IN_THE_SOURCE
