"""Which discounts are meant, and how their windows are moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.discount_code import DiscountCode
from core.discounts.selection import (
    NotABatch,
    Selection,
    SelectOneWay,
    batch_name,
)
from core.discounts.window import EndAt, ExtendUntil, Window
from core.lookup import after_all_with
from coursetill_testing.makers import DAY, NOW, TICK

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


@given(prefix=texts, text=texts)
def test_a_text_has_the_prefix_if_and_only_if_it_is_in_the_range(prefix, text):
    end = after_all_with(prefix)
    assert text.startswith(prefix) is (prefix <= text and (end is None or text < end))
    assert (prefix + text).startswith(prefix) is (end is None or prefix + text < end)


@pytest.mark.parametrize(
    "prefix, end",
    [
        ("SPRING", "SPRINH"),
        ("A\U0010ffff", "B"),
        ("\U0010ffff", None),
        ("", None),
        ("\ud7ff", "\ue000"),
    ],
)
def test_the_range_ends_after_the_last_code_with_the_prefix(prefix, end):
    assert after_all_with(prefix) == end


@pytest.mark.parametrize(
    "ways",
    [
        {},
        {"prefix": "A", "batch": "b"},
        {"code": DiscountCode("A"), "prefix": "A"},
        {"prefix": " "},
    ],
)
def test_a_selection_uses_exactly_one_criterion(ways):
    with pytest.raises(SelectOneWay):
        Selection(**ways)


@pytest.mark.parametrize("text", ["", "  ", "x" * 101, "a\x1b[2J"])
def test_a_batch_name_is_printable(text):
    with pytest.raises(NotABatch):
        batch_name(text)


def test_a_batch_name_ignores_extra_space():
    assert batch_name("  Spring \t flyers ") == "Spring flyers"


@pytest.mark.parametrize(
    "before, until",
    [
        (Window(None, NOW), NOW + DAY),
        (Window(NOW - DAY, NOW + DAY - TICK), NOW + DAY),
        (Window(None, NOW + DAY), NOW + DAY),
        (Window(None, NOW + 2 * DAY), NOW + 2 * DAY),
        (Window(), None),
        (Window(NOW), None),
    ],
)
def test_an_extension_never_shortens_a_window(before, until):
    after = ExtendUntil(NOW + DAY).applied_to(before)
    assert after == Window(before.activates_at, until)


@pytest.mark.parametrize(
    "before, after",
    [
        (Window(), Window(None, NOW)),
        (Window(NOW - DAY), Window(NOW - DAY, NOW)),
        (Window(NOW), Window(None, NOW)),
        (Window(NOW + DAY, NOW + 2 * DAY), Window(None, NOW)),
        (Window(None, NOW - TICK), Window(None, NOW - TICK)),
        (Window(None, NOW), Window(None, NOW)),
    ],
)
def test_ending_a_discount_keeps_an_earlier_end(before, after):
    ended = EndAt(NOW).applied_to(before)
    assert ended == after
    assert ended.over(NOW)
