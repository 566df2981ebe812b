"""Pages of the checkout: review the basket, place the order."""

from __future__ import annotations

import re

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.baskets.basket import BasketIsEmpty
from core.errors import Refused, ShopError
from core.identity import Learner
from core.money import LARGEST_MINOR, Currency, Money
from core.orders.order import Order
from core.orders.order_state import OrderState
from core.use_cases.checkout.place_order import (
    PlaceOrder,
    RequestKeyReused,
    TotalHasChanged,
    place_order,
)
from core.use_cases.shopping.basket import ShownBasket, show_basket
from entrypoints.composition.clock_and_ids import new_key, new_reference
from entrypoints.web import visitor
from entrypoints.web.basket import brought_along
from entrypoints.web.errors import shown_again
from entrypoints.web.security import keep_private

pages = Blueprint("checkout", __name__)


@pages.get("/checkout")
def review() -> ResponseReturnValue:
    """The review page. A basket that cannot be bought shows the reason."""
    shown = _shown(visitor.signed_in())
    if not _sellable(shown):
        named = {name: request.args.get(name) for name in ("added", "dropped", "codes")}
        return redirect(url_for("shopping.basket", **named), 303)  # type: ignore[arg-type]
    return _review_page(shown)


@pages.post("/checkout")
def place() -> ResponseReturnValue:
    """Place the order at the total that the learner confirmed."""
    shop = visitor.shop()
    learner = visitor.signed_in(onward=url_for("checkout.review"))
    confirmed = _confirmed()
    placing = PlaceOrder(_request_key(), new_reference(shop.settings.reference_tag))
    try:
        order = place_order(
            learner,
            confirmed,
            placing,
            begin=shop.begin,
            gateway=shop.gateway,
            now=shop.now(),
            hold=shop.settings.hold,
            rules=shop.rules,
            sources=shop.sources,
        )
    except BasketIsEmpty:
        # The learner went back after payment. The basket page says that nothing is left to buy.
        return redirect(url_for("shopping.basket"), 303)
    except (Refused, TotalHasChanged, RequestKeyReused) as refusal:
        error = refusal  # The name of an except clause is deleted at its end.
        return shown_again(error, lambda: _review_page(_shown(learner), error))
    return redirect(onward_from(order), 303)


def onward_from(order: Order) -> str:
    """The next page for an order: payment, or the order's page."""
    page = "paying.show" if order.state is OrderState.PENDING else "orders.show"
    return url_for(page, reference=order.reference)


def _shown(learner: Learner) -> ShownBasket:
    shop = visitor.shop()
    return show_basket(
        learner, read=shop.read, now=shop.now(), rules=shop.rules, sources=shop.sources
    )


def _sellable(shown: ShownBasket) -> bool:
    lines = shown.quote.lines
    return bool(lines) and all(line.why_not is None for line in lines)


def _review_page(shown: ShownBasket, error: ShopError | None = None) -> str:
    keep_private()
    return render_template(
        "checkout.html",
        shown=shown,
        sellable=_sellable(shown),
        brought=brought_along(shown),
        request_key=new_key(),
        error=error,
    )


def _confirmed() -> Money:
    """The confirmed total from the hidden fields. The core compares it with its own."""
    minor, code = request.form.get("total", ""), request.form.get("currency", "")
    if not re.fullmatch(r"\d{1,13}", minor, re.ASCII) or int(minor) >= LARGEST_MINOR:
        abort(400)
    if code not in Currency.__members__:
        abort(400)
    return Money(int(minor), Currency[code])


def _request_key() -> str:
    key = request.form.get("request_key", "")
    if not re.fullmatch(r"[0-9a-f]{32}", key, re.ASCII):
        abort(400)
    return key
