"""Finds installed extensions by entry point, without importing them."""

from __future__ import annotations

from entrypoints.plugins import Installed, installed_in

GROUP = "coursetill.extensions"


def installed() -> tuple[Installed, ...]:
    """Every installed extension, by name."""
    return installed_in(GROUP)
