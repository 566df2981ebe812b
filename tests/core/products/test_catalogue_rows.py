"""A written catalogue: every bad cell is named by line and column, every good one is read."""

from datetime import UTC, datetime

import pytest

from core.money import Currency, Money
from core.products.catalogue_rows import COLUMNS, read_rows, row_of
from core.products.changes import product_changes
from core.products.product import CourseRun, Listing, Program, Sku
from coursetill_testing.makers import NOW, usd
from coursetill_testing.makers import WRITTEN_PROGRAM as PROGRAM
from coursetill_testing.makers import WRITTEN_RUN as RUN


def problems_of(*rows):
    found = read_rows(enumerate(rows, start=2))[1]
    return [f"line {each.line}, {each.column}: {each.why}" for each in found]


def one(row):
    [written], problems = read_rows([(2, row)])
    assert problems == ()
    return written


def changes(written, old):
    return product_changes(old, written.applied_to(old, NOW))


def test_a_valid_course_run_is_parsed():
    product = one(RUN).product(NOW)
    assert product.sku == Sku("14.310x-1T2027")
    assert product.readable_id == "course-v1:MITxT+14.310x+1T2027"
    assert product.title == "Data Analysis in Social Science"
    assert product.price == usd("199.99")
    assert (product.price_version.number, product.price_version.since) == (1, NOW)
    assert product.sells == CourseRun(
        "course-v1:MITxT+14.310x",
        datetime(2027, 1, 27, 14, tzinfo=UTC),
        datetime(2027, 5, 20, 14, tzinfo=UTC),
    )
    assert product.enrollment_opens_at == datetime(2026, 6, 1, tzinfo=UTC)
    assert product.payment_deadline_at == datetime(2027, 2, 10, 23, 59, tzinfo=UTC)
    assert product.seats == 200
    assert product.listing is Listing.ON_SALE


def test_a_valid_program_is_parsed_with_its_courses_in_order():
    product = one(PROGRAM).product(NOW)
    assert product.sells == Program(("course-v1:MITxT+14.310x", "course-v1:MITxT+14.73x"))
    assert (product.seats, product.enrollment_opens_at is None) == (None, False)


def test_space_around_a_cell_is_ignored():
    assert one({name: f"  {cell} " for name, cell in RUN.items()}).title == RUN["title"]


def test_yen_are_parsed_without_decimals():
    assert one(RUN | {"currency": "JPY", "price": "30000"}).price == Money(30000, Currency.JPY)


def test_a_time_in_another_zone_is_converted_to_utc():
    written = one(RUN | {"enrollment_opens": "2026-06-01T02:00:00+02:00"})
    assert written.enrollment_opens_at == datetime(2026, 6, 1, tzinfo=UTC)
    assert written.enrollment_opens_at.tzinfo is UTC


BAD_CELLS = [
    ("sku", "", 'line 2, sku: "" is not a sku'),
    ("sku", "14 310", 'line 2, sku: "14 310" is not a sku'),
    ("sku", "x" * 61, "line 2, sku"),
    ("kind", "course", 'line 2, kind: "course" is not a kind: write course-run or program'),
    ("kind", "", "line 2, kind"),
    ("readable_id", "", "line 2, readable_id: this is missing"),
    ("readable_id", "c" * 201, "line 2, readable_id: this is 201 characters long; at most 200 fit"),
    ("title", " ", "line 2, title: this is missing"),
    ("title", "t" * 301, "line 2, title: this is 301 characters long; at most 300 fit"),
    ("price", "-1.00", "line 2, price: the price -1.00 is below nothing"),
    ("price", "19.999", "line 2, price: NotAnAmount: text 19.999, currency USD"),
    ("price", "", "line 2, price: NotAnAmount: text , currency USD"),
    ("price", "1,000", "line 2, price: NotAnAmount: text 1,000"),
    ("currency", "usd", "line 2, currency: UnknownCurrency: code usd"),
    ("currency", "", "line 2, currency: UnknownCurrency: code"),
    ("course", "", "line 2, course: this is missing"),
    ("courses", "course-v1:a", "line 2, courses: a course run has one course"),
    ("enrollment_opens", "soon", 'line 2, enrollment_opens: "soon" is not a time'),
    ("enrollment_opens", "2026-06-01T00:00:00", "has no time zone"),
    ("enrollment_opens", "0001-01-01T00:00:00+05:00", "is too far away from today"),
    ("payment_deadline", "2026-06-01T00:00:00Z", "the deadline is not after the opening"),
    ("payment_deadline", "2026-13-01T00:00:00Z", "line 2, payment_deadline"),
    ("starts", "tomorrow", "line 2, starts"),
    ("ends", "2027-01-27T14:00:00Z", "line 2, ends: the end is not after the start"),
    ("seats", "-1", 'line 2, seats: "-1" is not a number of seats'),
    ("seats", "12.5", "line 2, seats"),
    ("seats", "10000001", "line 2, seats"),
    ("seats", "²", "line 2, seats"),
]


