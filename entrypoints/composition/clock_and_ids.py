"""New ids and the current time. The core never makes them itself."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from uuid import uuid4

from core.discount_code import DiscountCode
from core.discounts.discount import DiscountId
from core.order_reference import ENTROPY_BYTES, Reference, reference_from
from core.orders.refund_request import RefundRequestId
from core.payments.attempt import AttemptId
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


def new_request_id() -> RefundRequestId:
    return RefundRequestId(uuid4().hex)


CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The letters of generated codes, without those that are easy to confuse in print or by phone."""

_EACH = 256 // len(CODE_LETTERS)
_LETTER_OF = (CODE_LETTERS.encode() * (_EACH + 1))[:256]
_SPARE_BYTES = bytes(range(_EACH * len(CODE_LETTERS), 256))
"""Random bytes that are rejected, so that every letter is equally likely."""


def new_code(prefix: str, length: int) -> DiscountCode:
    """A discount code that cannot be guessed: SPRING-7K3M-Q9XD-2FVT. Raises NotACode.

    Each letter adds 4.9 bits of randomness.
    """
    letters = ""
    while len(letters) < length:
        letters += secrets.token_bytes(2 * length).translate(_LETTER_OF, _SPARE_BYTES).decode()
    groups = (letters[start : min(start + 4, length)] for start in range(0, length, 4))
    return DiscountCode.of("-".join([*filter(None, [prefix.strip().strip("-")]), *groups]))


def new_key() -> str:
    """A request key or a visitor's id: 128 random bits."""
    return secrets.token_hex(16)
