"""Finds the installed payment gateways. A broken one stops the shop: it may hold payments."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

import attrs

from core.errors import Refused
from entrypoints.gateways.api import API, GatewayPlugin
from entrypoints.plugins import Installed, PluginCannotBeUsed, installed_in, load_plugin, reason_of

GROUP = "coursetill.gateways"


@attrs.frozen
class GatewayCannotBeUsed(Refused):
    """A payment gateway that is installed or configured, but unusable."""

    name: str
    why: str


@cache
def installed_gateways() -> tuple[GatewayPlugin[Any], ...]:
    """Every installed payment gateway, by name. Raises GatewayCannotBeUsed.

    The result is cached: installed packages do not change while the process runs.
    """
    return load_gateways(installed_in(GROUP))


def load_gateways(among: Iterable[Installed]) -> tuple[GatewayPlugin[Any], ...]:
    """Check these gateways. Raises GatewayCannotBeUsed, also if two declare the same setting."""
    there = tuple(among)
    found: list[GatewayPlugin[Any]] = []
    for each in there:
        try:
            found.append(load_plugin(each.name, there, kind=GatewayPlugin, api=API))
        except PluginCannotBeUsed as why:
            raise GatewayCannotBeUsed(each.name, str(why)) from why
    counted = Counter(setting for plugin in found for setting in plugin.settings)
    for plugin in found:
        for setting in plugin.settings:
            if counted[setting] > 1:
                raise GatewayCannotBeUsed(plugin.name, f"another gateway has {setting} too")
    return tuple(found)


def gateway_named(name: str, among: Iterable[GatewayPlugin[Any]]) -> GatewayPlugin[Any]:
    """The gateway with this name. Raises GatewayCannotBeUsed."""
    there = {plugin.name: plugin for plugin in among}
    if name not in there:
        installed = ", ".join(sorted(there)) or "none"
        raise GatewayCannotBeUsed(name, f"it is not installed. Installed are: {installed}")
    return there[name]


def part_at(plugin: str, place: str) -> Any:
    """The object at "module:name", imported now. Raises GatewayCannotBeUsed."""
    module, _, name = place.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except Exception as error:
        raise GatewayCannotBeUsed(
            plugin, f"{place} cannot be imported: {reason_of(error)}"
        ) from error
