"""The picture of the architecture is drawn from the imports, and they have no circle."""

from graphlib import CycleError

import pytest

from tests.documents.programs import ROOT, program

picture = program("architecture_picture")

IMPORTS = [
    ("entrypoints.cli.app", "entrypoints.web.app"),
    ("entrypoints.web.app", "core.use_cases.checkout.place_order"),
    ("adapters.sql.orders", "core.orders.order"),
    ("core.use_cases.checkout.place_order", "core.orders.order"),
    ("core.orders.order", "core.money"),
]


def test_the_picture_shows_the_imports_as_they_are() -> None:
    """`make reference` draws it again."""
    drawn = picture.picture(picture.uses_of(picture.product_imports()))
    assert (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8") == drawn


def test_a_package_is_above_what_it_imports() -> None:
    uses = picture.uses_of(IMPORTS)
    assert picture.rows_of(picture.within("entrypoints", uses)) == [
        ["entrypoints.cli"],
        ["entrypoints.web"],
    ]


def test_an_import_that_a_longer_way_implies_has_no_arrow() -> None:
    uses = {"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()}
    assert picture.without_shortcuts(uses) == {**uses, "a": frozenset("b")}


def test_an_import_cycle_cannot_be_drawn() -> None:
    circle = [*IMPORTS, ("entrypoints.web.app", "entrypoints.cli.app")]
    with pytest.raises(CycleError):
        picture.picture(picture.uses_of(circle))


def test_an_import_of_a_band_above_cannot_be_drawn() -> None:
    back = [*IMPORTS, ("core.money", "adapters.sql.orders")]
    with pytest.raises(ValueError, match="core imports adapters"):
        picture.picture(picture.uses_of(back))