@pytest.mark.parametrize("column, cell, said", BAD_CELLS)
def test_a_problem_names_the_line_and_column(column, cell, said):
    [problem] = problems_of(RUN | {column: cell})
    assert said in problem


@pytest.mark.parametrize(
    "column, cell, said",
    [
        ("courses", "", "line 2, courses: this is missing: a program has at least one course"),
        ("courses", "course-v1:a course-v1:a", "line 2, courses: a course stands here twice"),
        ("course", "course-v1:a", "line 2, course: a program has courses"),
    ],
)
def test_a_problem_of_a_program_names_the_line_and_column(column, cell, said):
    [problem] = problems_of(PROGRAM | {column: cell})
    assert said in problem


def test_every_column_has_an_invalid_example_in_these_tests():
    assert {column for column, _, _ in BAD_CELLS} == set(COLUMNS)


def test_every_problem_of_a_row_is_listed():
    said = problems_of(RUN | {"sku": "a b", "price": "-1", "seats": "many"})
    assert [each.split(":")[0] for each in said] == [
        "line 2, sku",
        "line 2, price",
        "line 2, seats",
    ]


@pytest.mark.parametrize("column", COLUMNS)
def test_missing_cells_at_the_end_count_as_empty(column):
    assert problems_of(RUN | {column: None}) == problems_of(RUN | {column: ""})


@pytest.mark.parametrize("column", ["sku", "readable_id"])
def test_a_repeated_unique_value_is_reported_at_its_second_line(column):
    other = PROGRAM | {column: RUN[column]}
    assert problems_of(RUN, other) == [f"line 3, {column}: {RUN[column]} stands on line 2 too"]


def test_an_invalid_row_does_not_affect_valid_rows():
    written, problems = read_rows([(2, RUN), (3, PROGRAM | {"price": "?"})])
    assert [each.sku for each in written] == [Sku("14.310x-1T2027")]
    assert len(problems) == 1


def test_a_catalogue_without_products_is_a_problem():
    assert problems_of() == ["line 1, sku: there are no products in this catalogue"]


def test_an_identical_row_changes_nothing():
    assert changes(one(RUN), one(RUN).product(NOW)) == ()
    assert changes(one(PROGRAM), one(PROGRAM).product(NOW)) == ()


@pytest.mark.parametrize(
    "row, column, cell, told",
    [
        (RUN, "title", "Data", "title Data Analysis in Social Science → Data"),
        (RUN, "price", "249.00", "price $199.99 → $249.00"),
        (RUN, "currency", "EUR", "price $199.99 → €199.99"),
        (RUN, "seats", "", "seats 200 → none"),
        (RUN, "course", "course-v1:b", "course course-v1:MITxT+14.310x → course-v1:b"),
        (RUN, "enrollment_opens", "", "opens 1 June 2026, 00:00 UTC → none"),
        (RUN, "payment_deadline", "", "deadline 10 February 2027, 23:59 UTC → none"),
        (RUN, "starts", "", "starts 27 January 2027, 14:00 UTC → none"),
        (RUN, "ends", "", "ends 20 May 2027, 14:00 UTC → none"),
        (PROGRAM, "courses", "course-v1:b", "14.73x → course-v1:b"),
    ],
)
def test_a_changed_cell_is_shown_with_its_old_and_new_value(row, column, cell, told):
    [difference] = changes(one(row | {column: cell}), one(row).product(NOW))
    assert told in difference


def test_a_change_from_run_to_program_is_shown_in_catalogue_terms():
    became = one(PROGRAM | {"sku": RUN["sku"], "readable_id": RUN["readable_id"]})
    assert "kind course-run → program" in changes(became, one(RUN).product(NOW))


def test_a_changed_row_keeps_the_seats_taken_the_listing_and_the_price_history():
    old = one(RUN).product(NOW).listed(Listing.HIDDEN).repriced(usd("210.01"), NOW)
    new = one(RUN | {"title": "Data", "price": "249.00"}).applied_to(old, NOW)
    assert (new.listing, new.price_version.number, new.price) == (Listing.HIDDEN, 3, usd("249.00"))
    assert new.title == "Data"


@pytest.mark.parametrize("row", [RUN, PROGRAM, RUN | {"seats": "0", "ends": "", "price": "0.00"}])
def test_a_product_survives_the_round_trip_as_a_row(row):
    product = one(row).product(NOW)
    told = row_of(product)
    assert tuple(told) == COLUMNS
    assert changes(one(told), product) == ()
    assert {name: cell for name, cell in told.items() if cell} == {
        name: cell for name, cell in row.items() if cell
    }
