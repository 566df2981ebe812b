"""The context of a change: when it happens, who makes it, and why."""

from __future__ import annotations

from datetime import datetime

import attrs

from core.identity import Actor


@attrs.frozen
class ChangeContext:
    """When a change happens, who makes it, and why."""

    at: datetime
    by: Actor
    why: str
