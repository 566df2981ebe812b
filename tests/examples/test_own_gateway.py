"""The gateway of the example, plugged by settings into a shop that has CyberSource as well."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest
import requests
from coursetill_cardhouse import PLUGIN as CARDHOUSE
from coursetill_cardhouse.messages import HEADER
from coursetill_cardhouse.service import Books
from coursetill_cardhouse.testing import GOOD, SECRET, running_cardhouse, type_card
from playwright.sync_api import Page, expect

from core.identity import Actor, Learner, LearnerId
from core.order_reference import Reference
from core.orders.order import Order
from core.orders.order_state import OrderState
from core.payments.attempt import Attempt, AttemptState
from core.payments.gateway import CardForm
from core.products.product import Sku
from core.use_cases.checkout.place_order import PlaceOrder, place_order
from core.use_cases.jobs.maintenance import run_maintenance
from core.use_cases.payments.card_form import open_card_form, pay_with_token
from core.use_cases.refunds.issue_refund import PaymentIsDisputed, RefundSelection, issue_refund
from core.use_cases.shopping.basket import add_to_basket, show_basket
from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_testing.contracts.samples import a_plain_run, changing
from coursetill_testing.makers import ADA
from entrypoints.composition.clock_and_ids import (
    new_attempt_id,
    new_key,
    new_reference,
    new_refund_id,
    now,
)
from entrypoints.composition.gateways.cybersource_plugin import PLUGIN as CYBERSOURCE
from entrypoints.composition.shop import Shop, open_shop, upgrade_database
from entrypoints.processes.gateways.cybersource import account_at, gateway_environment
from entrypoints.processes.web_server import page_server
from entrypoints.settings.shop import read_settings
from tests.adapters.cybersource.worlds import Browser
from tests.adapters.http_client.stubs import free_port

RUN = "run-1"
STAFF = Actor.staff("eve")


@attrs.frozen
class Street:
    """Two gateways that run on this machine, and one database for the shops that use them."""

    simulator: RunningSimulator
    books: Books
    cardhouse: str
    database: str
    port: int

    @contextmanager
    def shop(self, chosen: str, **more: str) -> Iterator[Shop]:
        """The shop with both gateways, of which this one takes new payments."""
        environ = {
            **gateway_environment(account_at(self.simulator)),
            "COURSETILL_CARDHOUSE_URL": self.cardhouse,
            "COURSETILL_CARDHOUSE_MERCHANT": "us",
            "COURSETILL_CARDHOUSE_SECRET": SECRET,
            "COURSETILL_CARDHOUSE_TEST": "yes",
            "COURSETILL_GATEWAY": chosen,
            "COURSETILL_DATABASE_URL": self.database,
            "COURSETILL_SHOP_URL": f"http://127.0.0.1:{self.port}",
            "COURSETILL_SECRET_KEY": "a secret for these tests alone, long enough",
            "COURSETILL_SIGN_IN": "demo",
            **more,
        }
        settings = read_settings(environ, (CYBERSOURCE, CARDHOUSE))
        upgrade_database(settings)
        shop = open_shop(settings)
        with closing(shop):
            yield shop

    def type_card(self, shop: Shop, form: CardForm) -> str:
        if shop.gateway.account.gateway == "cardhouse":
            return type_card(form)
        return Browser(self.simulator.url).type_card(form)


@pytest.fixture
def street(sqlite_url: str) -> Iterator[Street]:
    books = Books(SECRET, now)
    with (
        RunningSimulator(SimulatorSettings(index_lag_seconds=0)) as simulator,
        running_cardhouse(books) as cardhouse,
    ):
        there = Street(simulator, books, cardhouse, sqlite_url, free_port())
        with there.shop("cybersource") as shop, changing(shop.begin) as work:
            work.products.add([a_plain_run(RUN, enrollment_opens_at=None)])
        yield there


BOB = Learner(LearnerId("bob"), "bob@example.org", "Bob")
EVE = Learner(LearnerId("eve"), "eve@example.org", "Eve")


def orders(shop: Shop, learner: Learner = ADA) -> Reference:
    add_to_basket(learner, Sku(RUN), begin=shop.begin, now=shop.now())
    due = show_basket(learner, read=shop.read, now=shop.now()).quote.total
    placing = PlaceOrder(new_key(), new_reference("CT"))
    more: dict[str, Any] = {"begin": shop.begin, "gateway": shop.gateway, "now": shop.now()}
    return place_order(learner, due, placing, **more).reference


def pays(street: Street, shop: Shop, reference: Reference, *, learner: Learner = ADA) -> None:
    how: dict[str, Any] = {
        "begin": shop.begin,
        "gateway": shop.gateway,
        "now": shop.now(),
        "hold": timedelta(minutes=30),
    }
    opened = open_card_form(reference, learner.id, new_attempt_id(), **how)
    text = street.type_card(shop, opened.form)
    pay_with_token(opened.attempt.id, learner.id, text, **how)


def stored(shop: Shop, reference: Reference) -> tuple[Order, tuple[Attempt, ...]]:
    with shop.read() as work:
        return work.orders.get(reference), work.attempts.of(reference)


def test_a_shop_uses_both_gateways_and_old_payments_stay_at_their_own(street: Street) -> None:
    with street.shop("cybersource") as shop:
        old = orders(shop)
        pays(street, shop, old)
        in_doubt = orders(shop, BOB)
        Browser(street.simulator.url).fault("payments", "drop", committed=True)
        pays(street, shop, in_doubt, learner=BOB)
        order, (attempt,) = stored(shop, in_doubt)
        assert (order.state, attempt.in_doubt) == (OrderState.PENDING, True)
    with street.shop("cardhouse") as shop:
        new = orders(shop, EVE)
        pays(street, shop, new, learner=EVE)
        later = shop.now() + timedelta(minutes=10)
        run_maintenance(begin=shop.begin, gateway=shop.gateway, now=later)
        gateways = {}
        for reference in (old, in_doubt, new):
            order, (attempt,) = stored(shop, reference)
            assert (order.state, attempt.state) == (OrderState.PAID, AttemptState.CAPTURED)
            gateways[reference] = attempt.account.gateway
        assert list(gateways.values()) == ["cybersource", "cybersource", "cardhouse"]
        due = stored(shop, old)[0].total
        refund = issue_refund(
            old,
            RefundSelection(),
            "changed their mind",
            refund_id=new_refund_id(),
            staff=STAFF,
            begin=shop.begin,
            gateway=shop.gateway,
            now=later,
        )
        assert refund is not None
        assert refund.account.gateway == "cybersource"
        assert stored(shop, old)[0].state is OrderState.REFUNDED
    assert Browser(street.simulator.url).moved("refunded") == str(due.plain)
    assert street.books.captured() == due
    assert not street.books.refunded()


@contextmanager
def served(shop: Shop) -> Iterator[str]:
    """The shop's pages at their address."""
    address = urlsplit(shop.settings.shop_url)
    listening = socket.create_server(("127.0.0.1", address.port or 0))
    server = page_server(shop, listening)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield shop.settings.shop_url
    finally:
        server.close()
        thread.join(5)
        listening.close()


