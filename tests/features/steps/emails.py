"""Steps about emails to learners, and about the mail server."""

from __future__ import annotations

import re

from pytest_bdd import given, parsers, step, then, when

from tests.features.world import World

parse = parsers.parse


@step("the mail server is down")
def _(world: World) -> None:
    world.mail_server.down = True


@step("the mail server is up again")
def _(world: World) -> None:
    world.mail_server.down = False


@given(parse("the mail server rejects {who:w}'s address"))
def _(world: World, who: str) -> None:
    world.mail_server.rejected_addresses.add(world.person(who).learner.email)


@when(parse("staff resend {who:w}'s receipt"))
def _(world: World, who: str) -> None:
    world.staff.resend_receipt_email(world.order_of(who))


def subjects(world: World, who: str) -> list[str]:
    address = world.person(who).learner.email
    return [letter.subject for letter in world.mail_server.letters if letter.email == address]


@then(parsers.re(r"(?P<who>\w+) received (an email|emails) about (?P<words>.+)"))
def _(world: World, who: str, words: str) -> None:
    expected = re.findall(r'"([^"]+)"', words)
    found = subjects(world, who)
    assert len(found) == len(expected), found
    assert all(each in subject for each, subject in zip(expected, found, strict=True)), found


@then(parse("the latest email to {who:w} shows these facts"))
def _(world: World, who: str, datatable: list[list[str]]) -> None:
    address = world.person(who).learner.email
    latest = [letter for letter in world.mail_server.letters if letter.email == address][-1]
    assert [value for _, value in datatable if value not in latest.text] == []


@then(parse("{who:w} received no email"))
def _(world: World, who: str) -> None:
    assert subjects(world, who) == []
