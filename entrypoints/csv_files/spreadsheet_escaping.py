"""Escaping of CSV cells, so that a spreadsheet runs none of them as a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""Beginnings that a spreadsheet reads as a formula, and the mark that prevents it."""


def as_text(row: Mapping[str, str]) -> dict[str, str]:
    """Put an apostrophe before each cell that a spreadsheet would run as a formula.

    Strangers write some cells: an address may be `=cmd|'/c'!a0@example.org`.
    """
    return {name: f"'{cell}" if _FORMULA.match(cell) else cell for name, cell in row.items()}


def as_meant(cell: str) -> str:
    """Undo `as_text` for one cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
