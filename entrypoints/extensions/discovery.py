"""Which extensions are installed, as their packages declare it: nothing of them is imported."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata

import attrs

GROUP = "coursetill.extensions"


@attrs.frozen
class Installed:
    """An extension that is there to be named; `load` imports it."""

    name: str
    version: str
    says: str
    load: Callable[[], object]


def installed() -> tuple[Installed, ...]:
    """Every extension of this environment, by name."""
    found = [
        Installed(
            point.name,
            point.dist.version if point.dist else "",
            point.dist.metadata["Summary"] or "" if point.dist else "",
            point.load,
        )
        for point in metadata.entry_points(group=GROUP)
    ]
    return tuple(sorted(found, key=lambda each: each.name))
