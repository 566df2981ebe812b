"""Verb: check out, which makes an order from the basket as it was shown."""

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
"""How long a pending order holds its seats and codes, unless the settings say otherwise."""


@attrs.frozen
class TotalHasChanged(Conflict):
    """Prices moved between what the learner saw and what they confirmed; nothing was ordered."""

    confirmed: Money
    total: Money


@attrs.frozen
class RequestKeyReused(Conflict):
    reference: Reference


class AnotherOrderIsPending(Exception):
    """The learner's earlier order for something else; for this module alone."""

    def __init__(self, reference: Reference):
        super().__init__(reference)
        self.reference = reference


@attrs.frozen
class PlaceOrder:
    """What makes one placing of an order unique; made by the caller, so that it can be repeated."""

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
    """The order for the learner's basket, at the total they confirmed.

    The same request key gives the same order, and so does the same basket while its order is
    pending. An earlier pending order for something else is cancelled first, once the gateway has
    said that it was not paid. A total of nothing is paid at once. Raises TotalHasChanged,
    RequestKeyReused, StillChecking, BasketIsEmpty, PricingUnavailable, or why a line cannot be
    bought.
    """
    known = _Outside(tuple(rules), tuple(sources))
    while True:
        try:
            return _place(learner, confirmed, placing, begin=begin, now=now, hold=hold, known=known)
        except AnotherOrderIsPending as other:
            end_unpaid_order(
                other.reference,
                ChangeContext(now, Actor.learner(learner.id), "the basket was changed"),
                begin=begin,
                gateway=gateway,
            )


@attrs.frozen
class _Outside:
    """Who has a say in what is bought, and at what price, beside the shop's own records."""

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
    known: _Outside,
) -> Order:
    with begin() as work:
        standing = work.orders.standing(learner.id, placing.request_key)
        for order in standing:
            if order.request_key == placing.request_key:
                if order.total != confirmed:
                    raise RequestKeyReused(order.reference)
                return order
        basket = work.baskets.of(learner)
        quote = quote_basket(work, basket, now, rules=known.rules, sources=known.sources).sellable()
        for order in standing:
            if order.fingerprint == quote.fingerprint and order.total == confirmed:
                return order
        if quote.total != confirmed:
            raise TotalHasChanged(confirmed, quote.total)
        if standing:
            raise AnotherOrderIsPending(standing[0].reference)
        # Two check-outs of one learner meet here: the second finds a newer basket and reads again.
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
    # Seats before codes, as whoever gives them back does: two changes then wait in a line, and
    # not in a circle.
    transitions.record_placed(work, order)
    work.redemptions.reserve(quote.discounts, order.reference, learner, now)
    order = attrs.evolve(order, news=())
    if order.total:
        return order
    moment = ChangeContext(now, Actor.learner(learner), "nothing to pay")
    order = transitions.mark_paid(work, order, moment)
    work.orders.save(order)
    return order
