"""A voucher: a document on its way to becoming a discount, and the one table of its moves."""

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
"""Random capital letters and digits, made by the caller; what follows from it is made once."""


class VoucherState(enum.Enum):
    HELD = "held"
    """A learner entered it, and nobody of the staff has vouched for it yet."""
    ENTERED = "entered"
    """Good, but nobody knows yet what it pays for."""
    MATCHED = "matched"
    ISSUED = "issued"
    """It is a discount now."""
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
    """One change of a voucher: when, who, to which state, and why."""

    at: datetime
    by: Actor
    state: VoucherState
    why: str


@attrs.frozen
class Voucher:
    """A document, who has it, what it pays for, and how far it is.

    `learner` is who entered it themselves. `news` is what happened since it was read.
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
        """A new voucher: good if staff enter it, held if a learner does."""
        own = by.kind is ActorKind.LEARNER
        state = VoucherState.HELD if own else VoucherState.ENTERED
        entry = VoucherEntry(at, by, state, why or "entered")
        learner = LearnerId(by.name) if own else None
        return cls(voucher_id, document, state, learner, news=(entry,))

    @property
    def key(self) -> str:
        """No two vouchers have the same: of what learners say, each has one claim of their own."""
        if self.state in {VoucherState.HELD, VoucherState.CANCELLED}:
            return f"{self.document.key}|{self.id if self.over else self.learner}"
        return self.document.key

    @property
    def over(self) -> bool:
        return self.state is VoucherState.CANCELLED

    @property
    def code(self) -> DiscountCode:
        """The code of the discount that it becomes, and of no other."""
        return DiscountCode(f"VOUCHER-{self.id}")

    @property
    def discount_id(self) -> DiscountId:
        return DiscountId(f"voucher-{self.id}".lower())

    def moved_to(self, wanted: VoucherState, *, at: datetime, by: Actor, why: str) -> Voucher:
        """This voucher in another state. Raises VoucherCannotMove."""
        MOVES.check(self.state, wanted, self.document.number)
        entry = VoucherEntry(at, by, wanted, why)
        return attrs.evolve(self, state=wanted, news=(*self.news, entry))

    def matched(self, sku: Sku, *, at: datetime, by: Actor, why: str) -> Voucher:
        """This voucher, paying for the product. Raises VoucherCannotMove."""
        moved = self.moved_to(VoucherState.MATCHED, at=at, by=by, why=f"{why}: {sku}")
        return attrs.evolve(moved, sku=sku)

    def verified(self, *, at: datetime, by: Actor, why: str) -> Voucher:
        """This claim, vouched for by staff. Raises VoucherCannotMove."""
        return self.moved_to(VoucherState.ENTERED, at=at, by=by, why=why)

    def is_for(self, learner: LearnerId, claimed: Document) -> bool:
        """Whether a learner who says what `claimed` says may have this voucher."""
        return self.learner in {None, learner} and self.document.agrees_with(claimed)

    @property
    def given_to_somebody(self) -> bool:
        return self.learner is not None or self.document.email is not None

    def valid_at(self, at: datetime) -> bool:
        until = self.document.valid_until
        return until is None or at < until


@attrs.frozen
class VoucherSearch:
    """Which vouchers are wanted, the newest first. `after` is the last one seen."""

    state: VoucherState | None = None
    number: str | None = None
    learner: LearnerId | None = None
    email: EmailAddress | None = None
    after: VoucherId | None = None
    limit: int = attrs.field(
        default=50, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )


class Vouchers(Protocol):
    """Every voucher, within one transaction."""

    def get(self, voucher_id: VoucherId, /) -> Voucher:
        """The voucher. Raises UnknownVoucher."""
        ...

    def good(self, key: str, /) -> Voucher | None:
        """The voucher of the document with this key that staff vouch for."""
        ...

    def claims(self, key: str, /) -> tuple[Voucher, ...]:
        """What learners claim of that document and nobody has vouched for, oldest first."""
        ...

    def held_by(self, learner: LearnerId, /) -> int:
        """How many of the learner's claims wait for staff."""
        ...

    def search(self, wanted: VoucherSearch, /) -> tuple[Voucher, ...]: ...

    def history(self, voucher_id: VoucherId, /) -> tuple[VoucherEntry, ...]:
        """All that happened to it, oldest first."""
        ...

    def add(self, vouchers: Iterable[Voucher], /) -> None:
        """Keep new vouchers. Raises EnteredAlready where one of the same key is kept."""
        ...

    def save(self, voucher: Voucher, /) -> None:
        """Keep a changed voucher and its news. Raises Conflict where another change came first,
        EnteredAlready where there is a good voucher of the same document."""
        ...


class VoucherRecords(Protocol):
    """Where vouchers are kept, apart from the shop's own records."""

    def read(self) -> AbstractContextManager[Vouchers]: ...
    def change(self) -> AbstractContextManager[Vouchers]:
        """A transaction, kept at the end of the block; never within one of the shop's own."""
        ...
