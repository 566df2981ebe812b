"""The feature of financial aid: learners on web pages, staff at the command line."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from coursetill_testing.command_line import CommandLine
from coursetill_testing.town import Person, Town

DOOR = "http"
scenarios("financial_aid.feature")

PAGE = "/financial-aid/DEDP"
NAMES = {"ada": "Ada Lovelace", "bob": "Bob Kahn"}


@attrs.define
class AidWorld:
    """One shop with financial aid, its learners and their orders."""

    town: Town
    till: CommandLine
    people: dict[str, Person] = attrs.field(factory=dict)
    orders: dict[str, str] = attrs.field(factory=dict)
    tiers: list[str] = attrs.field(factory=list)

    def person(self, name: str) -> Person:
        name = name.lower()
        if name not in self.people:
            self.people[name] = self.town.person(NAMES[name])
        return self.people[name]

    def set_tiers(self, *more: str) -> None:
        tiers = [part for tier in self.tiers for part in ("--tier", tier)]
        options = ["tiers", "set", "DEDP", "--program", "DEDP-MM", *tiers, *more]
        self.till.ok("financial-aid", *options)

    def import_table(self, kind: str, table: Any) -> None:
        typed = "\n".join(",".join(row) for row in table)
        result = self.till.run("financial-aid", kind, "import", "-", typed=typed)
        assert result.exit_code == 0, result.output

    def requests(self) -> Any:
        return self.till.shape("financial-aid", "requests", "list")["requests"]

    def decide(self, decision: str, name: str, why: str, *more: str) -> None:
        request = next(each["id"] for each in self.requests() if name.lower() in each["email"])
        self.till.ok("financial-aid", "requests", decision, request, "--reason", why, *more)


@pytest.fixture
def world(town: Town, till: CommandLine) -> AidWorld:
    return AidWorld(town, till)


@given(parsers.parse('staff set the tiers of "DEDP" for the courses of the program "DEDP-MM"'))
def _tiers(world: AidWorld, datatable: Any) -> None:
    world.tiers = [f"{income}:{saving}" for income, saving in datatable[1:]]
    world.set_tiers()


@given(parsers.parse('staff set the tiers of "DEDP" for its courses and the program "DEDP-MM"'))
def _tiers_with_program(world: AidWorld, datatable: Any) -> None:
    world.tiers = [f"{income}:{saving}" for income, saving in datatable[1:]]
    world.set_tiers("--with-program")


@given(parsers.parse("staff review applications with an income below {income}"))
def _held_below(world: AidWorld, income: str) -> None:
    world.set_tiers("--held-below", income)


@given("staff import these country limits")
def _limits(world: AidWorld, datatable: Any) -> None:
    world.import_table("countries", datatable)


@given("staff import these exchange rates")
def _rates(world: AidWorld, datatable: Any) -> None:
    world.import_table("rates", datatable)


@given(parsers.parse('{name} applied with an income of {income} {currency} in "{country}"'))
@when(parsers.parse('{name} applies with an income of {income} {currency} in "{country}"'))
def _tells(world: AidWorld, name: str, income: str, currency: str, country: str) -> None:
    person = world.person(name)
    person.visit(PAGE)
    person.press(PAGE, income=income, currency=currency, country=country, consent="yes")
    person.follow()


@when(parsers.parse('{name} applies again with an income of {income} {currency} in "{country}"'))
def _tells_again(world: AidWorld, name: str, income: str, currency: str, country: str) -> None:
    answers = {"income": income, "currency": currency, "country": country, "consent": "yes"}
    page = world.person(name).send(PAGE, **answers)
    assert page.status == 422
    assert "You have asked for financial assistance for MicroMasters in Data" in page.text


@when(
    parsers.re(
        r'(?P<name>\w+) fills in "(?P<income>[^"]*)", "(?P<currency>[^"]*)", '
        r'"(?P<country>[^"]*)" and "(?P<consent>[^"]*)"'
    )
)
def _fills_in(
    world: AidWorld, name: str, income: str, currency: str, country: str, consent: str
) -> None:
    answers = {"income": income, "currency": currency, "country": country, "consent": consent}
    person = world.person(name)
    person.visit(PAGE)
    assert person.press(PAGE, **answers).status == 422


@when(parsers.parse("{name} withdraws the application"))
def _takes_back(world: AidWorld, name: str) -> None:
    person = world.person(name)
    person.visit(PAGE)
    person.press(f"{PAGE}/withdraw")
    person.follow()


@when(parsers.parse('{name} buys "{sku}"'))
def _buys(world: AidWorld, name: str, sku: str) -> None:
    person = world.person(name)
    world.orders[name] = person.orders(sku)
    person.pays(world.orders[name])


@when(parsers.parse('staff {decision:w} {name:w}\'s application with the reason "{why}"'))
def _decides(world: AidWorld, decision: str, name: str, why: str) -> None:
    world.decide(decision, name, why)


@when(
    parsers.parse(
        'staff approve {name:w}\'s application at the tier of {income} with the reason "{why}"'
    )
)
def _approves_at(world: AidWorld, name: str, income: str, why: str) -> None:
    world.decide("approve", name, why, "--tier", income)


@when(parsers.parse("{days:d} days pass"))
def _passes(world: AidWorld, days: int) -> None:
    world.town.clock.advance(days=days)


@then(parsers.parse('{name} is told that "{text}"'))
def _is_told(world: AidWorld, name: str, text: str) -> None:
    assert text in world.person(name).visit(PAGE).text


@then(parsers.parse('{name} is not told that "{text}"'))
def _is_not_told(world: AidWorld, name: str, text: str) -> None:
    assert text not in world.person(name).visit(PAGE).text


@then(parsers.parse("{name} sees the application form"))
def _has_form(world: AidWorld, name: str) -> None:
    assert world.person(name).visit(PAGE).offers(PAGE)


@then(parsers.parse('{name} is told beside the field "{field}" that "{why}"'))
def _beside(world: AidWorld, name: str, field: str, why: str) -> None:
    answer = world.person(name).page.response.text
    found = re.search(rf'<p class="fault" id="{field}-fault">(.*?)</p>', answer)
    assert found is not None
    assert why in found[1]
    assert re.search(rf'aria-describedby="{field}-fault [^"]*" aria-invalid="true"', answer)


@then("there is no application")
def _nobody(world: AidWorld) -> None:
    assert world.requests() == []


@then(parsers.parse('{name} would pay ${price} for "{sku}"'))
def _would_pay(world: AidWorld, name: str, price: str, sku: str) -> None:
    answer = world.person(name).visit(f"/products/{sku}").response.text
    found = re.search(r'<p class="price">([^ <]*)', answer)
    assert found is not None
    assert found[1] == f"${price}"


@then(parsers.parse('{name} sees "{text}" beside "{sku}"'))
def _reads(world: AidWorld, name: str, text: str, sku: str) -> None:
    person = world.person(name)
    assert text in person.visit(f"/products/{sku}").text
    person.puts_in(sku)
    assert text in person.visit("/basket").text


@then(parsers.parse("{name} paid ${amount}"))
def _paid(world: AidWorld, name: str, amount: str) -> None:
    order = world.town.order(world.orders[name])
    assert (order.state.value, order.total.plain) == ("paid", amount)


@then(parsers.parse('{name}\'s receipt shows "{text}"'))
def _receipt(world: AidWorld, name: str, text: str) -> None:
    page = world.person(name).visit(f"/orders/{world.orders[name]}/receipt")
    assert text in page.text
