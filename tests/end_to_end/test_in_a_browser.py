"""One whole purchase as people make it: the demo, a real browser, and the staff's commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coursetill_testing.browsers import Camera
from tests.end_to_end.demo_shop import DemoShop, demo_shop
from tests.end_to_end.steps import GOOD_CARD, card_form, pay_with, put_in_basket, sign_in

CARD_WITHOUT_FUNDS = "4000 0000 0000 2040"
CARD_WHOSE_REPLY_IS_LOST = "4000 0000 0000 9011"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[DemoShop]:
    with demo_shop(tmp_path) as demo:
        yield demo


def look_and_fill(page: Page, demo: DemoShop, camera: Camera) -> None:
    """Search, pick runs for a program, add a course run, and enter a code."""
    page.goto(demo.address)
    camera.picture("catalogue")
    page.get_by_label("Title or course number").fill("social scientists")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Data Analysis for Social Scientists")
    put_in_basket(page, demo.address, "DEDP", "14.310x-1T2027", "14.100x-1T2027")
    put_in_basket(page, demo.address, "6.431x-1T2027")
    page.get_by_text("Have a code?").click()
    page.get_by_label("Discount code").fill("welcome25")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("$3,225.00")
    camera.picture("basket")


def check_out(page: Page, camera: Camera) -> None:
    """Sign in on the way, review, confirm the total; ends at the card form."""
    page.get_by_role("link", name="Check out").click()
    sign_in(page, "Ada Lovelace")
    expect(page.get_by_role("main")).to_contain_text("$3,225.00")
    camera.picture("review")
    page.get_by_role("button", name="Continue to pay $3,225.00").click()
    expect(card_form(page).get_by_role("button", name="Pay $3,225.00")).to_be_enabled()
    camera.picture("payment")


def pay_at_the_second_try(page: Page, camera: Camera) -> str:
    """A declined card, then another; the order's reference."""
    pay_with(page, CARD_WITHOUT_FUNDS)
    expect(page.get_by_role("heading", level=1)).to_contain_text("declined")
    camera.picture("declined")
    page.get_by_role("button", name=re.compile("another card")).click()
    pay_with(page, GOOD_CARD)
    expect(page.get_by_role("heading", level=1)).to_contain_text("You have paid $3,225.00")
    camera.picture("paid")
    return page.url.rsplit("/", 1)[-1]


def go_back_and_look_around(page: Page, demo: DemoShop, camera: Camera, reference: str) -> None:
    """Back after payment, the payment page's address again, the receipt, the history."""
    page.go_back()
    page.goto(f"{demo.address}/orders/{reference}/pay")
    expect(page.locator("#card-form")).to_have_count(0)
    page.goto(f"{demo.address}/orders/{reference}/receipt")
    expect(page.get_by_role("main")).to_contain_text("Visa ending in 1111")
    camera.picture("receipt")
    page.goto(f"{demo.address}/orders")
    expect(page.get_by_role("main")).to_contain_text(reference)
    camera.picture("history")


def refund_in_two_parts(demo: DemoShop, reference: str) -> None:
    """$100.00, and then all that is left."""
    refund = ("orders", "refund", reference, "--reason", "changed plans", "--as", "dana", "--yes")
    assert demo.staff(*refund, "--amount", "100.00").returncode == 0
    assert demo.staff_json("orders", "show", reference)["state"] == "partially_refunded"
    assert demo.staff(*refund).returncode == 0
    assert demo.staff_json("orders", "show", reference)["state"] == "refunded"


def told_to(demo: DemoShop, reference: str, receiver: str) -> list[str]:
    listed = demo.staff_json("outbox", "list", "--order", reference, "--to", receiver)
    return [event["name"] for event in listed["events"]]


def test_a_program_and_a_run_are_bought_after_a_decline_and_refunded(
    demo: DemoShop, browser_page: Page, camera: Camera
) -> None:
    page = browser_page
    look_and_fill(page, demo, camera)
    check_out(page, camera)
    reference = pay_at_the_second_try(page, camera)
    go_back_and_look_around(page, demo, camera, reference)

    told = demo.staff_json("orders", "show", reference)
    assert [attempt["state"] for attempt in told["attempts"]] == ["declined", "captured"]
    assert told["state"] == "paid"
    refund_in_two_parts(demo, reference)
    page.goto(f"{demo.address}/orders/{reference}/receipt")
    expect(page.get_by_role("main")).to_contain_text(re.compile("refund", re.IGNORECASE))
    camera.picture("refunded")

    assert told_to(demo, reference, "post") == ["letter.receipt", "letter.refund", "letter.refund"]
    assert told_to(demo, reference, "platform") == [
        "order.placed",
        "order.paid",
        "line.fulfilment_requested",
        "line.fulfilment_requested",
        "order.refunded",
        "order.refunded",
        "line.revocation_requested",
        "line.revocation_requested",
    ]


def test_a_payment_with_a_lost_reply_is_shown_as_in_check_and_then_found(
    demo: DemoShop, browser_page: Page, camera: Camera
) -> None:
    page = browser_page
    demo.lets_webhooks_go_lost()
    put_in_basket(page, demo.address, "18.6501x-1T2027")
    page.get_by_role("link", name="Check out").click()
    sign_in(page, "Grace Hopper")
    page.get_by_role("button", name="Continue to pay $300.00").click()
    pay_with(page, CARD_WHOSE_REPLY_IS_LOST)
    expect(page.get_by_role("main")).to_contain_text("not be charged twice")
    camera.picture("checking")
    # The page refreshes by itself until the shop has asked the gateway and knows.
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("You have paid $300.00", timeout=90_000)
    camera.picture("found")
