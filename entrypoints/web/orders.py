"""Pages of a learner's orders: one order, its receipt, and the list."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.errors import ShopError
from core.identity import Learner
from core.order_reference import Reference
from core.orders.order import Order, OrderSearch
from core.orders.order_state import ENDED_UNPAID, OrderState
from core.use_cases.order_lifecycle.order_details import OrderDetails, order_details
from core.use_cases.refunds.refund_requests import RefundApplication, refund_eligibility
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.web import visitor
from entrypoints.web.order_page import order_standing, too_much_paid
from entrypoints.web.security import keep_private

pages = Blueprint("orders", __name__)

PAGE = 20

AT_THE_TILL = timedelta(hours=1)
"""How long after placing the order's page shows the checkout steps."""

REFERENCE = "<string(maxlength=50):reference>"


def order_details_of(reference: str, learner: Learner) -> OrderDetails:
    """The details of this learner's order. Raises UnknownOrder for any other order."""
    with visitor.shop().read() as work:
        known = order_details(work, Reference(reference))
    known.order.of_learner(learner.id)
    return known


@pages.get("/orders")
def history() -> str:
    """List the learner's orders, newest first."""
    learner = visitor.signed_in()
    keep_private()
    wanted = OrderSearch(learner.id, before=_before(), limit=PAGE + 1)
    with visitor.shop().read() as work:
        found = work.orders.search(wanted)
    shown, more = found[:PAGE], len(found) > PAGE
    return render_template(
        "orders.html",
        orders=shown,
        first=wanted.before is None,
        older=_cursor(shown[-1]) if more else None,
    )


def _cursor(order: Order) -> str:
    return f"{order.placed_at.isoformat()}_{order.reference}"


def _before() -> tuple[datetime, Reference] | None:
    """The cursor of the previous page."""
    text = request.args.get("before", "")
    if not text:
        return None
    moment, _, reference = text.partition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        abort(404)
    if at.tzinfo is None:
        abort(404)
    return at, Reference(reference[:50])


@pages.get(f"/orders/{REFERENCE}")
def show(reference: str) -> str:
    return order_page(reference, visitor.signed_in())


def order_page(
    reference: str,
    learner: Learner,
    error: ShopError | None = None,
    *,
    filled_in: RefundApplication | None = None,
    field: str | None = None,
) -> str:
    """The order's page, with the reason if an action was refused.

    `field` is the id of the form field to correct.
    """
    keep_private()
    known = order_details_of(reference, learner)
    now = visitor.shop().now()
    policy = visitor.shop().settings.refund_policy
    return render_template(
        "order.html",
        known=known,
        order=known.order,
        standing=order_standing(known, now),
        too_much_paid=too_much_paid(known),
        at_the_till=now - known.order.placed_at < AT_THE_TILL,
        error=error,
        policy=policy,
        askable=refund_eligibility(known, policy, now),
        filled_in=filled_in,
        field=field,
        request_key=new_key(),
    )


@pages.get(f"/orders/{REFERENCE}/receipt")
def receipt(reference: str) -> ResponseReturnValue:
    """The receipt, from stored facts alone."""
    known = order_details_of(reference, visitor.signed_in())
    keep_private()
    if known.order.state in ENDED_UNPAID | {OrderState.PENDING, OrderState.REVIEW}:
        return redirect(url_for("orders.show", reference=reference), 303)
    return render_template("receipt.html", known=known, order=known.order)
