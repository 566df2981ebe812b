"""The simulator's clock, which a command may put forward."""

from collections.abc import Callable
from datetime import datetime, timedelta

ClockFace = Callable[[], datetime]


class ShiftedClock:
    """Another clock, and by how much this one differs from it."""

    def __init__(self, real: ClockFace) -> None:
        self._real = real
        self._shift = timedelta()

    def __call__(self) -> datetime:
        return self._real() + self._shift

    @property
    def shift_seconds(self) -> float:
        """How far it is ahead."""
        return self._shift.total_seconds()

    def advance(self, seconds: float) -> None:
        """Put it forward, or back with a negative number."""
        self._shift += timedelta(seconds=seconds)

    def reset(self) -> None:
        """Show the other clock's time again."""
        self._shift = timedelta()
