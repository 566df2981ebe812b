"""CyberSource as the tests meet it: the simulator, the browser, and attempts to pay."""

from collections.abc import Mapping
from typing import Any

import attrs
import requests

from adapters.cybersource.gateway import CyberSourceGateway
from adapters.cybersource.rest.settings import CyberSourceSettings
from adapters.http_client import Timeouts
from core.payments.attempt import Attempt
from core.payments.gateway import Answer, CardForm, Token
from coursetill_simulators.cybersource import DEMO_KEY_ID, DEMO_MERCHANT_ID, DEMO_SECRET
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import sent

SHOP = "http://127.0.0.1:8000"
GOOD_CARD = "4111111111111111"


def settings(url: str, **changed: Any) -> CyberSourceSettings:
    """The demo's account at a simulator."""
    usual: dict[str, Any] = {
        "url": url,
        "merchant_id": DEMO_MERCHANT_ID,
        "key_id": DEMO_KEY_ID,
        "shared_secret": DEMO_SECRET,
        "target_origins": (SHOP,),
        "timeouts": Timeouts(connect=2, read=5),
        "simulator": True,
    }
    return CyberSourceSettings(**usual | changed)


@attrs.frozen
class Browser:
    """The card form's side of a payment, and the simulator's own control page."""

    url: str

    def type_card(self, form: CardForm, number: str = GOOD_CARD) -> str:
        """What the frame brings back once somebody typed this card into it.

        Where the form takes the payment by itself, that is its result.
        """
        card = {"number": number, "expirationMonth": "12", "expirationYear": "2031"}
        content = {
            "captureContext": form.session,
            "card": {**card, "securityCode": "123"},
            "billTo": {"firstName": "Ada", "postalCode": "02139", "country": "US"},
        }
        token = self._post("/flex/v2/tokens", content).text
        if not form.takes_payment:
            return token
        completing = {"captureContext": form.session, "transientToken": token}
        return self._post("/flex/v2/complete", completing).text

    def fault(self, operation: str, fault: str, **more: Any) -> None:
        """Let the next call of an operation go wrong."""
        self._post("/simulator/faults", {"operation": operation, "fault": fault, **more})

    def answers(self, operation: str, status: int, body: Mapping[str, Any]) -> None:
        """Let the next call of an operation be answered like this."""
        self.fault(operation, "reply", status=status, body=body, committed=False)

    def decide(self, payment: str, decision: str) -> None:
        self._post(f"/simulator/reviews/{payment}", {"decision": decision})

    def settle(self) -> None:
        self._post("/simulator/settlements", {})

    def reset(self) -> None:
        self._post("/simulator/reset", {})

    def ledger(self) -> dict[str, Any]:
        told: dict[str, Any] = requests.get(f"{self.url}/simulator/ledger", timeout=5).json()
        return told

    def moved(self, what: str = "captured", currency: str = "USD") -> str:
        """How much money was captured, or refunded, by the simulator's own books."""
        moved = self.ledger()["money"].get(currency, {"captured": "0.00", "refunded": "0.00"})
        return str(moved[what])

    def _post(self, path: str, content: Mapping[str, Any]) -> requests.Response:
        reply = requests.post(self.url + path, json=content, timeout=5)
        assert reply.status_code in (200, 201), reply.text
        return reply


@attrs.define
class CyberSourceShop:
    """A gateway, the browser at its other end, and the clock that both look at."""

    gateway: CyberSourceGateway
    browser: Browser
    clock: Clock

    def ready(self, attempt: Attempt, card: str = GOOD_CARD) -> tuple[Attempt, Token]:
        """The attempt with a card typed in and its token verified."""
        form = self.gateway.open(attempt)
        attempt = attempt.with_form(form.remember, form.expires_at)
        token = self.gateway.verify(attempt, self.browser.type_card(form, card))
        return sent(attempt, token, self.clock.now), token

    def paid(self, attempt: Attempt, card: str = GOOD_CARD) -> Answer:
        """What charging the card for this attempt is answered."""
        return self.gateway.charge(*self.ready(attempt, card))
