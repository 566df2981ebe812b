"""Sentences about many discount codes at once, which staff see to by command."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from pytest_bdd import parsers, then, when

from core.discounts.discount import DiscountSearch
from tests.features.by_command import CommandLine
from tests.features.world import World

parse = parsers.parse


def told(world: World, *arguments: str, typed: str | None = None) -> None:
    """Remember what the command line says on stdout."""
    world.printed = CommandLine(world).says("discounts", *arguments, typed=typed)


def batch(world: World, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = CommandLine(world).shape("discounts", "list", "--batch", name)[
        "discounts"
    ]
    return found


def first_code(world: World, name: str) -> str:
    with world.shop.read() as work:
        [offer] = work.discounts.search(DiscountSearch(batch=name, limit=1))
    return offer.discount.code.text


@when(
    parse(
        'staff make {count:d} codes "{prefix}" of {percent:d} percent, once each, '
        'as the batch "{name}"'
    )
)
def _(world: World, count: int, prefix: str, percent: int, name: str) -> None:
    terms = ("--kind", "percent-off", "--amount", str(percent), "--redemption", "one-time")
    named = ("--count", str(count), "--prefix", prefix, "--batch", name)
    told(world, "generate", *named, *terms, "--as", "eve")


@when(parse('{who:w} enters the first code of the batch "{name}"'))
def _(world: World, who: str, name: str) -> None:
    world.person(who).enters(first_code(world, name))


@then(parse('the batch "{name}" has {count:d} codes that can be used'))
def _(world: World, name: str, count: int) -> None:
    assert sum(code["usable"] for code in batch(world, name)) == count


@when(parse('staff end the batch "{name}"'))
def _(world: World, name: str) -> None:
    told(world, "expire", "--batch", name, "--yes", "--as", "eve")


@when(parse('staff try what ending the batch "{name}" would do'))
def _(world: World, name: str) -> None:
    told(world, "expire", "--batch", name, "--dry-run")


@when(parse('staff end the codes that begin with "{prefix}"'))
def _(world: World, prefix: str) -> None:
    told(world, "expire", "--prefix", prefix, "--yes", "--as", "eve")


@when(parse('staff extend the batch "{name}" by {days:d} days'))
def _(world: World, name: str, days: int) -> None:
    until = (world.shop.now() + timedelta(days=days)).isoformat()
    told(world, "extend", "--batch", name, "--until", until, "--yes", "--as", "eve")


@when("staff import the discounts")
def _(world: World, datatable: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(datatable)
    told(world, "import", "-", "--as", "eve", typed=text.getvalue())


@when(parse('staff let "{email}" have the batch "{name}"'))
def _(world: World, email: str, name: str) -> None:
    told(world, "assign", "--batch", name, "--email", email, "--yes", "--as", "eve")


@when(parse('staff check the code "{code}" for "{sku}"'))
def _(world: World, code: str, sku: str) -> None:
    told(world, "check", code, "--sku", sku)


@when(parse('staff ask who used the code "{code}"'))
def _(world: World, code: str) -> None:
    told(world, "redemptions", code)


@when("staff add up what discounts gave away")
def _(world: World) -> None:
    told(world, "report", "--by", "code")


@then(parsers.re(r'staff are told "(?P<words>.*)"'))
def _(world: World, words: str) -> None:
    assert words in world.printed


@then(parse('the journal of the first code of the batch "{name}" says'))
def _(world: World, name: str, datatable: list[list[str]]) -> None:
    shown = CommandLine(world).shape("discounts", "show", first_code(world, name))
    entries = [[e["by"].removeprefix("staff "), e["what"]] for e in shown["journal"]]
    assert entries == datatable[1:]
