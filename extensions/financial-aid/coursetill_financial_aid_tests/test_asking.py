"""The use cases under concurrent requests and after changes of tiers, limits and rates."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from core.identity import Actor, Learner, LearnerId
from core.money import Money
from core.unit_of_work import UnitOfWork
from coursetill_financial_aid import EXTENSION
from coursetill_financial_aid.countries import CountryLimit, CountryLimits
from coursetill_financial_aid.decide_request import (
    ApplicationHasProblems,
    Bureau,
    approve,
    ask,
    move,
    withdraw,
)
from coursetill_financial_aid.edit_tables import import_countries, import_rates
from coursetill_financial_aid.incomes import Rate, Rates
from coursetill_financial_aid.records import SqlAidRecords
from coursetill_financial_aid.request import (
    AidRequestEntry,
    AidRequestSearch,
    AidRequestState,
    AskedAlready,
    RequestCannotMove,
    RequestId,
)
from coursetill_financial_aid.tiers import UnknownTierSet
from coursetill_financial_aid_tests.test_tiers import tiers
from coursetill_testing.clock import MORNING, Clock
from coursetill_testing.town import settings
from entrypoints.extensions.loader import open_extensions
from entrypoints.settings.reader import SettingsAreWrong

ANN = Actor.staff("ann")
ADA = Learner(LearnerId("ada"), "Ada@Example.org", "Ada Lovelace")
ANSWERS = {"income": "10000", "currency": "USD", "country": "IN", "consent": "yes"}
DAY = timedelta(days=1)


def no_shop() -> AbstractContextManager[UnitOfWork]:
    raise AssertionError("nothing here asks the shop")


@pytest.fixture
def clock() -> Clock:
    return Clock(MORNING)


@pytest.fixture
def bureau(records: SqlAidRecords, clock: Clock) -> Bureau:
    """With the tiers of DEDP."""
    with records.change() as aid:
        aid.keep_tier_set(tiers(), AidRequestEntry(MORNING, ANN, "set"))
    return Bureau(records, no_shop, clock, 30 * DAY)


def asks(bureau: Bureau, number: str = "R1", **different: str) -> AidRequestState:
    request = RequestId(number)
    return ask({**ANSWERS, **different}, request, ADA, tier_set="DEDP", bureau=bureau).state


def standing(bureau: Bureau) -> list[str]:
    with bureau.records.read() as aid:
        return [each.id for each in aid.search(AidRequestSearch()) if each.stands]


def test_concurrent_submissions_make_one_request(bureau: Bureau) -> None:
    def press(number: int) -> bool:
        try:
            asks(bureau, f"R{number}")
        except AskedAlready:
            return False
        return True

    with ThreadPoolExecutor(6) as presses:
        assert sum(presses.map(press, range(6))) == 1
    assert len(standing(bureau)) == 1


def test_concurrent_decisions_of_two_staff_keep_one(bureau: Bureau) -> None:
    asks(bureau, income="1")
    limit = CountryLimit("KE", Money(7_500_000), documents=True)
    import_countries(CountryLimits.of([limit]), by=ANN, why="", bureau=bureau)
    other = Learner(LearnerId("bob"), "bob@example.org", "Bob")
    written = {**ANSWERS, "country": "KE"}
    ask(written, RequestId("R2"), other, tier_set="DEDP", bureau=bureau)

    def decide(number: int) -> bool:
        how = {"by": Actor.staff(f"staff-{number}"), "why": "so", "bureau": bureau}
        try:
            if number % 2:
                approve(RequestId("R2"), **how)  # type: ignore[arg-type]  # as both take it
            else:
                move(RequestId("R2"), AidRequestState.DENIED, **how)  # type: ignore[arg-type]
        except RequestCannotMove:
            return False
        return True

    with ThreadPoolExecutor(6) as staff:
        assert sum(staff.map(decide, range(6))) == 1


@pytest.mark.parametrize(
    "state", [AidRequestState.APPROVED, AidRequestState.DENIED, AidRequestState.REVOKED]
)
def test_a_decided_request_blocks_a_new_one_until_it_is_reset(
    bureau: Bureau, state: AidRequestState
) -> None:
    with bureau.records.change() as aid:
        aid.keep_tier_set(tiers(held_below="75000"), AidRequestEntry(MORNING, ANN, "set"))
    asks(bureau)
    if state is AidRequestState.DENIED:
        move(RequestId("R1"), state, by=ANN, why="so", bureau=bureau)
    else:
        approve(RequestId("R1"), by=ANN, why="so", bureau=bureau)
    if state is AidRequestState.REVOKED:
        move(RequestId("R1"), state, by=ANN, why="so", bureau=bureau)
    withdraw(ADA, tier_set="DEDP", bureau=bureau)
    with pytest.raises(AskedAlready):
        asks(bureau, "R2")
    move(RequestId("R1"), AidRequestState.WITHDRAWN, by=ANN, why="so", bureau=bureau)
    assert asks(bureau, "R2") is AidRequestState.HELD


def test_a_request_after_a_withdrawal_is_held_for_staff(bureau: Bureau) -> None:
    with bureau.records.change() as aid:
        aid.keep_tier_set(tiers(held_below="25000"), AidRequestEntry(MORNING, ANN, "set"))
    assert asks(bureau) is AidRequestState.HELD
    withdraw(ADA, tier_set="DEDP", bureau=bureau)
    assert asks(bureau, "R2", income="30000") is AidRequestState.HELD


def test_an_approval_survives_new_limits_rates_and_tiers(bureau: Bureau) -> None:
    import_rates(Rates.of([Rate("INR", 10**8)]), by=ANN, why="", bureau=bureau)
    asks(bureau, income="20,00,000", currency="INR")
    with bureau.records.read() as aid:
        before = aid.get(RequestId("R1"))
    assert before.dollars == Money.of("20000")
    import_rates(Rates.of([Rate("INR", 10**6)]), by=ANN, why="", bureau=bureau)
    nothing = CountryLimits.of([CountryLimit("IN", Money(0))])
    import_countries(nothing, by=ANN, why="", bureau=bureau)
    with bureau.records.change() as aid:
        aid.keep_tier_set(tiers("0:1%", "1:full"), AidRequestEntry(MORNING, ANN, "set"))
    with bureau.records.read() as aid:
        assert aid.get(RequestId("R1")) == before


def test_submitting_a_request_erases_incomes_past_retention(bureau: Bureau, clock: Clock) -> None:
    asks(bureau)
    other = Learner(LearnerId("bob"), "bob@example.org", "Bob")
    clock.advance(30 * DAY - timedelta(seconds=1))
    with bureau.records.read() as aid:
        assert aid.get(RequestId("R1")).income is not None
    clock.advance(seconds=1)
    ask(ANSWERS, RequestId("R2"), other, tier_set="DEDP", bureau=bureau)
    with bureau.records.read() as aid:
        assert aid.get(RequestId("R1")).income is None
        assert aid.get(RequestId("R2")).income is not None


def test_an_ended_request_expires_when_the_learner_requests_again(
    bureau: Bureau, clock: Clock
) -> None:
    asks(bureau)
    clock.advance(365 * DAY - timedelta(seconds=1))
    with pytest.raises(AskedAlready):
        asks(bureau, "R2")
    clock.advance(seconds=1)
    assert asks(bureau, "R2") is AidRequestState.APPROVED
    with bureau.records.read() as aid:
        assert aid.get(RequestId("R1")).state is AidRequestState.EXPIRED


def test_an_invalid_form_lists_every_problem_and_stores_nothing(
    bureau: Bureau,
) -> None:
    with pytest.raises(ApplicationHasProblems) as refused:
        asks(bureau, income="x", country="XX", consent="no")
    assert list(refused.value.problems) == ["income", "country", "consent"]
    assert standing(bureau) == []


def test_a_request_for_an_unknown_set_of_tiers_is_refused(bureau: Bureau) -> None:
    with pytest.raises(UnknownTierSet):
        ask(ANSWERS, RequestId("R1"), ADA, tier_set="NONE", bureau=bureau)


@pytest.mark.parametrize("days", ["x", "-1", "1.5", "99999", "٣"])
def test_invalid_settings_stop_the_start(address: str, clock: Clock, days: str) -> None:
    chosen = settings(
        DATABASE_URL=address, EXTENSIONS="financial-aid", FINANCIAL_AID_KEEP_INCOME_DAYS=days
    )
    with pytest.raises(SettingsAreWrong, match="COURSETILL_FINANCIAL_AID_KEEP_INCOME_DAYS"):
        open_extensions([EXTENSION], chosen, begin=no_shop, read=no_shop, now=clock)
