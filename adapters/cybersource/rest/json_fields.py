"""Reads fields of a JSON object by dotted path, without trusting its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from core.money import LARGEST_MINOR, Currency, Money, UnknownCurrency

_NUMBER = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)


@attrs.frozen
class JsonFields:
    """A JSON object. A field that is missing or has another type reads as empty."""

    content: Mapping[str, Any] = attrs.field(repr=False)

    @classmethod
    def parsed(cls, raw: bytes | str) -> JsonFields:
        """Parse a JSON object. Raises ValueError if raw is anything else."""
        try:
            content = json.loads(raw, parse_float=Decimal)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if isinstance(content, dict):
            return cls(content)
        raise ValueError("not a JSON object")

    def at(self, path: str) -> Any:
        """The value at path, of any type; None if there is none."""
        place: Any = self.content
        for name in path.split("."):
            if not isinstance(place, Mapping):
                return None
            place = place.get(name)
        return place

    def text(self, path: str) -> str:
        found = self.at(path)
        return found if isinstance(found, str) else ""

    def whole(self, path: str) -> int | None:
        found = self.at(path)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def part(self, path: str) -> JsonFields:
        found = self.at(path)
        return JsonFields(found if isinstance(found, Mapping) else {})

    def parts(self, path: str) -> tuple[JsonFields, ...]:
        """The objects of a list."""
        found = self.at(path)
        if not isinstance(found, list):
            return ()
        return tuple(JsonFields(each) for each in found if isinstance(each, Mapping))

    def texts(self, path: str) -> tuple[str, ...]:
        """The texts of a list."""
        found = self.at(path)
        if not isinstance(found, list):
            return ()
        return tuple(each for each in found if isinstance(each, str))

    def money(self, path: str, *names: str) -> Money | None:
        """The first of the named amounts under path, in its currency; None if it is not exact."""
        amounts = self.part(path)
        for name in names:
            number = amounts.at(name)
            if number is not None:
                return _money(str(number), amounts.text("currency"))
        return None


def _money(number: str, currency: str) -> Money | None:
    if not _NUMBER.fullmatch(number):
        return None
    try:
        known = Currency.of(currency)
    except UnknownCurrency:
        return None
    minor = Decimal(number).scaleb(known.digits)
    if minor != int(minor) or minor >= LARGEST_MINOR:
        return None
    return Money(int(minor), known)
