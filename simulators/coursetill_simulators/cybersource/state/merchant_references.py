"""The merchant's references on a payment, by which it can be found."""

from collections.abc import Mapping
from typing import Any

import attrs

from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.refusals import wrong

_MARKS = "merchantDefinedInformation"


@attrs.frozen(kw_only=True)
class Notes:
    """
    The merchant's own data (merchantDefinedInformation) as pairs of key and value, its id of the
    buyer, and the buyer's IP address.
    """

    marks: tuple[tuple[str, str], ...] = ()
    customer_id: str = ""
    ip_address: str = ""

    def as_fields(self) -> dict[str, Any]:
        """The same references as fields of a reply; empty if there are none."""
        found: dict[str, Any] = {}
        if self.marks:
            found[_MARKS] = [{"key": key, "value": value} for key, value in self.marks]
        if self.customer_id:
            found["buyerInformation"] = {"merchantCustomerId": self.customer_id}
        if self.ip_address:
            found["deviceInformation"] = {"ipAddress": self.ip_address}
        return found


def notes_in(body: Body) -> Notes:
    """The references in a request. Raises Refusal if they are invalid."""
    return Notes(
        marks=tuple(_marks(body.at(_MARKS))),
        customer_id=body.optional_text("buyerInformation.merchantCustomerId", 100) or "",
        ip_address=body.optional_text("deviceInformation.ipAddress", 48) or "",
    )


def _marks(found: Any) -> list[tuple[str, str]]:
    if found is None:
        return []
    if not isinstance(found, list):
        raise wrong(_MARKS)
    entries = [Body(each if isinstance(each, Mapping) else {}) for each in found]
    return [(each.text("key", 50), each.optional_text("value") or "") for each in entries]
