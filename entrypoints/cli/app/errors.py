"""Errors of commands, beyond those of the core."""

from __future__ import annotations

import attrs

from core.errors import Absent, Refused, ShopError
from core.order_reference import Reference


@attrs.frozen
class RefundOutcomeUnknown(ShopError):
    """A refund was sent, and its result is unknown. Only the gateway can tell."""

    refund: str
    outcome: str | None


@attrs.frozen
class RefundNotAccepted(Refused):
    """The gateway refused a refund. The order is flagged."""

    refund: str
    outcome: str


@attrs.frozen
class NoSuchLetter(Absent):
    """The order has no event that this letter is about."""

    reference: Reference
