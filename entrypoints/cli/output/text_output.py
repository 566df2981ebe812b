"""Facts as text for people, in the time zone of the settings."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import attrs

from core.discounts.discount import Discount, Limits, RedemptionType
from core.money import Money
from core.orders.line import Line
from core.products.product import Listing, Product
from entrypoints.wording.sentences import Wording


@attrs.frozen
class TextOutput:
    zone: ZoneInfo
    words: Wording

    def moment(self, at: datetime | None) -> str:
        """2026-12-01 23:59+00:00; empty for None."""
        return "" if at is None else at.astimezone(self.zone).isoformat(" ", "minutes")

    def money(self, amount: Money) -> str:
        """The amount with its sign, and with the code if the sign is ambiguous."""
        code = amount.currency.code
        return f"{amount}" if code == "USD" or code in str(amount) else f"{amount} {code}"

    def seats(self, product: Product) -> str:
        if product.seats is None:
            return "no limit" if not product.seats_taken else f"{product.seats_taken} taken"
        return f"{product.seats_left} of {product.seats} left"

    def standing(self, product: Product, at: datetime) -> str:
        """In a word or two, whether the product can be bought."""
        if product.listing is Listing.WITHDRAWN:
            return "withdrawn"
        refusal = product.why_not(at)
        hidden = ", hidden" if product.listing is Listing.HIDDEN else ""
        if refusal is None:
            return f"open{hidden}"
        opens, closes = product.enrollment_opens_at, product.payment_deadline_at
        if opens is not None and at < opens:
            return f"opens {self._day(opens)}{hidden}"
        if closes is not None and at >= closes:
            return f"closed {self._day(closes)}{hidden}"
        return f"sold out{hidden}"

    def window(self, opens: datetime | None, closes: datetime | None) -> str:
        if opens is None and closes is None:
            return "always"
        begin = f"from {self.moment(opens)}" if opens else ""
        end = f"until {self.moment(closes)}" if closes else ""
        return f"{begin} {end}".strip()

    def limits(self, limits: Limits) -> str:
        """How often a discount can be used."""
        if limits.type is RedemptionType.ONE_TIME:
            return "once"
        parts = [
            f"{limits.max_redemptions} times" if limits.max_redemptions else "",
            f"{limits.per_learner} per learner" if limits.per_learner else "",
        ]
        return ", ".join(part for part in parts if part) or "without limit"

    def scope(self, discount: Discount) -> str:
        scope = discount.scope
        if scope.everything:
            return "every product"
        named = [*sorted(map(str, scope.products)), *sorted(scope.courses)]
        programs = [f"{sku} and the runs of its courses" for sku in sorted(scope.programs)]
        return ", ".join((*named, *programs))

    def reduction(self, line: Line) -> str:
        taken = line.reduction
        return f"{taken.code}: {taken.saving}, −{self.money(taken.amount)}" if taken else ""

    def _day(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d}"
