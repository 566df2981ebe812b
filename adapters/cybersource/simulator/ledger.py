"""What happened: every payment, refund, void and reversal, and how much money moved."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from threading import RLock

import attrs

from adapters.cybersource.simulator.amounts import sent_as
from adapters.cybersource.simulator.cards import Card
from adapters.cybersource.simulator.outcomes import AUTHORIZED, Outcome
from adapters.cybersource.simulator.refusals import duplicate

# "has already been used in the last 60 days", says the vendor's own message.
TRANSACTION_ID_LIFETIME = timedelta(days=60)

CAPTURABLE = frozenset({"AUTHORIZED", "PARTIAL_AUTHORIZED"})


class Kind(Enum):
    """What an entry is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    VOID = "void"
    REVERSAL = "reversal"


@attrs.frozen(kw_only=True)
class Entry:
    """
    One thing that happened, under its own 22-digit id.

    Amounts are exact, in major units. `approved` is what was authorised, given back, voided or
    reversed; `code` the merchant's reference; `transaction_id` the merchant's unique id, if any;
    `parent_id` the entry that this one refunds or undoes. A payment with `capture` is a sale.
    """

    id: str
    kind: Kind
    status: str
    code: str
    requested: Decimal
    approved: Decimal
    currency: str
    submitted_at: datetime
    transaction_id: str | None = None
    parent_id: str | None = None
    outcome: Outcome = AUTHORIZED
    capture: bool = False
    settled: bool = False
    card: Card | None = None
    bill_to: Mapping[str, str] = attrs.field(factory=dict)


class Ledger:
    """
    Every entry, in order.

    Hold it (`with ledger.held():`) around a question and the entry that depends on its answer:
    nobody else writes in between.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._entries: dict[str, Entry] = {}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other thread out."""
        with self._lock:
            yield

    def append(self, entry: Entry) -> None:
        """Write down something new."""
        with self._lock:
            self._entries[entry.id] = entry

    def replace(self, entry: Entry) -> None:
        """Write down what has become of something known."""
        self.append(entry)

    def find(self, entry_id: str) -> Entry | None:
        """The entry of that id, or None."""
        return self._entries.get(entry_id)

    def entries(self, kind: Kind | None = None) -> list[Entry]:
        """All entries, or those of one kind, oldest first."""
        with self._lock:
            return [e for e in self._entries.values() if kind is None or e.kind is kind]

    def about(self, parent_id: str, kind: Kind) -> list[Entry]:
        """The entries of `kind` that refund or undo the one of `parent_id`."""
        return [entry for entry in self.entries(kind) if entry.parent_id == parent_id]

    def sent_under(self, transaction_id: str) -> Entry | None:
        """The latest entry that came with the merchant's `transaction_id`, or None."""
        found = [e for e in self.entries() if e.transaction_id == transaction_id]
        return found[-1] if found else None

    def refuse_used(self, transaction_id: str | None, now: datetime) -> None:
        """Raise the refusal DUPLICATE_REQUEST where the id was used in the last 60 days."""
        earlier = self.sent_under(transaction_id) if transaction_id else None
        if earlier and now - earlier.submitted_at < TRANSACTION_ID_LIFETIME:
            raise duplicate()

    def undone(self, entry: Entry) -> bool:
        """Whether it was voided or reversed."""
        return bool(self.about(entry.id, Kind.VOID) or self.about(entry.id, Kind.REVERSAL))

    def captured(self, payment: Entry) -> Decimal:
        """The money taken by `payment`: nothing for a mere authorisation or a voided sale."""
        taken = payment.capture and payment.status in CAPTURABLE and not self.undone(payment)
        return payment.approved if taken else Decimal(0)

    def refunded(self, payment: Entry) -> Decimal:
        """The money given back of `payment`, voided refunds left out."""
        refunds = self.about(payment.id, Kind.REFUND)
        return sum((e.approved for e in refunds if not self.undone(e)), Decimal(0))

    def money(self) -> dict[str, dict[str, str]]:
        """Per currency what was captured, what was refunded, and the difference."""
        with self._lock:
            payments = self.entries(Kind.PAYMENT)
            moved = {}
            for currency in sorted({payment.currency for payment in payments}):
                mine = [payment for payment in payments if payment.currency == currency]
                captured = sum((self.captured(each) for each in mine), Decimal(0))
                refunded = sum((self.refunded(each) for each in mine), Decimal(0))
                moved[currency] = {
                    "captured": sent_as(captured),
                    "refunded": sent_as(refunded),
                    "net": sent_as(captured - refunded),
                }
            return moved

    def settle(self) -> list[Entry]:
        """
        Run the day's batch: what was captured or refunded can no longer be voided.

        A PENDING refund becomes TRANSMITTED. The entries that changed.
        """
        with self._lock:
            ready = [e for e in self.entries() if not e.settled and self._in_batch(e)]
            settled = [attrs.evolve(e, settled=True, status=_after_batch(e)) for e in ready]
            for entry in settled:
                self.replace(entry)
            return settled

    def _in_batch(self, entry: Entry) -> bool:
        if entry.kind is Kind.PAYMENT:
            return self.captured(entry) > 0
        return entry.kind is Kind.REFUND and not self.undone(entry)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()


def _after_batch(entry: Entry) -> str:
    return "TRANSMITTED" if entry.status == "PENDING" else entry.status
