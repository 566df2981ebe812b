"""The states of an order and the transitions between them."""

from __future__ import annotations

import enum

from core.moves import CannotMove, Moves


class OrderState(enum.Enum):
    """The state of an order. Paid does not mean fulfilled: see Fulfilment."""

    PENDING = "pending"
    REVIEW = "review"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class OrderCannotMove(CannotMove):
    """The order's state does not allow this move."""


ORDER_MOVES: Moves[OrderState] = Moves(
    {
        OrderState.PENDING: frozenset(
            {
                OrderState.PAID,
                OrderState.REVIEW,
                OrderState.DECLINED,
                OrderState.CANCELLED,
                OrderState.EXPIRED,
            }
        ),
        OrderState.REVIEW: frozenset({OrderState.PAID, OrderState.CANCELLED}),
        OrderState.PAID: frozenset({OrderState.PARTIALLY_REFUNDED, OrderState.REFUNDED}),
        OrderState.PARTIALLY_REFUNDED: frozenset({OrderState.REFUNDED}),
        OrderState.REFUNDED: frozenset(),
        # Payments can be late: a capture may arrive after the order has ended.
        OrderState.DECLINED: frozenset({OrderState.PAID}),
        OrderState.CANCELLED: frozenset({OrderState.PAID}),
        OrderState.EXPIRED: frozenset({OrderState.PAID}),
    },
    OrderCannotMove,
)


STANDING = frozenset({OrderState.PAID, OrderState.PARTIALLY_REFUNDED})
"""States in which the learner owns the products."""


ENDED_UNPAID = frozenset({OrderState.DECLINED, OrderState.CANCELLED, OrderState.EXPIRED})
"""States in which seats and codes have been released."""


UNDECIDED = frozenset({OrderState.PENDING, OrderState.REVIEW})
"""States in which the order is unpaid and holds its seats and codes."""
