"""New ids and the time: what the core is told, and never makes up itself."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from uuid import uuid4

from core.discounts.discount import DiscountId
from core.orders.reference import ENTROPY_BYTES, reference_from
from core.orders.refund_request import RequestId
from core.payments.attempt import AttemptId, Reference
from core.payments.refund import RefundId


def now() -> datetime:
    return datetime.now(UTC)


def new_reference(tag: str) -> Reference:
    return reference_from(tag, secrets.token_bytes(ENTROPY_BYTES))


def new_attempt_id() -> AttemptId:
    """26 characters: 'A' and 100 random bits; a gateway takes 30 at most."""
    return AttemptId("A" + secrets.token_hex(13).upper()[:25])


def new_refund_id() -> RefundId:
    return RefundId("R" + secrets.token_hex(13).upper()[:25])


def new_discount_id() -> DiscountId:
    return DiscountId(uuid4().hex)


def new_request_id() -> RequestId:
    return RequestId(uuid4().hex)


def new_key() -> str:
    """A request key or a visitor's id: 128 random bits."""
    return secrets.token_hex(16)
