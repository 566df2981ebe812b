"""Steps about refunds by staff."""

from __future__ import annotations

from pytest_bdd import parsers, when

from tests.features.world import World

parse = parsers.parse


@when(parsers.re(r"staff refund (?P<who>\w+)'s order"))
def _(world: World, who: str) -> None:
    world.staff.refund(world.order_of(who))


@when(parsers.re(r"staff refund [$](?P<amount>[\d.]+) of (?P<who>\w+)'s order"))
def _(world: World, amount: str, who: str) -> None:
    world.staff.refund(world.order_of(who), amount=amount)


@when(parse('staff refund "{sku}" of {who:w}\'s order'))
def _(world: World, sku: str, who: str) -> None:
    world.staff.refund(world.order_of(who), line=world.line_of(who, sku))


@when(parse("staff refund {who:w}'s overpayment"))
def _(world: World, who: str) -> None:
    world.staff.refund(world.order_of(who), overpayment=True)
