"""Reports the effect of one discount code on a basket."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import attrs

from core.discount_code import DiscountCode, OfferCode, PaymentType
from core.discounts.discount import (
    Discount,
    NotForTheseProducts,
    Offer,
    Source,
    TakesNothingOff,
    UnknownCode,
)
from core.discounts.pricing import taken_off
from core.discounts.saving import Saving
from core.errors import ShopError
from core.use_cases.pricing.quoted_line import QuotedLine


def typed_offer(offers: Iterable[Offer], code: DiscountCode) -> Offer:
    """The offer for a typed code. Raises UnknownCode, also for a discount that is not typed."""
    for offer in offers:
        discount = offer.discount
        aid = discount.payment_type is PaymentType.FINANCIAL_ASSISTANCE
        theirs = discount.source is Source.TYPED or offer.assigned
        if discount.code == code and theirs and not aid:
            return offer
    raise UnknownCode(code)


@attrs.frozen
class CodeReport:
    """The effect of a code in the basket: the number of lines that it lowers, and why not more.

    `beaten_by` names the codes of better discounts on lines in its scope; `not_for` is the number
    of lines outside its scope.
    """

    code: DiscountCode
    lines: int
    saving: Saving | None = None
    why_not: ShopError | None = None
    beaten_by: tuple[DiscountCode | OfferCode, ...] = ()
    not_for: int = 0

    @property
    def beaten(self) -> bool:
        """Whether it lowers no line because every line has a better discount."""
        return bool(self.beaten_by) and not self.lines


def code_report(
    code: DiscountCode,
    lines: Collection[QuotedLine],
    *,
    refused: Mapping[DiscountCode, ShopError | None],
    usable: Collection[Discount],
) -> CodeReport:
    if code not in refused:
        return CodeReport(code, 0, why_not=UnknownCode(code))
    discount = next((d for d in usable if d.code == code), None)
    if discount is None:
        return CodeReport(code, 0, why_not=refused[code])
    saving = discount.saving
    if not lines:
        return CodeReport(code, 0, saving)
    covered = [line for line in lines if discount.covers(line.product)]
    if not covered:
        return CodeReport(code, 0, saving, NotForTheseProducts(code))
    winners = [
        line.priced.taken.code
        for line in covered
        if line.priced.taken is not None and taken_off(discount, line.product.price)
    ]
    if not winners:
        return CodeReport(code, 0, saving, TakesNothingOff(code))
    others = tuple(sorted({w for w in winners if w != code}, key=lambda winner: winner.text))
    not_for = len(lines) - len(covered)
    return CodeReport(code, winners.count(code), saving, beaten_by=others, not_for=not_for)
