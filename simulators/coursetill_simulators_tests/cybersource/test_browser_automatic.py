"""The automatic flow and the hosted page in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators_tests.cybersource.merchant import Merchant, claims_of
from coursetill_simulators_tests.cybersource.shop_page import ShopPage, served_shop

CHALLENGED = "4000000000000002"
MANDATE = {"type": "CAPTURE", "decisionManager": True, "consumerAuthentication": "3DS"}
AUTOMATIC: dict[str, object] = {}
MANUAL = {"autoProcessing": False}


def real_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def shop() -> Iterator[ShopPage]:
    with served_shop() as shop:
        yield shop


@pytest.fixture(scope="module")
def live(shop: ShopPage) -> Iterator[Merchant]:
    with RunningSimulator(SimulatorSettings()) as running:
        yield Merchant(running.url, real_now)


@pytest.fixture
def merchant(live: Merchant) -> Merchant:
    live.commands("reset")
    return live


def entered(
    page: Page,
    shop: ShopPage,
    session: str,
    *,
    number: str = "4111111111111111",
    options: dict[str, object] | None = None,
) -> FrameLocator:
    """The card frame after a card was entered and Pay was pressed."""
    shop.shows(session)
    page.goto(shop.origin)
    page.evaluate("([session, options]) => { pay(session, '#card', options); }", [session, options])
    frame = page.frame_locator("iframe").first
    for label, typed in {
        "Card number": number,
        "Expiry date": "12/31",
        "Security code": "123",
        "Name on the card": "Ada Lovelace",
        "Postal code": "02139",
    }.items():
        frame.get_by_label(label).fill(typed)
    frame.get_by_role("button", name="Pay $247.50").click()
    return frame


def result_on(page: Page) -> dict[str, object]:
    shown = page.locator("#result")
    expect(shown).to_contain_text("token ey")
    return claims_of((shown.text_content() or "").removeprefix("token "))


def test_a_session_with_a_mandate_completes_the_payment(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    session = merchant.session(targetOrigins=[shop.origin], completeMandate=MANDATE)
    entered(browser_page, shop, session, options=AUTOMATIC)
    assert result_on(browser_page)["status"] == "AUTHORIZED"
    assert merchant.ledger()["money"]["USD"]["captured"] == "247.50"


def test_an_accepted_challenge_pays(browser_page: Page, merchant: Merchant, shop: ShopPage) -> None:
    session = merchant.session(targetOrigins=[shop.origin], completeMandate=MANDATE)
    frame = entered(browser_page, shop, session, number=CHALLENGED, options=AUTOMATIC)
    bank = frame.frame_locator("iframe")
    expect(bank.get_by_text("A payment of $247.50 with the card that ends in 0002")).to_be_visible()
    bank.get_by_role("button", name="Yes, confirm").click()
    assert result_on(browser_page)["status"] == "AUTHORIZED"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("No, this is not me", "COMPLETE_AUTHENTICATION_FAILED"),
        ("Leave", "COMPLETE_AUTHENTICATION_CANCELED"),
    ],
)
def test_a_failed_challenge_charges_nothing_and_reports_it(
    browser_page: Page, merchant: Merchant, shop: ShopPage, answer: str, reason: str
) -> None:
    session = merchant.session(targetOrigins=[shop.origin], completeMandate=MANDATE)
    frame = entered(browser_page, shop, session, number=CHALLENGED, options=AUTOMATIC)
    frame.frame_locator("iframe").get_by_role("button", name=answer).click()
    expect(browser_page.locator("#result")).to_have_text(f"UnifiedCheckoutError {reason}")
    expect(browser_page.locator("iframe")).to_have_count(0)
    assert merchant.ledger()["money"].get("USD", {}).get("captured", "0.00") == "0.00"


def test_a_token_of_the_manual_flow_is_completed_later_and_once(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    session = merchant.session(targetOrigins=[shop.origin], completeMandate=MANDATE)
    entered(browser_page, shop, session, options=MANUAL)
    result_on(browser_page)
    assert merchant.ledger()["payments"] == []
    done = browser_page.evaluate("checkout.complete(result)")
    assert claims_of(done)["status"] == "AUTHORIZED"
    again = "checkout.complete(result).catch((error) => error.reason)"
    assert browser_page.evaluate(again) == "COMPLETE_VALIDATION_ERROR"
    assert len(merchant.ledger()["payments"]) == 1


def test_concurrent_completions_make_one_payment(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    session = merchant.session(targetOrigins=[shop.origin], completeMandate=MANDATE)
    entered(browser_page, shop, session, options=MANUAL)
    result_on(browser_page)
    both = "Promise.all([0, 1].map(() => checkout.complete(result).catch((e) => e.reason)))"
    _, second = browser_page.evaluate(both)
    assert second == "COMPLETE_IN_PROGRESS"
    assert len(merchant.ledger()["payments"]) == 1


def test_a_session_without_mandate_is_not_completed(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    merchant.commands("switches", payment_processing=False)
    session = merchant.session(targetOrigins=[shop.origin])
    entered(browser_page, shop, session, options=MANUAL)
    result_on(browser_page)
    refused = "checkout.complete(result).catch((error) => error.reason)"
    assert browser_page.evaluate(refused) == "COMPLETE_NOT_ALLOWED"
    browser_page.evaluate(
        "(session) => { pay(session, '#card', {autoProcessing: true}); }", session
    )
    expect(browser_page.locator("#result")).to_have_text(
        "UnifiedCheckoutError COMPLETE_NOT_ALLOWED"
    )


def test_a_lost_result_is_reported_as_an_error_after_the_charge(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    merchant.commands("faults", operation="completions", fault="html", committed=True)
    session = merchant.session(targetOrigins=[shop.origin], completeMandate=MANDATE)
    entered(browser_page, shop, session, options=AUTOMATIC)
    expect(browser_page.locator("#result")).to_have_text("UnifiedCheckoutError COMPLETE_ERROR")
    assert merchant.ledger()["money"]["USD"]["captured"] == "247.50"


def test_closing_the_form_during_the_challenge_cancels_the_payment(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    session = merchant.session(targetOrigins=[shop.origin], completeMandate=MANDATE)
    frame = entered(browser_page, shop, session, number=CHALLENGED, options=AUTOMATIC)
    expect(frame.frame_locator("iframe").get_by_role("button", name="Leave")).to_be_visible()
    browser_page.evaluate("checkout.destroy()")
    expect(browser_page.locator("#result")).to_have_text(
        "UnifiedCheckoutError COMPLETE_TRANSACTION_CANCELLED"
    )
    assert merchant.ledger()["payments"] == []
