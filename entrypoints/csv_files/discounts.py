"""Discount files: comma-separated values in UTF-8, read strictly."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import Protocol

from core.products.catalogue_rows import RowProblem
from core.use_cases.discounts.import_discounts import COLUMNS, NEEDED, DiscountsHaveProblems
from entrypoints.csv_files.catalogue import NotACatalogueFile, Row, cells_of, text_of
from entrypoints.csv_files.spreadsheet_escaping import as_text


class Written(Protocol):
    """A text stream."""

    def write(self, text: str, /) -> object: ...


def read_discounts_file(content: bytes) -> list[Row]:
    """Read a discount file into numbered rows. Optional columns may be missing.

    Raises NotACatalogueFile if the whole file is unusable, and DiscountsHaveProblems if lines have
    too many or too few cells.
    """
    lines = cells_of(text_of(content))
    _, header = next(lines, (1, []))
    columns = [name.strip() for name in header]
    wrong = [f'"{name[:60]}" is not a column' for name in columns if name not in COLUMNS]
    wrong += [f"the column {name} is missing" for name in NEEDED if name not in columns]
    if len(set(columns)) < len(columns):
        wrong.append("a column stands there twice")
    if wrong:
        raise NotACatalogueFile(f"{'; '.join(wrong)}. The columns are {','.join(COLUMNS)}")
    read: list[Row] = []
    problems: list[RowProblem] = []
    for line, cells in lines:
        if len(cells) == len(columns):
            read.append((line, dict(zip(columns, cells, strict=True))))
        else:
            told = f"{len(cells)} of them, and the first line names {len(columns)} columns"
            problems.append(RowProblem(line, "cells", told))
    if problems:
        raise DiscountsHaveProblems(tuple(problems))
    return read


def write_discounts(rows: Iterable[Mapping[str, str]], to: Written) -> int:
    """Write rows one by one, as an import reads them. Returns their number."""
    table = csv.DictWriter(to, COLUMNS, lineterminator="\n")
    table.writeheader()
    count = 0
    for row in rows:
        table.writerow(as_text(row))
        count += 1
    return count
