"""Sentences about orders: placing them, paying them, how they stand."""

from __future__ import annotations

import re

from pytest_bdd import given, parsers, step, then, when

from tests.features.world import World

parse = parsers.parse


@when(parse("{who:w} reviews {_:w} order"))
def _(world: World, who: str) -> None:
    world.person(who).reviews()


@when(parse("{who:w} confirms it"))
def _(world: World, who: str) -> None:
    world.person(who).confirms()


@step(parse("{who:w} checks out"))
def _(world: World, who: str) -> None:
    world.person(who).reviews()
    world.person(who).confirms()


@given(parsers.re(r'(?P<who>\w+) bought (?P<skus>".+")'))
def _(world: World, who: str, skus: str) -> None:
    buyer = world.person(who)
    for sku in re.findall(r'"([^"]+)"', skus):
        buyer.puts(sku)
    buyer.reviews()
    buyer.confirms()
    buyer.pays(world.counter.type_good_card)
    assert buyer.standing() == "is paid"


@when(parse("{who:w} pays by a good card"))
@when(parse("{who:w} tries to pay again"))
def _(world: World, who: str) -> None:
    world.person(who).pays(world.counter.type_good_card)


@when(parse("{who:w} pays by a good card, and sends the form twice"))
def _(world: World, who: str) -> None:
    world.person(who).pays(world.counter.type_good_card, times=2)


@when(parse("{who:w} pays by a good card in a tab that closes at once"))
def _(world: World, who: str) -> None:
    world.person(who).pays(world.counter.type_good_card, times=0)


@when(parse("{who:w} opens the card form and leaves it"))
def _(world: World, who: str) -> None:
    world.person(who).pays(world.leaves, times=0)


@when(parse("{who:w} pays in the form that {_:w} left"))
def _(world: World, who: str) -> None:
    world.counter.type_good_card(world.left)


@when(parse("{who:w} pays by an empty card"))
def _(world: World, who: str) -> None:
    world.person(who).pays(world.counter.type_empty_card)


@when(parse("{who:w} pays by an empty card {times:d} times"))
def _(world: World, who: str, times: int) -> None:
    for _ in range(times):
        world.person(who).pays(world.counter.type_empty_card)


@when(parse("{who:w} pays by a card that is looked at twice"))
def _(world: World, who: str) -> None:
    world.person(who).pays(world.counter.type_odd_card)


@when(parse("{who:w} pays by a good card, but the answer gets lost"))
def _(world: World, who: str) -> None:
    world.counter.lose_next_answer("payments")
    world.person(who).pays(world.counter.type_good_card)


@when(parse("{who:w} pays by a good card, but the request gets lost"))
def _(world: World, who: str) -> None:
    world.counter.lose_next_charge()
    world.person(who).pays(world.counter.type_good_card)


@when(parse("{who:w} looks whether it was paid"))
def _(world: World, who: str) -> None:
    world.person(who).asks()


@when(parse("{who:w} cancels {_:w} order"))
def _(world: World, who: str) -> None:
    world.person(who).cancels()


@then(
    parsers.re(
        r"(?P<who>\w+)'s order (?P<standing>"
        r"waits for (payment|another card|another try)|has expired|"
        r"is (being checked|held for review|paid|partly refunded|refunded|declined|cancelled))"
    )
)
def _(world: World, who: str, standing: str) -> None:
    assert world.person(who).standing() == standing


@then(parse("{who:w}'s order costs ${total}"))
def _(world: World, who: str, total: str) -> None:
    assert world.person(who).order_total() == f"${total}"


@then(parse("{who:w}'s order needs attention"))
def _(world: World, who: str) -> None:
    assert world.staff.needs_attention(world.person(who).orders()[0])


@then(parse('{who:w}\'s receipt says "{words}"'))
def _(world: World, who: str, words: str) -> None:
    assert words in world.person(who).receipt()


@then(parse("{who:w} has no order"))
def _(world: World, who: str) -> None:
    assert world.person(who).orders() == []


@then(parsers.re(r"(?P<who>\w+) has (?P<count>\d+) orders?"))
def _(world: World, who: str, count: str) -> None:
    assert len(world.person(who).orders()) == int(count)


@then(parse("{who:w} is told that there is no such order as {whose:w}'s"))
def _(world: World, who: str, whose: str) -> None:
    [reference] = world.person(whose).orders()
    assert world.person(whose).sees(reference)
    assert not world.person(who).sees(reference)


@then(parsers.re(r'(the shop refuses( \w+)?|staff are refused), because "(?P<why>.*)"'))
def _(world: World, why: str) -> None:
    assert world.refusal is not None
    assert why in world.refusal


@then("the shop refused nothing")
def _(world: World) -> None:
    assert world.refused == []
