"""What financial aid took off: read from the lines of paid orders, which keep it for good."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import attrs

from core.money import Currency, Money
from core.orders.line import Reduction
from core.orders.order import Order, OrderSearch
from core.orders.order_state import STANDING
from core.unit_of_work import Begin
from coursetill_financial_aid.tiers import SOURCE

PAGE = 500


@attrs.frozen
class AidGranted:
    """What one code took off, over so many lines."""

    code: str
    lines: int
    amount: Money


def given_away(read: Begin) -> tuple[AidGranted, ...]:
    """By code and currency: what stands taken off. Orders that were refunded wholly count not."""
    found: dict[tuple[str, Currency], list[Money]] = defaultdict(list)
    for reduction in _reductions(read):
        found[reduction.code.text, reduction.amount.currency].append(reduction.amount)
    return tuple(
        AidGranted(code, len(amounts), sum(amounts, start=Money(0, currency)))
        for (code, currency), amounts in sorted(found.items(), key=lambda each: each[0][0])
    )


def _reductions(read: Begin) -> Iterator[Reduction]:
    for order in _orders(read):
        for line in order.lines:
            if line.reduction and line.reduction.code.text.startswith(f"{SOURCE.upper()}/"):
                yield line.reduction


def _orders(read: Begin) -> Iterator[Order]:
    with read() as work:
        for state in sorted(STANDING, key=lambda state: state.value):
            wanted = OrderSearch(state=state, lowered_by=SOURCE, limit=PAGE)
            while page := work.orders.search(wanted):
                yield from page
                last = page[-1]
                wanted = attrs.evolve(wanted, before=(last.placed_at, last.reference))
