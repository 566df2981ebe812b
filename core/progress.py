"""Progress reports of long work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of finished items and the total."""


def unwatched(_done: int, _total: int) -> None:
    """Report to nobody."""
