"""Refund requests in SQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from adapters.sql.columns import TEXT, UtcDateTime
from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import refund_requests
from adapters.sql.versions import update_at_version
from core.identity import Actor, ActorKind, LearnerId
from core.order_reference import Reference
from core.orders.refund_request import (
    RefundRequest,
    RefundRequestExists,
    RefundRequestHasChanged,
    RefundRequestId,
    RefundRequestSearch,
    RefundRequestState,
    UnknownRefundRequest,
)

_OLDEST_FIRST = (refund_requests.c.asked_at, refund_requests.c.id)


class SqlRefundRequests:
    def __init__(self, run: Statements):
        self._run = run

    def of(self, reference: Reference, /) -> tuple[RefundRequest, ...]:
        rows = self._run.rows(
            refund_requests.select()
            .where(refund_requests.c.reference == reference)
            .order_by(*_OLDEST_FIRST)
        )
        return tuple(map(_request, rows))

    def get(self, request: RefundRequestId, /) -> RefundRequest:
        row = self._run.row(refund_requests.select().where(refund_requests.c.id == request))
        if row is None:
            raise UnknownRefundRequest(request)
        return _request(row)

    def search(self, wanted: RefundRequestSearch, /) -> tuple[RefundRequest, ...]:
        query = refund_requests.select()
        if wanted.state is not None:
            query = query.where(refund_requests.c.state == wanted.state.value)
        if wanted.after is not None:
            at, last = wanted.after
            after = sa.tuple_(sa.literal(at, UtcDateTime), sa.literal(last, TEXT))
            query = query.where(sa.tuple_(*_OLDEST_FIRST) > after)
        rows = self._run.rows(query.order_by(*_OLDEST_FIRST).limit(wanted.limit))
        return tuple(map(_request, rows))

    def add(self, request: RefundRequest, /) -> None:
        self._run.change(
            refund_requests.insert(),
            _columns(request),
            taken=RefundRequestExists(request.reference),
        )

    def save(self, request: RefundRequest, /) -> None:
        update_at_version(
            self._run,
            refund_requests,
            request.id,
            version=request.version,
            values=_answer_columns(request),
            changed=RefundRequestHasChanged(request.reference),
        )


def _columns(request: RefundRequest) -> dict[str, Any]:
    return {
        "id": request.id,
        "reference": request.reference,
        "learner": request.learner,
        "positions": list(request.positions),
        "reason": request.reason,
        "asked_at": request.asked_at,
        "version": request.version,
        **_answer_columns(request),
    }


def _answer_columns(request: RefundRequest) -> dict[str, Any]:
    """The columns that an answer changes. The request itself never changes."""
    by = request.answered_by
    return {
        "state": request.state.value,
        "answered_at": request.answered_at,
        "answered_by_kind": by.kind.value if by else None,
        "answered_by_name": by.name if by else None,
        "answer": request.answer,
        "refund": request.refund,
    }


def _request(row: AnyRow) -> RefundRequest:
    kind = row.answered_by_kind
    return RefundRequest(
        id=RefundRequestId(row.id),
        reference=Reference(row.reference),
        learner=LearnerId(row.learner),
        positions=tuple(row.positions),
        reason=row.reason,
        asked_at=row.asked_at,
        state=RefundRequestState(row.state),
        answered_at=row.answered_at,
        answered_by=Actor(ActorKind(kind), row.answered_by_name) if kind else None,
        answer=row.answer,
        refund=row.refund,
        version=row.version,
    )
