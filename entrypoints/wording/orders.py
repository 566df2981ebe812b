"""Sentences about orders: placing, changing, lines, letters and people."""

from __future__ import annotations

from core.orders.line import FulfilmentCannotMove
from core.orders.order import (
    BoughtByAnotherOrder,
    OrderExists,
    OrderHasChanged,
    UnknownLine,
    UnknownOrder,
)
from core.orders.order_state import STANDING, OrderCannotMove
from core.use_cases.back_office.order_actions import (
    NothingToResolve,
    NotToBeCancelled,
    NotToBeFulfilled,
)
from core.use_cases.checkout.place_order import RequestKeyReused, TotalHasChanged
from core.use_cases.order_lifecycle.notifications import NothingPaidYet
from core.use_cases.privacy.erase_person import OrdersUnderWay
from entrypoints.wording.sentences import Entries, Wording, error


def _not_to_be_cancelled(refused: NotToBeCancelled, words: Wording) -> str:
    template = "Order {reference} is {state}, so it cannot be cancelled"
    if refused.state in STANDING:
        template = (
            "Order {reference} is {state}, so it cannot be cancelled. "
            "Give its money back with a refund"
        )
    return words.say(template, reference=refused.reference, state=refused.state)


ORDERS: Entries = (
    error(UnknownOrder, "unknown-order", "There is no order {reference}"),
    error(OrderExists, "order-exists", "This order was placed already"),
    error(
        OrderHasChanged,
        "order-has-changed",
        "Order {reference} was changed at the same moment. Please look again",
    ),
    error(
        BoughtByAnotherOrder,
        "bought-by-another-order",
        "One of these products was bought already, by another order",
    ),
    error(UnknownLine, "unknown-line", "Order {reference} has no line {position}"),
    error(
        OrderCannotMove,
        "order-cannot-move",
        "Order {subject} cannot become {wanted}: it is {state}",
    ),
    error(
        FulfilmentCannotMove,
        "fulfilment-cannot-move",
        "{subject} is {state}, so it cannot become {wanted}",
    ),
    error(
        TotalHasChanged,
        "total-has-changed",
        "The total is now {total}; it was {confirmed} when you last saw it. "
        "Nothing was ordered or charged. Look through your basket and confirm the new total",
    ),
    error(
        RequestKeyReused,
        "request-key-reused",
        "This form has placed order {reference} already. Start again from your basket",
    ),
    error(
        NothingToResolve,
        "nothing-to-attend",
        "Order {reference} needs no attention: there is nothing to clear",
    ),
    error(NotToBeCancelled, "not-to-be-cancelled", _not_to_be_cancelled),
    error(
        NotToBeFulfilled,
        "not-to-be-fulfilled",
        "Line {position} of order {reference} is not asked for again: {why}",
    ),
    error(
        NothingPaidYet,
        "nothing-paid-yet",
        "Order {reference} is {state}: there is no receipt of it",
    ),
    error(
        OrdersUnderWay,
        "still-under-way",
        "Nothing was erased: {what} of order {reference} is still under way",
    ),
)
