"""The shop charges the card that the form has read: what goes otherwise, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coursetill_testing.browsers import Camera
from coursetill_testing.databases import copied_sqlite
from tests.end_to_end.real_shop import NOTHING_CHARGED, PRICE, Shop, running_shop
from tests.end_to_end.steps import GOOD_CARD, card_form, heading, pay_with, shown_again, told

UNKNOWN_ADDRESS = "The payment service does not know this address of the shop."
EXPIRED = "The card form was open too long and has expired."


@pytest.fixture(scope="module")
def shop(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("manual")
    with running_shop(copied_sqlite(migrated_sqlite, folder / "shop.db"), folder) as shop:
        yield shop


def test_closing_the_form_shows_a_notice_and_the_same_form_reopens(
    shop: Shop, browser_page: Page
) -> None:
    shop.goes_to_pay(browser_page, learner="Eva")
    session = browser_page.locator("#card-form").get_attribute("data-session")
    shop.sees_form(browser_page).get_by_role("button", name="Cancel").click()
    told(browser_page, f"You closed the card form. {NOTHING_CHARGED}")
    shown_again(browser_page)
    shop.sees_form(browser_page)
    assert browser_page.locator("#card-form").get_attribute("data-session") == session
    pay_with(browser_page, GOOD_CARD)
    heading(browser_page, f"You have paid {PRICE}")


def test_an_expired_form_is_reported_and_another_pays(
    shop: Shop, browser_page: Page, camera: Camera
) -> None:
    shop.commands("clock", advance_seconds=-893)
    shop.goes_to_pay(browser_page, learner="Lea")
    status = browser_page.get_by_role("status")
    expect(status).to_have_text(f"{EXPIRED} {NOTHING_CHARGED}", timeout=15_000)
    camera.picture("expired")
    shop.commands("clock", advance_seconds=893)
    shown_again(browser_page)
    pay_with(browser_page, GOOD_CARD)
    heading(browser_page, f"You have paid {PRICE}")


def test_the_form_reports_an_address_outside_the_session(shop: Shop, browser_page: Page) -> None:
    elsewhere = shop.address.replace("127.0.0.1", "localhost")
    shop.goes_to_pay(browser_page, at=elsewhere, learner="Kim")
    told(browser_page, f"{UNKNOWN_ADDRESS} {NOTHING_CHARGED}")
    expect(card_form(browser_page).get_by_label("Card number")).to_have_count(0)
