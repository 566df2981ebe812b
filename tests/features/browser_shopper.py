"""Learners with a browser: they read pages, fill in forms and press buttons."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlencode

import attrs
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from core.identity import Learner
from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.payments.gateway import CardForm
from coursetill_testing.web_pages import Page, faults_of
from entrypoints.settings.gateways.secure_acceptance import RETURN
from entrypoints.web.app import create_app
from entrypoints.web.demo_sign_in import demo_learner
from tests.features.hosted_page import Form
from tests.features.webhooks import Sent
from tests.features.world import BASE, WEBHOOK_DOOR, World

POSTED = "application/x-www-form-urlencoded"
STATUSES = {
    "This order is not paid yet": "is awaiting payment",
    "Your card was declined. Nothing was charged.": "is awaiting another card",
    "The payment did not go through. Nothing was charged.": "is awaiting another attempt",
    "We are checking your payment. You will not be charged twice.": "is being checked",
    "Your payment is held for review": "is held for review",
    "You have paid": "is paid",
    "It is yours: nothing to pay": "is paid",
    "Partly refunded": "is partially refunded",
    "This order is refunded": "is refunded",
    "Your payment was declined, and the order is closed": "is declined",
    "This order is cancelled": "is cancelled",
    "This order has expired": "has expired",
}
"""The order status that the first line of an order's page stands for."""


