"""A transaction: a payment or refund that was made, under the gateway's own id."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import attrs

from core.errors import Conflict
from core.money import Money
from core.order_reference import Reference
from core.payments.account import GatewayAccount
from core.payments.attempt import AttemptId


class TransactionKind(enum.Enum):
    PAYMENT = "payment"
    REFUND = "refund"


@attrs.frozen
class Card:
    """All card data that the shop stores."""

    brand: str
    last_four: str = attrs.field(validator=attrs.validators.matches_re(r"\d{4}|"))

    def __str__(self) -> str:
        return f"{self.brand} ending in {self.last_four}" if self.last_four else self.brand


@attrs.frozen
class Transaction:
    """A payment or refund that was made. It is never updated.

    `gateway_id` is unique within `account`. `raw` is the gateway's answer without card data.
    """

    gateway_id: str = attrs.field(validator=attrs.validators.min_len(1))
    kind: TransactionKind
    reference: Reference
    attempt: AttemptId
    amount: Money
    at: datetime
    card: Card | None = None
    raw: Mapping[str, str] = attrs.field(factory=dict)
    account: GatewayAccount = attrs.field(kw_only=True)


@attrs.frozen
class TransactionIsRecorded(Conflict):
    """The account has a transaction with this gateway id already."""

    gateway_id: str


class Transactions(Protocol):
    """The port to all transactions; append-only."""

    def of(self, reference: Reference, /) -> tuple[Transaction, ...]:
        """All transactions of one order, in the order in which they were recorded."""
        ...

    def add(self, transaction: Transaction, /) -> None:
        """Add one. Raises TransactionIsRecorded if its account has that gateway id already."""
        ...
