"""The command that checks the set-up, and says what to do next."""

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
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND, detail_of, next_step
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import terminal
from entrypoints.composition.clock_and_ids import now
from entrypoints.gateways.api import ConfiguredGateway, OpenGateway
from entrypoints.gateways.registry import GatewayCannotBeUsed
from entrypoints.settings.reader import PREFIX, SettingsAreWrong
from entrypoints.settings.shop import Settings
from entrypoints.wording.sentences import Wording

OK, WARNING, PROBLEM = "ok", "warning", "problem"
_CLOCK_TOLERANCE = timedelta(minutes=5)
_SETTINGS_PAGE = "coursetill docs configuration"


@attrs.frozen
class DoctorCheck:
    """One line of the report: the part, its state, and what to do about it."""

    name: str
    state: str
    says: str
    next: str | None = None


@click.command(cls=ShopCommand, example="coursetill doctor")
@options.as_json
@click.pass_obj
def doctor(context: CommandContext, *, as_json: bool) -> None:
    """Check settings, database, migrations, payment gateway, event receiver and clock.

    Changes nothing. Exits with 1 if there is a problem; warnings do not count.
    """
    checks = []
    for check in _checks(context):
        checks.append(check)
        if not as_json:
            _tell(check)
    problems = sum(check.state == PROBLEM for check in checks)
    warnings = sum(check.state == WARNING for check in checks)
    if as_json:
        shapes = [attrs.asdict(check) for check in checks]
        terminal.print_json({"checks": shapes, "problems": problems, "warnings": warnings})
    else:
        terminal.print_note(
            f"{terminal.counted(problems, 'problem')}, {terminal.counted(warnings, 'warning')}."
        )
    if problems:
        click.get_current_context().exit(PROBLEMS_FOUND)


def _tell(check: DoctorCheck) -> None:
    terminal.print_line(f"{check.state:<8} {check.name}: {check.says}")
    if check.next:
        terminal.print_line(f"{'':<8} Next: {check.next}")


def _checks(context: CommandContext) -> Iterator[DoctorCheck]:
    try:
        settings = context.settings
    except SettingsAreWrong as wrong:
        for problem in wrong.problems:
            yield DoctorCheck("settings", PROBLEM, problem, _SETTINGS_PAGE)
        return
    words = context.wording
    yield DoctorCheck("settings", OK, "every one of them makes sense")
    yield from _serving(settings)
    if (yield from _database(settings, words)):
        yield from _guarded(words, "clock", lambda: _clock(context))
        yield from _guarded(words, "events", lambda: _given_up(context, Receiver.PLATFORM))
        if settings.mail is not None:
            yield from _guarded(words, "letters", lambda: _given_up(context, Receiver.POST))
        yield from _guarded(words, "inbox", lambda: _left_to_a_person(context))
        yield from _extensions(context)
    yield from _gateways(settings, words)
    yield _receiver(settings)
    yield _mail(settings)


def _guarded(words: Wording, name: str, read: Callable[[], DoctorCheck]) -> Iterator[DoctorCheck]:
    """The lines that `look` returns. An error of the shop becomes a problem."""
    try:
        yield read()
    except ShopError as error:
        yield DoctorCheck(name, PROBLEM, detail_of(error, words), next_step(error))


def _serving(settings: Settings) -> Iterator[DoctorCheck]:
    if settings.secret_key is None:
        says = f"{PREFIX}SECRET_KEY is not set, so `coursetill serve` does not start"
        yield DoctorCheck("pages", WARNING, says, f"set {PREFIX}SECRET_KEY to a long random text")
    if not settings.demo_sign_in:
        says = "nobody can sign in"
        yield DoctorCheck("pages", WARNING, says, f"set {PREFIX}SIGN_IN=demo beside the simulator")
    host = urlsplit(settings.shop_url).hostname
    if not settings.https and host not in ("127.0.0.1", "localhost", "::1"):
        says = f"{settings.shop_url} is not https: sessions could be overheard"
        yield DoctorCheck("pages", WARNING, says, f"set {PREFIX}SHOP_URL to an https address")


def _database(settings: Settings, words: Wording) -> Generator[DoctorCheck, None, bool]:
    """Whether the database answers and has the right tables. Returns whether it can be used."""
    from entrypoints.composition.shop import database_state

    try:
        state = database_state(settings)
    except ShopError as error:
        asks = f"check {PREFIX}DATABASE_URL, and that the database runs"
        yield DoctorCheck("database", PROBLEM, detail_of(error, words), asks)
        return False
    yield DoctorCheck("database", OK, "it answers")
    if state == "at head":
        yield DoctorCheck("migrations", OK, "the tables are those of this version")
        return True
    says = {
        "empty": ("there are no tables yet", "coursetill db upgrade"),
        "older": ("the tables are older than this version", "coursetill db upgrade"),
        "newer": ("the tables are newer than this version", "install the version that made them"),
    }[state]
    yield DoctorCheck("migrations", PROBLEM, *says)
    return False


def _extensions(context: CommandContext) -> Iterator[DoctorCheck]:
    """Whether the active extensions are usable, and their own checks."""
    from entrypoints.composition.shop import all_extension_statuses

    for each in all_extension_statuses(context.settings):
        if each.problem is not None:
            yield DoctorCheck(each.name, PROBLEM, context.wording.sentence(each.problem), each.next)
        elif each.on and not each.checks:
            yield DoctorCheck(each.name, OK, "it is on")
        for check in each.checks:
            yield DoctorCheck(each.name, check.state, check.says, check.next)


