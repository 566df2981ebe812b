"""Catalogue rows: reads and checks the rows of a catalogue file, and writes products as rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import attrs

from core.errors import Refused, ShopError
from core.money import Currency, Money
from core.products.product import CourseId, CourseRun, PriceVersion, Product, Program, Sku
from core.products.search import ProductKind

COLUMNS = (
    "sku",
    "kind",
    "readable_id",
    "title",
    "price",
    "currency",
    "course",
    "courses",
    "enrollment_opens",
    "payment_deadline",
    "starts",
    "ends",
    "seats",
)
"""The columns of a catalogue. Times are ISO 8601 with a zone; `courses` are separated by spaces."""

LONGEST_TITLE = 300
LONGEST_ID = 200
MOST_SEATS = 10**7

T = TypeVar("T")


@attrs.frozen
class RowProblem:
    """An error in one line of a catalogue."""

    line: int
    column: str
    why: ShopError | str


@attrs.frozen
class RowsHaveProblems(Refused):
    """Written rows of which none was imported, and everything that is wrong with them.

    Each kind of file has a class of its own.
    """

    problems: tuple[RowProblem, ...]


@attrs.frozen
class NotReadable(Refused):
    why: str


@attrs.frozen
class ProductRow:
    """One row of a catalogue that is valid by itself."""

    line: int
    sku: Sku
    readable_id: str
    title: str
    price: Money
    sells: CourseRun | Program
    enrollment_opens_at: datetime | None
    payment_deadline_at: datetime | None
    seats: int | None

    def product(self, now: datetime) -> Product:
        """The new product that this row describes."""
        return Product(
            self.sku,
            self.readable_id,
            self.title,
            self.sells,
            PriceVersion(1, self.price, now),
            self.enrollment_opens_at,
            self.payment_deadline_at,
            self.seats,
        )

    def applied_to(self, old: Product, now: datetime) -> Product:
        """The product with this row's values; seats taken, listing and price history stay."""
        changed = attrs.evolve(
            old,
            title=self.title,
            sells=self.sells,
            enrollment_opens_at=self.enrollment_opens_at,
            payment_deadline_at=self.payment_deadline_at,
            seats=self.seats,
        )
        return changed.repriced(self.price, now)


def row_of(product: Product) -> Mapping[str, str]:
    """The row that describes this product; importing it changes nothing."""
    sells = product.sells
    run = sells if isinstance(sells, CourseRun) else CourseRun(CourseId(""))
    kind = ProductKind.PROGRAM if isinstance(sells, Program) else ProductKind.COURSE_RUN
    return {
        "sku": product.sku.text,
        "kind": kind.value,
        "readable_id": product.readable_id,
        "title": product.title,
        "price": product.price.plain,
        "currency": product.price.currency.code,
        "course": run.course,
        "courses": " ".join(product.courses),
        "enrollment_opens": _iso(product.enrollment_opens_at),
        "payment_deadline": _iso(product.payment_deadline_at),
        "starts": _iso(run.starts_at),
        "ends": _iso(run.ends_at),
        "seats": "" if product.seats is None else str(product.seats),
    }


