"""A learner of the example's JSON API: so much of the role `Shopper` as its features ask for."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Collection
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
from flask import Flask, Request, abort
from flask.testing import FlaskClient

from core.identity import Learner, LearnerId
from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.payments.gateway import CardForm
from tests.features.world import World

FRONT_END = Path(__file__).parents[2] / "examples" / "own_front_end" / "json_shop.py"
STATES = {
    "partially_refunded": "is partially refunded",
    "review": "is held for review",
    "expired": "has expired",
}
UNPAID = {"declined": "is awaiting another card", "error": "is awaiting another attempt"}


def front_end() -> ModuleType:
    """The module of the example, from its file."""
    spec = importlib.util.spec_from_file_location("json_shop", FRONT_END)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FRONT_END_MODULE = front_end()


def learner_called(name: str) -> Learner:
    return Learner(LearnerId(name), f"{name}@example.org", name.title(), email_verified=True)


def learner_of(request: Request) -> Learner:
    """The host's sign-in: here, the name that stands in a header."""
    authorization = request.authorization
    if authorization is None or authorization.token is None:
        abort(401)
    return learner_called(authorization.token)


@attrs.define
class JsonShopper:
    """A learner with an application that calls the API."""

    world: World
    name: str
    learner: Learner = attrs.field(init=False)
    client: FlaskClient = attrs.field(init=False)
    reviewed: dict[str, Any] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.learner = learner_called(self.name)
        api: Flask = FRONT_END_MODULE.create_api(self.world.shop, learner_of)
        self.client = api.test_client()

    def sign_in(self) -> None:
        """The host signs learners in: every request says who asks."""

    def add(self, sku: str, runs: Collection[str] = ()) -> None:
        self._change("POST", "/basket/items", {"sku": sku, "runs": list(runs)})

    def remove(self, sku: str) -> None:
        self._change("DELETE", f"/basket/items/{sku}")

    def enter_code(self, code: str) -> None:
        self._change("POST", "/basket/codes", {"code": code})

    def follow_link(self, codes: Collection[str]) -> None:
        for code in codes:
            self.enter_code(code)

    def review(self) -> None:
        self.world.gateway_world.clock.advance(seconds=1)
        key = f"{self.world.number():032x}"
        total = self._get("/basket")["total"]
        self.reviewed = {"key": key, "total": total["amount"], "currency": total["currency"]}

    def confirm(self) -> None:
        self._change("POST", "/orders", self.reviewed)

    def pay(self, type_card: Callable[[CardForm], str], *, times: int = 1) -> None:
        self.world.gateway_world.clock.advance(seconds=1)
        opened = self._change("POST", f"/orders/{self.orders()[0]}/card-forms")
        if "attempt" not in opened:
            return
        with self.world.shop.read() as work:
            form = self.world.gateway.form(work.attempts.get(AttemptId(opened["attempt"])))
        assert opened["session"] == form.session
        token = type_card(form)
        for _ in range(times):
            self._change("POST", f"/card-forms/{opened['attempt']}/token", {"token": token})

    def cancel_order(self) -> None:
        self._change("DELETE", f"/orders/{self.orders()[0]}")

    def basket_total(self) -> str:
        return str(self._get("/basket")["total"]["text"])

    def price_in_basket(self, sku: str) -> str:
        lines = self._get("/basket")["lines"]
        return next(str(line["due"]["text"]) for line in lines if line["sku"] == sku)

    def basket_text(self) -> str:
        basket = self._get("/basket")
        shown = [line["sku"] for line in basket["lines"]]
        for line in basket["lines"]:
            was = line["price_was"]
            shown += [line["why_not"], was and f"it was {was['text']}"]
            shown += [f"You own a run of {number} already" for number in line["owned_runs"]]
        for code in basket["codes"]:
            shown += [code["why_not"]]
            shown += [f"{better} leaves less to pay" for better in code["beaten_by"]]
        return " ".join(filter(None, shown))

    def orders(self) -> list[Reference]:
        return [Reference(text) for text in self._get("/orders")["orders"]]

    def order_status(self) -> str:
        order = self._get(f"/orders/{self.orders()[0]}")
        if order["state"] != "pending":
            return STATES.get(order["state"], f"is {order['state']}")
        if order["checking"]:
            return "is being checked"
        return UNPAID.get(order["latest_payment"], "is awaiting payment")

    def order_total(self) -> str:
        return str(self._get(f"/orders/{self.orders()[0]}")["total"]["text"])

    def can_see_order(self, reference: Reference) -> bool:
        answer = self.client.get(f"/orders/{reference}", headers=self._headers)
        assert answer.status_code in (200, 404)
        return answer.status_code == 200

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.name}"}

    def _get(self, address: str) -> dict[str, Any]:
        answer = self.client.get(address, headers=self._headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def _change(
        self, method: str, address: str, sent: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        answer = self.client.open(address, method=method, headers=self._headers, json=sent)
        found: dict[str, Any] = answer.get_json()
        refused = answer.status_code >= 400
        assert not refused or found["type"].startswith("urn:coursetill:"), answer.text
        self.world.record_refusal(found["detail"] if refused else None)
        return found
