"""The services around the shop, with the faults that a scenario asks for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import attrs

from core.discount_code import OfferCode, PaymentType
from core.discounts.kinds.fixed_price import FixedPrice
from core.discounts.personal_offers import PersonalOffer
from core.identity import Learner, LearnerId
from core.messaging.mail import Letter
from core.messaging.outbox import Event, NeverReceived, NotReceived, ReceiverIsDown
from core.money import Money
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt
from core.payments.gateway import (
    Answer,
    Captured,
    CardForm,
    Finding,
    GatewayUnavailable,
    NotFound,
    RefundAnswer,
    RefundFailed,
    RefundFinding,
    Token,
    Unknown,
)
from core.payments.refund import Refund
from core.products.product import (
    Product,
    Sku,
)
from coursetill_testing.contracts.gateway_world import GatewayWorld


@attrs.define
class FaultyGateway:
    """A gateway that can be unavailable, have no records, or lose an answer."""

    gateway_world: GatewayWorld
    unavailable: bool = False
    has_no_records: bool = False
    rejects_next_refund: bool = False
    loses_next_refund_answer: bool = False
    captures_next: Money | None = None

    @property
    def account(self) -> GatewayAccount:
        return self.gateway_world.gateway.account

    def serves(self, account: GatewayAccount, /) -> bool:
        return self.gateway_world.gateway.serves(account)

    def open(self, attempt: Attempt, /) -> CardForm:
        if self.unavailable:
            raise GatewayUnavailable("the gateway does not answer")
        return self.gateway_world.gateway.open(attempt)

    def form(self, attempt: Attempt, /) -> CardForm:
        return self.gateway_world.gateway.form(attempt)

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        return self.gateway_world.gateway.verify(attempt, text)

    def close(self, attempt: Attempt, /) -> bool:
        return not self.unavailable and self.gateway_world.gateway.close(attempt)

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        answer = self.gateway_world.gateway.charge(attempt, token)
        if isinstance(answer, Captured) and self.captures_next is not None:
            answer = attrs.evolve(answer, amount=self.captures_next)
            self.captures_next = None
        return answer

    def find(self, attempt: Attempt, /) -> Finding:
        if self.unavailable:
            return Unknown("the gateway does not answer")
        return NotFound() if self.has_no_records else self.gateway_world.gateway.find(attempt)

    def refund(self, refund: Refund, /) -> RefundAnswer:
        if self.rejects_next_refund:
            self.rejects_next_refund = False
            return RefundFailed("the account was closed")
        answer = self.gateway_world.gateway.refund(refund)
        if self.loses_next_refund_answer:
            self.loses_next_refund_answer = False
            return Unknown("the answer was lost")
        return answer

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        return self.gateway_world.gateway.find_refund(refund)

    def check(self) -> None:
        if self.unavailable:
            raise GatewayUnavailable("the gateway does not answer")


@attrs.define
class RecordingPlatform:
    """A learning platform that keeps the events it receives, unless it is down."""

    received: list[Event] = attrs.field(factory=list)
    down: bool = False
    rejects_every_event: bool = False

    def receive(self, event: Event, /) -> None:
        if self.rejects_every_event:
            raise NeverReceived("it answered HTTP 400")
        if self.down:
            raise NotReceived("it answered HTTP 503")
        self.received.append(event)


@attrs.define
class PriceExtension:
    """An extension with personal prices for some learners, unless it fails."""

    name: str = "aid"
    prices: dict[tuple[LearnerId, Sku], Money] = attrs.field(factory=dict)
    fails: bool = False

    def offers(
        self, learner: Learner, products: Collection[Product], at: datetime, /
    ) -> list[PersonalOffer]:
        if self.fails:
            raise RuntimeError("its tables are gone")
        return [
            PersonalOffer(
                product.sku,
                FixedPrice(self.prices[learner.id, product.sku]),
                OfferCode("aid", "own"),
                PaymentType.FINANCIAL_ASSISTANCE,
                "a price of your own",
            )
            for product in products
            if (learner.id, product.sku) in self.prices
        ]


@attrs.define
class RecordingMailServer:
    """A mail server that keeps the letters it accepts, unless it is down."""

    letters: list[Letter] = attrs.field(factory=list)
    rejected_addresses: set[str] = attrs.field(factory=set)
    down: bool = False

    def send(self, letter: Letter, /) -> None:
        if self.down:
            raise ReceiverIsDown("nobody answers")
        if letter.email in self.rejected_addresses:
            raise NeverReceived("the mail server answered 550 no such user")
        self.letters.append(letter)

    def check(self) -> None:
        if self.down:
            raise ReceiverIsDown("nobody answers")
