"""Money in exact minor units, currencies, percentages, and the only rounding in the shop."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from decimal import Decimal

import attrs

from core.errors import Refused

LARGEST_MINOR = 10**13
"""The limit of an amount in minor units: it fits a BIGINT and every gateway's field."""

_AMOUNT = re.compile(r"(\d{1,13})(?:\.(\d+))?", re.ASCII)


class Currency(enum.Enum):
    """An ISO 4217 currency that the shop can sell in: its minor digits and its format."""

    USD = (2, "$")
    EUR = (2, "€")
    GBP = (2, "£")
    JPY = (0, "¥")
    INR = (2, "₹")
    CAD = (2, "CA$")
    AUD = (2, "A$")
    NZD = (2, "NZ$")
    MXN = (2, "MX$")
    BRL = (2, "R$")
    CHF = (2, "CHF ")
    SEK = (2, "SEK ")
    KWD = (3, "KWD ")

    def __init__(self, digits: int, sign: str):
        self.digits = digits
        self.sign = sign

    @property
    def code(self) -> str:
        return self.name

    @classmethod
    def of(cls, code: str) -> Currency:
        """The currency with this ISO 4217 code. Raises UnknownCurrency."""
        try:
            return cls[code]
        except KeyError:
            raise UnknownCurrency(code) from None


@attrs.frozen
class UnknownCurrency(Refused):
    code: str


@attrs.frozen
class NotAnAmount(Refused):
    text: str
    currency: Currency


@attrs.frozen
class NotAPercentage(Refused):
    text: str


@attrs.frozen(order=False)
class Money:
    """An exact amount, in the minor unit of its currency (cents of a dollar)."""

    minor: int
    currency: Currency = Currency.USD

    @classmethod
    def of(cls, text: str, currency: Currency = Currency.USD) -> Money:
        """Parse digits such as "19.99". Raises NotAnAmount."""
        written = _AMOUNT.fullmatch(text.strip())
        if written is None or len(written[2] or "") > currency.digits:
            raise NotAnAmount(text, currency)
        minor = int(written[1] + (written[2] or "").ljust(currency.digits, "0"))
        if minor >= LARGEST_MINOR:
            raise NotAnAmount(text, currency)
        return cls(minor, currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other).minor

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    @property
    def plain(self) -> str:
        """Digits only, such as "1234.50", for files, forms and gateways."""
        return str(Decimal(self.minor).scaleb(-self.currency.digits))

    def __str__(self) -> str:
        amount = Decimal(abs(self.minor)).scaleb(-self.currency.digits)
        return f"{'−' if self.minor < 0 else ''}{self.currency.sign}{amount:,f}"

    def _same(self, other: Money) -> Money:
        if self.currency is not other.currency:
            raise TypeError(f"{self.currency.code} and {other.currency.code} do not go together")
        return other


@attrs.frozen(order=True)
class Percent:
    """A percentage: 0 < p <= 100, with up to two decimals."""

    basis_points: int = attrs.field(validator=[attrs.validators.gt(0), attrs.validators.le(10_000)])

    @classmethod
    def of(cls, text: str) -> Percent:
        """Parse a percentage such as "25" or "12.5". Raises NotAPercentage."""
        written = _AMOUNT.fullmatch(text.strip())
        if written is None or len(written[2] or "") > 2:
            raise NotAPercentage(text)
        basis_points = int(written[1] + (written[2] or "").ljust(2, "0"))
        if not 0 < basis_points <= 10_000:
            raise NotAPercentage(text)
        return cls(basis_points)

    def part_of(self, amount: Money) -> Money:
        """This part of an amount; half a minor unit is rounded up (docs/domain.md, Discounts)."""
        return Money((2 * amount.minor * self.basis_points + 10_000) // 20_000, amount.currency)

    def __str__(self) -> str:
        return f"{Decimal(self.basis_points).scaleb(-2).normalize():f} %"


def total(amounts: Iterable[Money], currency: Currency) -> Money:
    """The sum of the amounts; zero of this currency if there are none."""
    return sum(amounts, start=Money(0, currency))
