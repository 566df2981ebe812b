"""Every error has a sentence and a public type, and tells moments in the zone of its reader."""

from __future__ import annotations

import ast
import re
import string
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from core.baskets.basket import BasketHasChanged
from core.discount_code import DiscountCode
from core.discounts.redemption import UsedByThisOrder
from core.errors import Absent, Conflict, Refused, ShopError, Unavailable
from core.order_reference import Reference
from core.orders.order import OrderHasChanged
from entrypoints.cli.app.wording import for_commands
from entrypoints.composition.wording import for_learners, for_staff
from entrypoints.wording.sentences import Entry, Wording, error, phrase
from tests.entrypoints.wording.examples import AT, every_error, example

ROOT = Path(__file__).parents[3]
BERLIN, BOSTON = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ERRORS = every_error()
WORDS = for_commands(BERLIN)


def named(kind: type) -> str:
    return kind.__name__


def entry_of(kind: type) -> Entry:
    found = WORDS.entry(kind)
    assert found is not None
    return found


def moments_of(kind: type) -> list[str]:
    hints = attrs.fields(kind) if attrs.has(kind) else ()
    return [field.name for field in hints if field.type in {datetime, "datetime"}]


@pytest.mark.parametrize("kind", ERRORS, ids=named)
def test_every_error_has_its_own_sentence_and_type(kind: type[ShopError]) -> None:
    found = WORDS.entry(kind)
    assert found is not None, f"no sentence for {kind.__name__}: add one to its table"
    assert found.problem_type is not None
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", found.problem_type)


def test_each_error_has_a_unique_type() -> None:
    types = [entry_of(kind).problem_type for kind in ERRORS]
    assert len(set(types)) == len(types)


@pytest.mark.parametrize("kind", ERRORS, ids=named)
def test_a_template_uses_fields_of_its_error(kind: type[ShopError]) -> None:
    words = entry_of(kind).words
    if isinstance(words, str):
        places = {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}
        fields = {field.name for field in attrs.fields(kind)} if attrs.has(kind) else set()
        assert places <= fields


@pytest.mark.parametrize("wording", [for_learners(BERLIN), for_staff(BERLIN), WORDS])
@pytest.mark.parametrize("kind", ERRORS, ids=named)
def test_every_error_has_a_complete_sentence(kind: type[ShopError], wording: Wording) -> None:
    told = wording.sentence(example(kind))
    assert told
    assert "{" not in told
    assert kind.__name__ not in told
    assert not told.endswith(".")


@pytest.mark.parametrize("kind", [each for each in ERRORS if moments_of(each)], ids=named)
def test_a_time_is_shown_in_the_zone_of_the_reader(kind: type[ShopError]) -> None:
    here, there = (WORDS.in_zone(zone).sentence(example(kind)) for zone in (BERLIN, BOSTON))
    assert "2 December 2026, 00:30 UTC+1" in here
    assert "1 December 2026, 18:30 UTC−5" in there
    assert "23:30" not in here + there


def test_some_errors_hold_times() -> None:
    assert {"NotOpenYet", "CodeHasExpired", "TooLateForARefund"} <= {
        each.__name__ for each in ERRORS if moments_of(each)
    }


FAMILIES = {family.__name__ for family in (ShopError, Absent, Refused, Conflict, Unavailable)}


def test_no_error_of_the_shop_is_raised_as_its_family_alone() -> None:
    """A family has one sentence for everything: readers would not learn what happened."""
    bare = [
        f"{path}:{call.lineno}"
        for package in ("core", "adapters", "entrypoints")
        for path in sorted((ROOT / package).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in FAMILIES
    ]
    assert bare == []


def test_what_the_records_refuse_is_told_in_its_own_words() -> None:
    reference = Reference("CT-7K3M-9QX4")
    told = {
        BasketHasChanged(): "This basket was changed in another window. Please look at it again",
        OrderHasChanged(reference): (
            "Order CT-7K3M-9QX4 was changed at the same moment. Please look again"
        ),
        UsedByThisOrder(reference, (DiscountCode("A"),)): (
            "CT-7K3M-9QX4 has used the code A already"
        ),
        UsedByThisOrder(reference, (DiscountCode("A"), DiscountCode("B"))): (
            "CT-7K3M-9QX4 has used one of the codes A, B already"
        ),
    }
    assert {error: WORDS.sentence(error) for error in told} == told


@attrs.frozen
class Unheard(Refused):
    """An error that nobody has a sentence for."""

    seats: int = 3


def test_an_error_without_a_sentence_uses_that_of_its_family() -> None:
    assert WORDS.sentence(Unheard()) == "This cannot be done"
    assert WORDS.problem_type(Unheard()) == "refused"
    families = {Absent: "absent", Conflict: "conflict", Unavailable: "unavailable"}
    assert {kind: WORDS.problem_type(kind()) for kind in families} == families


class NotAMember(Refused):
    """An error of an embedding program, which says itself."""

    def __str__(self) -> str:
        return "This is for members of the club"


def test_an_error_of_an_embedding_program_uses_its_own_text() -> None:
    assert WORDS.sentence(NotAMember()) == "This is for members of the club"


def test_a_later_entry_replaces_the_sentence_and_keeps_the_type() -> None:
    first = Wording.of_entries(BERLIN, [error(Unheard, "unheard", "One of {seats}")])
    again = first.with_entries([phrase(Unheard, "{seats:,} heard")])
    assert (first.sentence(Unheard(1000)), again.sentence(Unheard(1000))) == (
        "One of 1000",
        "1,000 heard",
    )
    assert again.problem_type(Unheard()) == "unheard"


def test_a_plain_text_is_shown_unchanged() -> None:
    assert WORDS.sentence("Your bank did not agree") == "Your bank did not agree"


def test_singular_and_plural_have_separate_templates() -> None:
    told = [WORDS.counted(count, "{count} seat", "{count:,} seats") for count in (1, 0, 1200)]
    assert told == ["1 seat", "0 seats", "1,200 seats"]


def test_a_time_is_shown_with_its_offset() -> None:
    assert WORDS.in_zone(BOSTON).moment(AT) == "1 December 2026, 18:30 UTC−5"
