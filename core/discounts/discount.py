"""A discount: who can use it, when and for what, what it saves; and the port to all discounts."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NewType, Protocol, TypeAlias

import attrs

from core.discount_code import DiscountCode, PaymentType
from core.discounts.saving import Saving, UnknownSaving
from core.discounts.selection import Selection
from core.discounts.window import ALWAYS, Rescheduling, Window
from core.errors import Absent, Conflict, Refused
from core.identity import Assignee, Learner
from core.money import Currency
from core.products.product import CourseId, Product, Sku

DiscountId = NewType("DiscountId", str)
Assignees: TypeAlias = frozenset[Assignee]


class Source(enum.Enum):
    """How a discount is applied to a line."""

    ASSIGNED = "assigned"
    AUTOMATIC = "automatic"
    TYPED = "typed"


TIE_ORDER = (Source.ASSIGNED, Source.AUTOMATIC, Source.TYPED)
"""Which source wins if two discounts leave the same price (docs/domain.md, Discounts)."""


class RedemptionType(enum.Enum):
    ONE_TIME = "one-time"
    ONE_TIME_PER_USER = "one-time-per-user"
    UNLIMITED = "unlimited"


@attrs.frozen
class Scope:
    """The products that a discount covers; an empty scope covers all.

    A program covers itself and the runs of its courses.
    """

    products: frozenset[Sku] = frozenset()
    programs: frozenset[Sku] = frozenset()
    courses: frozenset[CourseId] = frozenset()

    @property
    def everything(self) -> bool:
        return not (self.products or self.programs or self.courses)

    def covers(self, product: Product) -> bool:
        return (
            self.everything
            or product.sku in self.products
            or product.sku in self.programs
            or product.course in self.courses
            or bool(product.programs & self.programs)
        )


@attrs.frozen
class Limits:
    """How often a discount may be used, overall and by one learner. None means no limit."""

    type: RedemptionType = RedemptionType.UNLIMITED
    max_redemptions: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(1))
    )
    max_per_learner: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(1))
    )

    @property
    def overall(self) -> int | None:
        return 1 if self.type is RedemptionType.ONE_TIME else self.max_redemptions

    @property
    def per_learner(self) -> int | None:
        single = self.type is RedemptionType.ONE_TIME_PER_USER
        return 1 if single else self.max_per_learner


@attrs.frozen
class Discount:
    """A code with its saving, scope, source, window and limits."""

    id: DiscountId
    code: DiscountCode
    saving: Saving
    source: Source = Source.TYPED
    scope: Scope = Scope()
    window: Window = ALWAYS
    limits: Limits = Limits()
    payment_type: PaymentType = PaymentType.MARKETING
    batch: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.min_len(1))
    )
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        aid = self.payment_type is PaymentType.FINANCIAL_ASSISTANCE
        if aid and self.source is Source.TYPED:
            raise AidIsNeverTyped(self.code)

    def covers(self, product: Product) -> bool:
        currency = self.saving.currency
        return self.scope.covers(product) and currency in (None, product.price.currency)

    def why_not(self, at: datetime) -> NotUsable | None:
        """Why it lowers no price at that moment, or None."""
        if isinstance(self.saving, UnknownSaving):
            return KindIsUnknown(self.code, self.saving.kind)
        opens, closes = self.window.activates_at, self.window.expires_at
        if opens is not None and at < opens:
            return NotUsableYet(self.code, opens)
        if closes is not None and self.window.over(at):
            return CodeHasExpired(self.code, closes)
        return None


@attrs.frozen
class Offer:
    """A discount for one learner: how often it was used, overall and by them."""

    discount: Discount
    used: int = 0
    used_by_learner: int = 0
    assigned: bool = False

    def why_not(self, at: datetime) -> Absent | NotUsable | None:
        """Why this learner cannot use it now, or None. Those of other learners count as unknown."""
        code, limits = self.discount.code, self.discount.limits
        if self.discount.source is Source.ASSIGNED and not self.assigned:
            return UnknownCode(code)
        outside = self.discount.why_not(at)
        if outside is not None:
            return outside
        if limits.overall is not None and self.used >= limits.overall:
            return UsedUp(code)
        if limits.per_learner is not None and self.used_by_learner >= limits.per_learner:
            return UsedByYou(code)
        return None


@attrs.frozen
class UnknownCode(Absent):
    """The code does not exist or is assigned to others; both are answered alike."""

    code: DiscountCode


@attrs.frozen
class DiscountExists(Conflict):
    """A discount has this code, or the id of the new one, already."""

    code: DiscountCode


@attrs.frozen
class CodesWereTaken(Conflict):
    """Of many new discounts, at least one has a code or an id that is taken."""


@attrs.frozen
class NotUsable(Refused):
    """The discount cannot be used; each subclass is a reason."""

    code: DiscountCode


@attrs.frozen
class KindIsUnknown(NotUsable):
    """The discount's kind is no longer installed in the shop."""

    kind: str