def goes_to_pay(page: Page, address: str) -> None:
    page.goto(f"{address}/products/{RUN}")
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_role("link", name="Check out").click()
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Continue to pay").click()


def test_a_learner_pays_in_its_card_form(street: Street, browser_page: Page) -> None:
    with street.shop("cardhouse") as shop, served(shop) as address:
        goes_to_pay(browser_page, address)
        browser_page.get_by_label("Card number").fill(GOOD)
        browser_page.get_by_role("button", name="Pay by card").click()
        expect(browser_page.get_by_role("heading", level=1)).to_contain_text("You have paid")


def test_a_learner_pays_on_its_hosted_page_and_returns_by_get(
    street: Street, browser_page: Page
) -> None:
    chosen = street.shop("cardhouse", COURSETILL_PAY_AT="hosted-page")
    with chosen as shop, served(shop) as address:
        goes_to_pay(browser_page, address)
        browser_page.get_by_role("button", name="Go to the payment page").click()
        browser_page.get_by_label("Card number").fill(GOOD)
        browser_page.get_by_role("button", name="Pay").click()
        expect(browser_page.get_by_role("heading", level=1)).to_contain_text("You have paid")


def test_its_webhook_is_verified_by_its_header(street: Street) -> None:
    with street.shop("cardhouse") as shop, served(shop) as address:
        street.books.webhook = f"{address}/webhooks/cardhouse"
        reference = orders(shop)
        street.books.lose.add("payments")
        pays(street, shop, reference)
        order, (attempt,) = stored(shop, reference)
        assert order.state is OrderState.PENDING
        forged = requests.post(
            street.books.webhook, b"{}", headers={HEADER: "t=1,v1=guessed"}, timeout=10
        )
        assert forged.status_code == 400
        assert street.books.tell(attempt.id) == 200
        assert stored(shop, reference)[0].state is OrderState.PAID


def refunds(shop: Shop, reference: Reference) -> None:
    issue_refund(
        reference,
        RefundSelection(),
        "changed their mind",
        refund_id=new_refund_id(),
        staff=STAFF,
        begin=shop.begin,
        gateway=shop.gateway,
        now=shop.now(),
    )


def test_a_dispute_that_its_webhook_tells_of_stops_refunds_until_it_is_won(street: Street) -> None:
    with street.shop("cardhouse") as shop, served(shop) as address:
        street.books.webhook = f"{address}/webhooks/cardhouse"
        reference = orders(shop)
        pays(street, shop, reference)
        _, (attempt,) = stored(shop, reference)
        assert street.books.dispute(attempt.id, "opened", reason="not recognised") == 200
        order, (attempt,) = stored(shop, reference)
        assert order.attention is not None
        assert "is disputed (not recognised)" in order.attention
        assert attempt.dispute is not None
        with pytest.raises(PaymentIsDisputed):
            refunds(shop, reference)
        assert not street.books.refunded()
        assert street.books.dispute(attempt.id, "won", reason="not recognised") == 200
        refunds(shop, reference)
        assert street.books.refunded() == order.total


def test_a_dispute_that_its_webhook_tells_as_lost_flags_the_order(street: Street) -> None:
    with street.shop("cardhouse") as shop, served(shop) as address:
        street.books.webhook = f"{address}/webhooks/cardhouse"
        reference = orders(shop)
        pays(street, shop, reference)
        _, (attempt,) = stored(shop, reference)
        assert street.books.dispute(attempt.id, "lost", reason="fraud") == 200
        order, _ = stored(shop, reference)
        assert order.attention is not None
        assert "was lost (fraud)" in order.attention
        with pytest.raises(PaymentIsDisputed):
            refunds(shop, reference)
