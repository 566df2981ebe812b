"""All sentences of this shop: its own, and those of its adapters and extensions."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable
from datetime import tzinfo

from entrypoints.composition.discount_kinds import DiscountKindCannotBeUsed
from entrypoints.composition.records_wording import FOR_STAFF, RECORDS
from entrypoints.extensions.api import Extension
from entrypoints.extensions.loader import ExtensionCannotBeUsed
from entrypoints.gateways.registry import GatewayCannotBeUsed, installed_gateways, part_at
from entrypoints.wording.sentences import Entries, Entry, Wording, error
from entrypoints.wording.staff import STAFF
from entrypoints.wording.tables import SHOP

COMPOSITION: Entries = (
    error(
        DiscountKindCannotBeUsed,
        "discount-kind-cannot-be-used",
        "The kind of discount {name} cannot be used: {why}",
    ),
)

log = logging.getLogger("coursetill.extensions")


def for_learners(zone: tzinfo, extensions: Iterable[Extension] = ()) -> Wording:
    """The wording of pages and letters. Raises ExtensionCannotBeUsed."""
    theirs = (entry for each in extensions for entry in _brought_by(each))
    return Wording.of_entries(zone, (*SHOP, *COMPOSITION, *RECORDS, *_of_gateways(), *theirs))


def for_staff(zone: tzinfo, extensions: Iterable[Extension] = ()) -> Wording:
    """The wording of commands and staff pages. Some errors show a cause that learners do not see.

    Raises ExtensionCannotBeUsed.
    """
    return for_learners(zone, extensions).with_entries((*STAFF, *FOR_STAFF))


def _of_gateways() -> Entries:
    """The sentences of the installed gateways; none for a gateway that cannot be imported."""
    try:
        gateways = installed_gateways()
        parts = [part_at(each.name, each.wording) for each in gateways if each.wording]
    except GatewayCannotBeUsed:
        # A command that reads the settings reports the broken gateway, in the words of this table.
        return ()
    return tuple(entry for part in parts for entry in part if isinstance(entry, Entry))


def _brought_by(extension: Extension) -> Entries:
    """The sentences of an extension, imported now. Raises ExtensionCannotBeUsed."""
    if extension.wording is None:
        return ()
    module, _, name = extension.wording.partition(":")
    try:
        found: object = getattr(importlib.import_module(module), name)
    except Exception as failure:
        log.exception("extension %s: its wording cannot be imported", extension.name)
        why = f"its wording cannot be imported: {type(failure).__name__}: {failure}"
        raise ExtensionCannotBeUsed(extension.name, why) from failure
    if not isinstance(found, tuple) or not all(isinstance(each, Entry) for each in found):
        raise ExtensionCannotBeUsed(extension.name, "its wording is not a tuple of Entry")
    return found
