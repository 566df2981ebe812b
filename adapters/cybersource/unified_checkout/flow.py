"""Which of the two flows the card form of an attempt follows."""

from __future__ import annotations

from collections.abc import Mapping

FLOW = "flow"
AUTO = "auto"


def is_automatic(remembered: Mapping[str, str] | None) -> bool:
    """Whether the form that remembers this charges the card itself, so that the page lets it."""
    return remembered is not None and remembered.get(FLOW) == AUTO
