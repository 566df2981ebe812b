"""Steps about searching the catalogue, signing in and filling a basket."""

from __future__ import annotations

import re

from pytest_bdd import given, parsers, step, then, when

from tests.features.world import World

parse = parsers.parse


@given(parse("{who:w} is not signed in"))
def _(world: World, who: str) -> None:
    world.person(who, signed_in=False)


@given(parse('{who:w} left "{sku}" in her basket on an earlier visit'))
def _(world: World, who: str, sku: str) -> None:
    world.leave_in_basket(world.person(who), sku)


@when(parse("{who:w} signs in"))
def _(world: World, who: str) -> None:
    world.person(who).sign_in()


@when(parse('{who:w} searches for "{words}"'), target_fixture="found")
def _(world: World, who: str, words: str) -> list[str]:
    return world.person(who).search(words)


@then(parsers.re(r'she finds "(?P<skus>.*)"'))
def _(found: list[str], skus: str) -> None:
    assert sorted(found) == sorted(skus.split(", ") if skus else [])


@step(parse('{who:w} adds "{sku}" to {_:w} basket'))
def _(world: World, who: str, sku: str) -> None:
    world.person(who).add(sku)


@when(
    parsers.re(
        r'(?P<who>\w+) adds "(?P<sku>[^"]+)" to \w+ basket with the course runs? (?P<runs>.+)'
    )
)
def _(world: World, who: str, sku: str, runs: str) -> None:
    world.person(who).add(sku, re.findall(r'"([^"]+)"', runs))


@when(parse('{who:w} removes "{sku}" from {_:w} basket'))
def _(world: World, who: str, sku: str) -> None:
    world.person(who).remove(sku)


@when(parse("{who:w} follows a link with the codes {codes}"))
def _(world: World, who: str, codes: str) -> None:
    world.person(who).follow_link(re.findall(r'"([^"]+)"', codes))


@when(parse('{who:w} enters the code "{code}"'))
def _(world: World, who: str, code: str) -> None:
    world.person(who).enter_code(code)


@then(parse("the total of {who:w}'s basket is ${total}"))
def _(world: World, who: str, total: str) -> None:
    assert world.person(who).basket_total() == f"${total}"


@then(parse("{who:w}'s basket is empty"))
def _(world: World, who: str) -> None:
    assert world.person(who).basket_total() in ("nothing", "$0.00")
    assert "-1T2027" not in world.person(who).basket_text()


@then(parse('{who:w}\'s basket holds "{sku}"'))
def _(world: World, who: str, sku: str) -> None:
    assert sku in world.person(who).basket_text()


@then(parse('{who:w}\'s price for "{sku}" is ${price}'))
def _(world: World, who: str, sku: str, price: str) -> None:
    assert world.person(who).price_in_basket(sku) == f"${price}"


@then(parse('{who:w}\'s basket shows the message "{words}"'))
def _(world: World, who: str, words: str) -> None:
    assert words in world.person(who).basket_text()


@then(parse('{who:w} is told that "{sku}" was not added'))
def _(world: World, who: str, sku: str) -> None:
    assert world.person(who).was_not_added(sku)
