"""The ledger: every payment, capture, refund, void and reversal, and the money moved."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from threading import RLock

import attrs

from coursetill_simulators.cybersource.state.merchant_references import Notes
from coursetill_simulators.cybersource.state.outcomes import AUTHORIZED, Outcome
from coursetill_simulators.cybersource.wire_format.amounts import sent_as
from coursetill_simulators.cybersource.wire_format.cards import CardOnFile
from coursetill_simulators.cybersource.wire_format.refusals import duplicate, repeated

# "has already been used in the last 60 days", says the vendor's own message.
TRANSACTION_ID_LIFETIME = timedelta(days=60)

# The account's own duplicate check, if it is on.
SAME_REFERENCE_WITHIN = timedelta(minutes=15)

CAPTURABLE = frozenset({"AUTHORIZED", "PARTIAL_AUTHORIZED"})


class LedgerKind(Enum):
    """The kind of an entry."""

    PAYMENT = "payment"
    CAPTURE = "capture"
    REFUND = "refund"
    VOID = "void"
    REVERSAL = "reversal"


@attrs.frozen(kw_only=True)
class LedgerEntry:
    """
    One transaction, with its own 22-digit id.

    Amounts are exact, in major units. `approved` is the amount authorised, refunded, voided or
    reversed; `code` the merchant's reference; `transaction_id` the merchant's unique id, if any;
    `parent_id` the entry that this one captures, refunds or undoes. A payment with `capture` is a
    sale. A refund with `fails_in_batch` becomes FAILED in the batch.
    """

    id: str
    kind: LedgerKind
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
    settled_at: datetime | None = None
    fails_in_batch: bool = False
    card: CardOnFile | None = None
    bill_to: Mapping[str, str] = attrs.field(factory=dict)
    notes: Notes = attrs.field(factory=Notes)


# Called under the ledger's lock, so it must return quickly.
Listener = Callable[[LedgerEntry | None, LedgerEntry], None]
Store = Callable[[LedgerEntry], None]


def _in_memory(_: LedgerEntry) -> None:
    """Store the ledger in memory only."""


class Ledger:
    """
    All entries, in order.

    Use `with ledger.held():` around a check and the entry that depends on it, so that no other
    thread writes in between. `stored` are the initial entries. `store` gets each new entry before
    the listeners.
    """

    def __init__(self, stored: Iterable[LedgerEntry] = (), store: Store = _in_memory) -> None:
        self._lock = RLock()
        self._entries = {entry.id: entry for entry in stored}
        self._store = store
        self._listeners: list[Listener] = []

    def add_listener(self, listener: Listener) -> None:
        """Call `listener` with each change: the old entry (None if it is new) and the new one."""
        self._listeners.append(listener)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lock the ledger for this thread."""
        with self._lock:
            yield

    def append(self, entry: LedgerEntry) -> None:
        """Add a new entry."""
        with self._lock:
            before = self._entries.get(entry.id)
            self._store(entry)
            self._entries[entry.id] = entry
            for listener in self._listeners:
                listener(before, entry)

    def replace(self, entry: LedgerEntry) -> None:
        """Store the new state of an entry."""
        self.append(entry)

    def find(self, entry_id: str) -> LedgerEntry | None:
        """The entry with that id, or None."""
        return self._entries.get(entry_id)

    def entries(self, kind: LedgerKind | None = None) -> list[LedgerEntry]:
        """All entries, or those of one kind, oldest first."""
        with self._lock:
            return [e for e in self._entries.values() if kind is None or e.kind is kind]

    def about(self, parent_id: str, kind: LedgerKind) -> list[LedgerEntry]:
        """The entries of `kind` whose parent is `parent_id`."""
        return [entry for entry in self.entries(kind) if entry.parent_id == parent_id]

    def sent_under(self, transaction_id: str) -> LedgerEntry | None:
        """The latest entry with the merchant's `transaction_id`, or None."""
        found = [e for e in self.entries() if e.transaction_id == transaction_id]
        return found[-1] if found else None

    def refuse_used(self, transaction_id: str | None, now: datetime) -> None:
        """Raise the refusal DUPLICATE_REQUEST if the id was used in the last 60 days."""
        earlier = self.sent_under(transaction_id) if transaction_id else None
        if earlier and now - earlier.submitted_at < TRANSACTION_ID_LIFETIME:
            raise duplicate()

    def refuse_repeated(self, code: str, now: datetime) -> None:
        """Raise DUPLICATE_REQUEST if a payment had that reference in the last 15 minutes."""
        for payment in self.entries(LedgerKind.PAYMENT):
            if payment.code == code and now - payment.submitted_at < SAME_REFERENCE_WITHIN:
                raise repeated()

    def undone(self, entry: LedgerEntry) -> bool:
        """Whether the entry was voided or reversed."""
        return bool(
            self.about(entry.id, LedgerKind.VOID) or self.about(entry.id, LedgerKind.REVERSAL)
        )

    def taken(self, entry: LedgerEntry) -> Decimal:
        """The money that a sale or capture took, unless it was undone."""
        sale = entry.capture and entry.status in CAPTURABLE
        takes = sale if entry.kind is LedgerKind.PAYMENT else entry.kind is LedgerKind.CAPTURE
        return entry.approved if takes and not self.undone(entry) else Decimal(0)

    def captured(self, payment: LedgerEntry) -> Decimal:
        """The money taken by `payment` or its captures."""
        captures = self.about(payment.id, LedgerKind.CAPTURE)
        return sum((self.taken(each) for each in captures), self.taken(payment))

    def refunded(self, taken: LedgerEntry) -> Decimal:
        """The money refunded of a sale or capture, without voided and failed refunds."""
        refunds = self.about(taken.id, LedgerKind.REFUND)
        return sum((self.given(each) for each in refunds), Decimal(0))

    def given(self, refund: LedgerEntry) -> Decimal:
        """The money of `refund`, unless it was voided or failed."""
        gone = refund.status == "FAILED" or self.undone(refund)
        return Decimal(0) if gone else refund.approved

    def root(self, entry: LedgerEntry) -> LedgerEntry:
        """The payment from which `entry` derives, or itself."""
        parent = self.find(entry.parent_id) if entry.parent_id else None
        return entry if parent is None else self.root(parent)

    def money(self) -> dict[str, dict[str, str]]:
        """For each currency: captured, refunded, and the difference."""
        with self._lock:
            entries = self.entries()
            moved = {}
            for currency in sorted({each.currency for each in entries}):
                mine = [each for each in entries if each.currency == currency]
                captured = sum((self.taken(each) for each in mine), Decimal(0))
                refunds = [each for each in mine if each.kind is LedgerKind.REFUND]
                refunded = sum((self.given(each) for each in refunds), Decimal(0))
                moved[currency] = {
                    "captured": sent_as(captured),
                    "refunded": sent_as(refunded),
                    "net": sent_as(captured - refunded),
                }
            return moved

    def settle(self, now: datetime) -> list[LedgerEntry]:
        """
        Run the daily batch. Its captures and refunds can no longer be voided.

        A PENDING capture or refund becomes TRANSMITTED, or FAILED if it `fails_in_batch`. Returns
        the changed entries.
        """
        with self._lock:
            ready = [e for e in self.entries() if not e.settled and self._in_batch(e)]
            settled = [
                attrs.evolve(e, settled=True, settled_at=now, status=_after_batch(e)) for e in ready
            ]
            for entry in settled:
                self.replace(entry)
            return settled

    def _in_batch(self, entry: LedgerEntry) -> bool:
        if entry.kind is LedgerKind.REFUND:
            return self.given(entry) > 0
        return self.taken(entry) > 0

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._entries.clear()


def _after_batch(entry: LedgerEntry) -> str:
    if entry.fails_in_batch:
        return "FAILED"
    return "TRANSMITTED" if entry.status == "PENDING" else entry.status
