"""Codes of discounts and offers, and the purposes of discounts."""

from __future__ import annotations

import enum
import re

import attrs

from core.errors import Refused

# A code must work as a URL path segment, so "." and ".." are no codes.
_CODE = re.compile(r"(?!\.{1,2}$)[^\s/\\?#]{1,50}")


_SOURCE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")


@attrs.frozen
class NotACode(Refused):
    text: str


def _normal(text: str) -> str:
    return text.strip().upper()


@attrs.frozen(order=True)
class DiscountCode:
    """A discount code, stored in capitals without surrounding space."""

    text: str = attrs.field(converter=_normal, validator=attrs.validators.matches_re(_CODE))

    @classmethod
    def of(cls, text: str) -> DiscountCode:
        """Parse a code. Raises NotACode."""
        if not _CODE.fullmatch(_normal(text)):
            raise NotACode(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text


@attrs.frozen(order=True)
class OfferCode:
    """The code of a personal offer on lines and receipts: FINANCIAL-AID/DEDP-75.

    It consists of the source, a slash and the source's own name for the offer. Typed codes contain
    no slash, so the two cannot be confused.
    """

    source: str = attrs.field(converter=_normal, validator=attrs.validators.matches_re(_SOURCE))
    name: str = attrs.field(converter=_normal, validator=attrs.validators.matches_re(_CODE))

    @property
    def text(self) -> str:
        return f"{self.source}/{self.name}"

    def __str__(self) -> str:
        return self.text


def line_code(text: str) -> DiscountCode | OfferCode:
    """The code as it is stored with a line."""
    source, slash, name = text.partition("/")
    return OfferCode(source, name) if slash else DiscountCode(text)


class PaymentType(enum.Enum):
    """The purpose of a discount, for finance."""

    MARKETING = "marketing"
    SALES = "sales"
    FINANCIAL_ASSISTANCE = "financial-assistance"
    CUSTOMER_SUPPORT = "customer-support"
    STAFF = "staff"
    LEGACY = "legacy"
