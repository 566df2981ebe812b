"""Reads the fields of a JSON body."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from coursetill_simulators.cybersource.wire_format.amounts import amount_in
from coursetill_simulators.cybersource.wire_format.cards import PaymentCard
from coursetill_simulators.cybersource.wire_format.refusals import Refusal, missing, wrong

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@attrs.frozen
class Body:
    """
    A JSON object, read by dotted path.

    A missing required field is refused with MISSING_FIELD, a field of the wrong type with
    INVALID_DATA, as documented for /pts/v2.
    """

    content: Mapping[str, Any]

    @classmethod
    def parsed(cls, raw: bytes) -> "Body":
        """Parse `raw`. Raises Refusal if it is not a JSON object."""
        try:
            content = json.loads(raw)
        except (ValueError, RecursionError) as unreadable:
            raise Refusal("INVALID_DATA", "The request body is not JSON") from unreadable
        if not isinstance(content, dict):
            raise Refusal("INVALID_DATA", "The request body is not a JSON object")
        return cls(content)

    def at(self, path: str) -> Any:
        """The value at `path`, or None."""
        place: Any = self.content
        for name in path.split("."):
            if not isinstance(place, Mapping):
                return None
            place = place.get(name)
        return place

    def optional_text(self, path: str, longest: int = 255) -> str | None:
        """The text at `path`; None if it is missing or empty."""
        found = self.at(path)
        if found is None or found == "":
            return None
        if not isinstance(found, str) or len(found) > longest:
            raise wrong(path)
        return found

    def text(self, path: str, longest: int = 255) -> str:
        """The required text at `path`."""
        found = self.optional_text(path, longest)
        if found is None:
            raise missing(path)
        return found

    def flag(self, path: str) -> bool:
        """The boolean at `path`; False if it is missing."""
        found = self.at(path)
        if found is None:
            return False
        if not isinstance(found, bool):
            raise wrong(path)
        return found

    def optional_amount(self, path: str) -> Decimal | None:
        """The exact amount at `path`, in major units, sent as text; None if it is missing."""
        found = self.optional_text(path, 19)
        amount = None if found is None else amount_in(found)
        if found is not None and amount is None:
            raise wrong(path)
        return amount

    def amount(self, path: str) -> Decimal:
        """The required amount at `path`."""
        found = self.optional_amount(path)
        if found is None:
            raise missing(path)
        return found

    def optional_currency(self, path: str) -> str | None:
        """The currency code at `path`; None if it is missing."""
        found = self.optional_text(path, 3)
        if found is not None and not _CURRENCY.fullmatch(found):
            raise wrong(path)
        return found

    def currency(self, path: str) -> str:
        """The required currency code at `path`."""
        found = self.optional_currency(path)
        if found is None:
            raise missing(path)
        return found

    def card(self, path: str) -> PaymentCard:
        """The card at `path`. Its number must be digits; nothing else is checked."""
        month = self._digits(f"{path}.expirationMonth", 2, 2)
        if not 1 <= int(month) <= 12:
            raise wrong(f"{path}.expirationMonth")
        return PaymentCard(
            number=self._digits(f"{path}.number", 12, 19),
            expiry_month=month,
            expiry_year=self._digits(f"{path}.expirationYear", 4, 4),
            security_code=self.optional_text(f"{path}.securityCode", 4) or "",
        )

    def _digits(self, path: str, fewest: int, most: int) -> str:
        text = self.text(path)
        if not (text.isascii() and text.isdigit() and fewest <= len(text) <= most):
            raise wrong(path)
        return text
