"""Paying on the gateway's own page in a real browser: there, and back without our cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coursetill_testing.browsers import Camera, complaints_of
from tests.end_to_end.demo_shop import DemoShop, demo_shop
from tests.end_to_end.steps import GOOD_CARD, put_in_basket, sign_in

CARD_WITHOUT_FUNDS = "4000 0000 0000 2040"
THERE = re.compile(r"^http://localhost:\d+/pay/")
"""Another site than the shop, so that its cookies stay behind."""
ORDER = re.compile(r"/orders/[A-Z0-9-]+$")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoShop]:
    folder: Path = tmp_path_factory.mktemp("hosted")
    with demo_shop(folder, "--hosted-page") as demo:
        yield demo


def check_out(page: Page, demo: DemoShop, name: str) -> None:
    """Order one run; ends at the way to the payment page."""
    put_in_basket(page, demo.address, "18.6501x-1T2027")
    page.get_by_role("link", name="Check out").click()
    sign_in(page, name)
    page.get_by_role("button", name="Continue to pay $300.00").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pay $300.00 USD")


def go_there(page: Page) -> None:
    page.get_by_role("button", name="Go to the payment page").click()
    page.wait_for_url(THERE)


def pay_there(page: Page, card: str) -> None:
    for label, typed in {
        "Card number": card,
        "Expiry date": "12/39",
        "Security code": "123",
        "First name": "Ada",
        "Last name": "Lovelace",
        "Postal code": "02139",
    }.items():
        page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="Pay $300.00").click()


def says(page: Page, text: str) -> str:
    """The order's page, once it says so in its first line; the order's reference."""
    page.wait_for_url(ORDER)
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)
    return page.url.rsplit("/", 1)[-1]


def attempts_of(demo: DemoShop, reference: str) -> list[str]:
    told = demo.staff_json("orders", "show", reference)
    return [attempt["state"] for attempt in told["attempts"]]


def test_a_learner_pays_on_the_hosted_page_and_returns_signed_in(
    demo: DemoShop, browser_page: Page, camera: Camera
) -> None:
    page = browser_page
    check_out(page, demo, "Ada Lovelace")
    complaints = complaints_of(page)
    camera.picture("way")
    go_there(page)
    camera.picture("there")
    page.go_back()
    expect(page.get_by_role("button", name="Go to the payment page")).to_be_visible()
    camera.picture("back")
    go_there(page)
    pay_there(page, GOOD_CARD)
    reference = says(page, "You have paid $300.00")
    camera.picture("paid")
    page.reload()
    says(page, "You have paid $300.00")
    assert attempts_of(demo, reference) == ["captured"]
    assert complaints == []


def test_a_decline_is_shown_in_the_shop_and_another_card_pays(
    demo: DemoShop, browser_page: Page, camera: Camera
) -> None:
    page = browser_page
    check_out(page, demo, "Grace Hopper")
    go_there(page)
    pay_there(page, CARD_WITHOUT_FUNDS)
    says(page, "Your card was declined. Nothing was charged.")
    camera.picture("declined")
    page.get_by_role("button", name="Try another card").click()
    page.wait_for_url(THERE)
    pay_there(page, GOOD_CARD)
    reference = says(page, "You have paid $300.00")
    assert attempts_of(demo, reference) == ["declined", "captured"]


def test_a_payment_cancelled_in_one_tab_and_made_in_another_counts(
    demo: DemoShop, browser_page: Page, camera: Camera
) -> None:
    page = browser_page
    check_out(page, demo, "Emmy Noether")
    go_there(page)
    second = page.context.new_page()
    second.goto(page.url)
    page.get_by_role("button", name="Cancel").click()
    says(page, "This order is not paid yet")
    camera.picture("cancelled")
    pay_there(second, GOOD_CARD)
    reference = says(second, "You have paid $300.00")
    page.reload()
    says(page, "You have paid $300.00")
    assert attempts_of(demo, reference) == ["captured"]
    assert demo.staff_json("orders", "show", reference)["attention"] is None
