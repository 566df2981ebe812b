"""How every extension stands that is installed or named: on, off, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from core.errors import ShopError
from entrypoints.extensions.api import HealthCheck
from entrypoints.extensions.discovery import Installed, installed
from entrypoints.extensions.loader import (
    ExtensionTablesAreBehind,
    OpenExtension,
    chosen_extensions,
    close,
    open_extensions,
)

if TYPE_CHECKING:
    from core.unit_of_work import Begin
    from entrypoints.settings.shop import Settings


@attrs.frozen
class ExtensionStatus:
    """How one extension stands. `brings` and `checks` are known of one that is on and works."""

    name: str
    version: str
    says: str
    on: bool
    brings: tuple[str, ...] = ()
    problem: str | None = None
    next: str | None = None
    checks: tuple[HealthCheck, ...] = ()

    @property
    def state(self) -> str:
        if not self.on:
            return "off"
        return "broken" if self.problem else "on"


def extension_statuses(
    settings: Settings, *, begin: Begin, read: Begin, now: Callable[[], datetime]
) -> tuple[ExtensionStatus, ...]:
    """Every extension that is installed or named, by name; each that is on is opened and closed."""
    there = {each.name: each for each in installed()}
    found = []
    for name in sorted({*there, *settings.extensions}):
        each = there.get(name, Installed(name, "", "", lambda: None))
        standing = ExtensionStatus(name, each.version, each.says, name in settings.extensions)
        if standing.on:
            alone = attrs.evolve(settings, extensions=(name,))
            try:
                done = open_extensions(
                    chosen_extensions(alone, there.values()), alone, begin=begin, read=read, now=now
                )
            except ShopError as error:
                behind = isinstance(error, ExtensionTablesAreBehind) and error.state != "newer"
                command = "coursetill db upgrade" if behind else None
                standing = attrs.evolve(standing, problem=str(error), next=command)
            else:
                standing = attrs.evolve(standing, brings=_brought(done[0]), checks=done[0].checks())
                close(done)
        found.append(standing)
    return tuple(found)


def _brought(one: OpenExtension) -> tuple[str, ...]:
    parts, extension = one.parts, one.extension
    brings: dict[str, object] = {
        "prices": parts.prices,
        "rules": parts.rules,
        "pages": parts.pages,
        "links": parts.product_links or parts.basket_links,
        "commands": extension.commands,
        "tables": extension.tables,
        "records": parts.records,
        "checks": parts.checks,
    }
    return tuple(name for name, part in brings.items() if part)
