"""Sentences about letters, and about the mail server that carries them."""

from __future__ import annotations

import re

from pytest_bdd import given, parsers, step, then, when

from tests.features.world import World

parse = parsers.parse


@step("the mail server is down")
def _(world: World) -> None:
    world.post.down = True


@step("the mail server works again")
def _(world: World) -> None:
    world.post.down = False


@given(parse("the mail server knows nobody of {who:w}'s name"))
def _(world: World, who: str) -> None:
    world.post.unknown.add(world.person(who).learner.email)


@when("the post goes out")
def _(world: World) -> None:
    world.staff.delivers()


@when(parse("{days:d} days pass"))
def _(world: World, days: int) -> None:
    world.counter.clock.advance(days=days)


@when(parse("staff send {who:w}'s receipt again"))
def _(world: World, who: str) -> None:
    world.staff.resends_receipt(world.person(who).orders()[0])


def subjects(world: World, who: str) -> list[str]:
    address = world.person(who).learner.email
    return [letter.subject for letter in world.post.letters if letter.email == address]


@then(parsers.re(r"(?P<who>\w+) got (a letter|letters) about (?P<words>.+)"))
def _(world: World, who: str, words: str) -> None:
    wanted = re.findall(r'"([^"]+)"', words)
    found = subjects(world, who)
    assert len(found) == len(wanted), found
    assert all(each in subject for each, subject in zip(wanted, found, strict=True)), found


@then(parse("{who:w} got no letter"))
def _(world: World, who: str) -> None:
    assert subjects(world, who) == []