@attrs.frozen
class NotUsableYet(NotUsable):
    activates_at: datetime


@attrs.frozen
class CodeHasExpired(NotUsable):
    expired_at: datetime


@attrs.frozen
class UsedUp(NotUsable):
    """The overall limit of uses is reached."""


@attrs.frozen
class UsedByYou(NotUsable):
    """The limit of uses for one learner is reached."""


@attrs.frozen
class NotForTheseProducts(NotUsable):
    """The discount's scope covers nothing in the basket."""


@attrs.frozen
class TakesNothingOff(NotUsable):
    """The discount covers products in the basket but lowers no price."""


@attrs.frozen
class AidIsNeverTyped(Refused):
    code: DiscountCode


@attrs.frozen
class DiscountSearch:
    """A query of staff for discounts, sorted by code. `after` is the last code already seen."""

    prefix: str = ""
    batch: str | None = None
    currency: Currency | None = None
    after: DiscountCode | None = None
    limit: int = attrs.field(
        default=50, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )


class Discounts(Protocol):
    """The port to all discounts."""

    def get(self, code: DiscountCode, /) -> Offer:
        """The discount with this code, and how often it was used. Raises UnknownCode."""
        ...

    def among(self, codes: Collection[DiscountCode], /) -> Mapping[DiscountCode, Offer]:
        """The discounts that exist under these codes."""
        ...

    def offered(
        self, codes: Collection[DiscountCode], learner: Learner | None, at: datetime, /
    ) -> tuple[Offer, ...]:
        """The discounts to consider for a basket at that time.

        These are the discounts with these codes, and all automatic ones and those assigned to the
        learner that have not ended. The caller checks the start of the window and the limits.
        """
        ...

    def search(self, query: DiscountSearch, /) -> tuple[Offer, ...]:
        """The discounts that match, sorted by code."""
        ...

    def add(self, discount: Discount, /) -> None:
        """Add a new discount. Raises DiscountExists if its code or id is taken."""
        ...

    def add_many(self, discounts: Collection[Discount], /) -> None:
        """Add new discounts in one batch. Raises CodesWereTaken if a code or id is taken."""
        ...

    def assign(self, discount: DiscountId, to: Collection[Assignee], /) -> None:
        """Assign a discount to these; an existing assignment stays."""
        ...

    def assign_many(self, assignments: Collection[tuple[DiscountId, Assignee]], /) -> int:
        """Make these assignments; returns how many are new."""
        ...

    def assignees(self, discounts: Collection[DiscountId], /) -> Mapping[DiscountId, Assignees]:
        """Who these discounts are assigned to; unassigned discounts are left out."""
        ...

    def tally(self, selection: Selection, /) -> Mapping[Source, int]:
        """The number of selected discounts, by source."""
        ...

    def reschedule(self, selection: Selection, change: Rescheduling, /) -> int:
        """Change the windows of the selected discounts; returns how many changed."""
        ...
