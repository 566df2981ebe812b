"""Tells the manual flow of a card form from the auto flow."""

from __future__ import annotations

from collections.abc import Mapping

FLOW = "flow"
AUTO = "auto"


def is_automatic(remembered: Mapping[str, str] | None) -> bool:
    """Whether a form with these remembered fields charges the card itself (the auto flow)."""
    return remembered is not None and remembered.get(FLOW) == AUTO
