"""The sentences of the features, and what each does to the world it is told in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import attrs
import pytest
from pytest_bdd import given, parsers, step, then, when

from core.discounts.discount import RedemptionType
from core.money import Currency, Money
from core.products.product import Listing, Sku
from core.products.written import COLUMNS
from tests.features.world import World

parse = parsers.parse


def pytest_bdd_apply_tag(tag: str, function: Any) -> bool | None:
    """Tags say which ways a feature is told; they are no marks of pytest's."""
    return True


@pytest.fixture
def world() -> World:
    """Each way of telling the features has its own."""
    raise NotImplementedError


# The shelf.


@given(
    parsers.re(
        r'the shop sells the run "(?P<sku>[^"]+)" for [$](?P<price>[\d.]+)'
        r"( with (?P<seats>\d+) seats?)?"
    )
)
def _(world: World, sku: str, price: str, seats: str | None) -> None:
    world.sells_run(sku, Money.of(price), int(seats) if seats else None)


@given(
    parsers.re(
        r'the shop sells the run "(?P<sku>[^"]+)" for (?P<price>[\d.]+) (?P<currency>[A-Z]{3})'
    )
)
def _(world: World, sku: str, price: str, currency: str) -> None:
    world.sells_run(sku, Money.of(price, Currency.of(currency)))


@given(parse('the shop sells the program "{sku}" of {numbers} for ${price}'))
def _(world: World, sku: str, numbers: str, price: str) -> None:
    world.sells_program(sku, re.findall(r'"([^"]+)"', numbers), Money.of(price))


@step(parse('"{sku}" is {listing:w}'))
def _(world: World, sku: str, listing: str) -> None:
    world.lists(sku, Listing(listing))


@given(parse('"{sku}" is sold from in {start:d} hour until in {end:d} hours'))
def _(world: World, sku: str, start: int, end: int) -> None:
    now = world.shop.now()
    world.changes(
        sku,
        lambda product: attrs.evolve(
            product,
            enrollment_opens_at=now + timedelta(hours=start),
            payment_deadline_at=now + timedelta(hours=end),
        ),
    )


@when(parse('the price of "{sku}" changes to ${price}'))
def _(world: World, sku: str, price: str) -> None:
    now = world.shop.now()
    world.changes(sku, lambda product: product.repriced(Money.of(price), now))


@given(
    parsers.re(
        r'the code "(?P<code>\w+)" takes (?P<amount>[\d.]+) (?P<unit>percent|dollars) off'
        r'( "(?P<sku>[^"]+)")?( (?P<limit>once|for 1 hour))?$'
    )
)
def _(world: World, code: str, amount: str, unit: str, sku: str | None, limit: str | None) -> None:
    more: dict[str, Any] = {"skus": (sku,) if sku else ()}
    if limit == "once":
        more["redemption_type"] = RedemptionType.ONE_TIME
    elif limit:
        more["expires_at"] = world.shop.now() + timedelta(hours=1)
    world.discounts(code, f"{unit}-off", amount, **more)


@given(parse('the code "{code}" takes the price to {amount}'))
def _(world: World, code: str, amount: str) -> None:
    world.discounts(code, "fixed-price", amount)


@given(parse('{who:w} has a discount "{code}" of {percent:d} percent'))
def _(world: World, who: str, code: str, percent: int) -> None:
    world.assigns(code, str(percent), world.person(who))


# Shopping.


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


# Ordering and paying.


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


# Money, by the gateway's own books.


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


# The gateway, the clock and the platform.


@given("the gateway is out of reach")
def _(world: World) -> None:
    world.gateway.out_of_reach = True


@when("the gateway can be reached again")
def _(world: World) -> None:
    world.gateway.out_of_reach = False


@when(parse("the gateway accepts {who:w}'s payment"))
def _(world: World, who: str) -> None:
    world.decides(world.person(who), good=True)


@when(parse("the gateway rejects {who:w}'s payment"))
def _(world: World, who: str) -> None:
    world.decides(world.person(who), good=False)


