"""The hosted payment page in a real browser, with the return to the shop."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from coursetill_simulators.cybersource import (
    DEMO_ACCESS_KEY,
    DEMO_PROFILE_ID,
    DEMO_PROFILE_SECRET,
    RunningSimulator,
    SimulatorSettings,
)
from coursetill_simulators.cybersource.secure_acceptance.signatures import signature_of, verifies
from coursetill_simulators_tests.cybersource.merchant import Merchant
from coursetill_simulators_tests.cybersource.shop_page import ShopPage, served_shop

DECLINED = "4000000000002040"
SUBMIT = """([url, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    Object.assign(input, {type: "hidden", name, value});
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}"""


def real_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def shop() -> Iterator[ShopPage]:
    with served_shop() as shop:
        yield shop


@pytest.fixture(scope="module")
def live() -> Iterator[Merchant]:
    with RunningSimulator(SimulatorSettings()) as running:
        yield Merchant(running.url, real_now)


@pytest.fixture
def merchant(live: Merchant, shop: ShopPage) -> Merchant:
    live.commands("reset")
    shop.returned.clear()
    return live


def sent_to_pay(page: Page, merchant: Merchant, shop: ShopPage) -> None:
    """The buyer's browser after the shop's form was posted."""
    fields = {
        "access_key": DEMO_ACCESS_KEY,
        "profile_id": DEMO_PROFILE_ID,
        "transaction_uuid": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "signed_date_time": real_now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "locale": "en-us",
        "transaction_type": "sale",
        "reference_number": "ORDER-42",
        "amount": "247.50",
        "currency": "USD",
        "override_custom_receipt_page": f"{shop.origin}/receipt",
        "override_custom_cancel_page": f"{shop.origin}/cancel",
        "unsigned_field_names": "",
    }
    fields["signed_field_names"] = ",".join([*fields, "signed_field_names"])
    fields["signature"] = signature_of(fields, DEMO_PROFILE_SECRET)
    page.goto(shop.origin)
    page.evaluate(SUBMIT, [f"{merchant.url}/pay", fields])
    expect(page.get_by_role("heading", name="Pay $247.50")).to_be_visible()


def pay(page: Page, number: str = "4111111111111111") -> None:
    """Fill the form in and press Pay."""
    for label, typed in {
        "Card number": number,
        "Expiry date": "12/31",
        "Security code": "123",
        "First name": "Ada",
        "Last name": "Lovelace",
        "Postal code": "02139",
    }.items():
        page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="Pay $247.50").click()


def back_in_the_shop(page: Page, shop: ShopPage) -> dict[str, str]:
    """The fields that the browser just posted back."""
    expect(page.get_by_role("heading", name="Back in the shop")).to_be_visible()
    assert verifies(shop.returned[-1], DEMO_PROFILE_SECRET)
    return shop.returned[-1]


def test_an_accepted_payment_returns_to_the_shop_by_itself(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    sent_to_pay(browser_page, merchant, shop)
    pay(browser_page)
    assert back_in_the_shop(browser_page, shop)["decision"] == "ACCEPT"
    assert browser_page.url == f"{shop.origin}/receipt"
    assert merchant.ledger()["money"]["USD"]["captured"] == "247.50"


def test_an_error_is_shown_at_its_field(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    sent_to_pay(browser_page, merchant, shop)
    pay(browser_page, "4111111111111112")
    expect(browser_page.get_by_label("Card number")).to_have_accessible_description(
        "This is not a card number. Check each digit."
    )
    expect(browser_page.get_by_label("Last name")).to_have_value("Lovelace")


def test_the_page_lets_a_learner_retry_after_a_decline(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    merchant.commands("switches", hosted_retries=1)
    sent_to_pay(browser_page, merchant, shop)
    pay(browser_page, DECLINED)
    expect(browser_page.get_by_role("alert")).to_contain_text("Insufficient funds")
    pay(browser_page)
    assert back_in_the_shop(browser_page, shop)["decision"] == "ACCEPT"


def test_a_payment_cancelled_in_one_tab_can_be_paid_in_another(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    sent_to_pay(browser_page, merchant, shop)
    second = browser_page.context.new_page()
    second.goto(browser_page.url)
    browser_page.get_by_role("button", name="Cancel").click()
    assert back_in_the_shop(browser_page, shop)["decision"] == "CANCEL"
    pay(second)
    assert back_in_the_shop(second, shop)["decision"] == "ACCEPT"


def test_the_simulator_panel_chooses_a_reason_code(
    browser_page: Page, merchant: Merchant, shop: ShopPage
) -> None:
    sent_to_pay(browser_page, merchant, shop)
    browser_page.get_by_text("Simulator controls").click()
    browser_page.get_by_label("Answer with").select_option("230")
    pay(browser_page)
    returned = back_in_the_shop(browser_page, shop)
    assert (returned["decision"], returned["reason_code"]) == ("REVIEW", "230")
