"""A voucher, its states, and the table of its moves."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NewType, Protocol

import attrs

from core.discount_code import DiscountCode
from core.discounts.discount import DiscountId
from core.errors import Absent, Refused
from core.identity import Actor, ActorKind, EmailAddress, LearnerId
from core.moves import CannotMove, Moves
from core.products.product import Sku
from coursetill_vouchers.document import Document

VoucherId = NewType("VoucherId", str)
"""A voucher id: random capital letters and digits, made by the caller."""


class VoucherState(enum.Enum):
    HELD = "held"
    """A learner entered it, and staff have not verified it yet."""
    ENTERED = "entered"
    """Verified, but not matched with a course run yet."""
    MATCHED = "matched"
    ISSUED = "issued"
    """Issued as a discount."""
    CANCELLED = "cancelled"


class VoucherCannotMove(CannotMove):
    """The voucher's state does not allow this move."""


MOVES: Moves[VoucherState] = Moves(
    {
        VoucherState.HELD: frozenset({VoucherState.ENTERED, VoucherState.CANCELLED}),
        VoucherState.ENTERED: frozenset({VoucherState.MATCHED, VoucherState.CANCELLED}),
        VoucherState.MATCHED: frozenset({VoucherState.ISSUED, VoucherState.CANCELLED}),
        VoucherState.ISSUED: frozenset({VoucherState.CANCELLED}),
        VoucherState.CANCELLED: frozenset(),
    },
    VoucherCannotMove,
)


@attrs.frozen
class UnknownVoucher(Absent):
    number: str


@attrs.frozen
class EnteredAlready(Refused):
    number: str
    employer: str


@attrs.frozen
class SeveralVouchers(Refused):
    number: str
    ids: tuple[str, ...]


@attrs.frozen
class NobodyToIssueTo(Refused):
    number: str


@attrs.frozen
class NoLongerValid(Refused):
    number: str


@attrs.frozen
class VoucherEntry:
    """One change of a voucher: time, person, new state and reason."""

    at: datetime
    by: Actor
    state: VoucherState
    why: str


@attrs.frozen
class Voucher:
    """A voucher: document, holder, course run and state.

    `learner` is the learner who entered it, if any. `news` are the changes since it was read.
    """

    id: VoucherId
    document: Document
    state: VoucherState
    learner: LearnerId | None = None
    sku: Sku | None = None
    news: tuple[VoucherEntry, ...] = attrs.field(default=(), kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    @classmethod
    def entered(
        cls, voucher_id: VoucherId, document: Document, *, at: datetime, by: Actor, why: str = ""
    ) -> Voucher:
        """A new voucher: verified if staff enter it, held if a learner does."""
        own = by.kind is ActorKind.LEARNER
        state = VoucherState.HELD if own else VoucherState.ENTERED
        entry = VoucherEntry(at, by, state, why or "entered")
        learner = LearnerId(by.name) if own else None
        return cls(voucher_id, document, state, learner, news=(entry,))

    @property
    def key(self) -> str:
        """The unique key of the voucher. Each learner may have one claim of a document."""
        if self.state in {VoucherState.HELD, VoucherState.CANCELLED}:
            return f"{self.document.key}|{self.id if self.over else self.learner}"
        return self.document.key

    @property
    def over(self) -> bool:
        return self.state is VoucherState.CANCELLED

    @property
    def code(self) -> DiscountCode:
        """The code of the discount, unique to the voucher."""
        return DiscountCode(f"VOUCHER-{self.id}")

    @property
    def discount_id(self) -> DiscountId:
        return DiscountId(f"voucher-{self.id}".lower())

    def moved_to(self, state: VoucherState, *, at: datetime, by: Actor, why: str) -> Voucher:
        """This voucher in another state. Raises VoucherCannotMove."""
        MOVES.check(self.state, state, self.document.number)
        entry = VoucherEntry(at, by, state, why)
        return attrs.evolve(self, state=state, news=(*self.news, entry))

    def matched(self, sku: Sku, *, at: datetime, by: Actor, why: str) -> Voucher:
        """This voucher, matched with the product. Raises VoucherCannotMove."""
        moved = self.moved_to(VoucherState.MATCHED, at=at, by=by, why=f"{why}: {sku}")
        return attrs.evolve(moved, sku=sku)

    def verified(self, *, at: datetime, by: Actor, why: str) -> Voucher:
        """This claim, verified by staff. Raises VoucherCannotMove."""
        return self.moved_to(VoucherState.ENTERED, at=at, by=by, why=why)

    def is_for(self, learner: LearnerId, claimed: Document) -> bool:
        """Whether a learner with the claim `claimed` may have this voucher."""
        return self.learner in {None, learner} and self.document.agrees_with(claimed)

    @property
    def given_to_somebody(self) -> bool:
        return self.learner is not None or self.document.email is not None

    def valid_at(self, at: datetime) -> bool:
        until = self.document.valid_until
        return until is None or at < until


@attrs.frozen
class VoucherSearch:
    """A search for vouchers, newest first. `after` is the last voucher of the page before."""

    state: VoucherState | None = None
    number: str | None = None
    learner: LearnerId | None = None
    email: EmailAddress | None = None
    after: VoucherId | None = None
    limit: int = attrs.field(
        default=50, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )


class Vouchers(Protocol):
    """All vouchers, in one transaction."""

    def get(self, voucher_id: VoucherId, /) -> Voucher:
        """The voucher with this id. Raises UnknownVoucher."""
        ...

    def good(self, key: str, /) -> Voucher | None:
        """The verified voucher of the document with this key."""
        ...

    def claims(self, key: str, /) -> tuple[Voucher, ...]:
        """The unverified claims of that document, oldest first."""
        ...

    def held_by(self, learner: LearnerId, /) -> int:
        """The number of the learner's claims that wait for staff."""
        ...

    def search(self, filters: VoucherSearch, /) -> tuple[Voucher, ...]: ...

    def history(self, voucher_id: VoucherId, /) -> tuple[VoucherEntry, ...]:
        """The changes of the voucher, oldest first."""
        ...

    def add(self, vouchers: Iterable[Voucher], /) -> None:
        """Add new vouchers. Raises EnteredAlready if a voucher with the same key exists."""
        ...

    def save(self, voucher: Voucher, /) -> None:
        """Save a changed voucher and its news. Raises Conflict if another change came first, and
        EnteredAlready if the same document has a verified voucher."""
        ...


class VoucherRecords(Protocol):
    """The port to stored vouchers, apart from the shop's own records."""

    def read(self) -> AbstractContextManager[Vouchers]: ...
    def change(self) -> AbstractContextManager[Vouchers]:
        """Begin a transaction, committed at the end of the block; never inside one of the shop."""
        ...
