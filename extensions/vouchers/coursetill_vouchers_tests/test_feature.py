"""Vouchers as learners meet them on pages, and staff at a terminal."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest
from click.testing import Result
from pytest_bdd import given, parsers, scenarios, then, when

from coursetill_testing.command_line import CommandLine
from coursetill_testing.town import Person, Town

scenarios("vouchers.feature")

NAMES = {"ada": "Ada Lovelace", "bob": "Bob Kahn"}


@attrs.define
class Street:
    """Who is about in town, and what staff were told last."""

    town: Town
    till: CommandLine
    people: dict[str, Person] = attrs.field(factory=dict)
    paid: dict[str, str] = attrs.field(factory=dict)
    told: Result | None = None

    def person(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = self.town.person(NAMES[name])
        return self.people[name]

    def staff(self, *arguments: str, typed: str | None = None) -> None:
        self.told = self.till.run("vouchers", *arguments, typed=typed)

    def done(self, *arguments: str) -> None:
        self.staff(*arguments)
        assert self.told is not None
        assert self.told.exit_code == 0, self.told.output

    def standing(self, name: str, number: str) -> str:
        page = self.person(name).visit("/vouchers/")
        assert number in page.text
        return page.text


@pytest.fixture
def street(town: Town, till: CommandLine) -> Street:
    return Street(town, till)


@given(
    parsers.parse(
        'staff wrote down voucher "{number}" of "{employer}" for "{whom}", "{sku}" and ${amount}'
    )
)
def _entered(street: Street, number: str, employer: str, whom: str, sku: str, amount: str) -> None:
    whose = ["--employee", "Somebody", "--email", whom] if "@" in whom else ["--employee", whom]
    of = ["--employer", employer, "--course", sku, "--amount", amount]
    street.done("enter", number, *of, *whose)


@given(
    parsers.parse('{name} entered voucher "{number}" of "{employer}" for "{course}" and ${amount}')
)
@when(
    parsers.parse('{name} enters voucher "{number}" of "{employer}" for "{course}" and ${amount}')
)
def _enters(
    street: Street, name: str, number: str, employer: str, course: str, amount: str
) -> None:
    person = street.person(name)
    person.visit("/vouchers/")
    person.press("/vouchers/", number=number, employer=employer, course=course, amount=amount)
    person.follow()


@when(parsers.parse("{name} signs in for the first time"))
def _signs_in(street: Street, name: str) -> None:
    street.person(name)


@when(parsers.parse('{name} buys "{sku}"'))
def _buys(street: Street, name: str, sku: str) -> None:
    person = street.person(name)
    reference = person.orders(sku)
    if street.town.order(reference).total:
        person.pays(reference)
    street.paid[name] = reference


@then(parsers.parse("{name} paid ${amount}"))
def _paid(street: Street, name: str, amount: str) -> None:
    order = street.town.order(street.paid[name])
    assert (order.state.value, order.total.plain) == ("paid", amount)


@then(parsers.parse("{name}'s receipt says that ${amount} were taken off"))
def _receipt(street: Street, name: str, amount: str) -> None:
    page = street.person(name).visit(f"/orders/{street.paid[name]}/receipt")
    assert re.search(r"VOUCHER-\w+", page.text)
    assert f"−${amount}" in page.text


@then(parsers.parse('{name}\'s voucher "{number}" pays for "{title}"'))
def _pays(street: Street, name: str, number: str, title: str) -> None:
    assert f"Pays for {title}" in street.standing(name, number)


@then(parsers.parse('{name}\'s voucher "{number}" is used'))
def _used(street: Street, name: str, number: str) -> None:
    assert "Used for" in street.standing(name, number)


@then(parsers.parse('{name}\'s voucher "{number}" is being checked'))
def _checked(street: Street, name: str, number: str) -> None:
    assert "We are checking this voucher" in street.standing(name, number)


@then(parsers.parse('{name}\'s voucher "{number}" is not accepted'))
def _refused(street: Street, name: str, number: str) -> None:
    assert "We could not accept this voucher" in street.standing(name, number)


@when(parsers.parse('staff verify voucher "{number}", because "{why}"'))
def _verify(street: Street, number: str, why: str) -> None:
    street.done("verify", number, "--reason", why)


@when(parsers.parse('staff cancel voucher "{number}", because "{why}"'))
def _cancel(street: Street, number: str, why: str) -> None:
    street.done("cancel", number, "--reason", why, "--yes")


@when(parsers.parse('staff match voucher "{number}" with "{sku}"'))
def _match(street: Street, number: str, sku: str) -> None:
    street.done("match", number, "--sku", sku)


@when("staff import these vouchers")
def _import(street: Street, datatable: Any) -> None:
    written = "\n".join(",".join(row) for row in datatable)
    street.staff("import", "-", typed=written)


@then(parsers.parse('staff are told "{text}"'))
def _told(street: Street, text: str) -> None:
    assert street.told is not None
    assert street.told.exit_code != 0
    assert text in street.told.stderr


@then("there are no vouchers")
def _none(street: Street) -> None:
    assert street.till.shape("vouchers", "list")["vouchers"] == []


@then(parsers.parse("there are {count:d} vouchers, {issued:d} of them issued"))
def _count(street: Street, count: int, issued: int) -> None:
    found = street.till.shape("vouchers", "list")["vouchers"]
    assert len(found) == count
    assert sum(voucher["state"] == "issued" for voucher in found) == issued
