"""Selects many discounts: by code, by the prefix of codes, or by batch."""

from __future__ import annotations

import attrs

from core.discount_code import DiscountCode
from core.errors import Refused

LONGEST_BATCH = 100


@attrs.frozen
class NotABatch(Refused):
    text: str


@attrs.frozen
class SelectOneWay(Refused):
    """The selection names none, or more than one, of code, prefix and batch."""


def _normal(text: str) -> str:
    return text.strip().upper()


def batch_name(text: str) -> str:
    """Parse the name of a batch. Raises NotABatch."""
    name = " ".join(text.split())
    if not (name.isprintable() and 1 <= len(name) <= LONGEST_BATCH):
        raise NotABatch(text)
    return name


@attrs.frozen
class Selection:
    """The discount with one code, those whose codes have one prefix, or those of one batch."""

    code: DiscountCode | None = None
    prefix: str = attrs.field(default="", converter=_normal)
    batch: str | None = None

    def __attrs_post_init__(self) -> None:
        if sum((self.code is not None, bool(self.prefix), self.batch is not None)) != 1:
            raise SelectOneWay()

    def __str__(self) -> str:
        if self.code is not None:
            return f"the code {self.code}"
        return f"codes that begin with {self.prefix}" if self.prefix else f'batch "{self.batch}"'
