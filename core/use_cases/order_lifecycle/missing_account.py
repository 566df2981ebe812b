"""Flags and texts for payments whose account is no longer configured."""

from __future__ import annotations

from core.change_context import ChangeContext
from core.orders.order import Order
from core.orders.order_state import OrderState
from core.payments.account import GatewayAccount
from core.payments.retry_schedule import LONGEST_WAIT


def account_is_missing(account: GatewayAccount) -> str:
    """The note on an attempt or refund that waits for its account.

    It stays after staff have resolved the order's flag, so that no later round flags it again.
    """
    return f"the payment account {account} is not configured any more"


def flag_missing_account(order: Order, problem: str, context: ChangeContext) -> Order:
    """Flag the order with what cannot be done; `moment.why` is the reason."""
    return order.flagged(f"{problem}: {context.why}", at=context.at, by=context.by)


def held_for_missing_account(order: Order, context: ChangeContext) -> Order:
    """Extend the order's hold, so that the orders behind it in the queue can expire."""
    due = order.state is OrderState.PENDING and order.held_until <= context.at
    return order.held(context.at + LONGEST_WAIT) if due else order
