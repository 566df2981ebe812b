"""The card form charges the card by itself, and the bank asks whose it is: in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coursetill_testing.browsers import Camera
from coursetill_testing.databases import copied_sqlite
from tests.end_to_end.real_shop import NOTHING_CHARGED, PRICE, Shop, running_shop
from tests.end_to_end.steps import (
    GOOD_CARD,
    card_form,
    heading,
    pay_with,
    shown_again,
    told,
    type_card_and_pay,
)

CARD_WITHOUT_FUNDS = "4000 0000 0000 2040"


@pytest.fixture(scope="module")
def opened(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("automatic")
    database = copied_sqlite(migrated_sqlite, folder / "shop.db")
    with running_shop(database, folder, COURSETILL_CYBERSOURCE_FLOW="automatic") as shop:
        yield shop


@pytest.fixture
def shop(opened: Shop) -> Shop:
    opened.commands("reset")
    return opened


def test_the_form_pays_and_the_order_is_paid(
    shop: Shop, browser_page: Page, camera: Camera
) -> None:
    shop.goes_to_pay(browser_page)
    shop.sees_form(browser_page)
    camera.picture("form")
    pay_with(browser_page, GOOD_CARD)
    heading(browser_page, f"You have paid {PRICE}")
    assert shop.captured == "300.00"


def test_a_decline_is_shown_and_another_card_pays(shop: Shop, browser_page: Page) -> None:
    shop.goes_to_pay(browser_page, learner="Bea")
    pay_with(browser_page, CARD_WITHOUT_FUNDS)
    heading(browser_page, "Your card was declined. Nothing was charged.")
    browser_page.get_by_role("button", name="Try another card").click()
    pay_with(browser_page, GOOD_CARD)
    heading(browser_page, f"You have paid {PRICE}")
    assert [payment["status"] for payment in shop.books()] == ["DECLINED", "AUTHORIZED"]


def test_an_accepted_3_d_secure_challenge_pays(
    shop: Shop, browser_page: Page, camera: Camera
) -> None:
    shop.goes_to_pay(browser_page, learner="Cleo")
    bank = shop.is_asked_by_the_bank(browser_page)
    camera.picture("bank")
    bank.get_by_role("button", name="Yes, confirm").click()
    heading(browser_page, f"You have paid {PRICE}")
    assert shop.captured == "300.00"


@pytest.mark.parametrize(
    "answer, why",
    [
        ("No, this is not me", "Your bank could not confirm that it is you."),
        ("Leave", "You closed your bank's page."),
    ],
)
def test_a_failed_3_d_secure_challenge_pays_nothing_and_can_be_retried(
    shop: Shop, browser_page: Page, camera: Camera, answer: str, why: str
) -> None:
    shop.goes_to_pay(browser_page, learner=f"Dora {len(answer)}")
    shop.is_asked_by_the_bank(browser_page).get_by_role("button", name=answer).click()
    told(browser_page, f"{why} {NOTHING_CHARGED}")
    camera.picture("not-met")
    assert shop.captured == "0.00"
    shown_again(browser_page)
    browser_page.wait_for_url(re.compile("#card$|/orders/[A-Z0-9-]+$"))
    if "pay" not in browser_page.url:
        browser_page.get_by_role("button", name="Try another card").click()
    pay_with(browser_page, GOOD_CARD)
    heading(browser_page, f"You have paid {PRICE}")


def test_closing_the_form_shows_a_notice_and_the_same_form_reopens(
    shop: Shop, browser_page: Page, camera: Camera
) -> None:
    shop.goes_to_pay(browser_page, learner="Eva")
    session = browser_page.locator("#card-form").get_attribute("data-session")
    shop.sees_form(browser_page).get_by_role("button", name="Cancel").click()
    told(browser_page, f"You closed the card form. {NOTHING_CHARGED}")
    camera.picture("closed")
    shown_again(browser_page)
    shop.sees_form(browser_page)
    assert browser_page.locator("#card-form").get_attribute("data-session") == session
    pay_with(browser_page, GOOD_CARD)
    heading(browser_page, f"You have paid {PRICE}")


def test_an_unpaid_form_does_not_block_cancellation(shop: Shop, browser_page: Page) -> None:
    shop.goes_to_pay(browser_page, learner="Fay")
    shop.sees_form(browser_page)
    browser_page.get_by_role("button", name="Cancel this order").click()
    heading(browser_page, "This order is cancelled")


def pays_and_closes_the_tab(shop: Shop, page: Page, learner: str) -> None:
    """The card is charged; what the form says of it never reaches the shop."""
    tab = page.context.new_page()
    shop.goes_to_pay(tab, learner=learner)
    tab.route("**/orders/*/pay", lambda route: route.abort())
    with tab.expect_event("requestfailed"):
        type_card_and_pay(tab, GOOD_CARD)
    tab.close()
    assert shop.captured == "300.00"


def test_maintenance_finds_a_payment_of_a_closed_tab(shop: Shop, browser_page: Page) -> None:
    pays_and_closes_the_tab(shop, browser_page, "Gina")
    assert shop.orders()[0]["state"] == "pending"
    shop.keeps_up(later=timedelta(minutes=5))
    assert shop.orders()[0]["state"] == "paid"


def test_a_learner_who_paid_in_a_closed_tab_is_not_asked_to_pay_again(
    shop: Shop, browser_page: Page, camera: Camera
) -> None:
    page = browser_page
    pays_and_closes_the_tab(shop, page, "Hedy")
    reference = shop.orders()[0]["reference"]
    page.goto(f"{shop.address}/orders/{reference}")
    camera.picture("order")
    page.get_by_role("button", name=f"Pay {PRICE}").click()
    heading(page, f"You have paid {PRICE}")
    assert len(shop.books()) == 1


def test_a_lost_result_causes_an_enquiry(shop: Shop, browser_page: Page) -> None:
    shop.commands("faults", operation="completions", fault="html", committed=True)
    shop.goes_to_pay(browser_page, learner="Ines")
    pay_with(browser_page, GOOD_CARD)
    heading(browser_page, f"You have paid {PRICE}")
    assert shop.captured == "300.00"


def test_a_lost_result_without_a_payment_leaves_the_order_in_check(
    shop: Shop, browser_page: Page, camera: Camera
) -> None:
    shop.commands("faults", operation="completions", fault="html", committed=False)
    shop.goes_to_pay(browser_page, learner="Jana")
    pay_with(browser_page, GOOD_CARD)
    heading(browser_page, "We are checking your payment. You will not be charged twice.")
    camera.picture("checking")
    shop.keeps_up(later=timedelta(minutes=30))
    browser_page.reload()
    heading(browser_page, "This order has expired")
    assert shop.captured == "0.00"


def test_the_form_reports_an_address_outside_the_session(
    shop: Shop, browser_page: Page, camera: Camera
) -> None:
    elsewhere = shop.address.replace("127.0.0.1", "localhost")
    shop.goes_to_pay(browser_page, at=elsewhere, learner="Kim")
    told(
        browser_page,
        f"The payment service does not know this address of the shop. {NOTHING_CHARGED}",
    )
    camera.picture("elsewhere")
    expect(card_form(browser_page).get_by_label("Card number")).to_have_count(0)


def test_an_expired_form_is_reported_and_replaced_after_its_payments_would_be_visible(
    shop: Shop, browser_page: Page, camera: Camera
) -> None:
    shop.commands("clock", advance_seconds=-893)
    shop.goes_to_pay(browser_page, learner="Lea")
    status = browser_page.get_by_role("status")
    expect(status).to_contain_text("This card form has expired.", timeout=15_000)
    camera.picture("expired")
    shop.commands("clock", advance_seconds=893)
    shown_again(browser_page)
    expect(browser_page.get_by_role("alert")).to_contain_text("has just expired")
    camera.picture("wait")
