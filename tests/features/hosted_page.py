"""The gateway's hosted page in the features: played in memory, or served by the simulator."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlencode

import attrs
import requests

from core.money import Currency, Money
from core.order_reference import Reference
from core.payments.attempt import Attempt, AttemptId
from core.payments.gateway import Captured, Declined
from coursetill_simulators.testing.forms import hidden_fields
from coursetill_testing.contracts.gateway_world import GatewayWorld, MemoryWorld
from entrypoints.processes.gateways.cybersource import page_at, page_environment
from tests.adapters.cybersource.worlds import GOOD_CARD
from tests.contracts.gateways import NO_MONEY, CyberSourceWorld
from tests.entrypoints.web.hosted_town import HOSTED, PlayedPage

Form = tuple[str, dict[str, str]]
"""The address that the shop's form is posted to, and its fields."""


class Tab(Protocol):
    """The hosted page in one tab. Each method returns what the browser posts to the shop."""

    def pay(self, *, declined: bool = False) -> bytes: ...
    def cancel(self) -> bytes: ...
    def forged(self) -> bytes: ...


class Site(Protocol):
    """The web site that serves the hosted page."""

    settings: dict[str, str]

    def open(self, form: Form) -> Tab: ...


def site_of(gateway_world: GatewayWorld) -> Site:
    match gateway_world:
        case MemoryWorld():
            return PlayedSite(gateway_world)
        case CyberSourceWorld():
            return SimulatedSite(gateway_world)
    raise ValueError("this gateway has no page of its own")


@attrs.frozen
class PlayedSite:
    gateway_world: MemoryWorld
    settings: dict[str, str] = attrs.field(factory=lambda: dict(HOSTED))

    def open(self, form: Form) -> Tab:
        return PlayedTab(self.gateway_world, PlayedPage(form[1]))


@attrs.frozen
class PlayedTab:
    """A hosted page played in memory, with a gateway in memory that captures the payment."""

    gateway_world: MemoryWorld
    page: PlayedPage

    def pay(self, *, declined: bool = False) -> bytes:
        fields = self.page.form
        amount = Money.of(fields["amount"], Currency.of(fields["currency"]))
        reference, now = Reference(fields["reference_number"]), self.gateway_world.clock.now
        attempt = Attempt(
            AttemptId(fields["transaction_uuid"]),
            reference,
            amount,
            now,
            account=self.gateway_world.gateway.account,
        )
        captured = Captured(f"{7001:022}", amount)
        ended = Declined("There is not enough money") if declined else captured
        self.gateway_world.gateway.ends_elsewhere(attempt, ended)
        reply = self.page.reply("DECLINE", "204") if declined else self.page.reply("ACCEPT", "100")
        return urlencode(reply).encode()

    def cancel(self) -> bytes:
        return urlencode(self.page.reply("CANCEL")).encode()

    def forged(self) -> bytes:
        return urlencode({**self.page.form, "decision": "ACCEPT"}).encode()


@attrs.frozen
class SimulatedSite:
    gateway_world: CyberSourceWorld
    settings: dict[str, str] = attrs.field(init=False)

    @settings.default
    def _settings(self) -> dict[str, str]:
        url = self.gateway_world.shop.browser.url
        environment = page_environment(page_at(url))
        page = {name.removeprefix("COURSETILL_"): text for name, text in environment.items()}
        return {**HOSTED, **page, "CYBERSOURCE_URL": url}

    def open(self, form: Form) -> Tab:
        address, fields = form
        reply = requests.post(address, data=fields, timeout=10, allow_redirects=False)
        assert reply.status_code == 303, reply.text
        page = self.gateway_world.shop.browser.url + reply.headers["Location"]
        return SimulatedTab(page, fields)


@attrs.frozen
class SimulatedTab:
    """The simulator's page, over HTTP."""

    page: str
    fields: dict[str, str]

    def pay(self, *, declined: bool = False) -> bytes:
        return self._sent(
            self.page,
            card_number=NO_MONEY if declined else GOOD_CARD,
            card_expiry_date="12/31",
            card_cvn="123",
            bill_to_forename="Ada",
            bill_to_surname="Lovelace",
            bill_to_address_postal_code="02139",
        )

    def cancel(self) -> bytes:
        return self._sent(f"{self.page}/cancel")

    def forged(self) -> bytes:
        return urlencode({**self.fields, "decision": "ACCEPT"}).encode()

    def _sent(self, address: str, **typed: Any) -> bytes:
        return urlencode(hidden_fields(requests.post(address, data=typed, timeout=10))).encode()
