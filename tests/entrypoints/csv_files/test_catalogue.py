"""Catalogue files that people really send: each is refused line by line, and changes nothing."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory import MemoryShop
from core.money import Currency, Money
from core.products.catalogue_rows import COLUMNS
from core.products.product import (
    CourseId,
    CourseRun,
    Listing,
    PriceVersion,
    Product,
    Program,
    Sku,
)
from core.use_cases.catalogue.import_catalogue import every_product, plan_import
from coursetill_testing.command_line import CommandLine
from entrypoints.csv_files.catalogue import read_catalogue_file, write_catalogue

HEADER = ",".join(COLUMNS)


def row(**cells: str) -> str:
    """One line of a catalogue, right but for what is given."""
    whole = {
        "sku": "X-1T2027",
        "kind": "course-run",
        "readable_id": "course-v1:T+X+1T2027",
        "title": "Statistics",
        "price": "39.33",
        "currency": "USD",
        "course": "course-v1:T+X",
    }
    return ",".join({**whole, **cells}.get(column, "") for column in COLUMNS)


def imported(till: CommandLine, content: bytes, tmp_path: Path) -> tuple[int, str]:
    """The exit code and what is said; whatever is refused left nothing behind."""
    path = tmp_path / "catalogue.csv"
    path.write_bytes(content)
    result = till.run("catalogue", "import", str(path))
    kept = till.shape("catalogue", "list")["products"]
    assert bool(kept) == (result.exit_code == 0)
    return result.exit_code, result.stderr


def test_a_byte_order_mark_is_ignored(bare_till: CommandLine, tmp_path: Path) -> None:
    content = f"{HEADER}\n{row()}\n".encode("utf-8-sig")
    assert imported(bare_till, content, tmp_path) == (0, "")


def test_windows_line_endings_are_accepted(bare_till: CommandLine, tmp_path: Path) -> None:
    content = f"{HEADER}\r\n{row()}\r\n\r\n".encode()
    assert imported(bare_till, content, tmp_path) == (0, "")


def test_latin_1_is_refused_with_the_line_and_a_remedy(
    bare_till: CommandLine, tmp_path: Path
) -> None:
    content = f"{HEADER}\n{row(title='Economía')}\n".encode("latin-1")
    code, told = imported(bare_till, content, tmp_path)
    assert code == 1
    assert "line 2 is not UTF-8 (byte 0xED)" in told
    assert "iconv -f LATIN1 -t UTF-8 old.csv > new.csv" in told


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (HEADER.encode("utf-16"), "the file is UTF-16. Save it as UTF-8"),
        (f"{HEADER}\n{row()}\x00\n".encode(), "line 2 holds a NUL byte"),
        (HEADER.replace(",", ";").encode(), "not separated by commas"),
        (HEADER.replace("price,", "").encode(), "missing: price"),
        (
            HEADER.replace("price", "prize").encode(),
            '"prize" is not a column (did you mean price',
        ),
        (f"{HEADER},colour".encode(), '"colour" is not a column'),
        (f"{HEADER},sku".encode(), "the column sku stands there twice"),
        (HEADER.encode(), "there are no products in this catalogue"),
        (f'{HEADER}\n{row()}\n"X'.encode(), "line 3 cannot be read"),
    ],
)
def test_a_file_that_is_not_a_catalogue_is_refused_with_a_reason(
    bare_till: CommandLine, tmp_path: Path, content: bytes, said: str
) -> None:
    code, told = imported(bare_till, content, tmp_path)
    assert code == 1
    assert said in told
    assert "Nothing was imported" in told


@pytest.mark.parametrize(
    "line, said",
    [
        (row(price="-5.00"), "line 3, price: the price -5.00 is below nothing"),
        (row(price="5.001"), 'line 3, price: "5.001" is not an amount of USD'),
        (row(price="$5"), 'line 3, price: "$5" is not an amount of USD'),
        (row(currency="XYZ"), 'line 3, currency: "XYZ" is not a currency of this shop'),
        (row(sku="A"), "line 3, sku: A stands on line 2 too"),
        (row(readable_id="course-v1:T+A"), "line 3, readable_id: course-v1:T+A stands on line 2"),
        (row(sku=""), 'line 3, sku: "" is not a sku'),
        (row(kind="bundle"), 'line 3, kind: "bundle" is not a kind'),
        (row(starts="2027-01-27"), "line 3, starts: "),
        (row(seats="many"), 'line 3, seats: "many" is not a number of seats'),
        (row() + ",", "line 3, cells: 14 cells, and the first line names 13 columns"),
        ("X", "line 3, cells: 1 cell, and the first line names 13 columns"),
    ],
)
def test_an_invalid_line_is_named_and_no_valid_one_imported(
    bare_till: CommandLine, tmp_path: Path, line: str, said: str
) -> None:
    right = row(sku="A", readable_id="course-v1:T+A", course="course-v1:T+A")
    code, told = imported(bare_till, f"{HEADER}\n{right}\n{line}\n".encode(), tmp_path)
    assert code == 1
    assert told.startswith("Error: Nothing was imported: 1 problem\n")
    assert said in told


def test_every_invalid_line_is_named(bare_till: CommandLine, tmp_path: Path) -> None:
    lines = (HEADER, row(price="x"), row(sku="B") + ",more", row(sku="C", kind="y"), "")
    path = tmp_path / "catalogue.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    problem = bare_till.problem("catalogue", "import", str(path))
    assert problem["type"] == "urn:coursetill:catalogue-has-problems"
    assert [each["line"] for each in problem["problems"]] == [2, 3, 4, 4]
    assert {each["column"] for each in problem["problems"]} >= {"price", "cells", "kind"}
    json.dumps(problem)


def test_line_numbers_match_a_text_editor(bare_till: CommandLine, tmp_path: Path) -> None:
    two_lines = row(title='"Part\n1"', price="1.999")
    content = f"{HEADER}\n\n{two_lines}\n{row(sku='B', price='bad')}\n"
    _, told = imported(bare_till, content.encode(), tmp_path)
    assert "line 3, price" in told
    assert "line 5, price" in told


def test_a_new_price_beside_an_invalid_line_is_not_stored(
    bare_till: CommandLine, tmp_path: Path
) -> None:
    imported(bare_till, f"{HEADER}\n{row()}\n".encode(), tmp_path)
    path = tmp_path / "second.csv"
    path.write_text(f"{HEADER}\n{row(price='44.44')}\n{row(sku='B', price='')}\n", "utf-8")
    assert bare_till.run("catalogue", "import", str(path)).exit_code == 1
    shown = bare_till.shape("catalogue", "show", "X-1T2027")
    assert [each["price"]["amount"] for each in shown["prices"]] == ["39.33"]


def test_control_characters_are_shown_as_marks(bare_till: CommandLine, tmp_path: Path) -> None:
    content = "\n".join((HEADER, row(kind="\x1b[2Jbundle")))
    _, told = imported(bare_till, content.encode(), tmp_path)
    assert "\x1b" not in told
    assert "\N{REPLACEMENT CHARACTER}[2Jbundle" in told


_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
)
_LINE = _TEXT.map(str.strip).filter(bool).map(lambda text: text[:200].strip())
_COURSE = _LINE.filter(lambda text: len(text.split()) == 1).map(CourseId)
_MOMENT = st.none() | st.datetimes(timezones=st.just(UTC))
_PRODUCT = st.builds(
    Product,
    sku=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True).map(Sku),
    readable_id=_LINE,
    title=_LINE,
    sells=st.builds(CourseRun, _COURSE)
    | st.builds(Program, st.lists(_COURSE, min_size=1, unique=True).map(tuple)),
    price_version=st.builds(
        PriceVersion,
        st.just(1),
        st.builds(Money, st.integers(0, 10**9), st.sampled_from(Currency)),
        st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    ),
    enrollment_opens_at=_MOMENT,
    seats=st.none() | st.integers(0, 10**7),
    listing=st.sampled_from(Listing),
)


@given(
    st.lists(_PRODUCT, min_size=1, max_size=5, unique_by=(lambda p: p.sku, lambda p: p.readable_id))
)
def test_a_written_file_is_read_back_unchanged(products: list[Product]) -> None:
    shop, now = MemoryShop(), datetime(2026, 1, 1, tzinfo=UTC)
    with shop.begin() as work:
        work.products.add(products)
        work.commit()
    written = io.StringIO(newline="")
    with shop.read() as work:
        assert write_catalogue(every_product(work), written) == len(products)
    rows = read_catalogue_file(written.getvalue().encode())
    plan = plan_import(rows, read=shop.read, now=now)
    assert (plan.added, plan.changed, plan.unchanged) == ((), (), len(products))
