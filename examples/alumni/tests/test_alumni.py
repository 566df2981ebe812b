"""Alumni pay half: on the pages of a shop and at its command line."""

from collections.abc import Iterator

import pytest

from coursetill_testing.command_line import CommandLine, Listener
from coursetill_testing.town import Person, Town, town_with_extensions

SKU = "STATS-1"


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    """A shop with this extension, on each kind of database."""
    with town_with_extensions(database_url, EXTENSIONS="alumni", STAFF="ann") as town:
        yield town


@pytest.fixture
def ada(town: Town) -> Person:
    return town.person("Ada Lovelace")


@pytest.fixture
def command_line(town: Town) -> CommandLine:
    environ = {"COURSETILL_EXTENSIONS": "alumni"}
    return CommandLine(town.shop, town.gateway, Listener(), town.clock, environ=environ)


def test_a_learner_outside_the_list_pays_the_list_price(ada: Person) -> None:
    assert "you are one of our alumni" not in ada.visit(f"/products/{SKU}").text


def test_an_alumna_who_registers_pays_half(ada: Person) -> None:
    ada.visit("/alumni/")
    ada.press("/alumni/")
    ada.puts_in(SKU)
    assert "50 % off: you are one of our alumni (ALUMNI/HALF)" in ada.visit("/basket").text


def test_staff_can_add_an_alumna(ada: Person, command_line: CommandLine) -> None:
    command_line.ok("alumni", "add", "ada-lovelace@example.org")
    assert "You are on our list since" in ada.visit("/alumni/").text
