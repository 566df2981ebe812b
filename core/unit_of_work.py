"""The port to the records: one transaction, with a collection for each kind."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ParamSpec, Protocol, TypeVar

from core.audit_log import AuditLog
from core.baskets.basket import Baskets
from core.discounts.discount import Discounts
from core.discounts.redemption import Redemptions
from core.errors import Conflict
from core.job_runs import JobRuns
from core.messaging.event_log import EventLog
from core.messaging.inbox import Inbox
from core.messaging.outbox import Outbox
from core.orders.order import Orders
from core.orders.refund_request import RefundRequests
from core.payments.attempt import Attempts
from core.payments.refund import Refunds
from core.payments.transaction import Transactions
from core.privacy.personal_data import PersonalData
from core.products.product import Products

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 5


class UnitOfWork(Protocol):
    """One transaction on the records. Without a commit nothing is stored."""

    @property
    def products(self) -> Products: ...
    @property
    def baskets(self) -> Baskets: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def discounts(self) -> Discounts: ...
    @property
    def redemptions(self) -> Redemptions: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def transactions(self) -> Transactions: ...
    @property
    def refunds(self) -> Refunds: ...
    @property
    def refund_requests(self) -> RefundRequests: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def audit_log(self) -> AuditLog: ...
    @property
    def personal_data(self) -> PersonalData: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def event_log(self) -> EventLog: ...
    @property
    def job_runs(self) -> JobRuns: ...

    def commit(self) -> None: ...


Begin = Callable[[], AbstractContextManager[UnitOfWork]]
"""Opens a transaction for a ``with`` block."""


def repeated_on_conflict(change: Callable[P, R]) -> Callable[P, R]:
    """Repeat a change from the start if it raises Conflict, a few times at most.

    Only for a change that is exactly one transaction. Its time and ids are arguments, so a
    repetition is the same change on newer facts.
    """

    @functools.wraps(change)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES - 1):
            try:
                return change(*args, **kwargs)
            except Conflict:
                continue
        return change(*args, **kwargs)

    return repeated
