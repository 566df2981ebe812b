"""A learner's request for help, the one table of its moves, and the port to all that is kept."""

from __future__ import annotations

import enum
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import NewType, Protocol

import attrs

from core.errors import Absent, Refused
from core.identity import Actor, ActorKind, LearnerId
from core.money import Money
from core.moves import CannotMove, Moves
from coursetill_financial_aid.countries import CountryLimit, CountryLimits
from coursetill_financial_aid.incomes import Income, Rates
from coursetill_financial_aid.tiers import Tier, TierSet

RequestId = NewType("RequestId", str)

BY_RULE = Actor(ActorKind.TIMER, "by rule")
"""Who decides where no person needs to."""


class AidRequestState(enum.Enum):
    ASKED = "asked"
    """As the learner sent it; the rules move it on at once."""
    PENDING_DOCUMENTS = "pending-documents"
    """It waits for a document that shows the income."""
    HELD = "held"
    """It waits for a person to look at it."""
    APPROVED = "approved"
    """At its tier, be that the full price."""
    DENIED = "denied"
    REVOKED = "revoked"
    """It was approved, and counts no more."""
    WITHDRAWN = "withdrawn"
    """It stands in nobody's way: the learner took it back, or staff let them ask anew."""
    EXPIRED = "expired"
    """Its time was over when the learner asked anew."""


class RequestCannotMove(CannotMove):
    """The request's state does not allow this move."""


MOVES: Moves[AidRequestState] = Moves(
    {
        AidRequestState.ASKED: frozenset(
            {AidRequestState.PENDING_DOCUMENTS, AidRequestState.HELD, AidRequestState.APPROVED}
        ),
        AidRequestState.PENDING_DOCUMENTS: frozenset(
            {
                AidRequestState.HELD,
                AidRequestState.APPROVED,
                AidRequestState.DENIED,
                AidRequestState.WITHDRAWN,
            }
        ),
        AidRequestState.HELD: frozenset(
            {
                AidRequestState.PENDING_DOCUMENTS,
                AidRequestState.APPROVED,
                AidRequestState.DENIED,
                AidRequestState.WITHDRAWN,
            }
        ),
        AidRequestState.APPROVED: frozenset(
            {AidRequestState.REVOKED, AidRequestState.WITHDRAWN, AidRequestState.EXPIRED}
        ),
        AidRequestState.DENIED: frozenset({AidRequestState.WITHDRAWN}),
        AidRequestState.REVOKED: frozenset({AidRequestState.WITHDRAWN}),
        AidRequestState.WITHDRAWN: frozenset(),
        AidRequestState.EXPIRED: frozenset(),
    },
    RequestCannotMove,
)

UNDECIDED = frozenset({AidRequestState.PENDING_DOCUMENTS, AidRequestState.HELD})
GONE = frozenset({AidRequestState.WITHDRAWN, AidRequestState.EXPIRED})
"""States in which the learner may ask anew."""


@attrs.frozen
class UnknownAidRequest(Absent):
    request: str


@attrs.frozen
class AskedAlready(Refused):
    title: str


@attrs.frozen
class AidRequestEntry:
    """One thing that happened: when, who, what became of it, and why."""

    at: datetime
    by: Actor
    what: str
    why: str = ""


@attrs.frozen(kw_only=True)
class AidRequest:
    """One learner's request for one set of tiers, and what was made of it.

    `tier` is the one that the income falls into, or that staff chose. Income and dollars are None
    once they are erased. What is approved holds until `valid_until`, whatever becomes of the tiers.
    `news` is what happened since it was read.
    """

    id: RequestId
    learner: LearnerId
    email: str
    tier_set: str
    country: str
    income: Income | None
    dollars: Money | None
    tier: Tier
    asked_at: datetime
    state: AidRequestState = AidRequestState.ASKED
    decided_at: datetime | None = None
    valid_until: datetime | None = None
    news: tuple[AidRequestEntry, ...] = ()
    version: int = 0

    @property
    def stands(self) -> bool:
        """Whether it keeps the learner from asking anew, until its time is over."""
        return self.state not in GONE

    def over(self, at: datetime) -> bool:
        """Whether it was approved for a time that has passed."""
        until = self.valid_until if self.state is AidRequestState.APPROVED else None
        return until is not None and at >= until

    def grants(self, at: datetime) -> bool:
        """Whether it lowers a price at that moment."""
        lowers = self.state is AidRequestState.APPROVED and self.tier.saving is not None
        return lowers and not self.over(at)

    def moved_to(self, wanted: AidRequestState, *, at: datetime, by: Actor, why: str) -> AidRequest:
        """This request in another state. Raises RequestCannotMove."""
        MOVES.check(self.state, wanted, self.id)
        decided = None if wanted in UNDECIDED else self.decided_at or at
        news = (*self.news, AidRequestEntry(at, by, wanted.value, why))
        return attrs.evolve(self, state=wanted, decided_at=decided, news=news)

    def approved(self, tier: Tier, days: int, *, at: datetime, by: Actor, why: str) -> AidRequest:
        """This request, granted at that tier for so many days. Raises RequestCannotMove."""
        moved = self.moved_to(
            AidRequestState.APPROVED, at=at, by=by, why=f"{tier.description}: {why}"
        )
        return attrs.evolve(moved, tier=tier, valid_until=at + timedelta(days=days))


