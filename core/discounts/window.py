"""The time window of a discount, and changes of many windows at once."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from core.errors import Refused
from core.products.product import time_text


@attrs.frozen
class WindowIsEmpty(Refused):
    activates_at: datetime
    expires_at: datetime


@attrs.frozen
class Window:
    """The time [activates_at, expires_at) in which a discount is valid."""

    activates_at: datetime | None = None
    expires_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        opens, closes = self.activates_at, self.expires_at
        if opens is not None and closes is not None and closes <= opens:
            raise WindowIsEmpty(opens, closes)

    def over(self, at: datetime) -> bool:
        return self.expires_at is not None and at >= self.expires_at


ALWAYS = Window()


@attrs.frozen
class ExtendUntil:
    """Extends windows; a window that ends later, or never, is unchanged."""

    until: datetime

    def applied_to(self, window: Window) -> Window:
        ends = window.expires_at
        later = ends is not None and ends < self.until
        return attrs.evolve(window, expires_at=self.until) if later else window

    def __str__(self) -> str:
        return f"extended until {time_text(self.until)}"


@attrs.frozen
class EndAt:
    """Ends windows. Ended windows are unchanged; windows that have not started never will."""

    at: datetime

    def applied_to(self, window: Window) -> Window:
        if window.over(self.at):
            return window
        begun = window.activates_at is not None and window.activates_at < self.at
        return Window(window.activates_at if begun else None, self.at)

    def __str__(self) -> str:
        return f"ended {time_text(self.at)}"


Rescheduling: TypeAlias = ExtendUntil | EndAt
