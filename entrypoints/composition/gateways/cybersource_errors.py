"""What the commands of CyberSource refuse."""

from __future__ import annotations

import attrs

from core.errors import Absent, Refused


@attrs.frozen
class UnknownSubscription(Absent):
    """CyberSource has no webhook subscription with this id."""

    id: str


@attrs.frozen
class TellsOfLess(Refused):
    """A subscription exists already, and lacks an event that was asked for."""

    id: str
    event: str
