"""A hosted page that is reached by GET, and whose messages are signed in a header."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import Route, expect

from adapters.memory.gateway_messages import PAGE_ADDRESS, PAGE_LASTS, MemoryHostedPages
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState, PaymentFlow
from core.payments.gateway import Declined
from core.payments.hosted_page import HostedPage, HostedPageRequest, PageReply
from coursetill_testing.clock import Clock
from coursetill_testing.running_gateways import NOTIFY_PATHS, with_parts
from coursetill_testing.town import Person, Town, settings
from coursetill_testing.web_pages import Page
from entrypoints.web.app import create_app
from tests.entrypoints.web.hosted_town import HOSTED
from tests.entrypoints.web.test_scripts import served

(NOTIFY_PATH,) = NOTIFY_PATHS


def redirect_town(**different: str) -> tuple[Town, MemoryHostedPages]:
    town = Town(settings(**{**HOSTED, **different}), clock=Clock(datetime.now(UTC)))
    numbers = itertools.count(1)
    pages = MemoryHostedPages(town.gateway, new_id=lambda: f"session-{next(numbers)}")
    town.shop = with_parts(town.shop, pages=pages)
    town.app = create_app(town.shop)
    return town, pages


@pytest.fixture
def pages_and_town() -> tuple[Town, MemoryHostedPages]:
    return redirect_town()


@pytest.fixture
def town(pages_and_town: tuple[Town, MemoryHostedPages]) -> Town:
    return pages_and_town[0]


@pytest.fixture
def pages(pages_and_town: tuple[Town, MemoryHostedPages]) -> MemoryHostedPages:
    return pages_and_town[1]


@pytest.fixture
def order(ada: Person) -> str:
    return ada.orders("STATS-1")


def go(ada: Person, order: str) -> Page:
    """Ask for the page; ends at the shop's page that leads there."""
    ada.visit(f"/orders/{order}/pay")
    ada.press(f"/orders/{order}/attempts")
    assert ada.page.location == f"/orders/{order}/pay#go"
    return ada.follow()


def ways(page: Page) -> list[str]:
    """The addresses of the links to the gateway's page."""
    return [link["href"] for link in page.all("a") if link.get("id") == "way-link"]


def opened(town: Town, pages: MemoryHostedPages, order: str) -> HostedPage:
    (attempt,) = town.attempts(order)
    return pages.page(attempt, HostedPageRequest(learner="ada"))


def notify(town: Town, reply: PageReply) -> int:
    stranger = town.app.test_client()
    return stranger.post(NOTIFY_PATH, data=reply.content, headers=dict(reply.headers)).status_code


def test_the_page_is_a_link_and_no_form_goes_there(town, ada, order):
    page = go(ada, order)
    assert ways(page) == [f"{PAGE_ADDRESS}/session-1"]
    assert page.policy["form-action"] == ["'self'"]
    assert page.response.headers["Referrer-Policy"] == "no-referrer"


def test_the_attempt_keeps_the_session_of_the_page_and_says_that_it_is_one(town, ada, order):
    go(ada, order)
    (attempt,) = town.attempts(order)
    assert attempt.flow is PaymentFlow.HOSTED_PAGE
    assert attempt.session == {"session": "session-1"}
    assert attempt.unattended


def test_the_same_session_is_shown_in_every_tab_and_after_asking_again(town, ada, order):
    other_tab = ada.visit(f"/orders/{order}/pay")
    go(ada, order)
    town.clock.advance(timedelta(minutes=3))
    ada.page = other_tab
    ada.press(f"/orders/{order}/attempts")
    assert ways(ada.follow()) == [f"{PAGE_ADDRESS}/session-1"]
    (attempt,) = town.attempts(order)
    assert attempt.session == {"session": "session-1"}


def test_after_the_session_the_page_is_not_shown_any_more(town, ada, order):
    go(ada, order)
    town.clock.advance(PAGE_LASTS)
    page = ada.visit(f"/orders/{order}/pay")
    assert not ways(page)


def test_a_notification_is_believed_by_the_signature_in_its_header(town, pages, ada, order):
    go(ada, order)
    reply = pages.pay(opened(town, pages, order))
    for forged in (
        PageReply(reply.content),
        PageReply(reply.content + b" ", reply.headers),
        PageReply(reply.content, dict.fromkeys(reply.headers, "0" * 64)),
    ):
        assert notify(town, forged) == 400
    assert town.order(order).state is OrderState.PENDING
    assert [notify(town, reply) for _ in range(2)] == [200, 200]
    assert town.order(order).state is OrderState.PAID
    assert town.gateway.captured() == town.order(order).total


def test_a_decline_on_the_page_leaves_the_order_to_be_paid_by_a_new_session(
    town, pages, ada, order
):
    go(ada, order)
    declined = pages.pay(opened(town, pages, order), Declined("There is not enough money"))
    assert notify(town, declined) == 200
    assert [attempt.state for attempt in town.attempts(order)] == [AttemptState.DECLINED]
    town.clock.advance(timedelta(seconds=1))
    assert ways(go(ada, order)) == [f"{PAGE_ADDRESS}/session-2"]


def test_while_the_gateway_is_away_no_page_is_opened_and_the_learner_can_try_again(
    town, ada, order
):
    town.gateway.goes_away()
    ada.visit(f"/orders/{order}/pay")
    page = ada.press(f"/orders/{order}/attempts")
    assert page.status == 503
    assert page.offers(f"/orders/{order}/attempts")
    town.gateway.comes_back()
    assert ways(go(ada, order)) == [f"{PAGE_ADDRESS}/session-1"]
    assert sorted(attempt.unattended for attempt in town.attempts(order)) == [False, True]


@attrs.frozen
class Street:
    town: Town
    pages: MemoryHostedPages


@pytest.fixture
def street() -> Iterator[Street]:
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    town, pages = redirect_town(SHOP_URL=address)
    with served(town.app, listening):
        yield Street(town, pages)


def test_a_browser_is_taken_to_the_page_at_once(browser_page: BrowserPage, street: Street) -> None:
    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body="<!doctype html><h1>Memory pays</h1>")

    browser_page.route(f"{PAGE_ADDRESS}/**", answer)
    base = street.town.settings.shop_url
    ada = street.town.person("Ada Lovelace")
    reference = ada.orders("STATS-1")
    session = ada.client.get_cookie("shop", domain="127.0.0.1")
    browser_page.context.add_cookies([{"name": "shop", "value": session.value, "url": base}])
    browser_page.goto(f"{base}/orders/{reference}/pay")
    browser_page.get_by_role("button", name="Go to the payment page").click()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("Memory pays")
    assert browser_page.url == f"{PAGE_ADDRESS}/session-1"
    # Back from there the shop does not send the learner away again.
    browser_page.go_back()
    expect(browser_page.get_by_role("link", name="Go to the payment page")).to_be_visible()
