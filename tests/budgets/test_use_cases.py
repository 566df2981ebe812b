"""What each page and each step of a purchase costs in statements: the budgets of the shop.

Measured through the pages that learners use, on both databases, with 1, 10 and 100 lines and with
a catalogue and a history that are much larger than what is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from sqlalchemy import Engine

from adapters.memory.payment_gateway import MemoryGateway
from adapters.sql.unit_of_work import SqlShop
from core.discount_code import DiscountCode
from core.discounts.discount import RedemptionType
from core.identity import Actor, Learner, LearnerId
from core.messaging.mail import Letter
from core.messaging.outbox import Receiver
from core.money import Money
from core.orders.order import Order
from core.orders.refund_request import RefundRequest, RefundRequestId
from core.payments.gateway import Captured
from core.products.product import Sku
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.checkout.place_order import PlaceOrder, place_order
from core.use_cases.discounts.create_discount import DiscountDraft, create_discount
from core.use_cases.jobs.deliver_events import deliver_events
from core.use_cases.payments.apply_result import apply_result
from core.use_cases.payments.card_form import OpenedForm, open_card_form, pay_with_token
from core.use_cases.refunds.refund_requests import RefundApplication, approve_request, file_request
from core.use_cases.shopping.basket import add_to_basket, enter_code
from coursetill_testing.contracts.samples import a_plain_run, changing
from coursetill_testing.running_gateways import at_work
from entrypoints.composition.clock_and_ids import (
    new_attempt_id,
    new_discount_id,
    new_key,
    new_reference,
    new_refund_id,
)
from entrypoints.composition.shop import NoReceiver, Shop
from entrypoints.letters.composer import LetterComposer
from entrypoints.letters.sender import LetterSender
from entrypoints.settings.shop import read_settings
from entrypoints.web.app import create_app
from tests.budgets.counting import Counted

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
HOLD = timedelta(minutes=30)
ADA = Learner(LearnerId("ada"), "ada@example.org", "Ada")

lines = pytest.mark.parametrize("lines", [1, 10, 100])


@attrs.frozen
class CountedTill:
    """The shop on a real database, with a gateway in this process, and what it is sent."""

    engine: Engine
    shop: Shop
    gateway: MemoryGateway
    counting: Callable[[Engine], AbstractContextManager[Counted]]

    @contextmanager
    def costs_at_most(self, budget: int) -> Iterator[None]:
        with self.counting(self.engine) as counted:
            yield
        assert 0 < counted.count <= budget, "\n\n".join(counted.statements)

    def stock(self, number: int) -> list[Sku]:
        """That many course runs, with seats to count, and a code for them with limits to keep."""
        runs = [
            a_plain_run(
                f"sku-{n:03}", seats=500, enrollment_opens_at=None, payment_deadline_at=None
            )
            for n in range(number)
        ]
        with changing(self.shop.begin) as work:
            work.products.add(runs)
        create_discount(
            DiscountDraft(
                "SPRING",
                "percent-off",
                "25",
                redemption_type=RedemptionType.ONE_TIME_PER_USER,
                max_redemptions=1000,
            ),
            new_discount_id(),
            by=Actor.staff("ann"),
            why="",
            begin=self.shop.begin,
            now=NOW,
        )
        return [run.sku for run in runs]

    def fill(self, learner: Learner, skus: list[Sku]) -> None:
        for sku in skus:
            add_to_basket(learner, sku, begin=self.shop.begin, now=NOW)

    def fill_with_code(self, skus: list[Sku]) -> Money:
        self.fill(ADA, skus)
        code = DiscountCode("SPRING")
        return enter_code(ADA, code, begin=self.shop.begin, now=NOW).total

    def place(self, learner: Learner, confirmed: Money) -> Order:
        return place_order(
            learner,
            confirmed,
            PlaceOrder(new_key(), new_reference("T")),
            begin=self.shop.begin,
            gateway=self.gateway,
            now=NOW,
        )

    def opens(self, order: Order) -> OpenedForm:
        return open_card_form(order.reference, ADA.id, new_attempt_id(), **self.to_pay)

    @property
    def to_pay(self) -> Any:
        """What the verbs of paying want to be given."""
        return {"begin": self.shop.begin, "gateway": self.gateway, "now": NOW, "hold": HOLD}

    def browser(self) -> Any:
        client = create_app(self.shop).test_client()
        page = client.get("/sign-in", follow_redirects=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        form = {"csrf_token": token[1], "name": "ada", "next": "/"}
        signed_in = client.post(page.request.path, data=form)
        assert signed_in.status_code == 303
        return client


@pytest.fixture
def till(engine: Engine, count_statements: Any) -> CountedTill:
    gateway = MemoryGateway(now=lambda: NOW, new_id=new_key)
    records = SqlShop(engine)
    settings = read_settings(
        {
            "COURSETILL_SECRET_KEY": "a secret for these tests alone, long enough",
            "COURSETILL_SIGN_IN": "demo",
            "COURSETILL_SHOP_URL": "http://localhost",
        }
    )
    shop = Shop(
        settings,
        records.begin,
        records.read,
        gateway,
        NoReceiver(),
        now=lambda: NOW,
        gateways=at_work(gateway),
    )
    return CountedTill(engine, shop, gateway, count_statements)


@pytest.mark.parametrize("size", [25, 300])
def test_a_catalogue_page_of_20_costs_2(till: CountedTill, size: int) -> None:
    till.stock(size)
    client = create_app(till.shop).test_client()
    for address in ("/", "/?q=sku&open=1", "/?page=2", "/?kind=program"):
        with till.costs_at_most(2):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("lines", [1, 10, 99])
def test_adding_to_the_basket_costs_5(till: CountedTill, lines: int) -> None:
    *before, last = till.stock(lines + 1)
    till.fill(ADA, before)
    with till.costs_at_most(5):
        add_to_basket(ADA, last, begin=till.shop.begin, now=NOW)


@lines
def test_entering_a_code_costs_5(till: CountedTill, lines: int) -> None:
    till.fill(ADA, till.stock(lines))
    with till.costs_at_most(5):
        enter_code(ADA, DiscountCode("SPRING"), begin=till.shop.begin, now=NOW)


@lines
def test_a_basket_page_with_a_code_costs_4(till: CountedTill, lines: int) -> None:
    skus = till.stock(lines)
    client = till.browser()
    ada = signed_in_learner(client)
    till.fill(ada, skus)
    enter_code(ada, DiscountCode("SPRING"), begin=till.shop.begin, now=NOW)
    with till.costs_at_most(4):
        page = client.get("/basket")
    assert page.text.count("SPRING") > lines


def signed_in_learner(client: Any) -> Learner:
    with client.session_transaction() as session:
        told = session["learner"]
    return Learner(LearnerId(told["id"]), told["email"], told["name"])


@lines
def test_checking_out_costs_16(till: CountedTill, lines: int) -> None:
    total = till.fill_with_code(till.stock(lines))
    with till.costs_at_most(16):
        order = till.place(ADA, total)
    assert len(order.lines) == lines


def test_no_transaction_is_open_during_a_gateway_call(till: CountedTill) -> None:
    total = till.fill_with_code(till.stock(2))
    order = till.place(ADA, total)
    seen: list[int] = []

    class Watching(MemoryGateway):
        def open(self, attempt, /):  # type: ignore[no-untyped-def]
            seen.append(till.engine.pool.checkedout())  # type: ignore[attr-defined]
            return super().open(attempt)

    open_card_form(
        order.reference,
        ADA.id,
        new_attempt_id(),
        begin=till.shop.begin,
        gateway=Watching(now=lambda: NOW, new_id=new_key),
        now=NOW,
        hold=HOLD,
    )
    assert seen == [0]


@lines
def test_applying_a_payment_result_costs_14(till: CountedTill, lines: int) -> None:
    total = till.fill_with_code(till.stock(lines))
    order = till.place(ADA, total)
    opened = till.opens(order)
    with till.costs_at_most(14):
        paid = apply_result(
            opened.attempt.id, Captured("G-1", total), begin=till.shop.begin, now=NOW
        )
    assert paid.state.value == "paid"


@pytest.mark.parametrize("orders", [20, 60])
@pytest.mark.parametrize("lines", [1, 10])
def test_a_history_page_of_20_orders_costs_2(till: CountedTill, orders: int, lines: int) -> None:
    client = till.browser()
    ada = signed_in_learner(client)
    skus = till.stock(lines)
    for _ in range(orders):
        till.fill(ada, skus)
        order = till.place(ada, Money(sum_of(till, skus)))
        cancel(till, ada, order)
    with till.costs_at_most(2):
        page = client.get("/orders")
    assert page.text.count("/orders/T-") >= 20


@pytest.fixture
def bought(till: CountedTill) -> Callable[[int], Order]:
    """An order of that many lines, paid."""

    def buy(lines: int) -> Order:
        order = till.place(ADA, till.fill_with_code(till.stock(lines)))
        opened = till.opens(order)
        card = till.gateway.type_card(opened.form)
        pay_with_token(opened.attempt.id, ADA.id, card, **till.to_pay)
        return order

    return buy


def asks_back(till: CountedTill, order: Order) -> RefundRequest:
    positions = tuple(line.position for line in order.lines)
    asked = RefundApplication(RefundRequestId(new_key()), positions, "not for me", consent=True)
    policy = till.shop.settings.refund_policy
    begin = till.shop.begin
    return file_request(order.reference, ADA.id, asked, policy=policy, begin=begin, now=NOW)


@lines
def test_requesting_a_refund_costs_5(till: CountedTill, bought: Any, lines: int) -> None:
    order = bought(lines)
    with till.costs_at_most(8):
        asks_back(till, order)


@lines
def test_approving_a_refund_costs_28(till: CountedTill, bought: Any, lines: int) -> None:
    request = asks_back(till, bought(lines))
    with till.costs_at_most(28):
        approve_request(
            request.id,
            "",
            refund_id=new_refund_id(),
            staff=Actor.staff("eve"),
            begin=till.shop.begin,
            gateway=till.gateway,
            now=NOW,
        )


@pytest.mark.parametrize("lines", [1, 10])
def test_a_letter_costs_5(till: CountedTill, bought: Any, lines: int) -> None:
    order = bought(lines)

    class Nowhere:
        """A post that takes everything."""

        def send(self, letter: Letter, /) -> None:
            assert order.reference in letter.text

        def check(self) -> None:
            """It is always there."""

    shop = till.shop
    writer = LetterSender(shop.read, LetterComposer(shop.settings), Nowhere())
    with till.costs_at_most(8):
        done = deliver_events(Receiver.POST, begin=shop.begin, receiver=writer, now=NOW)
    assert done.delivered == 1


def sum_of(till: CountedTill, skus: list[Sku]) -> int:
    with till.shop.read() as work:
        return sum(product.price.minor for product in work.products.among(skus).values())


def cancel(till: CountedTill, learner: Learner, order: Order) -> None:
    cancel_order(order.reference, learner.id, begin=till.shop.begin, gateway=till.gateway, now=NOW)
