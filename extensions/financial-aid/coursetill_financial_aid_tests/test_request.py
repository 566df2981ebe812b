"""The rules that decide a request, and its allowed moves."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import attrs
import pytest

from core.identity import Actor, LearnerId
from core.money import Money
from coursetill_financial_aid.countries import CountryLimit
from coursetill_financial_aid.incomes import Income
from coursetill_financial_aid.request import (
    BY_RULE,
    MOVES,
    AidRequest,
    AidRequestState,
    RequestCannotMove,
    RequestId,
    ruled,
)
from coursetill_financial_aid.tiers import Tier
from coursetill_financial_aid_tests.test_tiers import tiers
from coursetill_testing.clock import MORNING

ANN = Actor.staff("ann")
LIMIT = Money.of("75000")


def asked(income: int = 10_000) -> AidRequest:
    dollars = Money(income * 100)
    return AidRequest(
        id=RequestId("R1"),
        learner=LearnerId("ada"),
        email="ada@example.org",
        tier_set="DEDP",
        country="IN",
        income=Income(income, "USD"),
        dollars=dollars,
        tier=tiers().tier(dollars, LIMIT),
        asked_at=MORNING,
    )


@pytest.mark.parametrize(
    ("income", "documents", "before", "state"),
    [
        (10_000, False, False, AidRequestState.APPROVED),
        (10_000, True, False, AidRequestState.PENDING_DOCUMENTS),
        (10_000, True, True, AidRequestState.PENDING_DOCUMENTS),
        (10_000, False, True, AidRequestState.HELD),
        (4_999, False, False, AidRequestState.HELD),
        (5_000, False, False, AidRequestState.APPROVED),
        (75_000, True, True, AidRequestState.APPROVED),
        (75_000, False, False, AidRequestState.APPROVED),
    ],
)
def test_a_request_is_decided_by_the_rules(
    income: int, documents: bool, before: bool, state: AidRequestState
) -> None:
    limit = CountryLimit("IN", LIMIT, documents=documents)
    of = tiers(held_below="5000")
    settled = ruled(asked(income), of, limit, asked_before=before)
    assert settled.state is state
    assert settled.news[-1].by == BY_RULE
    approved = state is AidRequestState.APPROVED
    assert settled.valid_until == (MORNING + timedelta(days=365) if approved else None)
    assert settled.decided_at == (MORNING if approved else None)
    assert settled.grants(MORNING) is (approved and income < 75_000)


@pytest.mark.parametrize(("state", "wanted"), list(product(AidRequestState, AidRequestState)))
def test_a_request_allows_only_the_moves_of_the_table(
    state: AidRequestState, wanted: AidRequestState
) -> None:
    request = attrs.evolve(asked(), state=state)
    if wanted in MOVES[state]:
        moved = request.moved_to(wanted, at=MORNING, by=ANN, why="so")
        assert moved.state is wanted
        assert [(entry.by, entry.what, entry.why) for entry in moved.news] == [
            (ANN, wanted.value, "so")
        ]
    else:
        with pytest.raises(RequestCannotMove, match=f"state {state.value}, wanted {wanted.value}"):
            request.moved_to(wanted, at=MORNING, by=ANN, why="so")


@pytest.mark.parametrize("state", list(AidRequestState))
def test_only_an_approved_request_lowers_a_price_until_its_last_day(
    state: AidRequestState,
) -> None:
    until = MORNING + timedelta(days=1)
    request = attrs.evolve(asked(), state=state, valid_until=until)
    assert request.grants(MORNING) is (state is AidRequestState.APPROVED)
    assert request.grants(until - timedelta(microseconds=1)) is (state is AidRequestState.APPROVED)
    assert not request.grants(until)
    assert request.over(until) is (state is AidRequestState.APPROVED)


def test_the_full_price_tier_lowers_no_price() -> None:
    request = attrs.evolve(asked(), state=AidRequestState.APPROVED, tier=Tier.of("75000:full"))
    assert not request.grants(MORNING)


def test_an_approval_is_valid_from_the_day_of_the_decision() -> None:
    approved = asked().approved(asked().tier, 365, at=MORNING, by=ANN, why="so")
    later = MORNING + timedelta(days=9)
    assert (
        approved.moved_to(AidRequestState.REVOKED, at=later, by=ANN, why="no").decided_at == MORNING
    )
