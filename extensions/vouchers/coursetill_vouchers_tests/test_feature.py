"""The feature of vouchers: learners on web pages, staff at the command line."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest
from click.testing import Result
from pytest_bdd import given, parsers, scenarios, then, when

from coursetill_testing.command_line import CommandLine
from coursetill_testing.town import Person, Town

DOOR = "http"
scenarios("vouchers.feature")

NAMES = {"ada": "Ada Lovelace", "bob": "Bob Kahn"}


@attrs.define
class VoucherWorld:
    """One shop with vouchers, its learners, and the last command of staff."""

    town: Town
    till: CommandLine
    people: dict[str, Person] = attrs.field(factory=dict)
    paid: dict[str, str] = attrs.field(factory=dict)
    result: Result | None = None

    def person(self, name: str) -> Person:
        name = name.lower()
        if name not in self.people:
            self.people[name] = self.town.person(NAMES[name])
        return self.people[name]

    def staff(self, *arguments: str, typed: str | None = None) -> None:
        self.result = self.till.run("vouchers", *arguments, typed=typed)

    def succeed(self, *arguments: str) -> None:
        self.staff(*arguments)
        assert self.result is not None
        assert self.result.exit_code == 0, self.result.output

    def voucher_page(self, name: str, number: str) -> str:
        page = self.person(name).visit("/vouchers/")
        assert number in page.text
        return page.text


@pytest.fixture
def world(town: Town, till: CommandLine) -> VoucherWorld:
    return VoucherWorld(town, till)


@given(
    parsers.parse(
        'staff issued voucher "{number}" of "{employer}" to "{whom}" for "{sku}" and ${amount}'
    )
)
def _entered(
    world: VoucherWorld, number: str, employer: str, whom: str, sku: str, amount: str
) -> None:
    whose = ["--employee", "Somebody", "--email", whom] if "@" in whom else ["--employee", whom]
    of = ["--employer", employer, "--course", sku, "--amount", amount]
    world.succeed("enter", number, *of, *whose)


@given(
    parsers.parse('{name} entered voucher "{number}" of "{employer}" for "{course}" and ${amount}')
)
@when(
    parsers.parse('{name} enters voucher "{number}" of "{employer}" for "{course}" and ${amount}')
)
def _enters(
    world: VoucherWorld, name: str, number: str, employer: str, course: str, amount: str
) -> None:
    person = world.person(name)
    person.visit("/vouchers/")
    person.press("/vouchers/", number=number, employer=employer, course=course, amount=amount)
    person.follow()


@when(parsers.parse("{name} signs in for the first time"))
def _signs_in(world: VoucherWorld, name: str) -> None:
    world.person(name)


@when(parsers.parse('{name} buys "{sku}"'))
def _buys(world: VoucherWorld, name: str, sku: str) -> None:
    person = world.person(name)
    reference = person.orders(sku)
    if world.town.order(reference).total:
        person.pays(reference)
    world.paid[name] = reference


@then(parsers.parse("{name} paid ${amount}"))
def _paid(world: VoucherWorld, name: str, amount: str) -> None:
    order = world.town.order(world.paid[name])
    assert (order.state.value, order.total.plain) == ("paid", amount)


@then(parsers.parse("{name}'s receipt shows a discount of ${amount}"))
def _receipt(world: VoucherWorld, name: str, amount: str) -> None:
    page = world.person(name).visit(f"/orders/{world.paid[name]}/receipt")
    assert re.search(r"VOUCHER-\w+", page.text)
    assert f"−${amount}" in page.text


@then(parsers.parse('{name}\'s voucher "{number}" pays for "{title}"'))
def _pays(world: VoucherWorld, name: str, number: str, title: str) -> None:
    assert f"Pays for {title}" in world.voucher_page(name, number)


@then(parsers.parse('{name}\'s voucher "{number}" is used'))
def _used(world: VoucherWorld, name: str, number: str) -> None:
    assert "Used for" in world.voucher_page(name, number)


@then(parsers.parse('{name}\'s voucher "{number}" is being checked'))
def _checked(world: VoucherWorld, name: str, number: str) -> None:
    assert "We are checking this voucher" in world.voucher_page(name, number)


@then(parsers.parse('{name}\'s voucher "{number}" is not accepted'))
def _refused(world: VoucherWorld, name: str, number: str) -> None:
    assert "We could not accept this voucher" in world.voucher_page(name, number)


@when(parsers.parse('staff verify voucher "{number}" with the reason "{why}"'))
def _verify(world: VoucherWorld, number: str, why: str) -> None:
    world.succeed("verify", number, "--reason", why)


@when(parsers.parse('staff cancel voucher "{number}" with the reason "{why}"'))
def _cancel(world: VoucherWorld, number: str, why: str) -> None:
    world.succeed("cancel", number, "--reason", why, "--yes")


@when(parsers.parse('staff match voucher "{number}" with "{sku}"'))
def _match(world: VoucherWorld, number: str, sku: str) -> None:
    world.succeed("match", number, "--sku", sku)


@when("staff import these vouchers")
def _import(world: VoucherWorld, datatable: Any) -> None:
    written = "\n".join(",".join(row) for row in datatable)
    world.staff("import", "-", typed=written)


@then(parsers.parse('staff are refused with the message "{text}"'))
def _told(world: VoucherWorld, text: str) -> None:
    assert world.result is not None
    assert world.result.exit_code != 0
    assert text in world.result.stderr


@then("there are no vouchers")
def _none(world: VoucherWorld) -> None:
    assert world.till.shape("vouchers", "list")["vouchers"] == []


@then(parsers.parse("there are {count:d} vouchers, {issued:d} of them issued"))
def _count(world: VoucherWorld, count: int, issued: int) -> None:
    found = world.till.shape("vouchers", "list")["vouchers"]
    assert len(found) == count
    assert sum(voucher["state"] == "issued" for voucher in found) == issued
