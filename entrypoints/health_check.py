"""A health check: one line of `coursetill doctor`, whichever part of the shop it comes from."""

from __future__ import annotations

from typing import Literal

import attrs


@attrs.frozen
class HealthCheck:
    """One line of `coursetill doctor`: the part, its state, and what to do about it."""

    state: Literal["ok", "warning", "problem"]
    says: str
    next: str | None = None
