"""A front end of one's own: the shop as a JSON API over the core, for a single-page application.

The host says who asks: `learner_of` reads the learner from a request, or ends it with `abort(401)`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC
from typing import Any, TypeVar

from flask import Flask, Request, abort, request

from core.discount_code import DiscountCode
from core.errors import Absent, Conflict, Refused, ShopError
from core.identity import Learner
from core.money import Currency, Money
from core.order_reference import Reference
from core.orders.order import OrderSearch
from core.payments.attempt import AttemptId
from core.products.product import Sku
from core.unit_of_work import UnitOfWork
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.checkout.place_order import PlaceOrder, place_order
from core.use_cases.order_lifecycle.order_details import order_details
from core.use_cases.payments.card_form import open_card_form, pay_with_token
from core.use_cases.shopping.basket import (
    add_to_basket,
    enter_code,
    remove_from_basket,
    show_basket,
)
from entrypoints.composition.clock_and_ids import new_attempt_id, new_reference
from entrypoints.composition.shop import Shop, open_shop
from entrypoints.composition.wording import for_learners
from entrypoints.settings.shop import read_settings

JSON = dict[str, Any]
T = TypeVar("T")
STATUSES = ((Absent, 404), (Refused, 422), (Conflict, 409), (ShopError, 503))
"""The HTTP status of each family of errors."""

WORDS = for_learners(UTC)


def create_api(shop: Shop, learner_of: Callable[[Request], Learner]) -> Flask:
    """The API of one shop, whose learners the host knows."""
    api = Flask(__name__)
    api.register_error_handler(ShopError, problem)
    add_basket(api, shop, learner_of)
    add_orders(api, shop, learner_of)
    add_payment(api, shop, learner_of)
    return api


def add_basket(api: Flask, shop: Shop, learner_of: Callable[[Request], Learner]) -> None:
    @api.get("/basket")
    def basket() -> JSON:
        return shown_basket(shop, learner_of(request))

    @api.post("/basket/items")
    def add() -> JSON:
        learner, sku = learner_of(request), Sku(sent("sku", str))
        runs = [Sku(str(run)) for run in sent("runs", list)]
        add_to_basket(learner, sku, runs, begin=shop.begin, now=shop.now())
        return shown_basket(shop, learner)

    @api.delete("/basket/items/<sku>")
    def remove(sku: str) -> JSON:
        learner = learner_of(request)
        remove_from_basket(learner, Sku(sku), begin=shop.begin)
        return shown_basket(shop, learner)

    @api.post("/basket/codes")
    def code() -> JSON:
        learner, typed = learner_of(request), DiscountCode.of(sent("code", str))
        enter_code(learner, typed, begin=shop.begin, now=shop.now(), sources=shop.sources)
        return shown_basket(shop, learner)


def add_orders(api: Flask, shop: Shop, learner_of: Callable[[Request], Learner]) -> None:
    @api.get("/orders")
    def orders() -> JSON:
        with shop.read() as work:
            found = work.orders.search(OrderSearch(learner_of(request).id))
        return {"orders": [order.reference for order in found]}

    @api.post("/orders")
    def place() -> tuple[JSON, int]:
        """Place an order for the total that the learner saw; `key` is new for each review."""
        learner, key = learner_of(request), sent("key", str)
        if not re.fullmatch("[0-9a-f]{32}", key):
            abort(400, "key is not 32 hexadecimal digits")
        order = place_order(
            learner,
            Money.of(sent("total", str), Currency.of(sent("currency", str))),
            PlaceOrder(key, new_reference(shop.settings.reference_tag)),
            hold=shop.settings.hold,
            rules=shop.rules,
            sources=shop.sources,
            **at_the_gateway(shop),
        )
        return shown_order(shop, learner, order.reference), 201

    @api.get("/orders/<reference>")
    def order(reference: str) -> JSON:
        return shown_order(shop, learner_of(request), Reference(reference))

    @api.delete("/orders/<reference>")
    def cancel(reference: str) -> JSON:
        learner = learner_of(request)
        cancel_order(Reference(reference), learner.id, **at_the_gateway(shop))
        return shown_order(shop, learner, Reference(reference))


def add_payment(api: Flask, shop: Shop, learner_of: Callable[[Request], Learner]) -> None:
    @api.post("/orders/<reference>/card-forms")
    def card_form(reference: str) -> tuple[JSON, int]:
        """What the gateway's script in the browser needs, to show its card form."""
        opened = open_card_form(
            Reference(reference),
            learner_of(request).id,
            new_attempt_id(),
            hold=shop.settings.hold,
            **at_the_gateway(shop),
        )
        shown = {"attempt": opened.attempt.id, "session": opened.form.session}
        return shown | {"library": opened.form.library}, 201

    @api.post("/card-forms/<attempt>/token")
    def pay(attempt: str) -> JSON:
        """Charge the card that was typed into the form; the order says how it ended."""
        learner, hold = learner_of(request), shop.settings.hold
        attempt_id, token = AttemptId(attempt), sent("token", str)
        order = pay_with_token(attempt_id, learner.id, token, hold=hold, **at_the_gateway(shop))
        return shown_order(shop, learner, order)


