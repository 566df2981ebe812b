"""A payment gateway under test, controls for its other end, and attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import uuid4

from adapters.memory.payment_gateway import MemoryGateway
from core.identity import Actor
from core.money import Currency, Money
from core.order_reference import Reference
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt, AttemptId
from core.payments.gateway import (
    Captured,
    CardForm,
    Declined,
    InReview,
    PaymentGateway,
    Token,
    Unknown,
)
from core.payments.refund import Refund, RefundId
from coursetill_testing.clock import Clock
from coursetill_testing.makers import NOW

START = NOW
DUE = Money.of("247.51")
ACCOUNT = GatewayAccount("example", "simulated_merchant", "test")
"""The account of the attempts and refunds in this module."""


def new_id() -> str:
    return str(uuid4())


def an_attempt(number: int = 1, amount: Money = DUE, order: str = "CT-7K3M-Q9XD-2FVT") -> Attempt:
    return Attempt(AttemptId(f"A-{number}"), Reference(order), amount, START, account=ACCOUNT)


def opened(attempt: Attempt, gateway: PaymentGateway) -> Attempt:
    """The attempt with a card form."""
    form = gateway.open(attempt)
    return attempt.with_form(form.remember, form.expires_at)


def sent(attempt: Attempt, token: Token, at: datetime = START) -> Attempt:
    """The attempt in its state just before the charge."""
    return attempt.sent(token.id, at=at, next_enquiry_at=at)


def a_refund(number: int, captured_as: str, amount: Money = DUE) -> Refund:
    return Refund(
        RefundId(f"R-{number}"),
        Reference("CT-7K3M-Q9XD-2FVT"),
        AttemptId("A-1"),
        amount,
        (),
        "asked for",
        Actor.staff("eve"),
        START,
        captured_as,
        account=ACCOUNT,
    )


class GatewayWorld(Protocol):
    """A gateway, and controls for its other end.

    The world has its own clock, which only `later` moves.
    """

    gateway: PaymentGateway
    clock: Clock

    def let_forms_pay(self) -> None:
        """Let card forms charge the card themselves from now on, as soon as it is typed."""
        ...

    def type_good_card(self, form: CardForm) -> str:
        """Type a card that is good for any amount. Returns the browser's result."""
        ...

    def type_empty_card(self, form: CardForm) -> str:
        """Type a card without funds."""
        ...

    def type_odd_card(self, form: CardForm) -> str:
        """Type a card whose payment is held for review."""
        ...

    def decide(self, attempt: Attempt, held: InReview, *, good: bool) -> None:
        """Decide a payment in review, as the gateway's staff would."""
        ...

    def lose_next_answer(self, operation: str) -> None:
        """Carry out the next charge or refund, but lose its answer."""
        ...

    def lose_next_charge(self) -> None:
        """Lose the next charge: nothing happens, and the answer is unknown."""
        ...

    def settle(self) -> None:
        """Settle, as at the end of the gateway's day."""
        ...

    def later(self) -> None:
        """Wait until the gateway shows all past transactions."""
        ...

    def out_of_reach(self) -> PaymentGateway:
        """The same gateway while it is unreachable."""
        ...

    def captured(self, currency: Currency = Currency.USD) -> Money:
        """The captured total in the gateway's own ledger."""
        ...

    def refunded(self, currency: Currency = Currency.USD) -> Money:
        """The refunded total."""
        ...


class MemoryWorld:
    """The world of MemoryGateway."""

    def __init__(self, account: GatewayAccount = ACCOUNT) -> None:
        self.clock = Clock(START)
        self.gateway = MemoryGateway(now=self.clock, new_id=new_id, account=account)

    def let_forms_pay(self) -> None:
        self.gateway.forms_take_payment = True

    def type_good_card(self, form: CardForm) -> str:
        return self._typed(form)

    def type_empty_card(self, form: CardForm) -> str:
        self.gateway.answers_next(Declined("There is not enough money"))
        return self._typed(form)

    def type_odd_card(self, form: CardForm) -> str:
        self.gateway.answers_next(InReview(new_id(), "Somebody looks twice"))
        return self._typed(form)

    def _typed(self, form: CardForm) -> str:
        pays = self.gateway.pay_in if form.takes_payment else self.gateway.type_card
        return pays(form)

    def decide(self, attempt: Attempt, held: InReview, *, good: bool) -> None:
        accepted = Captured(held.gateway_id, attempt.amount)
        self.gateway.decides(attempt, accepted if good else Declined("No", held.gateway_id))

    def lose_next_answer(self, operation: str) -> None:
        self.gateway.loses_next_answer()

    def lose_next_charge(self) -> None:
        self.gateway.answers_next(Unknown("lost"))

    def settle(self) -> None:
        self.gateway.settles()

    def later(self) -> None:
        self.clock.advance(seconds=10)

    def out_of_reach(self) -> PaymentGateway:
        self.gateway.goes_away()
        return self.gateway

    def captured(self, currency: Currency = Currency.USD) -> Money:
        return self.gateway.captured(currency)

    def refunded(self, currency: Currency = Currency.USD) -> Money:
        return self.gateway.refunded(currency)
