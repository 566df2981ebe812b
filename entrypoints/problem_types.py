"""The public types of problems: one name for each error, on pages, in JSON and in commands."""

from __future__ import annotations

import re

from core.errors import ShopError

PROBLEM_TYPES = {
    "AlreadyReceived": "heard-before",
    "NothingToResolve": "nothing-to-attend",
    "OrdersUnderWay": "still-under-way",
    "RefundNotAccepted": "refund-failed",
    "RefundOutcomeUnknown": "refund-unknown",
    "RefundRequestIsAnswered": "request-is-answered",
    "UnknownInboxMessage": "unknown-message",
    "UnknownRefundRequest": "unknown-request",
}
"""Public problem types that differ from the error's name: clients rely on them."""


def type_of(error: ShopError) -> str:
    """The public type of a refusal, stable across releases: "order-cannot-move"."""
    name = type(error).__name__
    return PROBLEM_TYPES.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
