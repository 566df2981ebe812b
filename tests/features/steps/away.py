"""Sentences about the gateway's own page: going there, what is done there, and who tells of it."""

from __future__ import annotations

from pytest_bdd import given, parsers, when

from tests.features.world import World

parse = parsers.parse


@given("learners pay on the gateway's own page")
def _(world: World) -> None:
    world.pays_away()


@when(parse("{who:w} goes to the payment page"))
def _(world: World, who: str) -> None:
    form = world.person(who).goes_away()
    world.tabs = [] if form is None else [world.site.opened(form)]


@when(parse("{_:w} opens it in a second tab"))
def _(world: World) -> None:
    world.tabs.append(world.tabs[0])


@when(parse("{who:w} pays there by a good card"))
def _(world: World, who: str) -> None:
    world.told = world.tabs[0].pays()
    world.person(who).comes_back(world.told)


@when(parse("{who:w} pays in the second tab by a good card"))
def _(world: World, who: str) -> None:
    world.told = world.tabs[1].pays()
    world.person(who).comes_back(world.told)


@when(parse("{_:w} pays there by a good card, and does not come back"))
def _(world: World) -> None:
    world.told = world.tabs[0].pays()


@when(parse("{who:w} pays there by an empty card"))
def _(world: World, who: str) -> None:
    world.told = world.tabs[0].pays(empty=True)
    world.person(who).comes_back(world.told)


@when(parse("{who:w} gives up there"))
def _(world: World, who: str) -> None:
    world.told = world.tabs[0].gives_up()
    world.person(who).comes_back(world.told)


@when(parse("{who:w} says that she has paid there"))
def _(world: World, who: str) -> None:
    world.person(who).comes_back(world.tabs[0].forged())


@when("the gateway tells how it went")
def _(world: World) -> None:
    world.hears(world.told)
