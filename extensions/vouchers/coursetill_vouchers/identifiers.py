"""Makes voucher ids. The rules get ids passed in."""

from __future__ import annotations

import secrets

from coursetill_vouchers.voucher import VoucherId

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Characters that are not confused when read aloud."""


def new_voucher_id() -> VoucherId:
    """12 characters with 58 random bits: short enough for a part of a code."""
    return VoucherId("".join(secrets.choice(_LETTERS) for _ in range(12)))
