"""An order's reference: what it is known by, everywhere and for ever."""

from __future__ import annotations

import re
from typing import NewType

import attrs

from core.errors import Refused

Reference = NewType("Reference", str)
"""What is paid for, in the words that the gateway repeats back to us."""

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U to mishear or misread over the phone."""

_TAG = re.compile(r"[A-Z0-9]{1,12}", re.ASCII)
ENTROPY_BYTES = 8


@attrs.frozen
class NotATag(Refused):
    text: str


def reference_from(tag: str, entropy: bytes) -> Reference:
    """A new reference such as SHOP-7K3M-Q9XD-2FVT from the shop's tag and 8 random bytes.

    60 of the 64 bits are used. Raises NotATag.
    """
    if not _TAG.fullmatch(tag):
        raise NotATag(tag)
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"a reference is made of {ENTROPY_BYTES} random bytes")
    number = int.from_bytes(entropy, "big")
    letters = "".join(_LETTERS[number >> (5 * place) & 31] for place in range(12))
    return Reference(f"{tag}-{letters[:4]}-{letters[4:8]}-{letters[8:]}")
