"""Vouchers in a file: comma-separated, UTF-8, with the columns of a document."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import attrs

from core.errors import Refused
from coursetill_vouchers.document import COLUMNS

NEEDED = frozenset(COLUMNS) - {"email", "currency", "valid_until"}


@attrs.frozen
class NotAVoucherFile(Refused):
    why: str


def read_voucher_file(content: bytes) -> tuple[tuple[int, Mapping[str, str]], ...]:
    """Read numbered rows of column to text. Raises NotAVoucherFile."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAVoucherFile("it is not in UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = set(reader.fieldnames or ())
        _check(columns)
        return tuple((reader.line_num, _row(row)) for row in reader)
    except csv.Error as error:
        raise NotAVoucherFile(f"line {reader.line_num}: {error}") from None


def _check(columns: set[str]) -> None:
    missing, strange = NEEDED - columns, columns - set(COLUMNS)
    if missing:
        raise NotAVoucherFile(f"the columns {', '.join(sorted(missing))} are missing")
    if strange:
        raise NotAVoucherFile(f"nobody knows the columns {', '.join(sorted(strange))}")


def _row(row: Mapping[str | None, object]) -> Mapping[str, str]:
    """Read one row. Text after the last column makes the row invalid."""
    if None in row:
        return {}
    return {name: str(value or "") for name, value in row.items() if name is not None}
