"""Tiers: the reduction for each income, and the products of each set of tiers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import TypeAlias

import attrs

from core.discount_code import OfferCode
from core.discounts.kinds import KINDS
from core.discounts.kinds.percent_off import PercentOff
from core.discounts.saving import Saving
from core.errors import Absent, Refused
from core.money import Currency, Money
from core.products.product import CourseId, Product, Sku

SOURCE = "financial-aid"
FULL = "full"

_NAME = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*", re.ASCII)
LONGEST_NAME = 25
NOTHING = Money(0, Currency.USD)
_PROBE = 10**12
"""A price in minor units at which any two different savings of one kind differ."""


@attrs.frozen
class NotATier(Refused):
    text: str


@attrs.frozen
class NotATierSet(Refused):
    why: str


@attrs.frozen
class NotATierSetName(Refused):
    text: str


@attrs.frozen
class UnknownTierSet(Absent):
    name: str


@attrs.frozen
class Tier:
    """A saving from this income on (US dollars a year, before the scaling by country).

    None as the saving means the full price.
    """

    from_income: Money
    saving: Saving | None

    @classmethod
    def of(cls, text: str, currency: Currency = Currency.USD) -> Tier:
        """Parse a tier: "25000:50%", "0:fixed-price:250", "75000:full".

        Raises NotATier, or the errors of the discount kind.
        """
        income, _, saving = text.strip().partition(":")
        from_income = Money.of(income, Currency.USD)
        if saving in {FULL, "0%"}:
            return cls(from_income, None)
        if saving.endswith("%"):
            return cls(from_income, PercentOff.of(saving.removesuffix("%"), currency))
        kind, _, amount = saving.partition(":")
        if kind not in KINDS:
            raise NotATier(text)
        return cls(from_income, KINDS[kind].of(amount, currency))

    @property
    def written(self) -> str:
        """The tier in the form that `of` parses."""
        saving = FULL if self.saving is None else f"{self.saving.kind}:{self.saving.written}"
        return f"{self.from_income.plain}:{saving}"

    @property
    def currency(self) -> Currency:
        """The currency argument of `of`."""
        return (self.saving and self.saving.currency) or Currency.USD

    @property
    def label(self) -> str:
        """The tier's part of a code: 75, FIXED-PRICE-250.00, FULL."""
        if self.saving is None:
            return FULL.upper()
        if isinstance(self.saving, PercentOff):
            return self.saving.written
        return f"{self.saving.kind}-{self.saving.written}".upper()

    @property
    def description(self) -> str:
        return "full price" if self.saving is None else str(self.saving)


@attrs.frozen
class OfProgram:
    """The runs of a program's courses, and optionally the program itself."""

    program: Sku
    itself: bool = False

    def covers(self, product: Product) -> bool:
        return self.program in product.programs or (self.itself and product.sku == self.program)

    def __str__(self) -> str:
        return f"runs of {self.program}{' and the program' if self.itself else ''}"


@attrs.frozen
class OfCourse:
    """The runs of one course."""

    course: CourseId

    def covers(self, product: Product) -> bool:
        return product.course == self.course

    def __str__(self) -> str:
        return f"runs of {self.course}"


Scope: TypeAlias = OfProgram | OfCourse


def tier_set_name(text: str) -> str:
    """Parse a name, in capitals. Raises NotATierSetName."""
    name = text.strip().upper()
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise NotATierSetName(text)
    return name


def _by_income(tiers: Iterable[Tier]) -> tuple[Tier, ...]:
    return tuple(sorted(tiers, key=lambda tier: tier.from_income.minor))


@attrs.frozen
class TierSet:
    """The tiers of a program or a course.

    The first tier begins at 0, the last is the full price, and a higher income never gets a higher
    saving. Staff check requests with incomes below `held_below`. An approval holds for
    `valid_days`.
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(_NAME))
    title: str = attrs.field(validator=attrs.validators.min_len(1))
    scope: Scope
    tiers: tuple[Tier, ...] = attrs.field(converter=_by_income)
    held_below: Money = NOTHING
    valid_days: int = attrs.field(default=365, validator=attrs.validators.ge(1))

    def __attrs_post_init__(self) -> None:
        """Check the tiers. Raises NotATierSet."""
        if len(self.tiers) < 2 or self.tiers[0].from_income or self.tiers[-1].saving:
            raise NotATierSet("the first begins at an income of 0, and the last is the full price")
        if any(one.from_income == other.from_income for one, other in pairwise(self.tiers)):
            raise NotATierSet("two begin at the same income")
        savings = [tier.saving for tier in self.tiers[:-1]]
        if None in savings:
            raise NotATierSet("only the last is the full price")
        kinds = {(each.kind, each.currency) for each in savings if each is not None}
        if len(kinds) > 1:
            raise NotATierSet("all savings are of one kind and in one currency")
        if any(_off(one) <= _off(other) for one, other in pairwise(savings)):
            raise NotATierSet("whoever earns more gets less help")

    @property
    def full_price_from(self) -> Money:
        """The income from which there is no aid, unless a country has another limit."""
        return self.tiers[-1].from_income

    def tier(self, income: Money, limit: Money) -> Tier:
        """The tier of an income in a country with this income limit.

        All thresholds scale in proportion to `limit`. The comparison multiplies instead of
        dividing, so that nothing is rounded.
        """
        return next(
            tier for tier in reversed(self.tiers) if self._reaches(income, limit, tier.from_income)
        )

    def is_held(self, income: Money, limit: Money) -> bool:
        """Whether staff check a request with this income."""
        return not self._reaches(income, limit, self.held_below)

    def tier_from(self, from_income: Money) -> Tier:
        """The tier that begins at this income. Raises NotATierSet."""
        for tier in self.tiers:
            if tier.from_income == from_income:
                return tier
        there = ", ".join(tier.from_income.plain for tier in self.tiers)
        raise NotATierSet(f"none of {self.name} begins at {from_income.plain}, but at {there}")

    def _reaches(self, income: Money, limit: Money, threshold: Money) -> bool:
        return income.minor * self.full_price_from.minor >= threshold.minor * limit.minor


def _off(saving: Saving | None) -> int:
    if saving is None:
        return 0
    return saving.off(Money(_PROBE, saving.currency or Currency.USD)).minor


def offer_code(tier_set: str, tier: Tier) -> OfferCode:
    """The offer code of a tier, for receipts and finance: FINANCIAL-AID/DEDP-75."""
    return OfferCode(SOURCE, f"{tier_set}-{tier.label}")
