"""Use case: check out, which makes an order from the basket as the review page showed it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from core.change_context import ChangeContext
from core.discounts.personal_offers import PriceSource
from core.errors import Conflict
from core.identity import Actor, Learner
from core.money import Money
from core.order_reference import Reference
from core.orders.order import Order
from core.payments.gateway import PaymentGateway
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict
from core.use_cases.checkout.cancel_order import end_unpaid_order
from core.use_cases.order_lifecycle import transitions
from core.use_cases.pricing.eligibility import PurchaseRule
from core.use_cases.pricing.quote import Quote, quote_basket

HOLD = timedelta(minutes=30)
"""Default time for which a pending order holds its seats and codes."""


@attrs.frozen
class TotalHasChanged(Conflict):
    """Prices changed after the learner saw the review page; no order was placed."""

    confirmed: Money
    total: Money


@attrs.frozen
class RequestKeyReused(Conflict):
    reference: Reference


class AnotherOrderIsPending(Exception):
    """Internal to this module: the learner has an earlier pending order for something else."""

    def __init__(self, reference: Reference):
        super().__init__(reference)
        self.reference = reference


@attrs.frozen
class PlaceOrder:
    """Identifies one placing of an order. The caller makes it, so that a repetition is safe."""

    request_key: str = attrs.field(
        validator=[attrs.validators.min_len(8), attrs.validators.max_len(64)]
    )
    reference: Reference


def place_order(
    learner: Learner,
    confirmed: Money,
    placing: PlaceOrder,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
    hold: timedelta = HOLD,
    rules: Iterable[PurchaseRule] = (),
    sources: Iterable[PriceSource] = (),
) -> Order:
    """Place an order for the learner's basket, at the total that they confirmed.

    The same request key gives the same order; so does the same basket while its order is pending.
    An earlier pending order for another basket is cancelled first, after the gateway said that it
    is unpaid. A total of 0 is paid at once. Raises TotalHasChanged, RequestKeyReused,
    StillChecking, BasketIsEmpty, PricingUnavailable, or the refusal of a line.
    """
    host = _HostRules(tuple(rules), tuple(sources))
    while True:
        try:
            return _place(learner, confirmed, placing, begin=begin, now=now, hold=hold, host=host)
        except AnotherOrderIsPending as other:
            end_unpaid_order(
                other.reference,
                ChangeContext(now, Actor.learner(learner.id), "the basket was changed"),
                begin=begin,
                gateway=gateway,
            )


@attrs.frozen
class _HostRules:
    """The host's rules and price sources, beside the shop's own records."""

    rules: tuple[PurchaseRule, ...]
    sources: tuple[PriceSource, ...]


@repeated_on_conflict
def _place(
    learner: Learner,
    confirmed: Money,
    placing: PlaceOrder,
    *,
    begin: Begin,
    now: datetime,
    hold: timedelta,
    host: _HostRules,
) -> Order:
    with begin() as work:
        standing = work.orders.standing(learner.id, placing.request_key)
        for order in standing:
            if order.request_key == placing.request_key:
                if order.total != confirmed:
                    raise RequestKeyReused(order.reference)
                return order
        basket = work.baskets.of(learner)
        quote = quote_basket(work, basket, now, rules=host.rules, sources=host.sources).sellable()
        for order in standing:
            if order.fingerprint == quote.fingerprint and order.total == confirmed:
                return order
        if quote.total != confirmed:
            raise TotalHasChanged(confirmed, quote.total)
        if standing:
            raise AnotherOrderIsPending(standing[0].reference)
        # Concurrent check-outs of one learner conflict here: the second one starts again.
        work.baskets.save(basket)
        order = _ordered(quote, learner, placing, now=now, held_until=now + hold)
        order = _stored(work, order, quote)
        work.commit()
        return order


def _ordered(
    quote: Quote, learner: Learner, placing: PlaceOrder, *, now: datetime, held_until: datetime
) -> Order:
    order = Order(
        reference=placing.reference,
        learner=learner,
        placed_at=now,
        held_until=held_until,
        lines=tuple(line.sold(n) for n, line in enumerate(quote.lines, start=1)),
        request_key=placing.request_key,
        fingerprint=quote.fingerprint,
    )
    if order.total != quote.total:
        raise ValueError(f"{order.reference} is due {order.total}, but {quote.total} was quoted")
    return order.placed(Actor.learner(learner.id))


def _stored(work: UnitOfWork, order: Order, quote: Quote) -> Order:
    learner, now = order.learner.id, order.placed_at
    work.orders.add(order)
    # Take seats before codes, in the order in which they are released, to prevent deadlock.
    transitions.record_placed(work, order)
    work.redemptions.reserve(quote.discounts, order.reference, learner, now)
    order = attrs.evolve(order, news=())
    if order.total:
        return order
    context = ChangeContext(now, Actor.learner(learner), "nothing to pay")
    order = transitions.mark_paid(work, order, context)
    work.orders.save(order)
    return order
