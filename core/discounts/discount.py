"""A discount: whom, what and when it is for, what it saves, and the port to every discount."""

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
from core.errors import Absent, Refused
from core.identity import Assignee, Learner
from core.money import Currency
from core.products.product import CourseId, Product, Sku

DiscountId = NewType("DiscountId", str)
Assignees: TypeAlias = frozenset[Assignee]


class Source(enum.Enum):
    """How a discount comes to a line."""

    ASSIGNED = "assigned"
    AUTOMATIC = "automatic"
    TYPED = "typed"


TIE_ORDER = (Source.ASSIGNED, Source.AUTOMATIC, Source.TYPED)
"""Who wins where two discounts leave the same to pay (docs/domain.md, Discounts)."""


class RedemptionType(enum.Enum):
    ONE_TIME = "one-time"
    ONE_TIME_PER_USER = "one-time-per-user"
    UNLIMITED = "unlimited"


@attrs.frozen
class Scope:
    """The products a discount touches; an empty scope touches every product.

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
    """How often a discount may be used, overall and by one learner. None is without limit."""

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
    """A code, and what it saves on which products, for whom and when."""

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
        """Why it takes nothing off anything at that moment, or None."""
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
    """A discount as it stands for one learner: how much of it is used up, and by whom."""

    discount: Discount
    used: int = 0
    used_by_learner: int = 0
    assigned: bool = False

    def why_not(self, at: datetime) -> Absent | NotUsable | None:
        """Why this learner cannot use it now, or None. Somebody else's is as good as unknown."""
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
    """Said alike of a code that does not exist and of one that is somebody else's."""

    code: DiscountCode


@attrs.frozen
class NotUsable(Refused):
    """A discount that takes nothing off; each kind of it says why."""

    code: DiscountCode


@attrs.frozen
class KindIsUnknown(NotUsable):
    """A discount of a kind that the shop had once and has no more."""

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
    """The scope of the discount covers nothing in the basket."""


@attrs.frozen
class TakesNothingOff(NotUsable):
    """The discount covers products in the basket and lowers no price."""


@attrs.frozen
class AidIsNeverTyped(Refused):
    code: DiscountCode


@attrs.frozen
class DiscountSearch:
    """Which discounts staff want to see, by code. `after` is the last code already seen."""

    prefix: str = ""
    batch: str | None = None
    currency: Currency | None = None
    after: DiscountCode | None = None
    limit: int = attrs.field(
        default=50, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )


class Discounts(Protocol):
    """Every discount the shop offers."""

    def get(self, code: DiscountCode, /) -> Offer:
        """The discount under code with how often it was used. Raises UnknownCode."""
        ...

    def among(self, codes: Collection[DiscountCode], /) -> Mapping[DiscountCode, Offer]:
        """The discounts that there are under these codes."""
        ...

    def offered(
        self, codes: Collection[DiscountCode], learner: Learner | None, at: datetime, /
    ) -> tuple[Offer, ...]:
        """What may take money off: the discounts under these codes, and of the automatic ones and
        those assigned to learner whatever is not over by then. The rest of windows and limits is
        for the caller to judge."""
        ...

    def search(self, wanted: DiscountSearch, /) -> tuple[Offer, ...]:
        """Discounts by code."""
        ...

    def add(self, discount: Discount, /) -> None:
        """Keep a new discount. Raises Conflict where its code is taken."""
        ...

    def add_many(self, discounts: Collection[Discount], /) -> None:
        """Keep new discounts, many at the cost of one. Raises Conflict where a code is taken."""
        ...

    def assign(self, discount: DiscountId, to: Collection[Assignee], /) -> None:
        """Let these have an assigned discount; one who has it keeps it."""
        ...

    def assign_many(self, given: Collection[tuple[DiscountId, Assignee]], /) -> int:
        """Let each have its assigned discount, and say how many had not got it before."""
        ...

    def assignees(self, discounts: Collection[DiscountId], /) -> Mapping[DiscountId, Assignees]:
        """To whom these are assigned; what is assigned to nobody is left out."""
        ...

    def tally(self, selection: Selection, /) -> Mapping[Source, int]:
        """How many discounts are selected, by how they come to a line."""
        ...

    def reschedule(self, selection: Selection, change: Rescheduling, /) -> int:
        """Move the windows of those selected, and say how many it moved."""
        ...
