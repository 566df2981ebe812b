"""The kinds of discount of this shop: built-in ones, and those from installed packages."""

from __future__ import annotations

import logging
import re
from importlib import metadata
from typing import cast

import attrs

from core.discounts.kinds import KINDS
from core.discounts.saving import Kinds, SavingKind
from core.errors import Refused

GROUP = "coursetill.discount_kinds"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

log = logging.getLogger("coursetill.extensions")


@attrs.frozen
class DiscountKindCannotBeUsed(Refused):
    """An installed package brings a kind of discount that the shop cannot use."""

    name: str
    why: str


def discount_kinds() -> Kinds:
    """Every kind of discount, by name: the built-in ones, then those from entry points.

    Raises DiscountKindCannotBeUsed.
    """
    kinds = dict(KINDS)
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda each: each.name):
        if point.name in kinds:
            why = "there are two of this name"
            raise DiscountKindCannotBeUsed(point.name, why)
        kinds[point.name] = _loaded(point)
    return kinds


def _loaded(point: metadata.EntryPoint) -> SavingKind:
    try:
        found = point.load()
    except Exception as error:
        log.exception("kind of discount %s cannot be imported", point.name)
        why = f"it cannot be imported: {type(error).__name__}: {error}"
        raise DiscountKindCannotBeUsed(point.name, why) from error
    if getattr(found, "kind", None) != point.name or not NAME.fullmatch(point.name):
        raise DiscountKindCannotBeUsed(point.name, "its class has another name as its kind")
    for part in ("amount_format", "of", "written", "currency", "off"):
        if not hasattr(found, part):
            raise DiscountKindCannotBeUsed(point.name, f"its class has no {part}")
    return cast("SavingKind", found)
