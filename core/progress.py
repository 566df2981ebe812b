"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], None]
"""Is called with how many things are done, and of how many."""


def unwatched(_done: int, _total: int) -> None:
    """Tell nobody."""
