"""Which extensions are installed, as their packages declare it: nothing of them is imported."""

from __future__ import annotations

from entrypoints.plugins import Installed, installed_in

GROUP = "coursetill.extensions"


def installed() -> tuple[Installed, ...]:
    """Every extension of this environment, by name."""
    return installed_in(GROUP)
