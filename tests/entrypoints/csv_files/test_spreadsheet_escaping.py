"""Cells that a spreadsheet would run: marked as text when written, and read as they were."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.csv_files.catalogue import cells_of
from entrypoints.csv_files.spreadsheet_escaping import as_meant, as_text

TEXTS = st.one_of(st.text(), st.text(st.sampled_from("'=+-@\t\r1a ")))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "'=1", "''@A1"])
def test_a_formula_like_cell_is_marked_as_text(cell: str) -> None:
    assert as_text({"title": cell}) == {"title": f"'{cell}"}


@pytest.mark.parametrize("cell", ["", "Statistics", "'tis", "1-2", "a=b", " =1"])
def test_any_other_cell_is_unchanged(cell: str) -> None:
    assert (as_text({"title": cell}), as_meant(cell)) == ({"title": cell}, cell)


@given(TEXTS)
def test_a_written_cell_is_read_back_unchanged(cell: str) -> None:
    assert as_meant(as_text({"title": cell})["title"]) == cell


def test_an_apostrophe_before_a_formula_is_removed_as_the_mark() -> None:
    [(_, cells)] = cells_of("'=1+1,'quoted',plain\n")
    assert cells == ["=1+1", "'quoted'", "plain"]


def test_only_the_written_row_is_marked() -> None:
    to = io.StringIO()
    csv.writer(to).writerow(as_text({"a": "=1", "b": "2"}).values())
    assert to.getvalue() == "'=1,2\r\n"
