"""Names that staff type (skus, codes, references): how they begin, and which is nearly right."""

from __future__ import annotations

import enum
import string
from collections.abc import Collection
from typing import Protocol

LONGEST = 60
"""A longer text is no name of ours, and is like none."""

FEW = 5

_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_ALIKE = str.maketrans("OILU", "011V")
"""What a reference never has in it, and what was meant."""


class NameKind(enum.Enum):
    """The kinds of things that have names."""

    PRODUCT = "sku"
    DISCOUNT = "code"
    ORDER = "reference"

    def written(self, text: str) -> str:
        """The name as it is kept: skus alone are told apart by case."""
        text = text.strip()
        return text if self is NameKind.PRODUCT else text.upper()


class NameLookup(Protocol):
    """Every name there is: found without reading what they stand for."""

    def beginning(self, kind: NameKind, start: str, limit: int, /) -> tuple[str, ...]:
        """Names that begin so, sorted.

        Where there are more than limit, the first of them and the very last: what those have in
        common, all have in common.
        """
        ...

    def there(self, kind: NameKind, names: Collection[str], /) -> frozenset[str]:
        """Those of names that are the name of something."""
        ...


def did_you_mean(kind: NameKind, typed: str, names: NameLookup) -> tuple[str, ...]:
    """The few names that somebody may have meant who typed this: one slip away, or longer."""
    text = kind.written(typed)
    if not 0 < len(text) <= LONGEST:
        return ()
    close = names.there(kind, within_edit_distance_one(kind, text)) or names.beginning(
        kind, text, FEW
    )
    return tuple(sorted(close)[:FEW])


def within_edit_distance_one(kind: NameKind, text: str) -> frozenset[str]:
    """Every text with one letter left out, put in, changed, or two of them exchanged.

    So the nearest names are looked up, however many there are, and none of them is read through.
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
    """The reference with the letters that were meant, and with its hyphens."""
    tag, hyphen, rest = reference.partition("-")
    told = {f"{tag}{hyphen}{rest.translate(_ALIKE)}"}
    bare = reference.replace("-", "").replace(" ", "")
    tag, rest = bare[:-12], bare[-12:].translate(_ALIKE)
    return told | {f"{tag}-{rest[:4]}-{rest[4:8]}-{rest[8:]}"}


def after_all_with(prefix: str) -> str | None:
    """The first text, by code point, after every one that begins with prefix; None for none.

    So "begins with" is a range that any index of the texts can answer.
    """
    for end in range(len(prefix), 0, -1):
        following = ord(prefix[end - 1]) + 1
        if following in _SURROGATES:
            following = _SURROGATES.stop
        if following <= _LAST:
            return prefix[: end - 1] + chr(following)
    return None
