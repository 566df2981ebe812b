"""Lookup of skus, codes and references that staff type: by prefix, or with one typing error."""

from __future__ import annotations

import enum
import string
from collections.abc import Collection
from typing import Protocol

LONGEST = 60
"""The longest possible name; longer texts match nothing."""

FEW = 5

_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_ALIKE = str.maketrans("OILU", "011V")
"""Letters that a reference never contains, and the characters they were probably meant to be."""


class NameKind(enum.Enum):
    """The kinds of names."""

    PRODUCT = "sku"
    DISCOUNT = "code"
    ORDER = "reference"

    def written(self, text: str) -> str:
        """The name as it is stored. Only skus are case-sensitive."""
        text = text.strip()
        return text if self is NameKind.PRODUCT else text.upper()


class NameLookup(Protocol):
    """The port to all names. It reads names only, not the records behind them."""

    def beginning(self, kind: NameKind, start: str, limit: int, /) -> tuple[str, ...]:
        """Names that start with `start`, sorted.

        If there are more than `limit`, the result is the first ones and the very last one: a prefix
        that these share is shared by all.
        """
        ...

    def there(self, kind: NameKind, names: Collection[str], /) -> frozenset[str]:
        """The names that exist, of those given."""
        ...


def did_you_mean(kind: NameKind, typed: str, names: NameLookup) -> tuple[str, ...]:
    """A few names that `typed` may mean: within edit distance 1, or else longer names."""
    text = kind.written(typed)
    if not 0 < len(text) <= LONGEST:
        return ()
    close = names.there(kind, within_edit_distance_one(kind, text)) or names.beginning(
        kind, text, FEW
    )
    return tuple(sorted(close)[:FEW])


def within_edit_distance_one(kind: NameKind, text: str) -> frozenset[str]:
    """Every text within edit distance 1: one letter removed, added or changed, or two exchanged.

    So the lookup asks for these few names and need not scan all names.
    """
    letters = string.ascii_uppercase + string.digits + "-._"
    if kind is NameKind.PRODUCT:
        letters += string.ascii_lowercase
    halves = [(text[:n], text[n:]) for n in range(len(text) + 1)]
    slips = {f"{a}{b[1:]}" for a, b in halves if b}
    slips |= {f"{a}{b[1]}{b[0]}{b[2:]}" for a, b in halves if len(b) > 1}
    slips |= {f"{a}{letter}{b[1:]}" for a, b in halves if b for letter in letters}
    slips |= {f"{a}{letter}{b}" for a, b in halves for letter in letters}
    if kind is NameKind.ORDER:
        slips |= _misread(text)
    return frozenset(slips - {text, ""})


def _misread(reference: str) -> set[str]:
    """The reference with misread letters replaced, and with its hyphens."""
    tag, hyphen, rest = reference.partition("-")
    corrected = {f"{tag}{hyphen}{rest.translate(_ALIKE)}"}
    compact = reference.replace("-", "").replace(" ", "")
    tag, rest = compact[:-12], compact[-12:].translate(_ALIKE)
    return corrected | {f"{tag}-{rest[:4]}-{rest[4:8]}-{rest[8:]}"}


def after_all_with(prefix: str) -> str | None:
    """The first text, by code point, after all texts that start with `prefix`, or None.

    So "starts with" becomes a range that any sorted index can answer.
    """
    for end in range(len(prefix), 0, -1):
        following = ord(prefix[end - 1]) + 1
        if following in _SURROGATES:
            following = _SURROGATES.stop
        if following <= _LAST:
            return prefix[: end - 1] + chr(following)
    return None
