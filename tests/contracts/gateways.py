"""Every payment gateway there is, each with somebody at its card form and a look at its books."""

from typing import Protocol

import attrs

from adapters.cybersource.gateway import CyberSourceGateway
from adapters.cybersource.rest.settings import AutoFlow
from adapters.memory.payment_gateway import MemoryGateway
from core.money import Currency, Money
from core.payments.attempt import Attempt
from core.payments.gateway import Captured, CardForm, Declined, InReview, PaymentGateway, Unknown
from tests.adapters.cybersource.worlds import Browser, Clock, CyberSourceShop, new_id, settings
from tests.adapters.http_client.stubs import free_port

NO_MONEY = "4000000000002040"
HELD = "4000000000004806"


class GatewayWorld(Protocol):
    """A gateway, and what happens at its other end.

    The clock is the world's own, and stands still until `later` moves it.
    """

    gateway: PaymentGateway
    clock: Clock

    def let_forms_pay(self) -> None:
        """From now on card forms charge the card by themselves: to type a card in is to pay."""
        ...

    def type_good_card(self, form: CardForm) -> str:
        """Type a card that is good for any amount: what the browser brings back."""
        ...

    def type_empty_card(self, form: CardForm) -> str:
        """Type a card with no money on it."""
        ...

    def type_odd_card(self, form: CardForm) -> str:
        """Type a card that makes somebody at the gateway look twice."""
        ...

    def decide(self, attempt: Attempt, held: InReview, *, good: bool) -> None:
        """Somebody at the gateway decides about a payment held for review."""
        ...

    def lose_next_answer(self, operation: str) -> None:
        """The next charge or refund is carried out, but its answer is lost."""
        ...

    def lose_next_charge(self) -> None:
        """The next charge is lost on its way: nothing happens, and nobody can tell."""
        ...

    def settle(self) -> None:
        """The gateway's day ends."""
        ...

    def later(self) -> None:
        """Wait until the gateway shows what happened so far."""
        ...

    def out_of_reach(self) -> PaymentGateway:
        """The same gateway while nothing reaches it."""
        ...

    def captured(self, currency: Currency = Currency.USD) -> Money:
        """How much money was captured, by the gateway's own books."""
        ...

    def refunded(self, currency: Currency = Currency.USD) -> Money:
        """How much of it went back."""
        ...


class MemoryWorld:
    """MemoryGateway, and the hooks that it has for tests."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.gateway = MemoryGateway(now=self.clock, new_id=new_id)

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


@attrs.frozen
class CyberSourceWorld:
    """CyberSourceGateway, and over HTTP the simulator that answers it."""

    shop: CyberSourceShop

    @classmethod
    def at(cls, url: str, clock: Clock) -> "CyberSourceWorld":
        browser = Browser(url)
        browser.reset()
        gateway = CyberSourceGateway(settings(url), now=clock, new_id=new_id)
        return cls(CyberSourceShop(gateway, browser, clock))

    @property
    def gateway(self) -> PaymentGateway:
        return self.shop.gateway

    @property
    def clock(self) -> Clock:
        return self.shop.clock

    def let_forms_pay(self) -> None:
        told = attrs.evolve(settings(self.shop.browser.url), auto=AutoFlow())
        self.shop.gateway = CyberSourceGateway(told, now=self.clock, new_id=new_id)

    def type_good_card(self, form: CardForm) -> str:
        return self.shop.browser.type_card(form)

    def type_empty_card(self, form: CardForm) -> str:
        return self.shop.browser.type_card(form, NO_MONEY)

    def type_odd_card(self, form: CardForm) -> str:
        return self.shop.browser.type_card(form, HELD)

    def decide(self, attempt: Attempt, held: InReview, *, good: bool) -> None:
        self.shop.browser.decide(held.gateway_id, "accept" if good else "reject")

    def lose_next_answer(self, operation: str) -> None:
        self.shop.browser.fault(operation, "drop", committed=True)

    def lose_next_charge(self) -> None:
        self.shop.browser.fault("payments", "drop", committed=False)

    def settle(self) -> None:
        self.shop.browser.settle()

    def later(self) -> None:
        self.clock.advance(seconds=10)

    def out_of_reach(self) -> PaymentGateway:
        nobody = settings(f"http://127.0.0.1:{free_port()}")
        return CyberSourceGateway(nobody, now=self.clock, new_id=new_id)

    def captured(self, currency: Currency = Currency.USD) -> Money:
        return self._moved("captured", currency)

    def refunded(self, currency: Currency = Currency.USD) -> Money:
        return self._moved("refunded", currency)

    def _moved(self, what: str, currency: Currency) -> Money:
        # The simulator writes two decimals at least, also where a currency has none.
        text = self.shop.browser.moved(what, currency.code)
        return Money.of(text.removesuffix(".00") if not currency.digits else text, currency)
