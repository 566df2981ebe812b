"""Verb: create a discount, from what staff wrote."""

from __future__ import annotations

from datetime import datetime

import attrs

from core.discounts.discount import (
    Discount,
    DiscountId,
    Limits,
    RedemptionType,
    Scope,
    Source,
)
from core.discounts.kinds import KINDS
from core.discounts.window import Window
from core.errors import Refused
from core.journal import JournalEntry, Subject
from core.learner import Actor, Assignee, EmailAddress, LearnerId
from core.money import Currency
from core.orders.line import DiscountCode, PaymentType
from core.products.product import CourseId, Program, Sku, UnknownProduct
from core.unit_of_work import Begin


@attrs.frozen
class UnknownKind(Refused):
    kind: str

    def __str__(self) -> str:
        return f'"{self.kind}" is not a kind of discount; there are {", ".join(KINDS)}'


@attrs.frozen
class CodeIsTaken(Refused):
    code: DiscountCode

    def __str__(self) -> str:
        return f"There is a discount {self.code} already. Choose another code"


@attrs.frozen
class NobodyToAssign(Refused):
    def __str__(self) -> str:
        return "Only an assigned discount has learners, and it needs at least one"


@attrs.frozen
class WrittenDiscount:
    """A discount in the words of whoever creates it; empty scope means every product."""

    code: str
    kind: str
    amount: str
    currency: str = "USD"
    source: Source = Source.TYPED
    skus: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()
    activates_at: datetime | None = None
    expires_at: datetime | None = None
    redemption_type: RedemptionType = RedemptionType.UNLIMITED
    max_redemptions: int | None = None
    max_per_learner: int | None = None
    payment_type: PaymentType = PaymentType.MARKETING
    batch: str | None = None
    learners: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()

    @property
    def assignees(self) -> tuple[Assignee, ...]:
        """Whom it is for. Raises NotAnEmailAddress."""
        return (*map(LearnerId, self.learners), *map(EmailAddress.of, self.emails))


def create_discount(
    written: WrittenDiscount,
    discount_id: DiscountId,
    *,
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
) -> Discount:
    """Create a discount. A program named by sku covers itself and the runs of its courses.

    Raises UnknownKind, NotAnAmount, NotAPercentage, NotACode, NotAnEmailAddress, UnknownCurrency,
    UnknownProduct, WindowIsEmpty, AidIsNeverTyped, NobodyToAssign or CodeIsTaken.
    """
    if written.kind not in KINDS:
        raise UnknownKind(written.kind)
    assignees = written.assignees
    if (written.source is Source.ASSIGNED) != bool(assignees):
        raise NobodyToAssign()
    saving = KINDS[written.kind].of(written.amount, Currency.of(written.currency))
    code = DiscountCode.of(written.code)
    limits = Limits(written.redemption_type, written.max_redemptions, written.max_per_learner)
    window = Window(written.activates_at, written.expires_at)
    with begin() as work:
        if work.discounts.among([code]):
            raise CodeIsTaken(code)
        skus = {Sku.of(text) for text in written.skus}
        found = work.products.among(skus)
        for sku in sorted(skus - found.keys()):
            raise UnknownProduct(sku)
        programs = frozenset(s for s in skus if isinstance(found[s].sells, Program))
        courses = frozenset(CourseId(course) for course in written.courses)
        scope = Scope(frozenset(skus) - programs, programs, courses)
        discount = Discount(
            discount_id, code, saving, written.source, scope, window, limits, written.payment_type
        )
        work.discounts.add(discount)
        work.discounts.assign(discount.id, assignees)
        what = f"created: {saving}"
        work.journal.add([JournalEntry(now, by, Subject.discount(code), what, why.strip())])
        work.commit()
        return discount
