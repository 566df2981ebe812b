"""What staff are told where a payment's account is not configured any more."""

from __future__ import annotations

from core.change_context import ChangeContext
from core.orders.order import Order
from core.orders.order_state import OrderState
from core.payments.account import GatewayAccount
from core.payments.retry_schedule import LONGEST_WAIT


def account_is_missing(account: GatewayAccount) -> str:
    """The note on an attempt or refund that waits for its account; by it an order is flagged once.

    It stays after staff have resolved the flag, so that no later round raises the flag again.
    """
    return f"the payment account {account} is not configured any more"


def flag_missing_account(order: Order, told: str, moment: ChangeContext) -> Order:
    """The order flagged with what cannot be found out or done, and `moment.why` as the reason."""
    return order.flagged(f"{told}: {moment.why}", at=moment.at, by=moment.by)


def held_for_missing_account(order: Order, moment: ChangeContext) -> Order:
    """The order held a while longer, so that those behind it have their turn to expire."""
    due = order.state is OrderState.PENDING and order.held_until <= moment.at
    return order.held(moment.at + LONGEST_WAIT) if due else order
