"""Exact amounts in major units, as they are sent and as people read them."""

import re
from decimal import ROUND_DOWN, Decimal

_SENT = re.compile(r"\d{1,12}(\.\d{1,3})?", re.ASCII)
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def amount_in(text: str) -> Decimal | None:
    """The amount that `text` writes, or None where it writes none."""
    return Decimal(text) if _SENT.fullmatch(text) else None


def sent_as(amount: Decimal) -> str:
    """An amount as a reply writes it: at least two decimals, and never fewer than it has."""
    exponent = amount.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    return f"{amount:.{max(2, decimals)}f}"


def half_of(amount: Decimal) -> Decimal:
    """Half, rounded down to whole cents."""
    return (amount / 2).quantize(Decimal("0.01"), ROUND_DOWN)


def shown(amount: Decimal, currency: str) -> str:
    """An amount for people: $247.50, or 1,200.00 CHF where the currency has no sign here."""
    whole, _, cents = sent_as(amount).partition(".")
    figures = f"{int(whole):,}.{cents}"
    return f"{_SIGNS[currency]}{figures}" if currency in _SIGNS else f"{figures} {currency}"
