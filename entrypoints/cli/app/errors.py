"""What a command cannot do, beyond the errors of the core."""

from __future__ import annotations

import attrs

from core.errors import Absent, Refused, ShopError
from core.order_reference import Reference


@attrs.frozen
class RefundOutcomeUnknown(ShopError):
    """A refund that was sent, and perhaps carried out: only the gateway can say."""

    refund: str
    outcome: str | None


@attrs.frozen
class RefundNotAccepted(Refused):
    """A refund that the gateway refused; the order is flagged."""

    refund: str
    outcome: str


@attrs.frozen
class NoSuchLetter(Absent):
    """The order has nothing yet that this letter would be about."""

    reference: Reference


@attrs.frozen
class UnknownSubscription(Absent):
    """The gateway has no webhook subscription with this id."""

    id: str


@attrs.frozen
class TellsOfLess(Refused):
    """A subscription exists already, and lacks an event that was asked for."""

    id: str
    event: str
