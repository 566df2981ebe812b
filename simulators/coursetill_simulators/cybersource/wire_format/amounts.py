"""Exact amounts in major units, in replies and for people."""

import re
from decimal import ROUND_DOWN, Decimal

_SENT = re.compile(r"\d{1,12}(\.\d{1,3})?", re.ASCII)
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def amount_in(text: str) -> Decimal | None:
    """Parse an amount; None if `text` is not an amount."""
    return Decimal(text) if _SENT.fullmatch(text) else None


def sent_as(amount: Decimal) -> str:
    """An amount in a reply: all its decimals, at least two."""
    exponent = amount.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    return f"{amount:.{max(2, decimals)}f}"


def half_of(amount: Decimal) -> Decimal:
    """Half, rounded down to whole cents."""
    return (amount / 2).quantize(Decimal("0.01"), ROUND_DOWN)


def shown(amount: Decimal, currency: str) -> str:
    """An amount for people: $247.50, or 1,200.00 CHF for a currency without a sign here."""
    whole, _, cents = sent_as(amount).partition(".")
    figures = f"{int(whole):,}.{cents}"
    return f"{_SIGNS[currency]}{figures}" if currency in _SIGNS else f"{figures} {currency}"
