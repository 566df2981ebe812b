"""A dispute: a cardholder has asked their bank to take a payment back."""

from __future__ import annotations

import enum
from datetime import datetime

import attrs


class DisputeStage(enum.Enum):
    OPENED = "opened"
    WON = "won"
    """The bank has left the money with the shop."""
    LOST = "lost"
    """The bank has returned the money to the cardholder."""


@attrs.frozen
class Dispute:
    """The stage of a dispute about one payment. `at` is the gateway's time."""

    stage: DisputeStage
    at: datetime
    reason: str = ""

    @property
    def stops_refunds(self) -> bool:
        """Whether a refund could pay the money back twice."""
        return self.stage is not DisputeStage.WON

    def is_news_after(self, earlier: Dispute | None) -> bool:
        """Whether this is later than the known stage: messages may be late or repeated."""
        if earlier is None:
            return True
        ended = self.stage is not DisputeStage.OPENED
        return self.at > earlier.at or (
            self.at == earlier.at and ended and earlier.stage != self.stage
        )
