"""Use case: diagnose a code rule by rule, to explain why it applies or does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from core.discount_code import DiscountCode, PaymentType
from core.discounts.discount import Discount, KindIsUnknown, NotUsable, Offer, Source
from core.discounts.pricing import taken_off
from core.identity import Learner
from core.money import Money
from core.products.product import Product, Sku
from core.unit_of_work import Begin


@attrs.frozen
class HoldsUntil:
    """The end of a discount that is usable now."""

    ends_at: datetime


@attrs.frozen
class CodeCheck:
    """Whether one rule allows the code, and why; `ok` is None if the rule was not checked."""

    rule: str
    passes: bool | None
    says: str | HoldsUntil | NotUsable


@attrs.frozen
class CodeDiagnosis:
    """All rules of a code, with their results."""

    code: DiscountCode
    checks: tuple[CodeCheck, ...]

    @property
    def usable(self) -> bool:
        """Whether no checked rule refuses the code."""
        return not any(check.passes is False for check in self.checks)


def diagnose_code(
    code: DiscountCode, learner: Learner | None, sku: Sku | None, *, read: Begin, now: datetime
) -> CodeDiagnosis:
    """Check every rule of a code for this learner and product; None skips their rules.

    Raises UnknownProduct.
    """
    with read() as work:
        product = None if sku is None else work.products.get(sku)
        offers = work.discounts.offered([code], learner, now)
    offer = next((each for each in offers if each.discount.code == code), None)
    if offer is None:
        return CodeDiagnosis(code, (CodeCheck("exists", False, f"there is no code {code}"),))
    return CodeDiagnosis(code, (*_itself(offer, learner, now), *_product(offer.discount, product)))


def _itself(offer: Offer, learner: Learner | None, at: datetime) -> Iterator[CodeCheck]:
    """The discount's own rules, in the order in which check-out applies them."""
    discount = offer.discount
    yield CodeCheck("exists", True, f"{discount.saving}, for {discount.payment_type.value}")
    outside = discount.why_not(at)
    if isinstance(outside, KindIsUnknown):
        yield CodeCheck("kind", False, outside)
        return
    yield CodeCheck("window", outside is None, outside or _window(discount))
    yield CodeCheck("source", True, _source(discount))
    yield _learner(offer, learner)
    yield _overall(offer)
    yield _per_learner(offer, learner)


def _window(discount: Discount) -> str | HoldsUntil:
    ends = discount.window.expires_at
    return "it does not end" if ends is None else HoldsUntil(ends)


def _source(discount: Discount) -> str:
    never = discount.payment_type is PaymentType.FINANCIAL_ASSISTANCE
    match discount.source:
        case Source.TYPED:
            return "the learner types it"
        case Source.AUTOMATIC:
            return "it comes by itself, and is not typed"
        case Source.ASSIGNED:
            typed = ", never typed" if never else ""
            return f"it comes by itself to whoever has it{typed}"


def _learner(offer: Offer, learner: Learner | None) -> CodeCheck:
    if offer.discount.source is not Source.ASSIGNED:
        return CodeCheck("learner", True, "it is for everybody")
    if learner is None:
        return CodeCheck("learner", None, "it is assigned: ask about a learner")
    if offer.assigned:
        return CodeCheck("learner", True, "it is theirs")
    return CodeCheck(
        "learner", False, "it is assigned, and not to them: they are told it is unknown"
    )


def _overall(offer: Offer) -> CodeCheck:
    most = offer.discount.limits.overall
    if most is None:
        return CodeCheck("uses", True, f"used {offer.used:,} times, without limit")
    return CodeCheck("uses", offer.used < most, f"used {offer.used:,} of {most:,} times")


def _per_learner(offer: Offer, learner: Learner | None) -> CodeCheck:
    most = offer.discount.limits.per_learner
    if most is None:
        return CodeCheck("uses by learner", True, "without limit")
    if learner is None:
        return CodeCheck("uses by learner", None, f"{most:,} for each learner: ask about one")
    used = offer.used_by_learner
    return CodeCheck("uses by learner", used < most, f"used {used:,} of {most:,} times")


def _product(discount: Discount, product: Product | None) -> Iterator[CodeCheck]:
    if product is None:
        for rule in ("product", "currency", "takes something off"):
            yield CodeCheck(rule, None, "ask about a product")
        return
    covered = discount.scope.covers(product)
    yield CodeCheck("product", covered, f"it is {'' if covered else 'not '}for {product.title}")
    own, priced_in = discount.saving.currency, product.price.currency
    alike = own in {None, priced_in}
    currencies = "every currency" if own is None else own.code
    yield CodeCheck("currency", alike, f"it is in {currencies}, the price in {priced_in.code}")
    off = taken_off(discount, product.price) if alike else Money(0, priced_in)
    yield CodeCheck("takes something off", bool(off), f"{off} of {product.price}")
