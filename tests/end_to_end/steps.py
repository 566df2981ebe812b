"""What a learner does in a browser, step by step."""

from __future__ import annotations

import re

from playwright.sync_api import FrameLocator, Page, expect

GOOD_CARD = "4111 1111 1111 1111"


def card_form(page: Page) -> FrameLocator:
    return page.frame_locator("#card-form iframe")


def pay_with(page: Page, card: str) -> None:
    """Type a card into the gateway's frame and pay; ends on the order's page."""
    type_card_and_pay(page, card)
    page.wait_for_url(re.compile(r"/orders/[A-Z0-9-]+$"))


def type_card_and_pay(page: Page, card: str) -> None:
    """The same, without waiting for what comes of it."""
    form = card_form(page)
    form.get_by_label("Card number").fill(card)
    form.get_by_label("Expiry date").fill("12/39")
    form.get_by_label("Security code").fill("123")
    name = form.get_by_label("Name on the card")
    if name.count():
        name.fill("Ada Lovelace")
        form.get_by_label("Postal code").fill("02139")
    # A click would wait for the page that follows, which a slow gateway keeps back.
    form.get_by_role("button", name=re.compile("^Pay")).dispatch_event("click")


def put_in_basket(page: Page, address: str, sku: str, *runs: str) -> None:
    page.goto(f"{address}/products/{sku}")
    for run in runs:
        page.locator(f'input[value="{run}"]').check()
    page.get_by_role("button", name="Add to basket").click()
    page.wait_for_url(re.compile(r"/basket(#.*)?$"))


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def shown_again(page: Page) -> None:
    page.get_by_role("link", name="Show the card form again").click()


def heading(page: Page, text: str) -> None:
    """Expect this page."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def told(page: Page, text: str) -> None:
    """Expect the payment page to say this of its card form."""
    expect(page.get_by_role("status")).to_have_text(text)
