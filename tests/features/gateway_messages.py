"""What the gateway tells of its own accord, in the features: played, or sent by the simulator."""

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
    """One message as it was sent."""

    headers: Mapping[str, str]
    body: bytes

    def forged(self) -> Sent:
        """The same, signed by somebody who has no key of ours."""
        return Sent(signed(self.body, OLD_KEY), self.body)

    def changed(self) -> Sent:
        """The same with another order's name in it, under the signature that it had."""
        return Sent(self.headers, self.body.replace(b"CT-", b"CX-"))


class Line(Protocol):
    """The way by which the gateway sends word, and what only the gateway knows of."""

    key: SharedKey

    def sent(self, attempts: list[Attempt], refunds: list[Refund]) -> list[Sent]:
        """All that was sent so far about these, oldest first."""
        ...

    def voids(self, attempt: Attempt, captured_as: str) -> None:
        """Somebody at the gateway undoes this payment."""
        ...

    def fails(self, refund: Refund) -> None:
        """The bank sends a refund back that was settled."""
        ...


@contextmanager
def line_of(counter: GatewayWorld) -> Iterator[Line]:
    match counter:
        case MemoryWorld():
            yield PlayedLine(counter)
        case CyberSourceWorld():
            with running_merchant_server() as receiver:
                yield SimulatedLine.to(receiver, counter)
        case _:
            raise ValueError("this gateway sends no word")


@attrs.define
class PlayedLine:
    """Messages that are played, after what a gateway in memory knows."""

    counter: MemoryWorld
    key: SharedKey = KEY
    undone: list[Sent] = attrs.field(factory=list)

    def sent(self, attempts: list[Attempt], refunds: list[Refund]) -> list[Sent]:
        self.counter.later()
        told = [self._payment(attempt) for attempt in attempts]
        told += [self._refund(refund, "BATCHED") for refund in refunds]
        return [*told, *self.undone]

    def voids(self, attempt: Attempt, captured_as: str) -> None:
        code = {"code": attempt.reference}
        payload = a_payment(id="V-1", status="VOIDED", clientReferenceInformation=code)
        self.undone.append(self._sent(payload, VOIDED))

    def fails(self, refund: Refund) -> None:
        self.undone.append(self._refund(refund, "FAILED"))

    def _payment(self, attempt: Attempt) -> Sent:
        found = self.counter.gateway.find(attempt)
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
class SimulatedLine:
    """Webhooks of the simulator, caught on their way."""

    counter: CyberSourceWorld
    receiver: MerchantServer
    key: SharedKey

    @classmethod
    def to(cls, receiver: MerchantServer, counter: CyberSourceWorld) -> SimulatedLine:
        subscriptions = counter.shop.gateway.subscriptions
        line = cls(counter, receiver, subscriptions.new_key())
        subscriptions.subscribe(f"{receiver.url}/hooks", subscriptions.wanted())
        line._command("webhooks/rounds")
        receiver.received.clear()  # its health was checked
        return line

    def sent(self, attempts: list[Attempt], refunds: list[Refund]) -> list[Sent]:
        self.counter.later()
        self._command("webhooks/rounds")
        name = "V-C-Signature"
        heard = self.receiver.webhooks()
        return [Sent({name: each.headers[name.lower()]}, each.body) for each in heard]

    def voids(self, attempt: Attempt, captured_as: str) -> None:
        ours = OwnReference(attempt.reference, "V-1")
        done = self.counter.shop.gateway.movements.void("payments", captured_as, ours)
        assert isinstance(done, MovementDone)

    def fails(self, refund: Refund) -> None:
        self._command(f"refunds/{refund.gateway_id}", fails="now")

    def _command(self, path: str, **told: str) -> None:
        url = self.counter.shop.browser.url
        assert requests.post(f"{url}/simulator/{path}", json=told, timeout=5).ok
