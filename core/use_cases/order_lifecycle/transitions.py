"""Order transitions: placed, paid, ended unpaid, refunded, with seats, codes, lines and events.

Every use case that moves an order calls these functions, so that none forgets a seat or an event.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from core.change_context import ChangeContext
from core.messaging.outbox import Event, EventName, Json
from core.money import Money
from core.orders.line import Fulfilment, Line
from core.orders.order import Order
from core.orders.order_state import ENDED_UNPAID, OrderState
from core.products.product import Sku
from core.unit_of_work import UnitOfWork
from core.use_cases.order_lifecycle.notifications import queue_receipt, queue_refund_receipt
from core.use_cases.pricing.eligibility import AlreadyBought, bought_already


def record_placed(work: UnitOfWork, order: Order) -> None:
    """Take the seats of a new order and write the placed event. Raises SoldOut."""
    work.products.take_seats(order.skus)
    work.outbox.add(
        [_order_event(order, EventName.ORDER_PLACED, order.placed_at, key=order.reference)]
    )


def mark_paid(work: UnitOfWork, order: Order, context: ChangeContext) -> Order:
    """Mark the order paid and store the consequences; each line then awaits fulfilment.

    An order that had ended takes its seats and codes again first. Raises SoldOut, NotUsable or
    AlreadyBought if it cannot be delivered any more; the caller then refunds the payment.
    """
    if order.state in ENDED_UNPAID:
        _claim_again(work, order, context.at)
    else:
        _bought_once(work, order)
    order = order.moved_to(OrderState.PAID, at=context.at, by=context.by, why=context.why)
    order = order.with_lines(line.moved_to(Fulfilment.AWAITING) for line in order.lines)
    work.redemptions.redeem(order.reference, context.at)
    basket = work.baskets.of(order.learner)
    remaining = basket.without(*(line.sku for line in order.lines))
    for code in order.codes:
        remaining = remaining.without_code(code)
    if remaining != basket:
        work.baskets.save(remaining)
    work.outbox.add(
        [
            _order_event(order, EventName.ORDER_PAID, context.at, key=order.reference),
            *(
                _line_event(order, line, EventName.FULFILMENT_REQUESTED, context=context)
                for line in order.lines
            ),
        ]
    )
    queue_receipt(work, order, at=context.at)
    return order


def end_unpaid(
    work: UnitOfWork, order: Order, state: OrderState, *, context: ChangeContext
) -> Order:
    """End the order as declined, cancelled or expired; its seats and codes are released."""
    order = order.moved_to(state, at=context.at, by=context.by, why=context.why)
    work.products.release_seats(order.skus)
    work.redemptions.release(order.reference, context.at)
    name = EventName.ORDER_DECLINED if state is OrderState.DECLINED else EventName.ORDER_CANCELLED
    # A capture may revive the order, and a revived order never ends unpaid again: so each event id
    # is used once.
    work.outbox.add(
        [_order_event(order, name, context.at, key=order.reference, because=context.why)]
    )
    return order


def mark_refunded(
    work: UnitOfWork,
    order: Order,
    refund: str,
    *,
    amount: Money,
    lines: Iterable[Line],
    in_full: bool,
    context: ChangeContext,
) -> Order:
    """Store a refund on the order; `lines` are the refunded lines after the refund.

    A line with nothing left to refund is revoked and its seats are released. After a full refund
    every line is revoked and every code released.
    """
    order = order.with_lines(lines)
    target = OrderState.REFUNDED if in_full else OrderState.PARTIALLY_REFUNDED
    # A refund that failed late leaves a refunded order with a rest to refund again.
    if order.state in (target, OrderState.REFUNDED):
        order = order.noted(at=context.at, by=context.by, why=context.why)
    else:
        order = order.moved_to(target, at=context.at, by=context.by, why=context.why)
    work.outbox.add(
        [
            _order_event(
                order,
                EventName.ORDER_REFUNDED,
                context.at,
                key=f"{order.reference}/{refund}",
                refunded={"amount": amount.plain, "currency": amount.currency.code},
                because=context.why,
            )
        ]
    )
    if amount:
        queue_refund_receipt(work, order.reference, refund=refund, at=context.at)
    revoked = [line for line in order.lines if in_full or (line.due and line.refunded == line.due)]
    order = revoke_lines(work, order, revoked, context=context)
    if in_full:
        work.redemptions.release(order.reference, context.at)
    return order


def request_fulfilment_again(
    work: UnitOfWork, order: Order, line: Line, *, number: int, context: ChangeContext
) -> Order:
    """Request the fulfilment of one line again; `number` counts the requests.

    Each event has a new id: a receiver ignores an id that it knows.
    """
    if line.fulfilment is Fulfilment.FAILED:
        order = order.with_lines([line.moved_to(Fulfilment.AWAITING)])
    why = f"line {line.position} ({line.sku}) requested again: {context.why}"
    event = _line_event(order, line, EventName.FULFILMENT_REQUESTED, context=context)
    work.outbox.add([attrs.evolve(event, id=f"{event.id}/{number}")])
    return order.noted(at=context.at, by=context.by, why=why)


def revoke_lines(
    work: UnitOfWork, order: Order, lines: Iterable[Line], *, context: ChangeContext
) -> Order:
    """Revoke these lines of the order; lines that are revoked already are unchanged."""
    lines = [line for line in lines if line.fulfilment is not Fulfilment.REVOKED]
    if not lines:
        return order
    work.products.release_seats([sku for line in lines for sku in line.skus])
    for line in lines:
        order = order.with_fulfilment(
            line.position, Fulfilment.REVOKED, at=context.at, by=context.by, why=context.why
        )
    work.outbox.add(
        [
            _line_event(order, line, EventName.REVOCATION_REQUESTED, context=context)
            for line in lines
        ]
    )
    return order


def _bought_once(work: UnitOfWork, order: Order) -> None:
    """Raises AlreadyBought if another order of the learner has paid for the same meanwhile."""
    owned = work.orders.owned(order.learner.id, {line.sku for line in order.lines})
    for line in order.lines:
        if line.sku in owned:
            raise AlreadyBought(line.title, line.title, owned[line.sku])


def _claim_again(work: UnitOfWork, order: Order, at: datetime) -> None:
    skus = {line.sku for line in order.lines}
    products = work.products.among(skus)
    programs: set[Sku] = {sku for product in products.values() for sku in product.programs}
    owned = work.orders.owned(order.learner.id, skus | programs)
    for product in products.values():
        bought = bought_already(product, owned)
        if bought is not None:
            raise bought
    work.products.take_seats(order.skus)
    discounts = [work.discounts.get(code).discount for code in order.codes]
    work.redemptions.reserve(discounts, order.reference, order.learner.id, at)


def _order_event(order: Order, name: EventName, at: datetime, *, key: str, **more: Json) -> Event:
    body: dict[str, Json] = {
        "reference": order.reference,
        "state": order.state.value,
        "learner": _learner(order),
        "total": {"amount": order.total.plain, "currency": order.currency.code},
        "lines": tuple(_line(line) for line in order.lines),
        **more,
    }
    return Event(f"{key}/{name.value}", name, order.reference, at, body)


def _line_event(order: Order, line: Line, name: EventName, *, context: ChangeContext) -> Event:
    body: dict[str, Json] = {
        "reference": order.reference,
        "learner": _learner(order),
        "because": context.why,
        **_line(line),
    }
    key = f"{order.reference}/{line.position}/{name.value}"
    return Event(key, name, order.reference, context.at, body, line.position)


def _learner(order: Order) -> dict[str, Json]:
    learner = order.learner
    return {"id": learner.id, "email": learner.email, "name": learner.name}


def _line(line: Line) -> dict[str, Json]:
    return {
        "position": line.position,
        "sku": line.sku.text,
        "kind": line.kind,
        "readable_id": line.readable_id,
        "title": line.title,
        "paid": {"amount": line.due.plain, "currency": line.due.currency.code},
        "runs": tuple({"sku": run.sku.text, "readable_id": run.readable_id} for run in line.runs),
    }
