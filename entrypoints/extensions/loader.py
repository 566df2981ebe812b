"""Finds and opens extensions. A configured extension that is unusable stops the shop."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from core.discounts.personal_offers import PriceSource
from core.errors import Refused, ShopError, Unavailable
from core.identity import Learner, LearnerId
from core.products.product import Product
from core.use_cases.pricing.eligibility import PurchaseRule
from entrypoints.extensions.api import (
    API,
    Extension,
    HealthCheck,
    Host,
    Link,
    Links,
    Parts,
    setting_prefix,
)
from entrypoints.extensions.discovery import installed
from entrypoints.plugins import Installed, PluginCannotBeUsed, load_plugin
from entrypoints.settings.reader import SettingsAreWrong

if TYPE_CHECKING:
    from core.unit_of_work import Begin
    from entrypoints.settings.shop import Settings

AT_HEAD = "at head"

log = logging.getLogger("coursetill.extensions")


@attrs.frozen
class ExtensionCannotBeUsed(Refused):
    """An extension that is configured but unusable."""

    name: str
    why: str


@attrs.frozen
class ExtensionTablesAreBehind(Unavailable):
    name: str
    state: str


@attrs.frozen
class ExtensionFailed(Unavailable):
    """An extension failed, and the shop cannot continue without its answer."""

    name: str


@attrs.frozen
class OpenExtension:
    """An active extension, and what it brings."""

    extension: Extension
    host: Host
    parts: Parts

    @property
    def name(self) -> str:
        return self.extension.name

    @property
    def rules(self) -> tuple[PurchaseRule, ...]:
        """Its purchase rules. If one fails, the product cannot be bought."""
        return tuple(map(self._guarded, self.parts.rules))

    def _guarded(self, rule: PurchaseRule) -> PurchaseRule:
        def ruled(learner: Learner, product: Product) -> Refused | None:
            try:
                return rule(learner, product)
            except Exception as error:
                raise ExtensionFailed(self.name) from error

        return ruled

    def links(
        self, wanted: Links | None, who: Learner | None, for_: Collection[Product]
    ) -> tuple[Link, ...]:
        """Its links. A failure is logged, and the page is shown without them."""
        if wanted is None:
            return ()
        try:
            return tuple(wanted(who, for_))
        except Exception:
            log.exception("extension %s: its links failed", self.name)
            return ()

    def checks(self) -> tuple[HealthCheck, ...]:
        """Its lines for `coursetill doctor`. A failure counts as a problem."""
        if self.parts.checks is None:
            return ()
        try:
            return tuple(self.parts.checks())
        except Exception as error:
            log.exception("extension %s: its checks failed", self.name)
            return (HealthCheck("problem", f"its own checks failed: {_reason(error)}"),)


def loaded(name: str, among: Iterable[Installed]) -> Extension:
    """The extension with this name. Raises ExtensionCannotBeUsed with the reason."""
    try:
        return load_plugin(name, among, kind=Extension, api=API)
    except PluginCannotBeUsed as why:
        raise ExtensionCannotBeUsed(name, str(why)) from why


def chosen_extensions(
    settings: Settings, among: Iterable[Installed] | None = None
) -> tuple[Extension, ...]:
    """The configured extensions, in the order of the setting.

    Raises ExtensionCannotBeUsed, or SettingsAreWrong for a setting that an extension lacks.
    """
    if not settings.extensions:
        return ()
    there = tuple(installed() if among is None else among)
    found = tuple(loaded(name, there) for name in settings.extensions)
    problems = [
        f"{setting_prefix(each.name)}{name} is not a setting"
        for each in found
        for name in settings.of_extension(each.name)
        if name not in each.settings
    ]
    if problems:
        raise SettingsAreWrong(tuple(problems))
    return found


def open_extensions(
    found: Iterable[Extension],
    settings: Settings,
    *,
    begin: Begin,
    read: Begin,
    now: Callable[[], datetime],
) -> tuple[OpenExtension, ...]:
    """Open these extensions.

    Raises ExtensionTablesAreBehind, SettingsAreWrong or ExtensionCannotBeUsed; then none is open.
    """
    done: list[OpenExtension] = []
    try:
        for each in found:
            _check_tables(each, settings.database_url)
            host = Host(
                name=each.name,
                settings=settings.of_extension(each.name),
                database_url=settings.database_url,
                begin=begin,
                read=read,
                now=now,
                shop_name=settings.shop_name,
                shop_url=settings.shop_url,
                support_email=settings.support_email,
                time_zone=settings.time_zone,
            )
            done.append(OpenExtension(each, host, _opened(each, host)))
    except BaseException:
        close(done)
        raise
    return tuple(done)


def _opened(extension: Extension, host: Host) -> Parts:
    try:
        parts = extension.open(host)
    except ShopError:
        raise
    except Exception as error:
        log.exception("extension %s cannot be opened", host.name)
        raise ExtensionCannotBeUsed(host.name, f"it cannot be opened: {_reason(error)}") from error
    if not isinstance(parts, Parts):
        raise ExtensionCannotBeUsed(host.name, f"it opens to a {type(parts).__name__}")
    if parts.prices is not None and parts.prices.name != host.name:
        raise ExtensionCannotBeUsed(host.name, f"its prices call themselves {parts.prices.name}")
    names = [*(each.name for each in parts.readers), *(each.name for each in parts.jobs)]
    for name in names:
        if names.count(name) > 1:
            why = f"two of its readers and jobs are named {name}"
            raise ExtensionCannotBeUsed(host.name, why)
    return parts


def _check_tables(extension: Extension, address: str) -> None:
    state = tables_state(extension, address)
    if state not in {None, AT_HEAD}:
        raise ExtensionTablesAreBehind(extension.name, str(state))


def tables_state(extension: Extension, address: str) -> str | None:
    """The state of its tables: "empty", "older", "at head", "newer"; None without tables."""
    if extension.tables is None:
        return None
    tables = extension.tables(address)
    try:
        return tables.state()
    finally:
        tables.close()


def upgrade_tables(extension: Extension, address: str) -> None:
    """Migrate its tables to its version, if it has any."""
    if extension.tables is None:
        return
    tables = extension.tables(address)
    try:
        tables.upgrade()
    finally:
        tables.close()


def close(extensions: Iterable[OpenExtension]) -> None:
    """Close every extension."""
    for each in extensions:
        each.parts.close()


def sources(extensions: Iterable[OpenExtension]) -> tuple[PriceSource, ...]:
    return tuple(each.parts.prices for each in extensions if each.parts.prices is not None)


def command_of(extension: Extension) -> object:
    """Its click group, imported now. Raises ExtensionCannotBeUsed."""
    module, _, name = (extension.commands or "").partition(":")
    try:
        found: object = getattr(importlib.import_module(module), name)
    except Exception as error:
        log.exception("extension %s: its commands cannot be imported", extension.name)
        why = f"its commands cannot be imported: {_reason(error)}"
        raise ExtensionCannotBeUsed(extension.name, why) from error
    return found


def export_from_extensions(
    extensions: Iterable[OpenExtension], learner: LearnerId, email: str
) -> Mapping[str, Mapping[str, Any]]:
    """The stored personal data of a learner, by extension."""
    return {
        each.name: each.parts.records.export(learner, email)
        for each in extensions
        if each.parts.records is not None
    }


def erase_from_extensions(
    extensions: Iterable[OpenExtension], learner: LearnerId, email: str
) -> Sequence[str]:
    """Erase the personal data of a learner. Returns the names of extensions that have such data."""
    keeping = [(each.name, each.parts.records) for each in extensions]
    for _, records in keeping:
        if records is not None:
            records.forget(learner, email)
    return [name for name, records in keeping if records is not None]


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
