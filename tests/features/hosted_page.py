"""The gateway's own payment page in the features: played in memory, or the simulator's."""

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
from entrypoints.processes.demo import page_at, page_environment
from tests.adapters.cybersource.worlds import GOOD_CARD
from tests.contracts.gateways import NO_MONEY, CyberSourceWorld
from tests.entrypoints.web.hosted_town import HOSTED, PlayedPage

Form = tuple[str, dict[str, str]]
"""Where the shop's form goes, and its fields."""


class Tab(Protocol):
    """The gateway's page in one tab. What it says is posted to the shop."""

    def pays(self, *, empty: bool = False) -> bytes: ...
    def gives_up(self) -> bytes: ...
    def forged(self) -> bytes: ...


class Site(Protocol):
    """Where the gateway's page is."""

    settings: dict[str, str]

    def opened(self, form: Form) -> Tab: ...


def site_of(counter: GatewayWorld) -> Site:
    match counter:
        case MemoryWorld():
            return PlayedSite(counter)
        case CyberSourceWorld():
            return SimulatedSite(counter)
    raise ValueError("this gateway has no page of its own")


@attrs.frozen
class PlayedSite:
    counter: MemoryWorld
    settings: dict[str, str] = attrs.field(factory=lambda: dict(HOSTED))

    def opened(self, form: Form) -> Tab:
        return PlayedTab(self.counter, PlayedPage(form[1]))


@attrs.frozen
class PlayedTab:
    """A page that is played, and a gateway in memory that takes the money."""

    counter: MemoryWorld
    page: PlayedPage

    def pays(self, *, empty: bool = False) -> bytes:
        fields = self.page.form
        amount = Money.of(fields["amount"], Currency.of(fields["currency"]))
        reference, now = Reference(fields["reference_number"]), self.counter.clock.now
        attempt = Attempt(AttemptId(fields["transaction_uuid"]), reference, amount, now)
        captured = Captured(f"{7001:022}", amount)
        ended = Declined("There is not enough money") if empty else captured
        self.counter.gateway.ends_elsewhere(attempt, ended)
        reply = self.page.reply("DECLINE", "204") if empty else self.page.reply("ACCEPT", "100")
        return urlencode(reply).encode()

    def gives_up(self) -> bytes:
        return urlencode(self.page.reply("CANCEL")).encode()

    def forged(self) -> bytes:
        return urlencode({**self.page.form, "decision": "ACCEPT"}).encode()


@attrs.frozen
class SimulatedSite:
    counter: CyberSourceWorld
    settings: dict[str, str] = attrs.field(init=False)

    @settings.default
    def _settings(self) -> dict[str, str]:
        url = self.counter.shop.browser.url
        told = page_environment(page_at(url))
        page = {name.removeprefix("COURSETILL_"): text for name, text in told.items()}
        return {**HOSTED, **page, "CYBERSOURCE_URL": url}

    def opened(self, form: Form) -> Tab:
        address, fields = form
        reply = requests.post(address, data=fields, timeout=10, allow_redirects=False)
        assert reply.status_code == 303, reply.text
        page = self.counter.shop.browser.url + reply.headers["Location"]
        return SimulatedTab(page, fields)


@attrs.frozen
class SimulatedTab:
    """The simulator's page, over HTTP."""

    page: str
    fields: dict[str, str]

    def pays(self, *, empty: bool = False) -> bytes:
        return self._sent(
            self.page,
            card_number=NO_MONEY if empty else GOOD_CARD,
            card_expiry_date="12/31",
            card_cvn="123",
            bill_to_forename="Ada",
            bill_to_surname="Lovelace",
            bill_to_address_postal_code="02139",
        )

    def gives_up(self) -> bytes:
        return self._sent(f"{self.page}/cancel")

    def forged(self) -> bytes:
        return urlencode({**self.fields, "decision": "ACCEPT"}).encode()

    def _sent(self, address: str, **typed: Any) -> bytes:
        return urlencode(hidden_fields(requests.post(address, data=typed, timeout=10))).encode()
