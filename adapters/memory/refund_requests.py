"""Refund requests in memory."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from adapters.memory.records import Draft
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


class MemoryRefundRequests:
    def __init__(self, draft: Draft):
        self._draft = draft

    def of(self, reference: Reference, /) -> tuple[RefundRequest, ...]:
        return _oldest_first(r for r in self._all() if r.reference == reference)

    def get(self, request: RefundRequestId, /) -> RefundRequest:
        try:
            return self._draft.records.refund_requests[request]
        except KeyError:
            raise UnknownRefundRequest(request) from None

    def search(self, wanted: RefundRequestSearch, /) -> tuple[RefundRequest, ...]:
        found = (
            request
            for request in self._all()
            if wanted.state in {None, request.state}
            and (wanted.after is None or (request.asked_at, request.id) > wanted.after)
        )
        return _oldest_first(found)[: wanted.limit]

    def add(self, request: RefundRequest, /) -> None:
        with self._draft.change() as records:
            self._draft.expect_order(request.reference)
            twice = request.state is RefundRequestState.OPEN and self._is_open(request.reference)
            if request.id in records.refund_requests or twice:
                raise RefundRequestExists(request.reference)
            records.refund_requests[request.id] = request

    def save(self, request: RefundRequest, /) -> None:
        with self._draft.change() as records:
            kept = records.refund_requests.get(request.id)
            if kept is None or kept.version != request.version:
                raise RefundRequestHasChanged(request.reference)
            # The request and its reason never change.
            records.refund_requests[request.id] = attrs.evolve(
                kept,
                state=request.state,
                answered_at=request.answered_at,
                answered_by=request.answered_by,
                answer=request.answer,
                refund=request.refund,
                version=request.version + 1,
            )

    def _is_open(self, reference: Reference) -> bool:
        return any(r.state is RefundRequestState.OPEN for r in self.of(reference))

    def _all(self) -> Iterable[RefundRequest]:
        return self._draft.records.refund_requests.values()


def _oldest_first(requests: Iterable[RefundRequest]) -> tuple[RefundRequest, ...]:
    return tuple(sorted(requests, key=lambda request: (request.asked_at, request.id)))
