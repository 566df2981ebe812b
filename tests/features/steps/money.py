"""Sentences about money, by the gateway's own books."""

from __future__ import annotations

from pytest_bdd import parsers, then

from core.money import Money
from tests.features.world import World

parse = parsers.parse


@then(parse("${amount} was charged"))
def _(world: World, amount: str) -> None:
    assert world.captured() == Money.of(amount)


@then("nothing was charged")
def _(world: World) -> None:
    assert world.captured() == Money(0)


@then(parse("${amount} was given back"))
def _(world: World, amount: str) -> None:
    assert world.refunded() == Money.of(amount)


@then("nothing was given back")
def _(world: World) -> None:
    assert world.refunded() == Money(0)
