"""Every payment gateway there is, each with somebody at its card form and a look at its books."""

import attrs

from adapters.cybersource.gateway import CyberSourceGateway
from adapters.cybersource.rest.settings import AutoFlow
from core.money import Currency, Money
from core.payments.attempt import Attempt
from core.payments.gateway import CardForm, InReview, PaymentGateway
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import new_id
from tests.adapters.cybersource.worlds import Browser, CyberSourceShop, settings
from tests.adapters.http_client.stubs import free_port

NO_MONEY = "4000000000002040"
HELD = "4000000000004806"


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
