"""When a product can be bought, how it is priced over time, and what it is searched by."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Currency, Money
from core.products.product import (
    DeadlineHasPassed,
    Listing,
    NotOpenYet,
    Sku,
    SoldOut,
    UnknownProduct,
    Withdrawn,
    time_text,
)
from coursetill_testing.makers import DAY, NOW, TICK, program, run, usd

OPENS, DEADLINE = NOW, NOW + 30 * DAY


@pytest.mark.parametrize(
    "at, refused",
    [
        (OPENS - TICK, NotOpenYet),
        (OPENS, None),
        (OPENS + TICK, None),
        (DEADLINE - TICK, None),
        (DEADLINE, DeadlineHasPassed),
        (DEADLINE + TICK, DeadlineHasPassed),
    ],
)
def test_a_product_is_on_sale_from_its_opening_until_its_deadline(at, refused):
    product = run(enrollment_opens_at=OPENS, payment_deadline_at=DEADLINE)
    why = product.why_not(at)
    assert (None if why is None else type(why)) is refused


@given(st.datetimes(), st.sampled_from([None, OPENS]), st.sampled_from([None, DEADLINE]))
def test_a_window_without_end_never_closes(at, opens, deadline):
    product = run(enrollment_opens_at=opens, payment_deadline_at=deadline)
    at = at.replace(tzinfo=OPENS.tzinfo)
    inside = (opens is None or opens <= at) and (deadline is None or at < deadline)
    assert (product.why_not(at) is None) is inside


@pytest.mark.parametrize(
    "listing, refused",
    [(Listing.ON_SALE, None), (Listing.HIDDEN, None), (Listing.WITHDRAWN, Withdrawn)],
)
def test_a_hidden_product_is_on_sale_and_a_withdrawn_one_is_not(listing, refused):
    why = run().listed(listing).why_not(NOW)
    assert (None if why is None else type(why)) is refused


@pytest.mark.parametrize(
    "seats, taken, left, refused",
    [
        (None, 999, None, None),
        (2, 0, 2, None),
        (2, 1, 1, None),
        (2, 2, 0, SoldOut),
        (2, 3, 0, SoldOut),
        (0, 0, 0, SoldOut),
    ],
)
def test_a_product_is_on_sale_while_a_seat_is_free(seats, taken, left, refused):
    product = run(seats=seats, seats_taken=taken)
    why = product.why_not(NOW)
    assert (product.seats_left, None if why is None else type(why)) == (left, refused)


@pytest.mark.parametrize(
    "changes, refused, facts",
    [
        ({"listing": Listing.WITHDRAWN}, Withdrawn, ()),
        ({"enrollment_opens_at": NOW + DAY}, NotOpenYet, (NOW + DAY,)),
        ({"payment_deadline_at": NOW}, DeadlineHasPassed, (NOW,)),
        ({"seats": 0}, SoldOut, ()),
    ],
)
def test_each_refusal_carries_the_product_and_the_reason(changes, refused, facts):
    product = run(**changes)
    why = product.why_not(NOW)
    assert (type(why), why.args) == (refused, (product.sku, product.title, *facts))


def test_a_withdrawn_product_is_reported_as_withdrawn_before_any_other_reason():
    product = run(listing=Listing.WITHDRAWN, seats=0, payment_deadline_at=NOW - DAY)
    assert isinstance(product.why_not(NOW), Withdrawn)


def test_a_new_price_adds_a_version_and_keeps_the_old_product_unchanged():
    product = run(price="199.99")
    repriced = product.repriced(usd("249.99"), NOW)
    assert (repriced.price_version.number, repriced.price) == (2, usd("249.99"))
    assert repriced.price_version.since == NOW
    assert (product.price_version.number, product.price) == (1, usd("199.99"))


def test_the_same_price_adds_no_version():
    product = run(price="199.99")
    assert product.repriced(usd("199.99"), NOW) is product


def test_the_same_number_in_another_currency_is_a_new_version():
    euros = Money.of("199.99", Currency.EUR)
    assert run(price="199.99").repriced(euros, NOW).price_version.number == 2


@pytest.mark.parametrize(
    "readable_id, number",
    [
        ("course-v1:MITxT+14.310x+1T2027", "14.310x"),
        ("program-v1:MITxT+DEDP", "DEDP"),
        ("MITxT+14.310x+1T2027", "14.310x"),
        ("plain", "plain"),
        ("course-v1:alone", "alone"),
    ],
)
def test_a_course_number_is_what_learners_search_by(readable_id, number):
    assert attrs.evolve(run(), readable_id=readable_id).number == number


def test_a_run_has_a_course_and_a_program_has_courses():
    assert (run().course, run().courses) == ("course-v1:MITxT+14.310x", ())
    assert (program().course, len(program().courses)) == (None, 2)


@pytest.mark.parametrize("text", ["14.310x-1T2027", "A", "a_b.c-d", "9" * 60])
def test_a_sku_allows_letters_digits_dots_hyphens_and_underscores(text):
    assert str(Sku.of(f" {text} ")) == text


@pytest.mark.parametrize("text", ["", "-a", ".a", "a b", "a/b", "ä", "9" * 61, "a;drop"])
def test_a_sku_with_other_characters_is_refused(text):
    with pytest.raises(UnknownProduct):
        Sku.of(text)


def test_a_sku_with_a_trailing_newline_is_refused():
    with pytest.raises(ValueError, match="must match"):
        Sku("14.310x\n")


def test_a_moment_is_shown_without_leading_zeros_and_with_its_zone():
    assert time_text(NOW.replace(day=1, hour=9, minute=5)) == "1 November 2026, 09:05 UTC"
