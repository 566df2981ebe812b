"""The command that checks whether everything is set up, and says what to do next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator
from datetime import UTC, timedelta
from urllib.parse import urlsplit

import attrs
import click

from core.errors import ShopError
from core.messaging.inbox import InboxSearch, MessageState
from core.messaging.outbox import NotReceived, OutboxSearch, Receiver
from core.orders.order import OrderSearch
from entrypoints.cli.app import options
from entrypoints.cli.app.context import Desk
from entrypoints.cli.app.failures import NEXT, PROBLEMS_FOUND, detail_of
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import terminal
from entrypoints.composition.clock_and_ids import now
from entrypoints.settings.reader import PREFIX, SettingsAreWrong
from entrypoints.settings.shop import Settings

OK, WARNING, PROBLEM = "ok", "warning", "problem"
_CLOCK_TOLERANCE = timedelta(minutes=5)


@attrs.frozen
class Check:
    """One line of the report: what was looked at, how it stands, and what to do about it."""

    name: str
    state: str
    says: str
    next: str | None = None


@click.command(cls=ShopCommand, example="coursetill doctor")
@options.as_json
@click.pass_obj
def doctor(desk: Desk, *, as_json: bool) -> None:
    """Check settings, database, migrations, payment gateway, event receiver and clock.

    Nothing is changed. Leaves with 1 where there is a problem; warnings alone are none.
    """
    checks = []
    for check in _checks(desk):
        checks.append(check)
        if not as_json:
            _tell(check)
    problems = sum(check.state == PROBLEM for check in checks)
    warnings = sum(check.state == WARNING for check in checks)
    if as_json:
        told = [attrs.asdict(check) for check in checks]
        terminal.show_json({"checks": told, "problems": problems, "warnings": warnings})
    else:
        terminal.say(
            f"{terminal.counted(problems, 'problem')}, {terminal.counted(warnings, 'warning')}."
        )
    if problems:
        click.get_current_context().exit(PROBLEMS_FOUND)


def _tell(check: Check) -> None:
    terminal.tell(f"{check.state:<8} {check.name}: {check.says}")
    if check.next:
        terminal.tell(f"{'':<8} Next: {check.next}")


def _checks(desk: Desk) -> Iterator[Check]:
    try:
        settings = desk.settings
    except SettingsAreWrong as wrong:
        for problem in wrong.problems:
            yield Check("settings", PROBLEM, problem, "see docs/configuration.md")
        return
    yield Check("settings", OK, "every one of them makes sense")
    yield from _serving(settings)
    if (yield from _database(settings)):
        yield from _guarded("clock", lambda: _clock(desk))
        yield from _guarded("events", lambda: _given_up(desk, Receiver.PLATFORM))
        if settings.mail is not None:
            yield from _guarded("letters", lambda: _given_up(desk, Receiver.POST))
        yield from _guarded("inbox", lambda: _left_to_a_person(desk))
        yield from _extensions(desk)
    yield from _gateway(settings)
    yield _receiver(settings)
    yield _mail(settings)


def _guarded(name: str, look: Callable[[], Check]) -> Iterator[Check]:
    """What look finds; an error of the shop is a problem found."""
    try:
        yield look()
    except ShopError as error:
        yield Check(name, PROBLEM, detail_of(error), NEXT.get(type(error).__name__))


def _serving(settings: Settings) -> Iterator[Check]:
    if settings.secret_key is None:
        says = f"{PREFIX}SECRET_KEY is not set, so `coursetill serve` does not start"
        yield Check("pages", WARNING, says, f"set {PREFIX}SECRET_KEY to a long random text")
    if not settings.demo_sign_in:
        says = "nobody can sign in"
        yield Check("pages", WARNING, says, f"set {PREFIX}SIGN_IN=demo beside the simulator")
    host = urlsplit(settings.shop_url).hostname
    if not settings.https and host not in ("127.0.0.1", "localhost", "::1"):
        says = f"{settings.shop_url} is not https: sessions could be overheard"
        yield Check("pages", WARNING, says, f"set {PREFIX}SHOP_URL to an https address")


def _database(settings: Settings) -> Generator[Check, None, bool]:
    """Whether it answers and has the right tables; returns whether it can be looked into."""
    from entrypoints.composition.shop import database_state

    try:
        state = database_state(settings)
    except ShopError as error:
        asks = f"check {PREFIX}DATABASE_URL, and that the database runs"
        yield Check("database", PROBLEM, detail_of(error), asks)
        return False
    yield Check("database", OK, "it answers")
    if state == "at head":
        yield Check("migrations", OK, "the tables are those of this version")
        return True
    says = {
        "empty": ("there are no tables yet", "coursetill db upgrade"),
        "older": ("the tables are older than this version", "coursetill db upgrade"),
        "newer": ("the tables are newer than this version", "install the version that made them"),
    }[state]
    yield Check("migrations", PROBLEM, *says)
    return False


def _extensions(desk: Desk) -> Iterator[Check]:
    """Whether those that are on can be used, and what they have to say themselves."""
    from entrypoints.composition.shop import extension_standings

    for each in extension_standings(desk.settings):
        if each.problem is not None:
            yield Check(each.name, PROBLEM, each.problem, each.next)
        elif each.on and not each.checks:
            yield Check(each.name, OK, "it is on")
        for check in each.checks:
            yield Check(each.name, check.state, check.says, check.next)


def _clock(desk: Desk) -> Check:
    now = desk.now
    with desk.shop.look() as work:
        newest = work.orders.search(OrderSearch(limit=1))
    if newest and newest[0].placed_at > now + _CLOCK_TOLERANCE:
        ahead = desk.words.moment(newest[0].placed_at)
        says = f"it says {desk.words.moment(now)}, yet an order was placed at {ahead}"
        return Check("clock", PROBLEM, says, "set this machine's clock")
    told = f"{desk.words.moment(now)} ({now.astimezone(UTC):%H:%M} UTC)"
    return Check("clock", OK, told)


def _given_up(desk: Desk, to: Receiver) -> Check:
    name, what = ("events", "event") if to is Receiver.PLATFORM else ("letters", "letter")
    with desk.shop.look() as work:
        wanted = OutboxSearch(state="given up", limit=1000, receiver=to)
        given_up = work.outbox.search(wanted)
    if not given_up:
        return Check(name, OK, "none was given up")
    says = f"{terminal.counted(len(given_up), what)} given up"
    asks = f"coursetill outbox list --state given-up --to {to.value}"
    return Check(name, WARNING, says, asks)


def _left_to_a_person(desk: Desk) -> Check:
    with desk.shop.look() as work:
        failed = work.inbox.search(InboxSearch(state=MessageState.FAILED, limit=1000))
    if not failed:
        return Check("inbox", OK, "every message of the gateway was acted on, or waits its turn")
    says = f"{terminal.counted(len(failed), 'message')} of the gateway left to a person"
    return Check("inbox", WARNING, says, "coursetill inbox list --state failed")


def _gateway(settings: Settings) -> Iterator[Check]:
    from entrypoints.composition.gateways.cybersource import (
        gateway_warnings,
        open_doors,
        open_gateway,
        open_pages,
    )

    if settings.gateway is None:
        says = "no payment gateway is set up, so nobody can pay"
        yield Check("gateway", WARNING, says, f"set {PREFIX}CYBERSOURCE_URL and its three others")
        return
    asks = f"check the {PREFIX}CYBERSOURCE_ settings and the network"
    try:
        gateway = open_gateway(settings.gateway, settings.shop_url)
        pages = open_pages(settings)
        doors = open_doors(settings.gateway)
    except SettingsAreWrong as wrong:
        for problem in wrong.problems:
            yield Check("gateway", PROBLEM, problem, "see docs/configuration.md")
        return
    kind = "the simulator" if settings.gateway.simulator else settings.gateway.url
    try:
        gateway.check()
        yield Check("gateway", OK, f"{kind} answers and accepts our key")
    except ShopError as error:
        yield Check("gateway", PROBLEM, detail_of(error), asks)
    yield _doors(settings, doors)
    for warning in gateway_warnings(settings, gateway, now(), pages=pages, doors=doors):
        yield Check("gateway", WARNING, warning, "see docs/cybersource.md")


def _doors(settings: Settings, doors: Collection[str]) -> Check:
    if not doors:
        says = "no webhooks are taken: the gateway is asked instead"
        return Check("webhooks", OK, says)
    told = ", ".join(f"{settings.shop_url}/webhooks/{door}" for door in doors)
    return Check("webhooks", OK, f"the gateway may tell of payments at {told}")


def _receiver(settings: Settings) -> Check:
    if settings.events is None:
        says = "nobody receives events, so they wait in the outbox"
        return Check("receiver", WARNING, says, f"set {PREFIX}EVENTS_URL and {PREFIX}EVENTS_SECRET")
    return Check("receiver", OK, f"events go to {settings.events.url}")


def _mail(settings: Settings) -> Check:
    """Whether the mail server lets us in; nothing is sent."""
    from entrypoints.composition.shop import open_post

    mail = settings.mail
    if mail is None:
        says = "no mail server is set up, so learners get no receipts by mail"
        return Check("mail", WARNING, says, f"set {PREFIX}SMTP_HOST and {PREFIX}MAIL_FROM")
    try:
        post = open_post(settings)
        if post is not None:
            post.check()
    except SettingsAreWrong as wrong:
        return Check("mail", PROBLEM, "; ".join(wrong.problems), "see docs/configuration.md")
    except NotReceived as failure:
        asks = f"check the {PREFIX}SMTP_ settings and the network"
        return Check("mail", PROBLEM, failure.why, asks)
    signed_in = f", and lets {mail.user} in" if mail.user else ""
    return Check("mail", OK, f"{mail.host}:{mail.port} answers{signed_in}")
