"""Plug-in packages of the shop: found by entry point, imported on first use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from importlib import metadata
from typing import Protocol, TypeVar

import attrs

log = logging.getLogger("coursetill.plugins")


class Plugin(Protocol):
    """What each entry point names: a name, and the API version that it was written for."""

    @property
    def name(self) -> str: ...
    @property
    def api(self) -> int: ...


P = TypeVar("P", bound=Plugin)


@attrs.frozen
class Installed:
    """An entry point of this environment; `load` imports the object."""

    name: str
    version: str
    says: str
    load: Callable[[], object]


@attrs.frozen
class PluginCommand:
    """A command of a plug-in: its place ("package.cli:commands"), and its line of help.

    The place holds a click command. It is imported when the command is called.
    """

    at: str
    says: str


class PluginCannotBeUsed(Exception):
    """An installed package does not match its entry point. `why` is the reason."""


def installed_in(group: str) -> tuple[Installed, ...]:
    """Every entry point of a group, by name."""
    found = [
        Installed(
            point.name,
            point.dist.version if point.dist else "",
            point.dist.metadata["Summary"] or "" if point.dist else "",
            point.load,
        )
        for point in metadata.entry_points(group=group)
    ]
    return tuple(sorted(found, key=lambda each: each.name))


def load_plugin(name: str, among: Iterable[Installed], *, kind: type[P], api: int) -> P:
    """The plug-in with this name. Raises PluginCannotBeUsed with the reason."""
    there = {each.name: each for each in among}
    if name not in there:
        installed = ", ".join(sorted(there)) or "none"
        raise PluginCannotBeUsed(f"it is not installed. Installed are: {installed}")
    try:
        found = there[name].load()
    except Exception as error:
        log.exception("%s cannot be imported", name)
        raise PluginCannotBeUsed(f"it cannot be imported: {reason_of(error)}") from error
    if not isinstance(found, kind):
        raise PluginCannotBeUsed(f"its entry point is a {type(found).__name__}")
    if found.api != api:
        raise PluginCannotBeUsed(
            f"it is written for version {found.api} of the shop's API, and this is version {api}"
        )
    if found.name != name:
        raise PluginCannotBeUsed(f"it calls itself {found.name}")
    return found


def reason_of(error: Exception) -> str:
    """An error of a plug-in's code, in one line."""
    return f"{type(error).__name__}: {error}"
