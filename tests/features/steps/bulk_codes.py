"""Steps about discount codes in bulk, which staff manage by command."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from pytest_bdd import parsers, then, when

from core.discounts.discount import DiscountSearch
from tests.features.command_line_staff import CommandLineStaff
from tests.features.world import World

parse = parsers.parse


def run(world: World, *arguments: str, typed: str | None = None) -> None:
    """Run a command about discounts and keep its output."""
    world.output = CommandLineStaff(world).printed("discounts", *arguments, typed=typed)


def batch(world: World, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = CommandLineStaff(world).json(
        "discounts", "list", "--batch", name
    )["discounts"]
    return found


def first_code(world: World, name: str) -> str:
    with world.shop.read() as work:
        [offer] = work.discounts.search(DiscountSearch(batch=name, limit=1))
    return offer.discount.code.text


@when(
    parse(
        'staff generate {count:d} single-use codes with the prefix "{prefix}" '
        'for {percent:d} percent off in the batch "{name}"'
    )
)
def _(world: World, count: int, prefix: str, percent: int, name: str) -> None:
    terms = ("--kind", "percent-off", "--amount", str(percent), "--redemption", "one-time")
    named = ("--count", str(count), "--prefix", prefix, "--batch", name)
    run(world, "generate", *named, *terms, "--as", "eve")


@when(parse('{who:w} enters the first code of the batch "{name}"'))
def _(world: World, who: str, name: str) -> None:
    world.person(who).enter_code(first_code(world, name))


@then(parse('the batch "{name}" has {count:d} usable codes'))
def _(world: World, name: str, count: int) -> None:
    assert sum(code["usable"] for code in batch(world, name)) == count


@when(parse('staff expire the batch "{name}"'))
def _(world: World, name: str) -> None:
    run(world, "expire", "--batch", name, "--yes", "--as", "eve")


@when(parse('staff preview expiring the batch "{name}"'))
def _(world: World, name: str) -> None:
    run(world, "expire", "--batch", name, "--dry-run")


@when(parse('staff expire the codes that begin with "{prefix}"'))
def _(world: World, prefix: str) -> None:
    run(world, "expire", "--prefix", prefix, "--yes", "--as", "eve")


@when(parse('staff extend the batch "{name}" by {days:d} days'))
def _(world: World, name: str, days: int) -> None:
    until = (world.shop.now() + timedelta(days=days)).isoformat()
    run(world, "extend", "--batch", name, "--until", until, "--yes", "--as", "eve")


@when("staff import the discounts")
def _(world: World, datatable: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(datatable)
    run(world, "import", "-", "--as", "eve", typed=text.getvalue())


@when(parse('staff assign the batch "{name}" to "{email}"'))
def _(world: World, email: str, name: str) -> None:
    run(world, "assign", "--batch", name, "--email", email, "--yes", "--as", "eve")


@when(parse('staff diagnose the code "{code}" for "{sku}"'))
def _(world: World, code: str, sku: str) -> None:
    run(world, "check", code, "--sku", sku)


@when(parse('staff list the redemptions of the code "{code}"'))
def _(world: World, code: str) -> None:
    run(world, "redemptions", code)


@when("staff run the discount report")
def _(world: World) -> None:
    run(world, "report", "--by", "code")


@then(parsers.re(r'staff read "(?P<words>.*)"'))
def _(world: World, words: str) -> None:
    assert words in world.output


@then(parse('the audit log of the first code of the batch "{name}" shows'))
def _(world: World, name: str, datatable: list[list[str]]) -> None:
    shown = CommandLineStaff(world).json("discounts", "show", first_code(world, name))
    entries = [[e["by"].removeprefix("staff "), e["what"]] for e in shown["journal"]]
    assert entries == datatable[1:]
