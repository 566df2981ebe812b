"""The reference of an order: its permanent name for people and systems."""

from __future__ import annotations

import re
from typing import NewType

import attrs

from core.errors import Refused

Reference = NewType("Reference", str)
"""The reference that is sent to the gateway and that the gateway repeats."""

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O and U, which are easily misheard or misread."""

_TAG = re.compile(r"[A-Z0-9]{1,12}", re.ASCII)
ENTROPY_BYTES = 8


@attrs.frozen
class NotATag(Refused):
    text: str


def reference_from(tag: str, entropy: bytes) -> Reference:
    """A new reference such as SHOP-7K3M-Q9XD-2FVT, from the shop's tag and 8 random bytes.

    60 of the 64 bits are used. Raises NotATag.
    """
    if not _TAG.fullmatch(tag):
        raise NotATag(tag)
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"a reference is made of {ENTROPY_BYTES} random bytes")
    number = int.from_bytes(entropy, "big")
    letters = "".join(_LETTERS[number >> (5 * place) & 31] for place in range(12))
    return Reference(f"{tag}-{letters[:4]}-{letters[4:8]}-{letters[8:]}")
