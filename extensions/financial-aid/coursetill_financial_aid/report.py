"""The report of reductions by financial aid, from the lines of paid orders."""

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
    """The sum of the reductions by one code, and the number of lines."""

    code: str
    lines: int
    amount: Money


def given_away(read: Begin) -> tuple[AidGranted, ...]:
    """Reductions by code and currency. Fully refunded orders are not counted."""
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
            search = OrderSearch(state=state, lowered_by=SOURCE, limit=PAGE)
            while page := work.orders.search(search):
                yield from page
                last = page[-1]
                search = attrs.evolve(search, before=(last.placed_at, last.reference))