class CompiledOnce(BytecodeCache):
    """Keeps the compiled templates, which are the same in every scenario."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledOnce()


def shop_pages(world: World) -> Flask:
    """The one web application of this world, for every browser."""
    for shopper in world.people.values():
        if isinstance(shopper, BrowserShopper):
            return shopper.app
    app = create_app(world.shop)
    app.jinja_env.bytecode_cache = COMPILED
    return app


def deliver_over_http(world: World, sent: Sent) -> bool:
    """Post a webhook to the shop; True if the shop accepts it."""
    client = shop_pages(world).test_client()
    address = f"/webhooks/{WEBHOOK_DOOR}"
    status = client.post(address, base_url=BASE, data=sent.body, headers=dict(sent.headers)).status
    assert status in ("200 OK", "400 BAD REQUEST")
    return status == "200 OK"


@attrs.define
class BrowserShopper:
    """A learner with a browser that keeps cookies. Every page is checked for faults."""

    world: World
    name: str
    app: Flask = attrs.field(init=False)
    client: Any = attrs.field(init=False)
    learner: Learner = attrs.field(init=False)
    page: Page = attrs.field(init=False)
    reviewed: dict[str, str] = attrs.field(factory=dict)
    welcome: str = ""

    def __attrs_post_init__(self) -> None:
        self.app = shop_pages(self.world)
        self.client = self.app.test_client()
        self.learner = demo_learner(self.name.title())

    def sign_in(self) -> None:
        self._visit("/sign-in/demo?next=/basket")
        self._press("/sign-in/demo", name=self.name.title())
        self.welcome = self._visit(self.page.location).text

    def search(self, words: str) -> list[str]:
        page = self._visit("/", q=words)
        links = [link.get("href", "") for link in page.all("a")]
        return [link.removeprefix("/products/") for link in links if link.startswith("/products/")]

    def add(self, sku: str, runs: Collection[str] = ()) -> None:
        self._visit(f"/products/{sku}")
        picked = {f"run-{number}": run for number, run in enumerate(runs, start=1)}
        # A button of a page that was opened earlier can still be pressed.
        self._send("/basket/items", sku=sku, **picked)

    def remove(self, sku: str) -> None:
        self._visit("/basket")
        self._press(f"/basket/items/{sku}/remove")

    def enter_code(self, code: str) -> None:
        self._visit("/basket")
        # A basket without anything in it asks for no code, but a link can bring one.
        self._send("/basket/codes", code=code)

    def follow_link(self, codes: Collection[str]) -> None:
        page = self._visit(f"/basket?{urlencode([('code', code) for code in codes])}")
        self.world.record_refusal(page.text if page.status >= 400 else None)

    def review(self) -> None:
        self.world.gateway_world.clock.advance(seconds=1)
        self.reviewed = dict(self._visit("/checkout").form("/checkout").fields)

    def confirm(self) -> None:
        self._post("/checkout", self.reviewed)

    def pay(self, type_card: Callable[[CardForm], str], *, times: int = 1) -> None:
        self.world.gateway_world.clock.advance(seconds=1)
        order = f"/orders/{self.orders()[0]}"
        self._visit(f"{order}/pay")
        if self.page.status != 303 and self.page.offers(f"{order}/attempts"):
            self._press(f"{order}/attempts")
            if self.page.status != 303:
                return
            self._visit(f"{order}/pay")
        if self.page.status == 303:
            return
        form = self.page.form(f"{order}/pay").fields
        token = type_card(self._card_form(form["attempt"]))
        for _ in range(times):
            self._post(f"{order}/pay", {**form, "token": token})

    def open_hosted_page(self) -> Form | None:
        self.world.gateway_world.clock.advance(seconds=1)
        order = f"/orders/{self.orders()[0]}"
        self._visit(order)
        self._press(f"{order}/attempts")
        if self.page.location == order:
            return None
        form = next(f for f in self._visit(f"{order}/pay").forms if f.action.startswith("http"))
        return form.action, form.fields

    def return_from_hosted_page(self, reply: bytes) -> None:
        # From another site: no cookie comes along.
        stranger = self.app.test_client()
        posted = stranger.post(RETURN, base_url=BASE, data=reply, content_type=POSTED)
        page = self._saw(posted)
        self.world.record_refusal(page.text if page.status >= 400 else None)

    def enquire_payment(self) -> None:
        order = f"/orders/{self.orders()[0]}"
        self._visit(order)
        self._press(f"{order}/ask")

    def cancel_order(self) -> None:
        order = f"/orders/{self.orders()[0]}"
        self._visit(order)
        self._send(f"{order}/cancel")

    def request_refund(
        self, positions: Collection[int], *, reason: str = "not for me", consent: bool = True
    ) -> None:
        order = f"/orders/{self.orders()[0]}"
        action = f"{order}/refund-request"
        page = self._visit(order)
        # A form of a page that was opened earlier can still be sent.
        fields: dict[str, Any] = {"csrf_token": self._token(page), "request_key": "0" * 32}
        if page.offers(action):
            fields |= page.form(action).fields
        fields |= {"line": [str(position) for position in positions], "reason": reason}
        self._post(action, {**fields, "consent": "yes" if consent else ""})

    def refund_request_text(self) -> str:
        text = self._visit(f"/orders/{self.orders()[0]}").text
        return text.replace("Somebody looks at it", "we are looking at it")

    def _token(self, page: Page) -> str:
        return next(form.fields["csrf_token"] for form in page.forms if form.method == "post")

    def basket_total(self) -> str:
        return self._total(self._visit("/basket"))

    def price_in_basket(self, sku: str) -> str:
        text = self._visit("/basket").response.text
        line = text[text.index(f'id="item-{sku}"') :]
        found = re.search(r'<p class="due">([^<]+)</p>', line)
        assert found is not None
        return found[1]

    def basket_text(self) -> str:
        page = self._visit("/basket")
        skus = re.findall(r'id="item-([^"]+)"', page.response.text)
        return f"{page.text} {' '.join(skus)}"

    def was_not_added(self, sku: str) -> bool:
        number = sku.rpartition("-")[0]
        found = re.search(r"Left out, as [^:]+: ([^.]+[.][^.]*)", self.welcome)
        return found is not None and f"Course {number}" in found[1]

    def orders(self) -> list[Reference]:
        links = [link.get("href", "") for link in self._visit("/orders").all("a")]
        shown = [re.fullmatch(r"/orders/([A-Z0-9-]+)", link) for link in links]
        return [Reference(found[1]) for found in shown if found is not None]

    def order_status(self) -> str:
        heading = self._visit(f"/orders/{self.orders()[0]}").h1
        return next(status for line, status in STATUSES.items() if heading.startswith(line))

    def order_total(self) -> str:
        return self._total(self._visit(f"/orders/{self.orders()[0]}"))

    def receipt(self) -> str:
        return self._visit(f"/orders/{self.orders()[0]}/receipt").text

    def can_see_order(self, reference: Reference) -> bool:
        return self._visit(f"/orders/{reference}").status == 200

    def _total(self, page: Page) -> str:
        if "There is nothing in it yet" in page.text:
            return "nothing"
        found = re.search(r"Total (\S+)", page.text)
        assert found is not None, page.text
        return found[1]

    def _card_form(self, attempt: str) -> CardForm:
        """The gateway's card form in the page."""
        with self.world.shop.read() as work:
            form = self.world.gateway.form(work.attempts.get(AttemptId(attempt)))
        shown = [div["data-session"] for div in self.page.all("div") if "data-session" in div]
        assert shown == [form.session]
        return form

    def _visit(self, address: str, **query: str) -> Page:
        return self._saw(self.client.get(address, base_url=BASE, query_string=query or None))

    def _press(self, action: str, **filled: str) -> Page:
        return self._post(action, {**self.page.form(action).fields, **filled})

    def _send(self, action: str, **fields: str) -> Page:
        """Send a form, with the token of any form of this page."""
        return self._post(action, {"csrf_token": self._token(self.page), **fields})

    def _post(self, action: str, fields: Mapping[str, Any]) -> Page:
        page = self._saw(self.client.post(action, base_url=BASE, data=fields))
        self.world.record_refusal(page.text if page.status >= 400 else None)
        return page

    def _saw(self, response: Any) -> Page:
        self.page = Page(response)
        response.close()
        if response.mimetype == "text/html" and self.page.status != 303:
            assert faults_of(self.page) == [], self.page.response.text
        return self.page
