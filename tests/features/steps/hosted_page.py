"""Steps about the payment gateway's hosted page, and how its result reaches the shop."""

from __future__ import annotations

from pytest_bdd import given, parsers, when

from tests.features.world import World

parse = parsers.parse


@given("learners pay on the payment gateway's hosted page")
def _(world: World) -> None:
    world.use_hosted_page()


@when(parse("{who:w} goes to the hosted page"))
def _(world: World, who: str) -> None:
    form = world.person(who).open_hosted_page()
    world.tabs = [] if form is None else [world.site.open(form)]


@when(parse("{_:w} opens the hosted page in a second tab"))
def _(world: World) -> None:
    world.tabs.append(world.tabs[0])


@when(parse("{who:w} pays there with a valid card"))
def _(world: World, who: str) -> None:
    world.notification = world.tabs[0].pay()
    world.person(who).return_from_hosted_page(world.notification)


@when(parse("{who:w} pays in the second tab with a valid card"))
def _(world: World, who: str) -> None:
    world.notification = world.tabs[1].pay()
    world.person(who).return_from_hosted_page(world.notification)


@when(parse("{_:w} pays there with a valid card and does not return to the shop"))
def _(world: World) -> None:
    world.notification = world.tabs[0].pay()


@when(parse("{who:w} pays there with a card that is declined for insufficient funds"))
def _(world: World, who: str) -> None:
    world.notification = world.tabs[0].pay(declined=True)
    world.person(who).return_from_hosted_page(world.notification)


@when(parse("{who:w} cancels on the hosted page"))
def _(world: World, who: str) -> None:
    world.notification = world.tabs[0].cancel()
    world.person(who).return_from_hosted_page(world.notification)


@when(parse("{who:w} sends a forged notification of payment"))
def _(world: World, who: str) -> None:
    world.person(who).return_from_hosted_page(world.tabs[0].forged())


@when("the payment gateway's notification arrives")
def _(world: World) -> None:
    world.receive_page_reply(world.notification)
