"""Cells of files that people open in a spreadsheet: written so that none of them is run."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet takes for a formula, and what was marked to be none."""


def as_text(row: Mapping[str, str]) -> dict[str, str]:
    """The row with an apostrophe before each cell that a spreadsheet would take for a formula.

    Some cells were written by strangers: an address may read `=cmd|'/c'!a0@example.org`.
    """
    return {name: f"'{cell}" if _FORMULA.match(cell) else cell for name, cell in row.items()}


def as_meant(cell: str) -> str:
    """The cell without that apostrophe: what `as_text` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
