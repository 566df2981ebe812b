"""Catalogue files: comma-separated values in UTF-8, read strictly, line by line."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TextIO

import attrs

from core.errors import Refused
from core.products.catalogue_rows import COLUMNS, RowProblem, read_rows, row_of
from core.products.product import Product
from core.use_cases.catalogue.import_catalogue import CatalogueHasProblems
from entrypoints.csv_files.spreadsheet_escaping import as_meant, as_text

Row = tuple[int, Mapping[str, str]]

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
LARGEST_BYTES = 64 * 1024 * 1024


@attrs.frozen
class NotACatalogueFile(Refused):
    """The file is not a catalogue. `why` says what is wrong and what to do."""

    why: str


def read_catalogue_file(content: bytes) -> list[Row]:
    """Read a catalogue file, with or without a byte order mark, into numbered rows.

    Raises NotACatalogueFile if the whole file is unusable. Raises CatalogueHasProblems if lines
    have too many or too few cells; it also lists the problems of all other lines.
    """
    lines = cells_of(text_of(content))
    _, header = next(lines, (1, []))
    columns = [name.strip() for name in header]
    _check_columns(columns)
    numbered: list[Row] = []
    problems: list[RowProblem] = []
    for line, cells in lines:
        if len(cells) == len(columns):
            numbered.append((line, dict(zip(columns, cells, strict=True))))
        else:
            problems.append(_miscounted(line, len(cells), len(columns)))
    if problems:
        if numbered:
            problems += read_rows(numbered)[1]
        raise CatalogueHasProblems(tuple(sorted(problems, key=lambda each: each.line)))
    return numbered


def write_catalogue(products: Iterable[Product], to: TextIO) -> int:
    """Write products as a catalogue file that an import reads unchanged. Returns their number."""
    table = csv.DictWriter(to, COLUMNS, lineterminator="\n")
    # The csv writer does not quote a carriage return, but the reader ends the line there.
    quoting = csv.DictWriter(to, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
    table.writeheader()
    count = 0
    for product in products:
        row = as_text(row_of(product))
        (quoting if "\r" in "".join(row.values()) else table).writerow(row)
        count += 1
    return count


def text_of(content: bytes) -> str:
    """Decode a file, without its byte order mark. Raises NotACatalogueFile."""
    if len(content) > LARGEST_BYTES:
        raise NotACatalogueFile("the file is larger than 64 MB. Import it in parts")
    if content.startswith(_UTF16):
        raise NotACatalogueFile("the file is UTF-16. Save it as UTF-8 and import it again")
    nul = content.find(b"\x00")
    if nul >= 0:
        line = content.count(b"\n", 0, nul) + 1
        raise NotACatalogueFile(f"line {line} holds a NUL byte, so this is not a text file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Positions count from behind the byte order mark.
        raw = content.removeprefix(b"\xef\xbb\xbf")
        line = raw.count(b"\n", 0, error.start) + 1
        raise NotACatalogueFile(
            f"line {line} is not UTF-8 (byte 0x{raw[error.start]:02X}). If the file is Latin-1, "
            "convert it: iconv -f LATIN1 -t UTF-8 old.csv > new.csv"
        ) from None


def cells_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each non-empty row, with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, [as_meant(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotACatalogueFile(f"line {line} cannot be read: {error}") from None


def _check_columns(names: Sequence[str]) -> None:
    if not any(names):
        raise NotACatalogueFile("the file is empty. Its first line names the columns")
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        raise NotACatalogueFile(
            "the columns are not separated by commas. Save the file as comma-separated values"
        )
    told = [f"the column {name} stands there twice" for name in _repeated(names)]
    told += [_unknown(name, names) for name in names if name not in COLUMNS]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        told.append(f"missing: {', '.join(missing)}")
    if told:
        raise NotACatalogueFile(
            f"its columns are not those of a catalogue; {'; '.join(told)}. "
            f"The first line reads {','.join(COLUMNS)}"
        )


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if name in COLUMNS and names.count(name) > 1})


def _unknown(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, [c for c in COLUMNS if c not in names], 1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    return f'"{name[:60]}" is not a column{hint}'


def _miscounted(line: int, cells: int, columns: int) -> RowProblem:
    told = "1 cell" if cells == 1 else f"{cells} cells"
    return RowProblem(line, "cells", f"{told}, and the first line names {columns} columns")
