"""The states of an order, and the one table of moves between them."""

from __future__ import annotations

import enum

from core.moves import CannotMove, Moves


class OrderState(enum.Enum):
    """Where an order stands. Paid is not fulfilled: see Fulfilment for that."""

    PENDING = "pending"
    REVIEW = "review"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class OrderCannotMove(CannotMove):
    """An order cannot become what was wanted."""


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
        # Money moves late: a capture may still arrive after we have given an order up.
        OrderState.DECLINED: frozenset({OrderState.PAID}),
        OrderState.CANCELLED: frozenset({OrderState.PAID}),
        OrderState.EXPIRED: frozenset({OrderState.PAID}),
    },
    OrderCannotMove,
)


STANDING = frozenset({OrderState.PAID, OrderState.PARTIALLY_REFUNDED})
"""States in which the learner owns what was bought."""


ENDED_UNPAID = frozenset({OrderState.DECLINED, OrderState.CANCELLED, OrderState.EXPIRED})
"""States in which seats and codes have been given back."""


UNDECIDED = frozenset({OrderState.PENDING, OrderState.REVIEW})
"""States in which nobody has paid yet, and seats and codes are held."""
