"""The unit of work in memory. Changes run one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs

from adapters.memory.audit_log import MemoryAuditLog
from adapters.memory.baskets import MemoryBaskets
from adapters.memory.discounts import MemoryDiscounts
from adapters.memory.event_log import MemoryEventLog
from adapters.memory.inbox import MemoryInbox
from adapters.memory.job_runs import MemoryJobRuns
from adapters.memory.orders import MemoryOrders
from adapters.memory.outbox import MemoryOutbox
from adapters.memory.payments import MemoryAttempts, MemoryRefunds, MemoryTransactions
from adapters.memory.personal_data import MemoryPersonalData
from adapters.memory.products import MemoryProducts
from adapters.memory.records import Draft, Records
from adapters.memory.redemptions import MemoryRedemptions
from adapters.memory.refund_requests import MemoryRefundRequests
from core.errors import Unavailable

PATIENCE = 30
"""Seconds that a change waits for an earlier one."""


@attrs.frozen
class ShopIsBusy(Unavailable):
    """Another change took longer than PATIENCE."""


class MemoryUnitOfWork:
    """All records as one unit of work sees them."""

    def __init__(self, draft: Draft, keep: Callable[[Records], None]):
        self._draft, self._keep = draft, keep
        self.products = MemoryProducts(draft)
        self.baskets = MemoryBaskets(draft)
        self.orders = MemoryOrders(draft)
        self.discounts = MemoryDiscounts(draft)
        self.redemptions = MemoryRedemptions(draft)
        self.attempts = MemoryAttempts(draft)
        self.transactions = MemoryTransactions(draft)
        self.refunds = MemoryRefunds(draft)
        self.refund_requests = MemoryRefundRequests(draft)
        self.outbox = MemoryOutbox(draft)
        self.audit_log = MemoryAuditLog(draft)
        self.personal_data = MemoryPersonalData(draft)
        self.inbox = MemoryInbox(draft)
        self.event_log = MemoryEventLog(draft)
        self.job_runs = MemoryJobRuns(draft)

    def commit(self) -> None:
        self._keep(self._draft.finished())


class MemoryShop:
    """Records that end with this process. Safe to use from several threads.

    A change works on a copy of the records. Commit replaces the records with the copy, so readers
    see the old records until then. Only one change runs at a time.
    """

    def __init__(self) -> None:
        self._records = Records()
        self._writer = threading.Lock()

    @contextmanager
    def begin(self) -> Iterator[MemoryUnitOfWork]:
        """Begin a unit of work for changes. Raises ShopIsBusy."""
        if not self._writer.acquire(timeout=PATIENCE):
            raise ShopIsBusy()
        try:
            yield MemoryUnitOfWork(Draft(self._records.copied(), looking=False), self._keep)
        finally:
            self._writer.release()

    @contextmanager
    def read(self) -> Iterator[MemoryUnitOfWork]:
        """Begin a read-only unit of work."""
        yield MemoryUnitOfWork(Draft(self._records, looking=True), self._keep)

    def _keep(self, records: Records) -> None:
        self._records = records