def _iso(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_rows(
    rows: Iterable[tuple[int, Mapping[str, str]]],
) -> tuple[tuple[ProductRow, ...], tuple[RowProblem, ...]]:
    """All valid rows, and the problems of all others."""
    products: list[ProductRow] = []
    problems: list[RowProblem] = []
    first_line: dict[tuple[str, str], int] = {}
    for line, row in rows:
        reader = RowReader(line, row, problems)
        before = len(problems)
        product = _read_product(reader)
        for column, text in (
            ("sku", reader.text("sku")),
            ("readable_id", reader.text("readable_id")),
        ):
            if text and first_line.setdefault((column, text), line) != line:
                reader.says(column, f"{text} stands on line {first_line[column, text]} too")
        if product is not None and len(problems) == before:
            products.append(product)
    if not products and not problems:
        problems.append(RowProblem(1, "sku", "there are no products in this catalogue"))
    return tuple(products), tuple(problems)


class RowReader:
    """Reads one row. It collects problems and continues."""

    def __init__(self, line: int, row: Mapping[str, str], problems: list[RowProblem]):
        self.line, self._row, self._problems = line, row, problems

    @property
    def found(self) -> int:
        """The number of problems so far."""
        return len(self._problems)

    def text(self, column: str) -> str:
        return (self._row.get(column) or "").strip()

    def says(self, column: str, why: ShopError | str) -> None:
        self._problems.append(RowProblem(self.line, column, why))

    def read(self, column: str, reader: Callable[[str], T]) -> T | None:
        try:
            return reader(self.text(column))
        except ShopError as error:
            self.says(column, error.why if isinstance(error, NotReadable) else error)
            return None


def _read_product(row: RowReader) -> ProductRow | None:
    sku = row.read("sku", _sku)
    readable_id = row.read("readable_id", _some_text(LONGEST_ID))
    title = row.read("title", _some_text(LONGEST_TITLE))
    currency = row.read("currency", Currency.of)
    price = row.read("price", lambda text: _price(text, currency or Currency.USD))
    sells = _sells(row)
    opens = row.read("enrollment_opens", parsed_time)
    deadline = row.read("payment_deadline", parsed_time)
    if opens is not None and deadline is not None and deadline <= opens:
        row.says("payment_deadline", "the deadline is not after the opening of enrolment")
    seats = row.read("seats", _seats)
    if sku is None or readable_id is None or title is None or price is None or sells is None:
        return None
    return ProductRow(row.line, sku, readable_id, title, price, sells, opens, deadline, seats)


def _sells(row: RowReader) -> CourseRun | Program | None:
    kind = row.read("kind", _kind)
    starts, ends = row.read("starts", parsed_time), row.read("ends", parsed_time)
    if starts is not None and ends is not None and ends <= starts:
        row.says("ends", "the end is not after the start")
    if kind is ProductKind.COURSE_RUN:
        if row.text("courses"):
            row.says("courses", "a course run has one course: write it under course")
        course = row.read("course", _some_text(LONGEST_ID))
        return None if course is None else CourseRun(CourseId(course), starts, ends)
    if kind is ProductKind.PROGRAM:
        if row.text("course"):
            row.says("course", "a program has courses: write them under courses")
        courses = row.read("courses", _courses)
        return None if courses is None else Program(courses)
    return None


def _sku(text: str) -> Sku:
    try:
        return Sku(text)
    except ValueError:
        raise NotReadable(
            f'"{text}" is not a sku: use 1 to 60 letters, digits, dots, hyphens, underscores'
        ) from None


def _some_text(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text:
            raise NotReadable("this is missing")
        if len(text) > longest:
            raise NotReadable(f"this is {len(text)} characters long; at most {longest} fit")
        return text

    return read


def _price(text: str, currency: Currency) -> Money:
    if text.startswith("-"):
        raise NotReadable(f"the price {text} is below nothing")
    return Money.of(text, currency)


def _kind(text: str) -> ProductKind:
    try:
        return ProductKind(text)
    except ValueError:
        raise NotReadable(f'"{text}" is not a kind: write course-run or program') from None


def _courses(text: str) -> tuple[CourseId, ...]:
    courses: Sequence[str] = text.split()
    if not courses:
        raise NotReadable("this is missing: a program has at least one course")
    if len(set(courses)) != len(courses):
        raise NotReadable("a course stands here twice")
    return tuple(CourseId(course) for course in courses)


def parsed_time(text: str) -> datetime | None:
    """Parse an ISO 8601 time; None for an empty text. Raises NotReadable."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise NotReadable(f'"{text}" is not a time: write it like 2027-01-27T14:00:00Z') from None
    if time.tzinfo is None:
        raise NotReadable(f'"{text}" has no time zone: write it like 2027-01-27T14:00:00Z')
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise NotReadable(f'"{text}" is too far away from today') from None


def _seats(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,8}", text, re.ASCII) or int(text) > MOST_SEATS:
        raise NotReadable(f'"{text}" is not a number of seats: write digits, or leave it empty')
    return int(text)
