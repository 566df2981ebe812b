"""Days, moments and money as learners read them, on pages and in letters."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.money import Money

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def format_day(at: datetime) -> str:
    """27 January 2027."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def format_zone(at: datetime) -> str:
    """UTC, UTC+1, UTC−3:30."""
    minutes = (at.utcoffset() or timedelta()) // timedelta(minutes=1)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")


def format_moment(at: datetime) -> str:
    """1 December 2026, 23:59 UTC."""
    return f"{format_day(at)}, {at:%H:%M} {format_zone(at)}"


def money_with_code(amount: Money) -> str:
    """$247.50 USD; the code is left out if the sign is unambiguous."""
    sign, code = amount.currency.sign.strip(), amount.currency.code
    return str(amount) if sign == code else f"{amount} {code}"
