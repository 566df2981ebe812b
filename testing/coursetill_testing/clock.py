"""A clock for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs

MORNING = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@attrs.define
class Clock:
    """A clock that stands still until a test moves it. Call it for the time."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def advance(self, time: timedelta = timedelta(), **units: float) -> None:
        """Move the clock by time, or by units: `clock.advance(minutes=31)`."""
        self.now += time + timedelta(**units)
