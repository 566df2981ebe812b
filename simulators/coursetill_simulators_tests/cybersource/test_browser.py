"""The library and the card frame in a real browser, on a page with a strict policy."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from playwright.sync_api import FrameLocator, Page, expect

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators_tests.cybersource.merchant import Clock, Merchant, session_request
from coursetill_simulators_tests.cybersource.shop_page import ShopPage, served_shop


def real_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def shop() -> Iterator[ShopPage]:
    with served_shop() as shop:
        yield shop


@pytest.fixture(scope="module")
def live(shop: ShopPage) -> Iterator[Merchant]:
    """A merchant at a simulator that uses the browser's clock."""
    with RunningSimulator(SimulatorSettings()) as running:
        yield Merchant(running.url, real_now)


def opened(page: Page, shop: ShopPage, session: str, where: object = "#card") -> FrameLocator:
    """The shop's page after it requested the card form."""
    shop.shows(session)
    page.goto(shop.origin)
    page.evaluate("([session, where]) => { pay(session, where); }", [session, where])
    return page.frame_locator("iframe")


def test_a_version_0_page_gets_its_token_from_accept(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    content = session_request(clientVersion="0.33", targetOrigins=[shop.origin])
    session = live.post("/up/v1/capture-contexts", content).text
    shop.shows(session)
    browser_page.goto(shop.origin)
    browser_page.evaluate(
        """session => {
          Accept(session).then((accept) => accept.unifiedPayments(false)).then((payments) => {
            const containers = { paymentSelection: "#card", paymentScreen: "#card" };
            return payments.show({ containers });
          }).then((token) => show("token " + token), (error) => show(error.reason));
        }""",
        session,
    )
    frame = browser_page.frame_locator("iframe")
    frame.get_by_label("Card number").fill("4111111111111111")
    frame.get_by_label("Expiry").fill("12/31")
    frame.get_by_label("Security code").fill("123")
    frame.get_by_label("Name on the card").fill("Ada Lovelace")
    frame.get_by_label("Postal code").fill("02139")
    frame.get_by_label("Postal code").press("Enter")
    result = browser_page.locator("#result")
    expect(result).to_contain_text("token ey")
    token = (result.text_content() or "").removeprefix("token ")
    found = live.get(f"/up/v1/payment-details/{token}").json()
    assert found["paymentInformation"]["card"]["number"] == "XXXXXXXXXXXX1111"


def test_a_trigger_opens_the_form_in_the_sidebar_and_only_for_cards(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    session = live.session(targetOrigins=[shop.origin])
    shop.shows(session)
    browser_page.goto(shop.origin)
    refused = browser_page.evaluate(
        """async (session) => {
          const client = await VAS.UnifiedCheckout(session);
          const reasons = [];
          for (const make of ["createTrigger", "createComponent", "createButton"]) {
            try { client[make]("GOOGLEPAY"); } catch (error) { reasons.push(error.reason); }
          }
          const trigger = client.createTrigger("PANENTRY", { autoProcessing: false });
          trigger.mount("#card").catch(() => {});
          return reasons;
        }""",
        session,
    )
    assert refused == ["TRIGGER_PAYMENT_TYPE_NOT_SUPPORTED"] * 3
    expect(browser_page.locator("aside iframe")).to_be_visible()
    expect(browser_page.locator("#card iframe")).to_have_count(0)


def test_a_card_entered_by_keyboard_becomes_a_token_that_pays(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    frame = opened(browser_page, shop, live.session(targetOrigins=[shop.origin]))
    expect(frame.get_by_text("no money moves")).to_be_visible()
    frame.get_by_label("Card number").focus()
    for typed in ("4111 1111 1111 1111", "12/31", "123", "Ada Lovelace", "02139"):
        browser_page.keyboard.type(typed)
        browser_page.keyboard.press("Tab")
    frame.get_by_label("Postal code").press("Enter")

    result = browser_page.locator("#result")
    expect(result).to_contain_text("token ey")
    token = (result.text_content() or "").removeprefix("token ")
    paid = live.post(
        "/pts/v2/payments",
        {
            "clientReferenceInformation": {"code": "ORDER-42"},
            "processingInformation": {"capture": True},
            "tokenInformation": {"transientTokenJwt": token},
        },
    )
    assert paid.json()["status"] == "AUTHORIZED"
    assert browser_page.evaluate("seen") == ["mounted", "ready", "paymentMethodSelected"]


def test_each_error_is_shown_at_its_field_and_the_first_gets_the_focus(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    frame = opened(browser_page, shop, live.session(targetOrigins=[shop.origin]))
    frame.get_by_label("Card number").fill("4111111111111112")
    frame.get_by_label("Expiry").fill("10/26")
    frame.get_by_label("Security code").fill("123")
    frame.get_by_role("button", name="Pay $247.50").click()

    number = frame.get_by_label("Card number")
    expect(number).to_be_focused()
    expect(number).to_have_accessible_description("This is not a card number. Check each digit.")
    expect(frame.get_by_label("Expiry")).to_have_accessible_description(
        "MM/YY This card has expired."
    )
    expect(frame.get_by_label("Security code")).not_to_have_attribute("aria-invalid", "true")


def test_a_click_on_a_listed_test_card_fills_the_form(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    where = {"paymentSelection": "#list", "paymentScreen": "#card"}
    frame = opened(browser_page, shop, live.session(targetOrigins=[shop.origin]), where)
    before = browser_page.locator("iframe").bounding_box()
    frame.get_by_text("Test cards and amounts").click()
    frame.get_by_role("button", name="4000000000002040").click()
    expect(frame.get_by_label("Card number")).to_have_value("4000000000002040")
    after = browser_page.locator("iframe").bounding_box()
    assert before is not None
    assert after is not None
    # The frame reported its new height to the page.
    assert after["height"] > before["height"]
    frame.get_by_role("button", name="Pay $247.50").click()
    expect(browser_page.locator("#result")).to_contain_text("token ey")


def test_cancelling_removes_the_form_and_reports_the_cancellation(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    frame = opened(browser_page, shop, live.session(targetOrigins=[shop.origin]))
    frame.get_by_role("button", name="Cancel").click()

    expect(browser_page.locator("#result")).to_have_text(
        "UnifiedCheckoutError COMPLETE_TRANSACTION_CANCELLED"
    )
    expect(browser_page.locator("iframe")).to_have_count(0)
    assert browser_page.evaluate("seen")[-3:] == ["paymentMethodCancelled", "unready", "unmounted"]


def test_a_message_from_another_window_is_ignored(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    frame = opened(browser_page, shop, live.session(targetOrigins=[shop.origin]))
    expect(frame.get_by_role("button", name="Cancel")).to_be_enabled()
    nonce = "new URL(document.querySelector('iframe').src).searchParams.get('nonce')"
    forged = f"postMessage({{type: 'token', token: 'forged', nonce: {nonce}}}, '*')"
    browser_page.evaluate(forged)
    frame.get_by_role("button", name="Cancel").click()
    expect(browser_page.locator("#result")).to_contain_text("COMPLETE_TRANSACTION_CANCELLED")


def test_the_form_refuses_a_card_brand_that_the_shop_does_not_accept(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    frame = opened(browser_page, shop, live.session(targetOrigins=[shop.origin]))
    frame.get_by_text("Test cards and amounts").click()
    frame.get_by_role("button", name="6011111111111117").click()
    frame.get_by_role("button", name="Pay $247.50").click()
    expect(frame.get_by_role("alert")).to_have_text("DISCOVER is not accepted")
    expect(frame.get_by_role("button", name="Pay $247.50")).to_be_enabled()


def test_no_form_is_shown_to_an_origin_outside_the_session(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    opened(browser_page, shop, live.session(targetOrigins=["https://shop.example.com"]))
    expect(browser_page.locator("#result")).to_have_text(
        "UnifiedCheckoutError UNUSED_TARGET_ORIGINS"
    )


def test_a_tampered_session_is_invalid(browser_page: Page, live: Merchant, shop: ShopPage) -> None:
    session = live.session(targetOrigins=[shop.origin])
    shop.shows(session)
    browser_page.goto(shop.origin)
    _, _, foreign = live.session(targetOrigins=["https://shop.example.com"]).rpartition(".")
    forged = f"{session.rpartition('.')[0]}.{foreign}"
    browser_page.evaluate("(session) => { pay(session, '#card'); }", forged)
    expect(browser_page.locator("#result")).to_have_text(
        "UnifiedCheckoutError CAPTURE_CONTEXT_INVALID"
    )


@pytest.mark.parametrize(
    "where, reason",
    [("#nowhere", "MOUNT_CONTAINER_SELECTOR"), (7, "MOUNT_INVALID_CONTAINER")],
)
def test_the_form_requires_a_container(
    browser_page: Page, live: Merchant, shop: ShopPage, where: object, reason: str
) -> None:
    opened(browser_page, shop, live.session(targetOrigins=[shop.origin]), where)
    expect(browser_page.locator("#result")).to_have_text(f"UnifiedCheckoutError {reason}")


def test_a_session_past_its_end_reports_that_it_expired(browser_page: Page, shop: ShopPage) -> None:
    def an_hour_ago() -> datetime:
        return real_now() - timedelta(hours=1)

    with RunningSimulator(SimulatorSettings(), now=an_hour_ago) as running:
        late = Merchant(running.url, an_hour_ago)
        opened(browser_page, shop, late.session(targetOrigins=[shop.origin]))
        expect(browser_page.locator("#result")).to_have_text(
            "UnifiedCheckoutError CAPTURE_CONTEXT_EXPIRED"
        )


def test_a_session_that_expires_while_loading_reports_that_it_expired(
    browser_page: Page, shop: ShopPage
) -> None:
    clock = Clock(real_now())
    with RunningSimulator(SimulatorSettings(), now=clock) as running:
        session = Merchant(running.url, clock).session(targetOrigins=[shop.origin])
        # The browser's clock is behind, so only the simulator can notice.
        clock.advance(900)
        opened(browser_page, shop, session)
        expect(browser_page.locator("#result")).to_have_text(
            "UnifiedCheckoutError CAPTURE_CONTEXT_EXPIRED"
        )


def test_the_form_reports_a_missing_session_to_the_shop(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    frame = opened(browser_page, shop, live.session(targetOrigins=[shop.origin]))
    frame.get_by_text("Test cards and amounts").click()
    requests.post(f"{live.url}/simulator/reset", json={}, timeout=5)
    frame.get_by_role("button", name="4111111111111111").click()
    frame.get_by_role("button", name="Pay $247.50").click()
    expect(browser_page.locator("#result")).to_have_text(
        "UnifiedCheckoutError CAPTURE_CONTEXT_INVALID"
    )
    expect(browser_page.locator("iframe")).to_have_count(0)


def test_a_checkout_cannot_be_mounted_twice_or_after_its_end(
    browser_page: Page, live: Merchant, shop: ShopPage
) -> None:
    frame = opened(browser_page, shop, live.session(targetOrigins=[shop.origin]))
    expect(frame.get_by_role("button", name="Cancel")).to_be_enabled()
    again = "checkout.mount('#card').catch((error) => error.reason)"
    assert browser_page.evaluate(again) == "CHECKOUT_ALREADY_MOUNTED"
    browser_page.evaluate("checkout.destroy()")
    assert browser_page.evaluate(again) == "CHECKOUT_ERROR"


def test_the_control_page_works_by_its_forms(browser_page: Page, live: Merchant) -> None:
    held = live.pays("4000000000004806", code="HELD-1")
    assert held.json()["status"] == "AUTHORIZED_PENDING_REVIEW"
    browser_page.goto(live.url)
    browser_page.get_by_role("row").filter(has_text="HELD-1").get_by_role(
        "button", name="Accept"
    ).click()
    row = browser_page.get_by_role("row").filter(has_text="HELD-1")
    expect(row).to_contain_text("AUTHORIZED")
    expect(row.get_by_role("button")).to_have_count(0)
    browser_page.get_by_role("button", name="Forget everything").click()
    expect(browser_page.get_by_text("Nothing has happened yet.")).to_be_visible()
