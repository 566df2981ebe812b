"""Our two scripts in a real browser: the card form's page, and times in the visitor's own zone."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from threading import Thread
from typing import Any

import attrs
import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from core.payments.attempt import Attempt
from core.payments.gateway import CardForm, Declined
from coursetill_testing.clock import Clock
from coursetill_testing.town import Gateway, Town, settings

SCRIPT = resources.files("adapters.cybersource.unified_checkout").joinpath("card_form.js")
LIBRARY = """
window.VAS = { UnifiedCheckout: async (session) => ({
  createCheckout: ({ autoProcessing }) => {
    const heard = {};
    return {
      on: (event, listener) => { heard[event] = listener; },
      destroy: () => {},
      mount: (where) => new Promise((resolve, reject) => {
        const place = document.querySelector(where);
        const button = (label, pressed) => {
          const made = document.createElement("button");
          made.type = "button";
          made.textContent = label;
          made.addEventListener("click", pressed);
          place.append(made);
        };
        button(`Pay by ${autoProcessing ? "itself" : "hand"}`, () => resolve("typed-" + session));
        for (const reason of "REASONS".split(" ")) {
          button(reason, () => reject(Object.assign(new Error(reason), { reason })));
        }
        heard.ready({});
      }),
    };
  },
}) };
"""
UNDECIDED = ("COMPLETE_ERROR", "COMPLETE_IN_PROGRESS")
DOCUMENTED = (
    *("CAPTURE_CONTEXT_INVALID", "CAPTURE_CONTEXT_EXPIRED", "UNUSED_TARGET_ORIGINS"),
    *("CHECKOUT_ALREADY_MOUNTED", "MOUNT_CONTAINER_SELECTOR", "MOUNT_INVALID_CONTAINER"),
    *("MOUNT_ERROR", "MOUNT_PAYMENT_TIMEOUT", "MOUNT_PAYMENT_UNAVAILABLE", "MOUNT_SIDEBAR_OPTIONS"),
    *("MOUNT_TOKEN_TIMEOUT", "MOUNT_TOKEN_XHR_ERROR", "CHECKOUT_ERROR"),
    *("COMPLETE_AUTHENTICATION_CANCELED", "COMPLETE_AUTHENTICATION_FAILED", "COMPLETE_NOT_ALLOWED"),
    *("COMPLETE_TRANSACTION_CANCELLED", "COMPLETE_TRANSACTION_CANCELED"),
    *("COMPLETE_TRANSACTION_FAILED", "COMPLETE_VALIDATION_ERROR", "CHECKOUT_PAYMENT_PARAMETERS"),
    *("CHECKOUT_VALIDATION_PARAMS", "TRIGGER_PAYMENT_TYPE_NOT_SUPPORTED"),
)
"""Why the library gives up, by its documents, where surely nothing was charged."""
LIBRARY = LIBRARY.replace("REASONS", " ".join((*DOCUMENTED, *UNDECIDED, "COMPLETE_NEWLY", "ODD")))
OTHERWISE = "The card form does not work at the moment."
HASH = "sha256-" + base64.b64encode(hashlib.sha256(LIBRARY.encode()).digest()).decode()


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served(app: Any, listening: socket.socket) -> Iterator[None]:
    port = listening.getsockname()[1]
    server = make_server(
        "127.0.0.1", port, app, threaded=True, request_handler=Quiet, fd=listening.fileno()
    )
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        listening.close()


@Request.application
def library(request: Request) -> Response:
    headers = {"Access-Control-Allow-Origin": "*"}
    return Response(LIBRARY, mimetype="text/javascript", headers=headers)


class FrameGateway(Gateway):
    """A gateway whose library is served on this machine; its token names the session."""

    library = ""
    integrity = HASH

    def _from_its_hosts(self, form: CardForm) -> CardForm:
        origin = self.library.rsplit("/", 1)[0]
        return attrs.evolve(form, library=self.library, integrity=self.integrity, origins=(origin,))

    def verify(self, attempt: Attempt, text: str, /) -> Any:
        form = self.form(attempt)
        if form.takes_payment and not text:
            return super().verify(attempt, text)
        assert text == f"typed-{form.session}"
        typed = self.pay_in(form) if form.takes_payment else self.type_card(form)
        return super().verify(attempt, typed)


@attrs.define
class Street:
    """A shop that a real browser can reach, and its gateway."""

    town: Town
    gateway: FrameGateway

    def goes_to_pay(self, page: Page) -> None:
        """Open the payment page of an order that was placed elsewhere, which takes no time."""
        base = self.town.settings.shop_url
        ada = self.town.person("Ada Lovelace")
        reference = ada.orders("STATS-1")
        session = ada.client.get_cookie("shop", domain="127.0.0.1")
        page.context.add_cookies([{"name": "shop", "value": session.value, "url": base}])
        page.goto(f"{base}/orders/{reference}/pay")

    def buys(self, page: Page) -> None:
        """Go through the shop up to the payment page."""
        base = self.town.settings.shop_url
        page.goto(f"{base}/products/STATS-1")
        page.get_by_role("button", name="Add to basket").click()
        page.get_by_role("link", name="Check out").click()
        page.get_by_label("Name").fill("Ada Lovelace")
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Continue to pay $39.33").click()


@pytest.fixture
def street() -> Iterator[Street]:
    shops = socket.create_server(("127.0.0.1", 0))
    gateways = socket.create_server(("127.0.0.1", 0))
    place = Town(
        settings(SHOP_URL=f"http://127.0.0.1:{shops.getsockname()[1]}"),
        clock=Clock(datetime.now(UTC)),
        gateway_kind=FrameGateway,
        script=Path(str(SCRIPT)),
    )
    gateway = place.gateway
    assert isinstance(gateway, FrameGateway)
    gateway.library = f"http://127.0.0.1:{gateways.getsockname()[1]}/library.js"
    with served(place.app, shops), served(library, gateways):
        yield Street(place, gateway)


def test_the_card_form_opens_automatically_and_its_token_pays(
    browser_page: Page, street: Street
) -> None:
    street.buys(browser_page)
    browser_page.get_by_role("button", name="Pay by hand").click()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("You have paid $39.33")
    assert "typed-" not in browser_page.content()


def test_another_card_can_be_used_after_a_decline(browser_page: Page, street: Street) -> None:
    street.gateway.answers_next(Declined("Ask your bank"))
    street.goes_to_pay(browser_page)
    browser_page.get_by_role("button", name="Pay by hand").click()
    street.town.clock.advance(seconds=1)
    browser_page.get_by_role("button", name="Try another card").click()
    browser_page.get_by_role("button", name="Pay by hand").click()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("You have paid $39.33")


@pytest.mark.parametrize(
    "reason, told",
    [
        ("COMPLETE_TRANSACTION_CANCELLED", "You closed the card form."),
        ("MOUNT_TOKEN_TIMEOUT", "The payment service took too long to read the card."),
        ("ODD", "The card form does not work at the moment."),
    ],
)
def test_an_error_is_explained_and_the_form_can_be_reopened(
    browser_page: Page, street: Street, reason: str, told: str
) -> None:
    street.goes_to_pay(browser_page)
    browser_page.get_by_role("button", name=reason).click()
    status = browser_page.get_by_role("status")
    expect(status).to_have_text(f"{told} Nothing was charged, and your order is kept.")
    browser_page.get_by_role("link", name="Show the card form again").click()
    expect(browser_page.get_by_role("button", name="Pay by hand")).to_be_visible()


def test_each_error_of_the_form_has_its_own_message(browser_page: Page, street: Street) -> None:
    street.goes_to_pay(browser_page)
    status = browser_page.get_by_role("status")
    for reason in DOCUMENTED:
        browser_page.get_by_role("button", name=reason, exact=True).click()
        expect(status).to_contain_text("Nothing was charged, and your order is kept.")
        assert OTHERWISE not in (status.text_content() or ""), reason
        browser_page.get_by_role("link", name="Show the card form again").click()
        expect(browser_page.get_by_role("button", name="Pay by hand")).to_be_visible()


def test_an_automatic_form_takes_the_payment_itself(browser_page: Page, street: Street) -> None:
    street.gateway.forms_take_payment = True
    street.goes_to_pay(browser_page)
    browser_page.get_by_role("button", name="Pay by itself").click()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("You have paid $39.33")


@pytest.mark.parametrize("reason", [*UNDECIDED, "COMPLETE_NEWLY"])
def test_the_page_does_not_deny_a_charge_that_may_have_happened(
    browser_page: Page, street: Street, reason: str
) -> None:
    street.gateway.forms_take_payment = True
    street.goes_to_pay(browser_page)
    browser_page.get_by_role("button", name=reason).click()
    heading = browser_page.get_by_role("heading", level=1)
    expect(heading).to_have_text("We are checking your payment. You will not be charged twice.")


def test_an_unknown_error_does_not_promise_that_nothing_was_charged(
    browser_page: Page, street: Street
) -> None:
    street.gateway.forms_take_payment = True
    street.goes_to_pay(browser_page)
    browser_page.get_by_role("button", name="ODD").click()
    status = browser_page.get_by_role("status")
    expect(status).to_contain_text(f"{OTHERWISE} Your order is kept. If you have paid, we find")
    expect(status).not_to_contain_text("Nothing was charged")


def test_an_automatic_form_stays_open_during_a_bank_challenge(
    browser_page: Page, street: Street
) -> None:
    street.gateway.forms_take_payment = True
    browser_page.clock.install()
    street.goes_to_pay(browser_page)
    expect(browser_page.get_by_role("button", name="Pay by itself")).to_be_visible()
    browser_page.clock.fast_forward("15:30")
    expect(browser_page.get_by_role("status")).to_contain_text("answer it first")
    browser_page.get_by_role("button", name="Pay by itself").click()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("You have paid $39.33")


def test_a_library_that_fails_to_load_is_reported(browser_page: Page, street: Street) -> None:
    browser_page.route("**/library.js", lambda route: route.abort())
    street.goes_to_pay(browser_page)
    expect(browser_page.get_by_role("status")).to_contain_text("could not be loaded")


def test_a_form_open_too_long_is_reported(browser_page: Page, street: Street) -> None:
    browser_page.clock.install()
    street.goes_to_pay(browser_page)
    expect(browser_page.get_by_role("button", name="Pay by hand")).to_be_visible()
    browser_page.clock.fast_forward("12:30")
    status = browser_page.get_by_role("status")
    expect(status).to_have_text("This card form can be used for three more minutes.")
    browser_page.clock.fast_forward("05:00")
    expect(status).to_contain_text("The card form was open too long and has expired.")


def test_the_page_of_an_unreachable_gateway_offers_a_retry(
    browser_page: Page, street: Street
) -> None:
    street.gateway.goes_away()
    street.goes_to_pay(browser_page)
    expect(browser_page.get_by_role("alert")).to_contain_text("does not answer at the moment")
    street.gateway.comes_back()
    browser_page.get_by_role("button", name="Try again").click()
    expect(browser_page.get_by_role("button", name="Pay by hand")).to_be_visible()


def test_a_form_is_not_submitted_twice(browser_page: Page, street: Street) -> None:
    street.goes_to_pay(browser_page)
    browser_page.get_by_role("button", name="Pay by hand").click()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("You have paid $39.33")
    browser_page.go_back()
    browser_page.reload()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("You have paid $39.33")


def test_times_are_shown_in_the_zone_of_the_visitor(browser_page: Page, street: Street) -> None:
    # The browser of the tests is in New York, five hours behind in January, four in May.
    browser_page.goto(f"{street.town.settings.shop_url}/products/STATS-1")
    expect(browser_page.get_by_text("27 January 2027, 09:00 UTC−5")).to_be_visible()
    expect(browser_page.get_by_text("19 May 2027, 10:00 UTC−4")).to_be_visible()


def test_everything_but_the_card_form_works_without_javascript(
    browser: Any, street: Street
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        street.buys(page)
        assert "Your browser runs no JavaScript." in page.content()
        expect(page.get_by_text("kept for you until")).to_be_visible()
        page.get_by_role("button", name="Cancel this order").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("This order is cancelled")
        assert re.search(r"/orders/[A-Z0-9-]+$", page.url)
