"""Refund requests of learners, and their port."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import NewType, Protocol

import attrs

from core.errors import Absent, Conflict
from core.identity import Actor, LearnerId
from core.order_reference import Reference

RefundRequestId = NewType("RefundRequestId", str)

LONGEST_REASON = 1000
"""The longest reason, in characters."""


class RefundRequestState(enum.Enum):
    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"


@attrs.frozen
class UnknownRefundRequest(Absent):
    request: str


@attrs.frozen
class NoRequest(Absent):
    reference: Reference


@attrs.frozen
class RefundRequestIsAnswered(Conflict):
    reference: Reference
    state: RefundRequestState
    by: Actor | None


@attrs.frozen
class RefundRequestExists(Conflict):
    """The order has an open request already, or the id of the new one is taken."""

    reference: Reference


@attrs.frozen
class RefundRequestHasChanged(Conflict):
    """Another answer to the request was saved first."""

    reference: Reference


@attrs.frozen
class RefundRequest:
    """A learner's refund request and the answer of staff.

    `positions` are the lines to refund; empty means all. `answer` is shown to the learner. `refund`
    is the id of the refund that the approval issued, or None.
    """

    id: RefundRequestId = attrs.field(validator=attrs.validators.min_len(1))
    reference: Reference
    learner: LearnerId
    positions: tuple[int, ...]
    reason: str = attrs.field(
        validator=[attrs.validators.min_len(1), attrs.validators.max_len(LONGEST_REASON)]
    )
    asked_at: datetime
    state: RefundRequestState = RefundRequestState.OPEN
    answered_at: datetime | None = None
    answered_by: Actor | None = None
    answer: str = ""
    refund: str | None = None
    version: int = attrs.field(default=0, kw_only=True)

    def approved(
        self, answer: str, *, at: datetime, by: Actor, refund: str | None
    ) -> RefundRequest:
        """This request, approved. Raises RefundRequestIsAnswered."""
        approved = self._answered(RefundRequestState.APPROVED, answer, at=at, by=by)
        return attrs.evolve(approved, refund=refund)

    def denied(self, answer: str, *, at: datetime, by: Actor) -> RefundRequest:
        """This request, denied. Raises RefundRequestIsAnswered."""
        return self._answered(RefundRequestState.DENIED, answer, at=at, by=by)

    def _answered(
        self, state: RefundRequestState, answer: str, *, at: datetime, by: Actor
    ) -> RefundRequest:
        if self.state is not RefundRequestState.OPEN:
            raise RefundRequestIsAnswered(self.reference, self.state, self.answered_by)
        return attrs.evolve(self, state=state, answer=answer, answered_at=at, answered_by=by)


@attrs.frozen
class RefundRequestSearch:
    """A query of staff for requests, oldest first, so that the longest wait is answered first."""

    state: RefundRequestState | None = None
    after: tuple[datetime, RefundRequestId] | None = None
    limit: int = attrs.field(
        default=50, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )


class RefundRequests(Protocol):
    """The port to all refund requests."""

    def of(self, reference: Reference, /) -> tuple[RefundRequest, ...]:
        """All requests for one order, oldest first."""
        ...

    def get(self, request: RefundRequestId, /) -> RefundRequest:
        """The request. Raises UnknownRefundRequest."""
        ...

    def search(self, query: RefundRequestSearch, /) -> tuple[RefundRequest, ...]:
        """The requests that match, oldest first; for equal times the smaller id first."""
        ...

    def add(self, request: RefundRequest, /) -> None:
        """Add a new request.

        Raises RefundRequestExists if its id is taken, or if its order has an open request.
        """
        ...

    def save(self, request: RefundRequest, /) -> None:
        """Save an answered request. Raises RefundRequestHasChanged if another came first."""
        ...
