"""New ids of vouchers, which the rules never make up themselves."""

from __future__ import annotations

import secrets

from coursetill_vouchers.voucher import VoucherId

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None that is taken for another when it is read out."""


def new_voucher_id() -> VoucherId:
    """12 characters, 58 random bits: short enough to be a part of a code."""
    return VoucherId("".join(secrets.choice(_LETTERS) for _ in range(12)))
