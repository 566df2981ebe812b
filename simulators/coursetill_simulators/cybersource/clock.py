"""The simulator's clock, which a command can move."""

from collections.abc import Callable
from datetime import datetime, timedelta

ClockFace = Callable[[], datetime]


class ShiftedClock:
    """A clock with an offset to another clock."""

    def __init__(self, real: ClockFace) -> None:
        self._real = real
        self._shift = timedelta()

    def __call__(self) -> datetime:
        return self._real() + self._shift

    @property
    def shift_seconds(self) -> float:
        """The offset."""
        return self._shift.total_seconds()

    def advance(self, seconds: float) -> None:
        """Move the clock forward, or back with a negative number."""
        self._shift += timedelta(seconds=seconds)

    def reset(self) -> None:
        """Remove the offset."""
        self._shift = timedelta()
