"""Checks that the simulators are installed. They are a separate distribution for demo and tests."""

from __future__ import annotations

from importlib.util import find_spec

import attrs

from core.errors import Refused


@attrs.frozen
class SimulatorsNotInstalled(Refused):
    """The command named `command` needs the distribution coursetill-simulators."""

    command: str


def require_simulators(command: str) -> None:
    """Raises SimulatorsNotInstalled if this Python cannot import the simulators."""
    if find_spec("coursetill_simulators") is None:
        raise SimulatorsNotInstalled(command)
