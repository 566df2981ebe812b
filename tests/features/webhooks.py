"""Webhooks of the payment gateway in the features: played, or sent by the simulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import attrs
import requests

from adapters.cybersource.payments.captures_and_voids import MovementDone, OwnReference
from adapters.cybersource.rest.keys import SharedKey
from core.payments.attempt import Attempt
from core.payments.gateway import Captured, Declined
from core.payments.refund import Refund
from coursetill_simulators.testing.merchant_server import MerchantServer, running_merchant_server
from coursetill_testing.contracts.gateway_world import GatewayWorld, MemoryWorld
from tests.adapters.cybersource.notifier import KEY, OLD_KEY, a_message, a_payment, compact, signed
from tests.contracts.gateways import CyberSourceWorld

DECLINED = "payments.authorization.status.rejected"
VOIDED = "payments.void.status.accepted"
REFUNDED = "payments.refund.status.updated"
NOT_REFUNDED = "payments.refund.status.rejected"


@attrs.frozen
class Sent:
    """One webhook as it was sent."""

    headers: Mapping[str, str]
    body: bytes

    def forged(self) -> Sent:
        """The same webhook, signed with a key that the shop does not have."""
        return Sent(signed(self.body, OLD_KEY), self.body)

    def changed(self) -> Sent:
        """The same webhook with another order's reference, under the original signature."""
        return Sent(self.headers, self.body.replace(b"CT-", b"CX-"))


class WebhookSource(Protocol):
    """The gateway as a sender of webhooks."""

    key: SharedKey

    def sent(self, attempts: list[Attempt], refunds: list[Refund]) -> list[Sent]:
        """Every webhook that was sent so far about these, oldest first."""
        ...

    def void(self, attempt: Attempt, captured_as: str) -> None:
        """The payment is voided at the gateway."""
        ...

    def fail_refund(self, refund: Refund) -> None:
        """The bank returns a refund that was settled."""
        ...


@contextmanager
def webhook_source(gateway_world: GatewayWorld) -> Iterator[WebhookSource]:
    match gateway_world:
        case MemoryWorld():
            yield PlayedSource(gateway_world)
        case CyberSourceWorld():
            with running_merchant_server() as receiver:
                yield SimulatedSource.to(receiver, gateway_world)
        case _:
            raise ValueError("this gateway sends no webhooks")


@attrs.define
class PlayedSource:
    """Webhooks that are played, after the records of a gateway in memory."""

    gateway_world: MemoryWorld
    key: SharedKey = KEY
    undone: list[Sent] = attrs.field(factory=list)

    def sent(self, attempts: list[Attempt], refunds: list[Refund]) -> list[Sent]:
        self.gateway_world.later()
        sent = [self._payment(attempt) for attempt in attempts]
        sent += [self._refund(refund, "BATCHED") for refund in refunds]
        return [*sent, *self.undone]

    def void(self, attempt: Attempt, captured_as: str) -> None:
        code = {"code": attempt.reference}
        payload = a_payment(id="V-1", status="VOIDED", clientReferenceInformation=code)
        self.undone.append(self._sent(payload, VOIDED))

    def fail_refund(self, refund: Refund) -> None:
        self.undone.append(self._refund(refund, "FAILED"))

    def _payment(self, attempt: Attempt) -> Sent:
        found = self.gateway_world.gateway.find(attempt)
        assert isinstance(found, Captured | Declined)
        taken = isinstance(found, Captured)
        payload = a_payment(
            id=found.gateway_id or "D-1",
            status="AUTHORIZED" if taken else "DECLINED",
            clientReferenceInformation={"code": attempt.reference, "transactionId": attempt.id},
            orderInformation={
                "amountDetails": {"authorizedAmount": attempt.amount.plain, "currency": "USD"}
            },
        )
        return self._sent(payload, *(() if taken else (DECLINED,)))

    def _refund(self, refund: Refund, status: str) -> Sent:
        payload = {
            "id": refund.gateway_id,
            "status": status,
            "clientReferenceInformation": {"code": refund.id},
            "refundAmountDetails": {"refundAmount": refund.amount.plain, "currency": "USD"},
        }
        return self._sent(payload, NOT_REFUNDED if status == "FAILED" else REFUNDED)

    def _sent(self, payload: object, *event: str) -> Sent:
        body = compact(a_message(payload, *event))
        return Sent(signed(body, self.key), body)


@attrs.frozen
class SimulatedSource:
    """Webhooks of the simulator, received by a server of this test."""

    gateway_world: CyberSourceWorld
    receiver: MerchantServer
    key: SharedKey

    @classmethod
    def to(cls, receiver: MerchantServer, gateway_world: CyberSourceWorld) -> SimulatedSource:
        subscriptions = gateway_world.shop.gateway.subscriptions
        source = cls(gateway_world, receiver, subscriptions.new_key())
        subscriptions.subscribe(f"{receiver.url}/hooks", subscriptions.event_types())
        source._command("webhooks/rounds")
        receiver.received.clear()  # its health was checked
        return source

    def sent(self, attempts: list[Attempt], refunds: list[Refund]) -> list[Sent]:
        self.gateway_world.later()
        self._command("webhooks/rounds")
        name = "V-C-Signature"
        received = self.receiver.webhooks()
        return [Sent({name: each.headers[name.lower()]}, each.body) for each in received]

    def void(self, attempt: Attempt, captured_as: str) -> None:
        ours = OwnReference(attempt.reference, "V-1")
        done = self.gateway_world.shop.gateway.movements.void("payments", captured_as, ours)
        assert isinstance(done, MovementDone)

    def fail_refund(self, refund: Refund) -> None:
        self._command(f"refunds/{refund.gateway_id}", fails="now")

    def _command(self, path: str, **options: str) -> None:
        url = self.gateway_world.shop.browser.url
        assert requests.post(f"{url}/simulator/{path}", json=options, timeout=5).ok
