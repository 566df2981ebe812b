"""Yearly household incomes in any currency, and their conversion to US dollars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs

from core.errors import Refused
from core.money import Currency, Money

DOLLARS = "USD"

# Whole units. Groups of two digits are Indian notation: 12,50,000.
_WRITTEN = re.compile(r"\d{1,12}|\d{1,3}(?:[ ,’']\d{2,3}){0,4}[ ,’']\d{3}", re.ASCII)
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)
_PER_DOLLAR = re.compile(r"(\d{1,7})(?:\.(\d{1,6}))?", re.ASCII)
_LEAST_RATE = 1000
"""Millionths. With this scale the largest income still fits into a database integer."""


@attrs.frozen
class NotAnIncome(Refused):
    text: str


@attrs.frozen
class NotACurrency(Refused):
    text: str


@attrs.frozen
class NotARate(Refused):
    text: str


@attrs.frozen
class NoRate(Refused):
    """There is no rate for this currency."""

    currency: str


def currency_code(text: str) -> str:
    """Parse an ISO 4217 code. Raises NotACurrency."""
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise NotACurrency(text)
    return code


@attrs.frozen
class Income:
    """Whole units of a currency a year. Digits after the decimal point are dropped."""

    units: int = attrs.field(validator=attrs.validators.ge(0))
    currency: str

    @classmethod
    def of(cls, text: str, currency: str) -> Income:
        """Parse an income, with or without digit groups.

        Raises NotAnIncome or NotACurrency.
        """
        code, written = currency_code(currency), text.strip()
        if not _WRITTEN.fullmatch(written):
            raise NotAnIncome(text)
        digits = re.sub(r"\D", "", written)
        if len(digits) > 12:
            raise NotAnIncome(text)
        return cls(int(digits), code)

    def __str__(self) -> str:
        return f"{self.units:,} {self.currency}"


@attrs.frozen
class Rate:
    """The value of one US dollar in a currency, in millionths of its unit."""

    currency: str
    millionths: int = attrs.field(validator=attrs.validators.ge(_LEAST_RATE))
    name: str = ""

    @classmethod
    def of(cls, currency: str, per_dollar: str, name: str = "") -> Rate:
        """Parse a rate such as "88.25". Raises NotACurrency or NotARate."""
        code, written = currency_code(currency), _PER_DOLLAR.fullmatch(per_dollar.strip())
        if code == DOLLARS or written is None:
            raise NotARate(per_dollar)
        millionths = int(written[1] + (written[2] or "").ljust(6, "0"))
        if millionths < _LEAST_RATE:
            raise NotARate(per_dollar)
        return cls(code, millionths, name.strip())

    @property
    def plain(self) -> str:
        """The rate in the form that `of` parses."""
        whole, rest = divmod(self.millionths, 1_000_000)
        return f"{whole}.{rest:06}".rstrip("0").rstrip(".")


@attrs.frozen
class Rates:
    """All rates by currency. The US dollar has none."""

    rates: Mapping[str, Rate]

    @classmethod
    def of(cls, rates: Iterable[Rate]) -> Rates:
        return cls({rate.currency: rate for rate in rates})

    @property
    def currencies(self) -> tuple[tuple[str, str], ...]:
        """Codes and names of the currencies for incomes, the dollar first."""
        others = sorted(self.rates.values(), key=lambda rate: rate.currency)
        return ((DOLLARS, "US dollar"), *((rate.currency, rate.name) for rate in others))

    def in_dollars(self, income: Income) -> Money:
        """The income in US dollars, to the cent; half a cent is rounded up. Raises NoRate."""
        if income.currency == DOLLARS:
            return Money(income.units * 100, Currency.USD)
        rate = self.rates.get(income.currency)
        if rate is None:
            raise NoRate(income.currency)
        cents = income.units * 100 * 1_000_000
        return Money((2 * cents + rate.millionths) // (2 * rate.millionths), Currency.USD)
