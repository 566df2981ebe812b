"""Codes of discounts and offers, and why a discount exists."""

from __future__ import annotations

import enum
import re

import attrs

from core.errors import Refused

# What could not stand in a link as a part of its path is no code: not even dots alone.
_CODE = re.compile(r"(?!\.{1,2}$)[^\s/\\?#]{1,50}")


_SOURCE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")


@attrs.frozen
class NotACode(Refused):
    text: str


def _normal(text: str) -> str:
    return text.strip().upper()


@attrs.frozen(order=True)
class DiscountCode:
    """A discount's code, kept in capitals and without the space around it."""

    text: str = attrs.field(converter=_normal, validator=attrs.validators.matches_re(_CODE))

    @classmethod
    def of(cls, text: str) -> DiscountCode:
        """The code a person wrote. Raises NotACode."""
        if not _CODE.fullmatch(_normal(text)):
            raise NotACode(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text


@attrs.frozen(order=True)
class OfferCode:
    """What a personal offer is called on lines and receipts: FINANCIAL-AID/DEDP-75.

    Its source, a slash, and the source's own name for it. No code that a learner types has a slash
    in it, so that neither is ever taken for the other.
    """

    source: str = attrs.field(converter=_normal, validator=attrs.validators.matches_re(_SOURCE))
    name: str = attrs.field(converter=_normal, validator=attrs.validators.matches_re(_CODE))

    @property
    def text(self) -> str:
        return f"{self.source}/{self.name}"

    def __str__(self) -> str:
        return self.text


def line_code(text: str) -> DiscountCode | OfferCode:
    """The code that a line was kept with."""
    source, slash, name = text.partition("/")
    return OfferCode(source, name) if slash else DiscountCode(text)


class PaymentType(enum.Enum):
    """Why the discount exists, for finance."""

    MARKETING = "marketing"
    SALES = "sales"
    FINANCIAL_ASSISTANCE = "financial-assistance"
    CUSTOMER_SUPPORT = "customer-support"
    STAFF = "staff"
    LEGACY = "legacy"