@attrs.frozen
class Application:
    """What a learner tells of themselves, once it makes sense."""

    income: Income
    country: str
    dollars: Money


def ruled(
    asked: AidRequest, tiers: TierSet, limit: CountryLimit, *, asked_before: bool
) -> AidRequest:
    """What becomes of a new request by rule alone.

    The full price needs nobody's leave. Of help, documents come first; then a person looks at
    whoever has asked before, so that trying out incomes leads nowhere, and at incomes below what
    the tiers say. The rest is approved.
    """
    if asked.dollars is None:
        raise ValueError(f"request {asked.id} has no income")
    if asked.tier.saving is None:
        return _approved(asked, tiers, f"no help at this income in {asked.country}")
    if limit.documents:
        return _waiting(
            asked, AidRequestState.PENDING_DOCUMENTS, f"{asked.country} needs a document"
        )
    if asked_before:
        return _waiting(asked, AidRequestState.HELD, "the learner asked before")
    if tiers.is_held(asked.dollars, limit.limit):
        return _waiting(asked, AidRequestState.HELD, "the income is one that a person looks at")
    return _approved(asked, tiers, "nothing against it")


def _approved(asked: AidRequest, tiers: TierSet, why: str) -> AidRequest:
    return asked.approved(asked.tier, tiers.valid_days, at=asked.asked_at, by=BY_RULE, why=why)


def _waiting(asked: AidRequest, state: AidRequestState, why: str) -> AidRequest:
    return asked.moved_to(state, at=asked.asked_at, by=BY_RULE, why=why)


@attrs.frozen
class AidRequestSearch:
    """Which requests, the newest first: all that is said must hold."""

    state: AidRequestState | None = None
    tier_set: str | None = None
    country: str | None = None
    learner: LearnerId | None = None
    email: str | None = None
    after: RequestId | None = None
    limit: int = 50


@attrs.frozen
class Count:
    """How many requests of one kind there are."""

    tier_set: str
    tier: str
    country: str
    state: AidRequestState
    number: int


class Aid(Protocol):
    """All that is kept of financial aid, within one transaction."""

    def tier_sets(self) -> tuple[TierSet, ...]:
        """All of them, by name."""
        ...

    def tier_set(self, name: str, /) -> TierSet:
        """Raises UnknownTierSet."""
        ...

    def keep_tier_set(self, tiers: TierSet, entry: AidRequestEntry, /) -> None:
        """In the place of the one of the same name, where there is one."""
        ...

    def countries(self) -> CountryLimits: ...
    def keep_countries(self, limits: CountryLimits, entry: AidRequestEntry, /) -> None:
        """In the place of all there were."""
        ...

    def rates(self) -> Rates: ...
    def keep_rates(self, rates: Rates, entry: AidRequestEntry, /) -> None:
        """In the place of all there were."""
        ...

    def get(self, request: RequestId, /) -> AidRequest:
        """Raises UnknownAidRequest."""
        ...

    def search(self, wanted: AidRequestSearch, /) -> tuple[AidRequest, ...]: ...
    def counts(self) -> tuple[Count, ...]: ...
    def history(self, about: str, /) -> tuple[AidRequestEntry, ...]:
        """What happened to a request, or to what staff keep; oldest first."""
        ...

    def add(self, request: AidRequest, /) -> None:
        """Raises Conflict where another request of the learner for these tiers stands."""
        ...

    def save(self, request: AidRequest, /) -> None:
        """Raises Conflict where another change came first."""
        ...

    def overdue_incomes(self, decided_before: datetime, /) -> int:
        """How many requests that were decided by then still have their income."""
        ...

    def erase_incomes(self, decided_before: datetime, /) -> int:
        """Forget the incomes of requests that were decided by then; how many there were."""
        ...


class AidRecords(Protocol):
    """Where it is kept."""

    def read(self) -> AbstractContextManager[Aid]: ...
    def change(self) -> AbstractContextManager[Aid]:
        """A transaction, kept at the end of the block unless it is left by an error."""
        ...
