"""All records in memory, and the draft of one unit of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import attrs

from core.audit_log import AuditEntry
from core.baskets.basket import Basket
from core.discounts.discount import Discount, DiscountId
from core.discounts.redemption import Redemption
from core.identity import Assignee
from core.job_runs import JobRun
from core.messaging.event_log import Checkpoint
from core.messaging.inbox import InboxMessage
from core.messaging.outbox import OutboxEntry
from core.order_reference import Reference
from core.orders.history import HistoryEntry
from core.orders.order import Order
from core.orders.refund_request import RefundRequest, RefundRequestId
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt, AttemptId
from core.payments.refund import Refund, RefundId
from core.payments.transaction import Transaction
from core.products.product import PriceVersion, Product, Sku

ShopperKey = tuple[str, str]


@attrs.define
class Records:
    """All objects by key, in order of arrival. The objects are immutable."""

    products: dict[Sku, Product] = attrs.field(factory=dict)
    prices: dict[Sku, tuple[PriceVersion, ...]] = attrs.field(factory=dict)
    baskets: dict[ShopperKey, Basket] = attrs.field(factory=dict)
    orders: dict[Reference, Order] = attrs.field(factory=dict)
    history: dict[Reference, tuple[HistoryEntry, ...]] = attrs.field(factory=dict)
    discounts: dict[DiscountId, Discount] = attrs.field(factory=dict)
    assigned: dict[DiscountId, frozenset[Assignee]] = attrs.field(factory=dict)
    redemptions: dict[int, tuple[DiscountId, Redemption]] = attrs.field(factory=dict)
    attempts: dict[AttemptId, Attempt] = attrs.field(factory=dict)
    transactions: dict[tuple[GatewayAccount, str], Transaction] = attrs.field(factory=dict)
    refunds: dict[RefundId, Refund] = attrs.field(factory=dict)
    refund_requests: dict[RefundRequestId, RefundRequest] = attrs.field(factory=dict)
    outbox: dict[int, OutboxEntry] = attrs.field(factory=dict)
    claims: dict[int, datetime] = attrs.field(factory=dict)
    journal: dict[int, AuditEntry] = attrs.field(factory=dict)
    inbox: dict[int, InboxMessage] = attrs.field(factory=dict)
    event_log: dict[int, int] = attrs.field(factory=dict)
    checkpoints: dict[str, Checkpoint] = attrs.field(factory=dict)
    job_runs: dict[str, JobRun] = attrs.field(factory=dict)
    # The last number given, for records that can be removed.
    numbers: dict[str, int] = attrs.field(factory=dict)

    def copied(self) -> Records:
        return Records(*(dict(kept) for kept in attrs.astuple(self, recurse=False)))


class Draft:
    """The records as one unit of work sees them, with its changes.

    After a refused change the draft may hold half of it, so it can never be committed.
    """

    def __init__(self, records: Records, *, looking: bool):
        self.records = records
        self._looking = looking
        self._refused = False

    @contextmanager
    def change(self) -> Iterator[Records]:
        """The records to change."""
        if self._looking:
            raise ValueError("a look changes nothing")
        try:
            yield self.records
        except BaseException:
            self._refused = True
            raise

    def finished(self) -> Records:
        """A copy of the records to commit, without later changes of this draft."""
        if self._looking:
            raise ValueError("nothing can be committed by a look")
        if self._refused:
            raise ValueError("nothing can be committed after a change was refused")
        return self.records.copied()

    def expect_order(self, reference: Reference) -> None:
        """Check at commit that the order exists; a missing one is a fault of ours."""
        if reference not in self.records.orders:
            raise ValueError(f"there is no order {reference}")
