"""One line of a quote."""

from __future__ import annotations

import attrs

from core.baskets.basket import Item
from core.discounts.pricing import PricedLine
from core.errors import Refused
from core.money import Money
from core.orders.line import Line, SoldRun
from core.products.product import CourseRun, Product, Program


@attrs.frozen
class QuotedLine:
    """One basket item: its price now, or why it cannot be bought.

    `owned_runs` are picked runs that the learner owns already. That does not forbid buying, but the
    pages say so before payment.
    """

    item: Item
    product: Product
    runs: tuple[Product, ...]
    priced: PricedLine
    why_not: Refused | None
    owned_runs: tuple[Product, ...] = ()

    @property
    def due(self) -> Money:
        return self.priced.due

    @property
    def price_was(self) -> Money | None:
        """The list price when the item was added, if it has changed since."""
        changed = self.item.seen_price != self.product.price
        return self.item.seen_price if changed else None

    def sold(self, position: int) -> Line:
        """This line as an order line: a copy of everything that was shown."""
        product, sells = self.product, self.product.sells
        run = sells if isinstance(sells, CourseRun) else None
        return Line(
            position=position,
            sku=product.sku,
            readable_id=product.readable_id,
            title=product.title,
            kind="program" if isinstance(sells, Program) else "course-run",
            price_version=product.price_version.number,
            list_price=self.priced.list_price,
            reduction=self.priced.reduction,
            due=self.priced.due,
            runs=tuple(_sold_run(run) for run in self.runs),
            starts_at=run.starts_at if run else None,
            ends_at=run.ends_at if run else None,
        )


def _sold_run(run: Product) -> SoldRun:
    sells = run.sells
    starts, ends = (
        (sells.starts_at, sells.ends_at) if isinstance(sells, CourseRun) else (None, None)
    )
    return SoldRun(run.sku, run.readable_id, run.title, starts, ends)
