"""What an order's page says for each state, and what the learner can do."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import assert_never

import attrs

from core.orders.line import Fulfilment
from core.orders.order_state import ENDED_UNPAID, OrderState
from core.payments.attempt import Attempt, AttemptState
from core.payments.refund import RefundState
from core.use_cases.order_lifecycle.order_details import OrderDetails
from entrypoints.web.template_filters import with_full_stop

FIRST_LOOK, LAST_LOOK = timedelta(seconds=4), timedelta(minutes=2)

IN_REVIEW = (
    "The payment service looks at this payment first, which takes up to one working day.",
    "There is nothing for you to do. Please do not pay again: you will not be charged twice.",
    "Your seats are kept until it is decided. This page shows the decision.",
)

CHECKING = (
    "The answer of the payment service got lost on its way, so we ask it how the payment ended.",
    "Please do not pay again. Your order and its seats are kept meanwhile.",
    "This page looks again by itself. You can close it: the order goes on without it.",
)

NOT_YET_HEARD = (
    "If you have just paid, we hear of it in a minute at most, and this page shows it.",
    "If you have not, you can go on. You will not be charged twice.",
)


class Tone(enum.Enum):
    """The semantic colour of the first line. The words say the same."""

    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"
    QUIET = "quiet"


@attrs.frozen
class OrderStanding:
    """The content for one state. `refresh` is the seconds until the page reloads by itself."""

    tone: Tone
    heading: str
    text: tuple[str, ...]
    pay: str | None = None
    cancel: bool = False
    ask: bool = False
    refresh: int | None = None
    receipt: bool = False
    basket: bool = False


def order_standing(known: OrderDetails, now: datetime) -> OrderStanding:
    """The state of this order at that moment, for its page."""
    order = known.order
    match order.state:
        case OrderState.PENDING if known.checking:
            return _checking(known, now)
        case OrderState.PENDING:
            return _pending(known, now)
        case OrderState.REVIEW:
            return OrderStanding(
                Tone.WAITING,
                "Your payment is held for review",
                IN_REVIEW,
                ask=True,
            )
        case OrderState.PAID:
            return _paid(known)
        case OrderState.PARTIALLY_REFUNDED | OrderState.REFUNDED:
            return _refunded(known)
        case OrderState.DECLINED | OrderState.CANCELLED | OrderState.EXPIRED:
            return _given_up(known)
        case _:
            assert_never(order.state)


def _checking(known: OrderDetails, now: datetime) -> OrderStanding:
    attempt = next(a for a in known.attempts if a.in_doubt)
    return OrderStanding(
        Tone.WAITING,
        "We are checking your payment. You will not be charged twice.",
        CHECKING,
        ask=True,
        refresh=_look_again(attempt, now),
    )


def _look_again(attempt: Attempt, now: datetime) -> int:
    """Seconds until the next reload: a third of the time that has passed."""
    passed = now - (attempt.sent_at or attempt.opened_at)
    return int(min(max(passed / 3, FIRST_LOOK), LAST_LOOK).total_seconds())


def _pending(known: OrderDetails, now: datetime) -> OrderStanding:
    last = known.latest_attempt
    match last.state if last else None:
        case AttemptState.DECLINED:
            why = last.reason if last and last.reason else "The bank did not say why"
            return OrderStanding(
                Tone.BAD,
                "Your card was declined. Nothing was charged.",
                (with_full_stop(why),),
                pay="Try another card",
                cancel=True,
            )
        case AttemptState.ERROR:
            return OrderStanding(
                Tone.BAD,
                "The payment did not go through. Nothing was charged.",
                ("The payment service could not carry it out. You can try again now.",),
                pay="Try again",
                cancel=True,
            )
        case AttemptState.OPEN if last and last.unattended:
            return OrderStanding(
                Tone.WAITING,
                "This order is not paid yet",
                NOT_YET_HEARD,
                pay=f"Pay {known.order.total}",
                cancel=True,
                ask=True,
                refresh=_look_again(last, now),
            )
        case _:
            return OrderStanding(
                Tone.WAITING,
                "This order is not paid yet",
                (),
                pay=f"Pay {known.order.total}",
                cancel=True,
            )


def _paid(known: OrderDetails) -> OrderStanding:
    order = known.order
    failed = any(line.fulfilment is Fulfilment.FAILED for line in order.lines)
    waits = any(line.fulfilment is Fulfilment.AWAITING for line in order.lines)
    if failed:
        then = (
            "We could not enrol you in everything yet. Somebody is looking at it; "
            "you need not do anything, and your payment is safe."
        )
    elif waits:
        then = "We are enrolling you now. That takes a few minutes at most."
    else:
        then = "You are enrolled. You find your courses on your dashboard when they start."
    heading = f"You have paid {order.total}" if order.total else "It is yours: nothing to pay"
    return OrderStanding(Tone.GOOD, heading, (then,), receipt=True)


def _refunded(known: OrderDetails) -> OrderStanding:
    back = "Refunds arrive on the card that paid, usually within five working days."
    total, given = known.order.total, known.refunded
    on_the_way = any(r.state in (RefundState.REQUESTED, RefundState.UNKNOWN) for r in known.refunds)
    if known.order.state is OrderState.REFUNDED:
        if not total:
            return OrderStanding(Tone.QUIET, "This order was taken back", (), receipt=True)
        heading = f"This order is refunded: {given or total}"
        text = "You no longer have access to what it was for."
        return OrderStanding(Tone.QUIET, heading, (text, back), receipt=True)
    heading = f"Partly refunded: {given} of {total}"
    more = ("Another refund is being sent.",) if on_the_way else ()
    return OrderStanding(Tone.GOOD, heading, (back, *more), receipt=True)


GIVEN_UP_WORDS = {
    OrderState.DECLINED: (
        "Your payment was declined, and the order is closed",
        "No card was accepted. Nothing was charged.",
    ),
    OrderState.CANCELLED: ("This order is cancelled", "Nothing was charged."),
    OrderState.EXPIRED: (
        "This order has expired",
        "It was not paid in time, so its seats and codes went back. Nothing was charged.",
    ),
}


def _given_up(known: OrderDetails) -> OrderStanding:
    heading, text = GIVEN_UP_WORDS[known.order.state]
    if any(refund.overpayment for refund in known.refunds):
        text = (
            "A payment for it arrived after that, and could no longer be used. "
            "We give the whole amount back to your card."
        )
    then = "What you chose is still in your basket, unless you took it out."
    return OrderStanding(Tone.BAD, heading, (text, then), basket=True)


def too_much_paid(known: OrderDetails) -> bool:
    """Whether an overpayment arrived that goes back."""
    return known.order.state not in ENDED_UNPAID and any(r.overpayment for r in known.refunds)