def _clock(context: CommandContext) -> DoctorCheck:
    now = context.now
    with context.shop.read() as work:
        newest = work.orders.search(OrderSearch(limit=1))
    if newest and newest[0].placed_at > now + _CLOCK_TOLERANCE:
        ahead = context.text_output.moment(newest[0].placed_at)
        says = f"it says {context.text_output.moment(now)}, yet an order was placed at {ahead}"
        return DoctorCheck("clock", PROBLEM, says, "set this machine's clock")
    text = f"{context.text_output.moment(now)} ({now.astimezone(UTC):%H:%M} UTC)"
    return DoctorCheck("clock", OK, text)


def _given_up(context: CommandContext, to: Receiver) -> DoctorCheck:
    name, what = ("events", "event") if to is Receiver.PLATFORM else ("letters", "letter")
    with context.shop.read() as work:
        wanted = OutboxSearch(state="given up", limit=1000, receiver=to)
        given_up = work.outbox.search(wanted)
    if not given_up:
        return DoctorCheck(name, OK, "none was given up")
    says = f"{terminal.counted(len(given_up), what)} given up"
    asks = f"coursetill outbox list --state given-up --to {to.value}"
    return DoctorCheck(name, WARNING, says, asks)


def _left_to_a_person(context: CommandContext) -> DoctorCheck:
    with context.shop.read() as work:
        failed = work.inbox.search(InboxSearch(state=MessageState.FAILED, limit=1000))
    if not failed:
        return DoctorCheck(
            "inbox", OK, "every message of the gateway was acted on, or waits its turn"
        )
    says = f"{terminal.counted(len(failed), 'message')} of the gateway left to a person"
    return DoctorCheck("inbox", WARNING, says, "coursetill inbox list --state failed")


def _gateways(settings: Settings, words: Wording) -> Iterator[DoctorCheck]:
    """Whether each payment gateway answers, and its own checks."""
    from entrypoints.composition.payment_gateways import (
        close_gateways,
        missing_gateway,
        open_gateways,
    )

    if not settings.gateways:
        says = "no payment gateway is set up, so nobody can pay"
        yield DoctorCheck("gateway", WARNING, says, missing_gateway())
        return
    try:
        running = open_gateways(settings, now=now)
    except SettingsAreWrong as wrong:
        for problem in wrong.problems:
            yield DoctorCheck("gateway", PROBLEM, problem, _SETTINGS_PAGE)
        return
    except GatewayCannotBeUsed as broken:
        yield DoctorCheck("gateway", PROBLEM, words.sentence(broken))
        return
    try:
        for configured, gateway in zip(settings.gateways, running, strict=True):
            yield from _gateway(settings, configured, gateway.opened, words=words)
    finally:
        close_gateways(running)


def _gateway(
    settings: Settings,
    configured: ConfiguredGateway,
    opened: OpenGateway,
    *,
    words: Wording,
) -> Iterator[DoctorCheck]:
    kind = "the simulator" if configured.simulator else configured.address
    # With one gateway, its name is not needed.
    name = "gateway" if len(settings.gateways) == 1 else f"gateway {configured.name}"
    try:
        opened.gateway.check()
        yield DoctorCheck(name, OK, f"{kind} answers and accepts our key")
    except ShopError as error:
        prefix = f"{PREFIX}{configured.name.replace('-', '_').upper()}_"
        asks = f"check the {prefix} settings and the network"
        yield DoctorCheck(name, PROBLEM, detail_of(error, words), asks)
    yield _doors(settings, opened.doors)
    for check in opened.checks():
        yield DoctorCheck(name, check.state, check.says, check.next)
    for warning in opened.warnings(now()):
        yield DoctorCheck(name, WARNING, warning, configured.plugin.manual)


def _doors(settings: Settings, doors: Collection[str]) -> DoctorCheck:
    if not doors:
        says = "no webhooks are taken: the gateway is asked instead"
        return DoctorCheck("webhooks", OK, says)
    addresses = ", ".join(f"{settings.shop_url}/webhooks/{door}" for door in doors)
    return DoctorCheck("webhooks", OK, f"the gateway can send messages to {addresses}")


def _receiver(settings: Settings) -> DoctorCheck:
    if settings.events is None:
        says = "nobody receives events, so they wait in the outbox"
        return DoctorCheck(
            "receiver", WARNING, says, f"set {PREFIX}EVENTS_URL and {PREFIX}EVENTS_SECRET"
        )
    return DoctorCheck("receiver", OK, f"events go to {settings.events.url}")


def _mail(settings: Settings) -> DoctorCheck:
    """Whether the mail server accepts the credentials. Sends nothing."""
    from entrypoints.composition.shop import open_mail_sender

    mail = settings.mail
    if mail is None:
        says = "no mail server is set up, so learners get no receipts by mail"
        return DoctorCheck("mail", WARNING, says, f"set {PREFIX}SMTP_HOST and {PREFIX}MAIL_FROM")
    try:
        post = open_mail_sender(settings)
        if post is not None:
            post.check()
    except SettingsAreWrong as wrong:
        return DoctorCheck("mail", PROBLEM, "; ".join(wrong.problems), _SETTINGS_PAGE)
    except NotReceived as failure:
        asks = f"check the {PREFIX}SMTP_ settings and the network"
        return DoctorCheck("mail", PROBLEM, failure.why, asks)
    signed_in = f", and lets {mail.user} in" if mail.user else ""
    return DoctorCheck("mail", OK, f"{mail.host}:{mail.port} answers{signed_in}")
