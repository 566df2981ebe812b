"""Steps about paying with a card, and about what the payment gateway does."""

from __future__ import annotations

from pytest_bdd import given, parsers, step, then, when

from core.money import Currency, Money
from tests.features.world import World

parse = parsers.parse


@when(parse("{who:w} pays with a valid card"))
@when(parse("{who:w} tries to pay again"))
def _(world: World, who: str) -> None:
    world.person(who).pay(world.gateway_world.type_good_card)


@when(parse("{who:w} pays with a valid card and submits the form twice"))
def _(world: World, who: str) -> None:
    world.person(who).pay(world.gateway_world.type_good_card, times=2)


@when(parse("{who:w} pays with a valid card and closes the tab at once"))
def _(world: World, who: str) -> None:
    world.person(who).pay(world.gateway_world.type_good_card, times=0)


@when(parse("{who:w} opens the card form and leaves it unattended"))
def _(world: World, who: str) -> None:
    world.person(who).pay(world.leave_unattended, times=0)


@when(parse("{who:w} pays in the card form that {_:w} left open"))
def _(world: World, who: str) -> None:
    world.gateway_world.type_good_card(world.form_left_open)


@when(parse("{who:w} pays with a card that is declined for insufficient funds"))
def _(world: World, who: str) -> None:
    world.person(who).pay(world.gateway_world.type_empty_card)


@when(parse("{who:w} pays {times:d} times with a card that is declined for insufficient funds"))
def _(world: World, who: str, times: int) -> None:
    for _ in range(times):
        world.person(who).pay(world.gateway_world.type_empty_card)


@when(parse("{who:w} pays with a card that the payment gateway holds for review"))
def _(world: World, who: str) -> None:
    world.person(who).pay(world.gateway_world.type_odd_card)


@when(parse("{who:w} pays with a valid card, but the payment gateway's answer is lost"))
def _(world: World, who: str) -> None:
    world.gateway_world.lose_next_answer("payments")
    world.person(who).pay(world.gateway_world.type_good_card)


@when(parse("{who:w} pays with a valid card, but the request never reaches the payment gateway"))
def _(world: World, who: str) -> None:
    world.gateway_world.lose_next_charge()
    world.person(who).pay(world.gateway_world.type_good_card)


@when(parse("{who:w} pays with a card that is approved for a part of the amount only"))
def _(world: World, who: str) -> None:
    world.person(who).pay(world.type_partly_approved_card)


@when(
    parsers.re(
        r"(?P<who>\w+) pays with a valid card, but the payment gateway captures "
        r"(?P<amount>[\d.]+) (?P<currency>[A-Z]{3})"
    )
)
def _(world: World, who: str, amount: str, currency: str) -> None:
    world.gateway.captures_next = Money.of(amount, Currency.of(currency))
    world.person(who).pay(world.gateway_world.type_good_card)


@when(parse("{who:w} asks whether the payment went through"))
def _(world: World, who: str) -> None:
    world.person(who).enquire_payment()


@given("the card form captures the payment itself")
def _(world: World) -> None:
    world.gateway_world.let_forms_pay()


@step("the payment gateway is unavailable")
def _(world: World) -> None:
    world.gateway.unavailable = True


@when("the payment gateway is available again")
def _(world: World) -> None:
    world.gateway.unavailable = False


@when(parse("the payment gateway accepts {who:w}'s payment"))
def _(world: World, who: str) -> None:
    world.decide_review(world.person(who), good=True)


@when(parse("the payment gateway rejects {who:w}'s payment"))
def _(world: World, who: str) -> None:
    world.decide_review(world.person(who), good=False)


@when("the payment gateway has no record of the payment")
def _(world: World) -> None:
    world.gateway.has_no_records = True


@when(parse("the payment gateway reports that {who:w} has paid"))
def _(world: World, who: str) -> None:
    world.report_result(world.person(who))


@when(parse("the payment gateway reports that {who:w}'s first payment went through"))
def _(world: World, who: str) -> None:
    world.report_result(world.person(who), of_attempt=0)


@step("the payment gateway rejects the next refund")
def _(world: World) -> None:
    world.gateway.rejects_next_refund = True


@given("the payment gateway's answer to the next refund is lost")
def _(world: World) -> None:
    world.gateway.loses_next_refund_answer = True


@then(parse("${amount} was charged"))
def _(world: World, amount: str) -> None:
    assert world.captured() == Money.of(amount)


@then("nothing was charged")
def _(world: World) -> None:
    assert world.captured() == Money(0)


@then(parse("${amount} was refunded"))
def _(world: World, amount: str) -> None:
    assert world.refunded() == Money.of(amount)


@then("nothing was refunded")
def _(world: World) -> None:
    assert world.refunded() == Money(0)
