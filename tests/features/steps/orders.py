"""Steps about placing an order, its status and who sees it."""

from __future__ import annotations

import re

from pytest_bdd import given, parsers, step, then, when

from tests.features.world import World

parse = parsers.parse


@when(parse("{who:w} reviews {_:w} order"))
def _(world: World, who: str) -> None:
    world.person(who).review()


@when(parse("{who:w} confirms the order"))
def _(world: World, who: str) -> None:
    world.person(who).confirm()


@step(parse("{who:w} checks out"))
def _(world: World, who: str) -> None:
    world.person(who).review()
    world.person(who).confirm()


@given(parsers.re(r'(?P<who>\w+) bought (?P<skus>".+")'))
def _(world: World, who: str, skus: str) -> None:
    buyer = world.person(who)
    for sku in re.findall(r'"([^"]+)"', skus):
        buyer.add(sku)
    buyer.review()
    buyer.confirm()
    buyer.pay(world.gateway_world.type_good_card)
    assert buyer.order_status() == "is paid"


@when(parse("{who:w} cancels {_:w} order"))
def _(world: World, who: str) -> None:
    world.person(who).cancel_order()


@then(
    parsers.re(
        r"(?P<who>\w+)'s order (?P<status>has expired|"
        r"is (awaiting (payment|another card|another attempt)|held for review|"
        r"paid|partially refunded|refunded|declined|cancelled))"
    )
)
def _(world: World, who: str, status: str) -> None:
    assert world.person(who).order_status() == status


@then(parse("{who:w}'s payment is being checked"))
def _(world: World, who: str) -> None:
    assert world.person(who).order_status() == "is being checked"


@then(parse("{who:w}'s order costs ${total}"))
def _(world: World, who: str, total: str) -> None:
    assert world.person(who).order_total() == f"${total}"


@then(parse("{who:w}'s order needs attention"))
def _(world: World, who: str) -> None:
    assert world.staff.needs_attention(world.order_of(who))


@then(parse("{who:w}'s order needs no attention"))
def _(world: World, who: str) -> None:
    assert not world.staff.needs_attention(world.order_of(who))


@then(parse('{who:w}\'s receipt shows "{words}"'))
def _(world: World, who: str, words: str) -> None:
    assert words in world.person(who).receipt()


@then(parse("{who:w}'s receipt shows these facts"))
def _(world: World, who: str, datatable: list[list[str]]) -> None:
    receipt = world.person(who).receipt()
    assert [value for _, value in datatable if value not in receipt] == []


@then(parse("{who:w}'s receipt shows the reference of {_:w} order"))
def _(world: World, who: str) -> None:
    assert world.order_of(who) in world.person(who).receipt()


@then(parse("{who:w} has no order"))
def _(world: World, who: str) -> None:
    assert world.person(who).orders() == []


@then(parsers.re(r"(?P<who>\w+) has (?P<count>\d+) orders?"))
def _(world: World, who: str, count: str) -> None:
    assert len(world.person(who).orders()) == int(count)


@then(parse("{who:w} cannot see {whose:w}'s order"))
def _(world: World, who: str, whose: str) -> None:
    [reference] = world.person(whose).orders()
    assert world.person(whose).can_see_order(reference)
    assert not world.person(who).can_see_order(reference)


@then(parsers.re(r'(the shop refuses|staff are refused) with the message "(?P<message>.*)"'))
def _(world: World, message: str) -> None:
    assert world.refusal is not None
    assert message in world.refusal


@then("no request was refused")
def _(world: World) -> None:
    assert world.refusals == []
