"""In which country which yearly income is the limit of help, and where documents are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from core.errors import Refused
from core.money import Currency, Money
from coursetill_financial_aid.iso3166 import COUNTRIES

ELSEWHERE = "*"
"""The row of every country that has none of its own."""

_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0", ""})


@attrs.frozen
class NotACountry(Refused):
    text: str


@attrs.frozen
class NeitherYesNorNo(Refused):
    text: str


def country_code(text: str) -> str:
    """The ISO 3166 code that was written. Raises NotACountry."""
    code = text.strip().upper()
    if code not in COUNTRIES:
        raise NotACountry(text)
    return code


@attrs.frozen
class CountryLimit:
    """From this yearly income on nobody in the country is helped. US dollars.

    `documents` says that requests from there wait for a document that shows the income.
    """

    country: str
    limit: Money
    documents: bool = False

    @classmethod
    def of(cls, country: str, limit: str, documents: str = "") -> CountryLimit:
        """The row staff wrote. Raises NotACountry, NotAnAmount or NeitherYesNorNo."""
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
    """The limit of every country."""

    limits: Mapping[str, CountryLimit]

    @classmethod
    def of(cls, limits: Iterable[CountryLimit]) -> CountryLimits:
        return cls({limit.country: limit for limit in limits})

    def in_country(self, country: str, otherwise: Money) -> CountryLimit:
        """The country's own limit, that of every other country, or `otherwise`."""
        found = self.limits.get(country) or self.limits.get(ELSEWHERE)
        return found or CountryLimit(country, otherwise)