@when("the gateway forgets what it knows")
def _(world: World) -> None:
    world.gateway.forgetful = True


@when(parse("the gateway remembers that {who:w} has paid"))
def _(world: World, who: str) -> None:
    world.speaks_at_last(world.person(who))


@given("the gateway refuses the next refund")
def _(world: World) -> None:
    world.gateway.refuses_next_refund = True


@given("the answer to the next refund gets lost")
def _(world: World) -> None:
    world.gateway.loses_next_refund = True


@when(parsers.re(r"(?P<minutes>\d+) minutes? pass(es)?"))
def _(world: World, minutes: str) -> None:
    world.counter.clock.advance(minutes=int(minutes))


@when("the clock does its work")
def _(world: World) -> None:
    world.staff.keeps_up()


@when("the platform is told")
def _(world: World) -> None:
    world.staff.delivers()


@given("the platform is in trouble")
def _(world: World) -> None:
    world.platform.in_trouble = True


@when("the platform is well again")
def _(world: World) -> None:
    world.platform.in_trouble = False


@then("the platform has heard")
def _(world: World, datatable: list[list[str]]) -> None:
    assert [event.name.value for event in world.platform.heard] == [row[0] for row in datatable]


@then("the platform has heard nothing")
def _(world: World) -> None:
    assert world.platform.heard == []


@then(parse("line {position:d} of {who:w}'s order is {fulfilment:w}"))
def _(world: World, position: int, who: str, fulfilment: str) -> None:
    reference = world.person(who).orders()[0]
    assert world.staff.fulfilment(reference, position) == fulfilment


# Staff.


@when("staff import", target_fixture="imported")
def _(world: World, datatable: list[list[str]]) -> tuple[int, int, int]:
    names, *rows = datatable
    return world.staff.imports([_written(dict(zip(names, row, strict=True))) for row in rows])


def _written(cells: dict[str, str]) -> dict[str, str]:
    """A whole row of a catalogue from what a feature says of it."""
    number, _, term = cells["sku"].rpartition("-")
    usual = {
        "kind": "course-run",
        "readable_id": f"course-v1:MITxT+{number}+{term}",
        "title": f"Course {number}",
        "currency": "USD",
        "course": f"course-v1:MITxT+{number}",
    }
    return {name: {**usual, **cells}.get(name, "") for name in COLUMNS}


@then(parse("the import added {added:d}, changed {changed:d} and left {left:d}"))
def _(imported: tuple[int, int, int], added: int, changed: int, left: int) -> None:
    assert imported == (added, changed, left)


@then(parse('the price of "{sku}" was {prices}'))
def _(world: World, sku: str, prices: str) -> None:
    assert [f"${price}" for price in world.staff.prices(sku)] == prices.split(", ")


@then(parse('there is no "{sku}" in the shop'))
def _(world: World, sku: str) -> None:
    with world.shop.look() as work:
        assert work.products.among([Sku(sku)]) == {}


@when(parse('staff change the price of "{sku}" to ${price}'))
def _(world: World, sku: str, price: str) -> None:
    world.staff.reprices(sku, price)


@when(parse('staff withdraw "{sku}"'))
def _(world: World, sku: str) -> None:
    world.staff.withdraws(sku)


@when(parse('staff put "{sku}" back on sale'))
def _(world: World, sku: str) -> None:
    world.staff.restores(sku)


@when(parse("staff refund {who:w}'s order"))
def _(world: World, who: str) -> None:
    world.staff.refunds(world.person(who).orders()[0])


@when(parse("staff refund ${amount} of {who:w}'s order"))
def _(world: World, amount: str, who: str) -> None:
    world.staff.refunds(world.person(who).orders()[0], amount=amount)


@when(parse("staff refund line {line:d} of {who:w}'s order"))
def _(world: World, line: int, who: str) -> None:
    world.staff.refunds(world.person(who).orders()[0], line=line)
