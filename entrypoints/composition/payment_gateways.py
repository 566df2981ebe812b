"""Opens the configured payment gateways and combines them into one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import attrs

from core.errors import ShopError
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt
from core.payments.gateway import (
    Answer,
    CardForm,
    Finding,
    GatewayUnavailable,
    PaymentGateway,
    RefundAnswer,
    RefundFinding,
    Token,
)
from core.payments.refund import Refund
from core.payments.routed_gateways import RoutedGateways
from entrypoints.gateways.api import ConfiguredGateway, GatewayHost, OpenGateway
from entrypoints.gateways.registry import GatewayCannotBeUsed, installed_gateways
from entrypoints.plugins import reason_of
from entrypoints.settings.reader import PREFIX, SettingsAreWrong
from entrypoints.settings.shop import Settings


@attrs.frozen
class RunningGateway:
    """An open gateway: its settings and what it brings."""

    name: str
    opened: OpenGateway


def open_gateways(settings: Settings, *, now: Callable[[], datetime]) -> tuple[RunningGateway, ...]:
    """Open every configured gateway, the one for new payments first.

    Raises SettingsAreWrong with the problems of all gateways, or GatewayCannotBeUsed. After an
    error, none is open.
    """
    done: list[RunningGateway] = []
    problems: list[str] = []
    try:
        for each in settings.gateways:
            try:
                done.append(RunningGateway(each.name, _opened(each, settings, now)))
            except SettingsAreWrong as wrong:
                problems += wrong.problems
        _check_doors(done)
        if not problems and settings.pays_at_page and done[0].opened.hosted is None:
            problems.append(
                f"{PREFIX}PAY_AT is hosted-page, and {done[0].name} has no payment page of its own"
            )
        if problems:
            raise SettingsAreWrong(tuple(problems))
    except BaseException:
        close_gateways(done)
        raise
    return tuple(done)


def _opened(
    each: ConfiguredGateway, settings: Settings, now: Callable[[], datetime]
) -> OpenGateway:
    host = GatewayHost(
        name=each.name,
        shop_url=settings.shop_url,
        now=now,
        hosted_page=settings.pays_at_page and each is settings.gateway,
    )
    try:
        opened = each.plugin.open(each.setup.settings, host)
    except ShopError:
        raise
    except Exception as error:
        raise GatewayCannotBeUsed(each.name, f"it cannot be opened: {reason_of(error)}") from error
    if not isinstance(opened, OpenGateway):
        raise GatewayCannotBeUsed(each.name, f"it opens to a {type(opened).__name__}")
    return opened


def _check_doors(gateways: Iterable[RunningGateway]) -> None:
    taken: dict[str, str] = {}
    for each in gateways:
        for door in each.opened.doors:
            if door in taken:
                raise GatewayCannotBeUsed(each.name, f"{taken[door]} has a webhook {door} too")
            taken[door] = each.name


def close_gateways(gateways: Iterable[RunningGateway]) -> None:
    """Close every gateway."""
    for each in gateways:
        each.opened.close()


def gateway_of(gateways: tuple[RunningGateway, ...]) -> PaymentGateway:
    """The gateway for the use cases: new payments go to the first, old ones to their own.

    Raises SettingsAreWrong if two gateways are set up for one account.
    """
    chosen, *earlier = [each.opened.gateway for each in gateways] or [NoGateway()]
    try:
        return RoutedGateways(chosen, earlier) if earlier else chosen
    except ValueError as twice:
        raise SettingsAreWrong((f"{PREFIX}GATEWAY: {twice}",)) from None


def missing_gateway() -> str:
    """The settings that are missing for payments."""
    needs = [f"{PREFIX}{plugin.needs}" for plugin in installed_gateways()]
    return f"{' or '.join(needs)} are missing" if needs else "no payment gateway is installed"


class NoGateway:
    """The gateway of a shop without one: everything but paying works."""

    @property
    def why(self) -> GatewayUnavailable:
        return GatewayUnavailable(f"no gateway is set up: {missing_gateway()}")

    @property
    def account(self) -> GatewayAccount:
        raise self.why

    def serves(self, account: GatewayAccount, /) -> bool:
        return False

    def open(self, attempt: Attempt, /) -> CardForm:
        raise self.why

    def form(self, attempt: Attempt, /) -> CardForm:
        raise self.why

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        raise self.why

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        raise self.why

    def close(self, attempt: Attempt, /) -> bool:
        return False

    def find(self, attempt: Attempt, /) -> Finding:
        raise self.why

    def refund(self, refund: Refund, /) -> RefundAnswer:
        raise self.why

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        raise self.why

    def check(self) -> None:
        raise self.why
