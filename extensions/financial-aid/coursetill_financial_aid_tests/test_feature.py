"""Financial aid as learners meet it on pages, and staff at a terminal."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from coursetill_testing.command_line import CommandLine
from coursetill_testing.town import Person, Town

scenarios("financial_aid.feature")

PAGE = "/financial-aid/DEDP"
NAMES = {"ada": "Ada Lovelace", "bob": "Bob Kahn"}


@attrs.define
class Campus:
    """Who is about, and what they bought."""

    town: Town
    till: CommandLine
    people: dict[str, Person] = attrs.field(factory=dict)
    orders: dict[str, str] = attrs.field(factory=dict)
    tiers: list[str] = attrs.field(factory=list)

    def person(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = self.town.person(NAMES[name])
        return self.people[name]

    def sets(self, *more: str) -> None:
        told = [part for tier in self.tiers for part in ("--tier", tier)]
        of = ["tiers", "set", "DEDP", "--program", "DEDP-MM", *told, *more]
        self.till.ok("financial-aid", *of)

    def imports(self, what: str, table: Any) -> None:
        typed = "\n".join(",".join(row) for row in table)
        result = self.till.run("financial-aid", what, "import", "-", typed=typed)
        assert result.exit_code == 0, result.output

    def requests(self) -> Any:
        return self.till.shape("financial-aid", "requests", "list")["requests"]

    def decides(self, what: str, name: str, why: str, *more: str) -> None:
        request = next(each["id"] for each in self.requests() if name in each["email"])
        self.till.ok("financial-aid", "requests", what, request, "--reason", why, *more)


@pytest.fixture
def campus(town: Town, till: CommandLine) -> Campus:
    return Campus(town, till)


@given(parsers.parse('staff set the tiers of "DEDP" for the program "DEDP-MM"'))
def _tiers(campus: Campus, datatable: Any) -> None:
    campus.tiers = [f"{income}:{saving}" for income, saving in datatable[1:]]
    campus.sets()


@given(parsers.parse('staff set the tiers of "DEDP" for the program "DEDP-MM" too'))
def _tiers_with_program(campus: Campus, datatable: Any) -> None:
    campus.tiers = [f"{income}:{saving}" for income, saving in datatable[1:]]
    campus.sets("--with-program")


@given(parsers.parse("incomes below {income} are looked at"))
def _held_below(campus: Campus, income: str) -> None:
    campus.sets("--held-below", income)


@given("staff import these limits")
def _limits(campus: Campus, datatable: Any) -> None:
    campus.imports("countries", datatable)


@given("staff import these rates")
def _rates(campus: Campus, datatable: Any) -> None:
    campus.imports("rates", datatable)


@given(parsers.parse('{name} told an income of {income} {currency} in "{country}"'))
@when(parsers.parse('{name} tells an income of {income} {currency} in "{country}"'))
def _tells(campus: Campus, name: str, income: str, currency: str, country: str) -> None:
    person = campus.person(name)
    person.visit(PAGE)
    person.press(PAGE, income=income, currency=currency, country=country, consent="yes")
    person.follow()


@when(parsers.parse('{name} tells an income of {income} {currency} in "{country}" after all'))
def _tells_again(campus: Campus, name: str, income: str, currency: str, country: str) -> None:
    answers = {"income": income, "currency": currency, "country": country, "consent": "yes"}
    page = campus.person(name).send(PAGE, **answers)
    assert page.status == 422
    assert "You have asked for financial assistance for MicroMasters in Data" in page.text


@when(
    parsers.re(
        r'(?P<name>\w+) fills in "(?P<income>[^"]*)", "(?P<currency>[^"]*)", '
        r'"(?P<country>[^"]*)" and "(?P<consent>[^"]*)"'
    )
)
def _fills_in(
    campus: Campus, name: str, income: str, currency: str, country: str, consent: str
) -> None:
    answers = {"income": income, "currency": currency, "country": country, "consent": consent}
    person = campus.person(name)
    person.visit(PAGE)
    assert person.press(PAGE, **answers).status == 422


@when(parsers.parse("{name} takes it back"))
def _takes_back(campus: Campus, name: str) -> None:
    person = campus.person(name)
    person.visit(PAGE)
    person.press(f"{PAGE}/withdraw")
    person.follow()


@when(parsers.parse('{name} buys "{sku}"'))
def _buys(campus: Campus, name: str, sku: str) -> None:
    person = campus.person(name)
    campus.orders[name] = person.orders(sku)
    person.pays(campus.orders[name])


@when(parsers.parse('staff {what} what {name} asked for, because "{why}"'))
def _decides(campus: Campus, what: str, name: str, why: str) -> None:
    campus.decides(what, name, why)


@when(parsers.parse('staff approve what {name} asked for at the tier of {income}, because "{why}"'))
def _approves_at(campus: Campus, name: str, income: str, why: str) -> None:
    campus.decides("approve", name, why, "--tier", income)


@when(parsers.parse("{days:d} days pass"))
def _passes(campus: Campus, days: int) -> None:
    campus.town.clock.advance(days=days)


@then(parsers.parse('{name} is told that "{text}"'))
def _is_told(campus: Campus, name: str, text: str) -> None:
    assert text in campus.person(name).visit(PAGE).text


@then(parsers.parse('{name} is not told that "{text}"'))
def _is_not_told(campus: Campus, name: str, text: str) -> None:
    assert text not in campus.person(name).visit(PAGE).text


@then(parsers.parse("{name} has the form before her"))
def _has_form(campus: Campus, name: str) -> None:
    assert campus.person(name).visit(PAGE).offers(PAGE)


@then(parsers.parse('{name} is told beside "{field}" that "{why}"'))
def _beside(campus: Campus, name: str, field: str, why: str) -> None:
    answer = campus.person(name).page.response.text
    found = re.search(rf'<p class="fault" id="{field}-fault">(.*?)</p>', answer)
    assert found is not None
    assert why in found[1]
    assert re.search(rf'aria-describedby="{field}-fault [^"]*" aria-invalid="true"', answer)


@then("nobody has asked for anything")
def _nobody(campus: Campus) -> None:
    assert campus.requests() == []


@then(parsers.parse('{name} would pay ${price} for "{sku}"'))
def _would_pay(campus: Campus, name: str, price: str, sku: str) -> None:
    answer = campus.person(name).visit(f"/products/{sku}").response.text
    found = re.search(r'<p class="price">([^ <]*)', answer)
    assert found is not None
    assert found[1] == f"${price}"


@then(parsers.parse('{name} reads "{text}" beside "{sku}"'))
def _reads(campus: Campus, name: str, text: str, sku: str) -> None:
    person = campus.person(name)
    assert text in person.visit(f"/products/{sku}").text
    person.puts_in(sku)
    assert text in person.visit("/basket").text


@then(parsers.parse("{name} paid ${amount}"))
def _paid(campus: Campus, name: str, amount: str) -> None:
    order = campus.town.order(campus.orders[name])
    assert (order.state.value, order.total.plain) == ("paid", amount)


@then(parsers.parse('{name}\'s receipt says "{text}"'))
def _receipt(campus: Campus, name: str, text: str) -> None:
    page = campus.person(name).visit(f"/orders/{campus.orders[name]}/receipt")
    assert text in page.text
