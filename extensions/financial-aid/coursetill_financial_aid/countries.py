"""Yearly income limits of countries, and countries that require documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from core.errors import Refused
from core.money import Currency, Money
from coursetill_financial_aid.iso3166 import COUNTRIES

ELSEWHERE = "*"
"""The row for every country without a row."""

_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0", ""})


@attrs.frozen
class NotACountry(Refused):
    text: str


@attrs.frozen
class NeitherYesNorNo(Refused):
    text: str


def country_code(text: str) -> str:
    """Parse an ISO 3166 code. Raises NotACountry."""
    code = text.strip().upper()
    if code not in COUNTRIES:
        raise NotACountry(text)
    return code


@attrs.frozen
class CountryLimit:
    """The yearly income in US dollars from which there is no aid in the country.

    With `documents`, requests from the country wait for a document that shows the income.
    """

    country: str
    limit: Money
    documents: bool = False

    @classmethod
    def of(cls, country: str, limit: str, documents: str = "") -> CountryLimit:
        """Parse a row. Raises NotACountry, NotAnAmount or NeitherYesNorNo."""
        code = ELSEWHERE if country.strip() == ELSEWHERE else country_code(country)
        answer = documents.strip().casefold()
        if answer not in _YES | _NO:
            raise NeitherYesNorNo(documents)
        return cls(code, Money.of(limit, Currency.USD), answer in _YES)

    @property
    def name(self) -> str:
        return COUNTRIES.get(self.country, "Every other country")


@attrs.frozen
class CountryLimits:
    """The limits of all countries."""

    limits: Mapping[str, CountryLimit]

    @classmethod
    def of(cls, limits: Iterable[CountryLimit]) -> CountryLimits:
        return cls({limit.country: limit for limit in limits})

    def in_country(self, country: str, otherwise: Money) -> CountryLimit:
        """The country's limit, else the limit of all other countries, else `otherwise`."""
        found = self.limits.get(country) or self.limits.get(ELSEWHERE)
        return found or CountryLimit(country, otherwise)
