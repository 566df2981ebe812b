"""One example of every error and phrase, made from the types of its fields."""

from __future__ import annotations

import enum
import importlib
import pkgutil
import types
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import attrs

import adapters
import core
import entrypoints
from core.discount_code import DiscountCode
from core.discounts.selection import Selection
from core.errors import ShopError
from core.identity import Actor
from core.money import Money, Percent
from core.orders.order_state import OrderState
from core.products.product import Sku

AT = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)

EXAMPLES: dict[object, object] = {
    str: "this",
    int: 2,
    datetime: AT,
    Money: Money.of("12.50"),
    Percent: Percent.of("25"),
    Sku: Sku("14.310x-1T2027"),
    DiscountCode: DiscountCode("SPRING"),
    Selection: Selection(batch="spring"),
    Actor: Actor.staff("ann"),
    enum.Enum: OrderState.PAID,
}


def every_error() -> list[type[ShopError]]:
    """Every error of the shop, by name; those of tests and extensions are not among them."""
    for package in (core, adapters, entrypoints):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if (
                "migrations.versions" not in module.name
                and not module.name.endswith("env")
                and not module.name.endswith("__main__")
            ):
                importlib.import_module(module.name)
    found = {ShopError, *_below(ShopError)}
    ours = ("core", "adapters", "entrypoints")
    return sorted(
        (each for each in found if each.__module__.partition(".")[0] in ours),
        key=lambda each: each.__name__,
    )


def _below(kind: type[ShopError]) -> Iterator[type[ShopError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def example(kind: type) -> Any:
    """An instance of this type, each field with an example of its type."""
    if not attrs.has(kind):
        return kind()
    hints = typing.get_type_hints(kind)
    return kind(
        **{field.alias or field.name: _value(hints[field.name]) for field in attrs.fields(kind)}
    )


def _value(hint: Any) -> object:
    if hint in EXAMPLES:
        return EXAMPLES[hint]
    origin = typing.get_origin(hint)
    if origin in {types.UnionType, typing.Union}:
        return _value(typing.get_args(hint)[0])
    if origin is tuple:
        return (_value(typing.get_args(hint)[0]),)
    if isinstance(hint, typing.NewType):
        return _value(hint.__supertype__)
    if issubclass(hint, enum.Enum):
        return next(iter(hint))
    return example(hint)
