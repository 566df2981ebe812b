"""Cardhouse on this machine, and its adapter, for tests. No shop that sells imports this."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import attrs
import requests

from core.money import Currency, Money
from core.payments.attempt import Attempt
from core.payments.gateway import CardForm, InReview, PaymentGateway
from coursetill_cardhouse.client import Cardhouse
from coursetill_cardhouse.gateway import CardhouseGateway
from coursetill_cardhouse.service import HELD, NO_MONEY, Books, cardhouse
from coursetill_simulators.serving.loopback import LoopbackServer
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import ACCOUNT, START

SECRET = "worthless-secret-of-the-example-only"  # noqa: S105
GOOD = "4111111111111111"


@contextmanager
def running_cardhouse(books: Books) -> Iterator[str]:
    with LoopbackServer(lambda _: cardhouse(books), name="cardhouse") as server:
        yield server.url


def type_card(form: CardForm, number: str = GOOD) -> str:
    """Type a card into Cardhouse's form, as its script does: what the browser brings back."""
    answer = requests.post(f"{form.session}/cards", {"number": number}, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["token"])


@attrs.define
class CardhouseWorld:
    """The gateway of the example, as the contract suite asks for it."""

    url: str
    books: Books
    clock: Clock
    gateway: PaymentGateway = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.gateway = self._at(self.url)

    def _at(self, url: str, *, forms_pay: bool = False) -> PaymentGateway:
        service = Cardhouse(url, SECRET)
        return CardhouseGateway(service, ACCOUNT, now=self.clock, forms_pay=forms_pay)

    def let_forms_pay(self) -> None:
        self.gateway = self._at(self.url, forms_pay=True)

    def type_good_card(self, form: CardForm) -> str:
        return type_card(form)

    def type_empty_card(self, form: CardForm) -> str:
        return type_card(form, NO_MONEY)

    def type_odd_card(self, form: CardForm) -> str:
        return type_card(form, HELD)

    def decide(self, attempt: Attempt, held: InReview, *, good: bool) -> None:
        self.books.decide(attempt.id, good=good)

    def lose_next_answer(self, operation: str) -> None:
        self.books.lose.add(operation)

    def lose_next_charge(self) -> None:
        self.books.drop.add("payments")

    def settle(self) -> None:
        self.books.settle()

    def later(self) -> None:
        self.clock.advance(seconds=10)

    def out_of_reach(self) -> PaymentGateway:
        with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
            port = nobody.getsockname()[1]
        return self._at(f"http://127.0.0.1:{port}")

    def captured(self, currency: Currency = Currency.USD) -> Money:
        return self.books.captured(currency)

    def refunded(self, currency: Currency = Currency.USD) -> Money:
        return self.books.refunded(currency)


@contextmanager
def a_world() -> Iterator[CardhouseWorld]:
    clock = Clock(START)
    books = Books(SECRET, clock)
    with running_cardhouse(books) as url:
        yield CardhouseWorld(url, books, clock)
