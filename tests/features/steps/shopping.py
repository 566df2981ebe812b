"""Sentences about who looks, and what is in whose basket."""

from __future__ import annotations

import re

from pytest_bdd import given, parsers, step, then, when

from tests.features.world import World

parse = parsers.parse


@given(parse("{who:w} has not signed in"))
def _(world: World, who: str) -> None:
    world.person(who, signed_in=False)


@given(parse('{who:w} left "{sku}" in her basket when she was here before'))
def _(world: World, who: str, sku: str) -> None:
    world.left_in_basket(world.person(who), sku)


@when(parse("{who:w} signs in"))
def _(world: World, who: str) -> None:
    world.person(who).signs_in()


@when(parse('{who:w} looks for "{words}"'), target_fixture="found")
def _(world: World, who: str, words: str) -> list[str]:
    return world.person(who).finds(words)


@then(parsers.re(r'she finds "(?P<skus>.*)"'))
def _(found: list[str], skus: str) -> None:
    assert sorted(found) == sorted(skus.split(", ") if skus else [])


@step(parse('{who:w} puts "{sku}" in {_:w} basket'))
def _(world: World, who: str, sku: str) -> None:
    world.person(who).puts(sku)


@when(parsers.re(r'(?P<who>\w+) puts "(?P<sku>[^"]+)" in \w+ basket with the runs? (?P<runs>.+)'))
def _(world: World, who: str, sku: str, runs: str) -> None:
    world.person(who).puts(sku, re.findall(r'"([^"]+)"', runs))


@when(parse('{who:w} takes "{sku}" out of {_:w} basket'))
def _(world: World, who: str, sku: str) -> None:
    world.person(who).takes_out(sku)


@when(parse("{who:w} follows a link with the codes {codes}"))
def _(world: World, who: str, codes: str) -> None:
    world.person(who).follows_link(re.findall(r'"([^"]+)"', codes))


@when(parse('{who:w} enters the code "{code}"'))
def _(world: World, who: str, code: str) -> None:
    world.person(who).enters(code)


@then(parse("{who:w}'s basket costs ${total}"))
def _(world: World, who: str, total: str) -> None:
    assert world.person(who).basket_total() == f"${total}"


@then(parse("{who:w}'s basket is empty"))
def _(world: World, who: str) -> None:
    assert world.person(who).basket_total() in ("nothing", "$0.00")
    assert "-1T2027" not in world.person(who).basket_text()


@then(parse('{who:w}\'s basket holds "{sku}"'))
def _(world: World, who: str, sku: str) -> None:
    assert sku in world.person(who).basket_text()


@then(parse('"{sku}" costs {who:w} ${price}'))
def _(world: World, who: str, sku: str, price: str) -> None:
    assert world.person(who).price_in_basket(sku) == f"${price}"


@then(parse('{who:w}\'s basket says "{words}"'))
def _(world: World, who: str, words: str) -> None:
    assert words in world.person(who).basket_text()


@then(parse('{who:w} is told that "{sku}" was left out'))
def _(world: World, who: str, sku: str) -> None:
    assert world.person(who).was_left_out(sku)
