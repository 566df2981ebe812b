"""The refund policy: until when learners may request a refund of each line."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from core.errors import Refused
from core.orders.line import Fulfilment, Line


@attrs.frozen
class TooLateForARefund(Refused):
    title: str
    until: datetime


@attrs.frozen
class GivenBackAlready(Refused):
    title: str


@attrs.frozen
class RefundsAreNotAskedFor(Refused):
    """The shop accepts no refund requests on its pages."""


@attrs.frozen
class RefundPolicy:
    """A refund window that starts at the purchase or at the start of the run, whichever is later.

    A window of zero means that learners cannot request refunds on the pages.
    """

    window: timedelta = timedelta(days=7)

    def until(self, line: Line, paid_at: datetime) -> datetime:
        """The end of a line's window, exclusive. For a program, the first picked run counts."""
        starts = [run.starts_at for run in line.runs] if line.runs else [line.starts_at]
        started = min((at for at in starts if at is not None), default=paid_at)
        return max(paid_at, started) + self.window

    def why_not(self, line: Line, paid_at: datetime, now: datetime) -> Refused | None:
        """Why a refund of this line cannot be requested now, or None."""
        if not self.window:
            return RefundsAreNotAskedFor()
        if line.fulfilment is Fulfilment.REVOKED or (line.due and line.refunded == line.due):
            return GivenBackAlready(line.title)
        until = self.until(line, paid_at)
        return None if now < until else TooLateForARefund(line.title, until)
