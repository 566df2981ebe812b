"""A learner's request for aid, the table of its moves, and the port to stored records."""

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
"""The actor of automatic decisions."""


class AidRequestState(enum.Enum):
    ASKED = "asked"
    """Sent by the learner. The rules move it on at once."""
    PENDING_DOCUMENTS = "pending-documents"
    """It waits for a document that shows the income."""
    HELD = "held"
    """It waits for a person to look at it."""
    APPROVED = "approved"
    """Approved at its tier, which may be the full price."""
    DENIED = "denied"
    REVOKED = "revoked"
    """It was approved, and was revoked."""
    WITHDRAWN = "withdrawn"
    """Closed: the learner withdrew it, or staff allowed a new request."""
    EXPIRED = "expired"
    """Its approval had ended when the learner made a new request."""


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
"""States in which the learner may make a new request."""


@attrs.frozen
class UnknownAidRequest(Absent):
    request: str


@attrs.frozen
class AskedAlready(Refused):
    title: str


@attrs.frozen
class AidRequestEntry:
    """One change of a request: time, person, new state and reason."""

    at: datetime
    by: Actor
    what: str
    why: str = ""


@attrs.frozen(kw_only=True)
class AidRequest:
    """One learner's request for one set of tiers, and its decision.

    `tier` is the tier of the income, or the tier that staff chose. Income and dollars are None
    after they are erased. An approval holds until `valid_until`, even if the tiers change. `news`
    are the changes since it was read.
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
        """Whether it prevents a new request, until its approval ends."""
        return self.state not in GONE

    def over(self, at: datetime) -> bool:
        """Whether its approval has ended."""
        until = self.valid_until if self.state is AidRequestState.APPROVED else None
        return until is not None and at >= until

    def grants(self, at: datetime) -> bool:
        """Whether it reduces prices at that time."""
        lowers = self.state is AidRequestState.APPROVED and self.tier.saving is not None
        return lowers and not self.over(at)

    def moved_to(self, state: AidRequestState, *, at: datetime, by: Actor, why: str) -> AidRequest:
        """This request in another state. Raises RequestCannotMove."""
        MOVES.check(self.state, state, self.id)
        decided = None if state in UNDECIDED else self.decided_at or at
        news = (*self.news, AidRequestEntry(at, by, state.value, why))
        return attrs.evolve(self, state=state, decided_at=decided, news=news)

    def approved(self, tier: Tier, days: int, *, at: datetime, by: Actor, why: str) -> AidRequest:
        """This request, granted at that tier for a number of days. Raises RequestCannotMove."""
        moved = self.moved_to(
            AidRequestState.APPROVED, at=at, by=by, why=f"{tier.description}: {why}"
        )
        return attrs.evolve(moved, tier=tier, valid_until=at + timedelta(days=days))


@attrs.frozen
class Application:
    """The valid input of a learner's form."""

    income: Income
    country: str
    dollars: Money


def ruled(
    request: AidRequest, tiers: TierSet, limit: CountryLimit, *, asked_before: bool
) -> AidRequest:
    """The state of a new request by the rules.

    The full price is approved. Aid waits for documents if the country requires them. Then staff
    check learners who asked before (so that nobody can try out incomes), and incomes below
    `held_below` of the tiers. Everything else is approved.
    """
    if request.dollars is None:
        raise ValueError(f"request {request.id} has no income")
    if request.tier.saving is None:
        return _approved(request, tiers, f"no help at this income in {request.country}")
    if limit.documents:
        return _waiting(
            request, AidRequestState.PENDING_DOCUMENTS, f"{request.country} needs a document"
        )
    if asked_before:
        return _waiting(request, AidRequestState.HELD, "the learner asked before")
    if tiers.is_held(request.dollars, limit.limit):
        return _waiting(request, AidRequestState.HELD, "the income is one that a person looks at")
    return _approved(request, tiers, "nothing against it")


def _approved(request: AidRequest, tiers: TierSet, why: str) -> AidRequest:
    return request.approved(
        request.tier, tiers.valid_days, at=request.asked_at, by=BY_RULE, why=why
    )


def _waiting(request: AidRequest, state: AidRequestState, why: str) -> AidRequest:
    return request.moved_to(state, at=request.asked_at, by=BY_RULE, why=why)


@attrs.frozen
class AidRequestSearch:
    """A search for requests, newest first. All filters must match."""

    state: AidRequestState | None = None
    tier_set: str | None = None
    country: str | None = None
    learner: LearnerId | None = None
    email: str | None = None
    after: RequestId | None = None
    limit: int = 50


@attrs.frozen
class Count:
    """The number of requests of one kind."""

    tier_set: str
    tier: str
    country: str
    state: AidRequestState
    number: int


class Aid(Protocol):
    """The port to the records of financial aid, in one transaction."""

    def tier_sets(self) -> tuple[TierSet, ...]:
        """All sets of tiers, by name."""
        ...

    def tier_set(self, name: str, /) -> TierSet:
        """The set of tiers with this name. Raises UnknownTierSet."""
        ...

    def keep_tier_set(self, tiers: TierSet, entry: AidRequestEntry, /) -> None:
        """Save a set of tiers, replacing the one of the same name."""
        ...

    def countries(self) -> CountryLimits: ...
    def keep_countries(self, limits: CountryLimits, entry: AidRequestEntry, /) -> None:
        """Replace all rows."""
        ...

    def rates(self) -> Rates: ...
    def keep_rates(self, rates: Rates, entry: AidRequestEntry, /) -> None:
        """Replace all rows."""
        ...

    def get(self, request: RequestId, /) -> AidRequest:
        """The request with this id. Raises UnknownAidRequest."""
        ...

    def search(self, filters: AidRequestSearch, /) -> tuple[AidRequest, ...]: ...
    def counts(self) -> tuple[Count, ...]: ...
    def history(self, about: str, /) -> tuple[AidRequestEntry, ...]:
        """The history of a request or of a table, oldest first."""
        ...

    def add(self, request: AidRequest, /) -> None:
        """Add a request. Raises Conflict if the learner has an open request for these tiers."""
        ...

    def save(self, request: AidRequest, /) -> None:
        """Save a request. Raises Conflict if another change came first."""
        ...

    def overdue_incomes(self, decided_before: datetime, /) -> int:
        """The number of requests decided by `decided_before` that still have their income."""
        ...

    def erase_incomes(self, decided_before: datetime, /) -> int:
        """Erase the incomes of requests decided by `decided_before`. Returns their number."""
        ...


class AidRecords(Protocol):
    """The port to stored financial aid."""

    def read(self) -> AbstractContextManager[Aid]: ...
    def change(self) -> AbstractContextManager[Aid]:
        """Begin a transaction, committed at the end of the block, rolled back on an error."""
        ...
