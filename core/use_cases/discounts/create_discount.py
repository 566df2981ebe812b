"""Use case: create a discount from the fields that staff filled in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from core.audit_log import AuditEntry, Subject
from core.discount_code import DiscountCode, PaymentType
from core.discounts.discount import (
    Discount,
    DiscountId,
    Limits,
    RedemptionType,
    Scope,
    Source,
)
from core.discounts.kinds import KINDS
from core.discounts.saving import Kinds
from core.discounts.selection import batch_name
from core.discounts.window import Window
from core.errors import Absent, Refused
from core.identity import Actor, Assignee, EmailAddress, LearnerId
from core.money import Currency
from core.products.product import CourseId, Program, Sku, UnknownProduct
from core.unit_of_work import Begin, UnitOfWork


@attrs.frozen
class UnknownKind(Refused):
    kind: str
    known: tuple[str, ...] = tuple(KINDS)


@attrs.frozen
class CodeIsTaken(Refused):
    code: DiscountCode


@attrs.frozen
class UnknownCourse(Absent):
    course: CourseId


@attrs.frozen
class NobodyToAssign(Refused):
    """An assigned discount needs learners; other discounts take none."""


@attrs.frozen
class DiscountDraft:
    """A discount's fields as staff wrote them. An empty scope means every product."""

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
        """The learners that it is assigned to. Raises NotAnEmailAddress."""
        return (*map(LearnerId, self.learners), *map(EmailAddress.of, self.emails))

    def terms(self, discount_id: DiscountId, kinds: Kinds = KINDS) -> Discount:
        """The discount without its scope, for which the products must be read.

        Raises UnknownKind, NotAnAmount, NotAPercentage, NotACode, NotABatch, UnknownCurrency,
        WindowIsEmpty or AidIsNeverTyped.
        """
        if self.kind not in kinds:
            raise UnknownKind(self.kind, tuple(kinds))
        return Discount(
            discount_id,
            DiscountCode.of(self.code),
            kinds[self.kind].of(self.amount, Currency.of(self.currency)),
            source=self.source,
            window=Window(self.activates_at, self.expires_at),
            limits=Limits(self.redemption_type, self.max_redemptions, self.max_per_learner),
            payment_type=self.payment_type,
            batch=None if self.batch is None else batch_name(self.batch),
        )


@attrs.frozen
class ScopeLookup:
    """The products and courses that written scopes name."""

    programs: frozenset[Sku]
    others: frozenset[Sku]
    courses: frozenset[CourseId]

    @classmethod
    def of(cls, work: UnitOfWork, drafts: Iterable[DiscountDraft]) -> ScopeLookup:
        """Read them: one read of products and, if courses are named, two of courses."""
        all_drafts = tuple(drafts)
        products = work.products.among({Sku.of(text) for each in all_drafts for text in each.skus})
        courses = sorted({CourseId(course) for each in all_drafts for course in each.courses})
        runs = work.products.runs_of(courses) if courses else ()
        programs = work.products.programs_with(courses) if courses else ()
        return cls(
            frozenset(sku for sku, each in products.items() if isinstance(each.sells, Program)),
            frozenset(sku for sku, each in products.items() if not isinstance(each.sells, Program)),
            frozenset(run.course for run in runs if run.course)
            | frozenset(course for program in programs for course in program.courses),
        )

    def scoped(self, terms: Discount, draft: DiscountDraft) -> Discount:
        """The discount with its written scope. Raises UnknownProduct or UnknownCourse."""
        skus = frozenset(Sku.of(text) for text in draft.skus)
        for sku in sorted(skus - self.programs - self.others):
            raise UnknownProduct(sku)
        courses = frozenset(CourseId(course) for course in draft.courses)
        for course in sorted(courses - self.courses):
            raise UnknownCourse(course)
        return attrs.evolve(terms, scope=Scope(skus & self.others, skus & self.programs, courses))


def create_discount(
    draft: DiscountDraft,
    discount_id: DiscountId,
    *,
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
    kinds: Kinds = KINDS,
) -> Discount:
    """Create a discount. The sku of a program covers the program and the runs of its courses.

    Raises UnknownKind, NotAnAmount, NotAPercentage, NotACode, NotAnEmailAddress, UnknownCurrency,
    UnknownProduct, UnknownCourse, WindowIsEmpty, AidIsNeverTyped, NobodyToAssign or CodeIsTaken.
    """
    assignees = draft.assignees
    if (draft.source is Source.ASSIGNED) != bool(assignees):
        raise NobodyToAssign()
    terms = draft.terms(discount_id, kinds)
    code = terms.code
    with begin() as work:
        if work.discounts.among([code]):
            raise CodeIsTaken(code)
        discount = ScopeLookup.of(work, [draft]).scoped(terms, draft)
        work.discounts.add(discount)
        work.discounts.assign(discount.id, assignees)
        what = f"created: {discount.saving}"
        work.audit_log.add([AuditEntry(now, by, Subject.discount(code), what, why.strip())])
        work.commit()
        return discount