def sent(name: str, kind: type[T]) -> T:
    """A field of the JSON object of the request; the answer is 400 where it is not there."""
    body: object = request.get_json()
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, kind):
        abort(400, f"{name} is missing")
    return found


def at_the_gateway(shop: Shop) -> JSON:
    return {"begin": shop.begin, "gateway": shop.gateway, "now": shop.now()}


def problem(error: ShopError) -> tuple[JSON, int]:
    """An error of the shop as RFC 9457 wants it, with its public type and its sentence."""
    status = next(status for family, status in STATUSES if isinstance(error, family))
    told = f"urn:coursetill:{WORDS.problem_type(error)}"
    return {"type": told, "status": status, "detail": WORDS.sentence(error)}, status


def amount(money: Money) -> JSON:
    return {"amount": money.plain, "currency": money.currency.code, "text": str(money)}


def shown_basket(shop: Shop, learner: Learner) -> JSON:
    """Each line with its price, what it cost before, and why it cannot be bought."""
    quote = show_basket(
        learner, read=shop.read, now=shop.now(), rules=shop.rules, sources=shop.sources
    ).quote
    lines = [
        {
            "sku": line.product.sku.text,
            "title": line.product.title,
            "due": amount(line.due),
            "price_was": amount(line.price_was) if line.price_was is not None else None,
            "why_not": WORDS.sentence(line.why_not) if line.why_not else None,
            "owned_runs": [run.number for run in line.owned_runs],
        }
        for line in quote.lines
    ]
    codes = [
        {
            "code": str(each.code),
            "why_not": WORDS.sentence(each.why_not) if each.why_not else None,
            "beaten_by": list(map(str, each.beaten_by)),
        }
        for each in quote.codes
    ]
    return {"lines": lines, "codes": codes, "total": amount(quote.total)}


def shown_order(shop: Shop, learner: Learner, reference: Reference) -> JSON:
    """An order of this learner. Raises UnknownOrder for that of somebody else."""
    with shop.read() as work:
        return told(work, work.orders.get(reference).of_learner(learner.id).reference)


def told(work: UnitOfWork, reference: Reference) -> JSON:
    """`checking` means that only the gateway knows: nobody should pay again."""
    details = order_details(work, reference)
    last = details.latest_attempt
    return {
        "reference": reference,
        "state": details.order.state.value,
        "checking": details.checking,
        "latest_payment": last.state.value if last else None,
        "total": amount(details.order.total),
    }


def api_of_environment(learner_of: Callable[[Request], Learner]) -> Flask:
    """The API of the shop that the COURSETILL_ settings of the environment describe."""
    return create_api(open_shop(read_settings(os.environ)), learner_of)
