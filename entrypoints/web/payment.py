"""Pages to pay an order: the card form, its token, a payment enquiry, and cancelling."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.errors import ShopError
from core.identity import Learner
from core.order_reference import Reference
from core.orders.order_state import OrderState
from core.payments.attempt import Attempt, AttemptId, PaymentFlow, UnknownAttempt
from core.payments.gateway import CardForm, GatewayUnavailable, TokenRefused
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.order_lifecycle.order_details import OrderDetails
from core.use_cases.payments.card_form import (
    FormWithdrawn,
    JustExpired,
    NotPayable,
    open_card_form,
    pay_with_token,
)
from core.use_cases.payments.enquire import StillChecking, enquire
from entrypoints.composition.clock_and_ids import new_attempt_id
from entrypoints.web import visitor
from entrypoints.web.errors import shown_again
from entrypoints.web.gateway_scripts import script_address
from entrypoints.web.hosted_page import open_payment_page, payment_page
from entrypoints.web.orders import REFERENCE, order_details_of, order_page
from entrypoints.web.security import allow_card_form, keep_private, send_no_referrer

pages = Blueprint("paying", __name__)


@pages.get(f"/orders/{REFERENCE}/pay")
def show(reference: str) -> ResponseReturnValue:
    """Show the open card form of an order, or a button that opens one."""
    known = order_details_of(reference, visitor.signed_in())
    if known.order.state is not OrderState.PENDING or known.checking:
        return redirect(_order(reference), 303)
    return _pay_page(known)


@pages.post(f"/orders/{REFERENCE}/attempts")
def open_attempt(reference: str) -> ResponseReturnValue:
    """Open a card form or a hosted page, unless one is open already."""
    shop = visitor.shop()
    learner = visitor.signed_in(onward=_order(reference))
    try:
        if shop.settings.pays_at_page:
            open_payment_page(reference, learner)
            return redirect(url_for("paying.show", reference=reference, _anchor="go"), 303)
        opened = open_card_form(
            Reference(reference),
            learner.id,
            new_attempt_id(),
            begin=shop.begin,
            gateway=shop.gateway,
            now=shop.now(),
            hold=shop.settings.hold,
        )
    except (NotPayable, FormWithdrawn):
        return redirect(_order(reference), 303)
    except (StillChecking, JustExpired) as wait:
        return _to_wait(reference, learner, wait)
    except GatewayUnavailable as unavailable:
        error = unavailable  # Python deletes the name of an except clause at its end.
        return shown_again(error, lambda: _pay_page(order_details_of(reference, learner), error))
    visitor.opened(opened.attempt)
    return redirect(url_for("paying.show", reference=reference, _anchor="card"), 303)


def _to_wait(reference: str, learner: Learner, wait: ShopError) -> ResponseReturnValue:
    """Show the order: with its payment check if one is running, else with the error."""
    if order_details_of(reference, learner).checking:
        return redirect(_order(reference), 303)
    return shown_again(wait, lambda: order_page(reference, learner, wait))


@pages.post(f"/orders/{REFERENCE}/pay")
def charge(reference: str) -> ResponseReturnValue:
    """Pay with the card form's token, then show the order with the result."""
    shop = visitor.shop()
    learner = visitor.signed_in(onward=_order(reference))
    attempt = AttemptId(request.form.get("attempt", ""))
    _check_attempt(attempt, reference)
    try:
        pay_with_token(
            attempt,
            learner.id,
            request.form.get("token", ""),
            begin=shop.begin,
            gateway=shop.gateway,
            now=shop.now(),
            hold=shop.settings.hold,
        )
    except TokenRefused as refusal:
        error = refusal  # Python deletes the name of an except clause at its end.
        return shown_again(error, lambda: _pay_page(order_details_of(reference, learner), error))
    return redirect(_order(reference), 303)


@pages.post(f"/orders/{REFERENCE}/ask")
def ask_again(reference: str) -> ResponseReturnValue:
    """Ask the gateway for the result now, instead of waiting for the next check."""
    shop = visitor.shop()
    known = order_details_of(reference, visitor.signed_in(onward=_order(reference)))
    for attempt in known.attempts:
        if attempt.in_doubt or attempt.unattended:
            enquire(attempt, begin=shop.begin, gateway=shop.gateway, now=shop.now())
    return redirect(_order(reference), 303)


@pages.post(f"/orders/{REFERENCE}/cancel")
def give_up(reference: str) -> ResponseReturnValue:
    shop = visitor.shop()
    learner = visitor.signed_in(onward=_order(reference))
    try:
        cancel_order(
            Reference(reference), learner.id, begin=shop.begin, gateway=shop.gateway, now=shop.now()
        )
    except StillChecking as checking:
        error = checking  # Python deletes the name of an except clause at its end.
        return shown_again(error, lambda: order_page(reference, learner, error))
    return redirect(_order(reference), 303)


def _order(reference: str) -> str:
    return url_for("orders.show", reference=reference)


def _check_attempt(attempt_id: AttemptId, reference: str) -> None:
    """Raises UnknownAttempt if the attempt belongs to another order."""
    with visitor.shop().read() as work:
        if work.attempts.get(attempt_id).reference != reference:
            raise UnknownAttempt(attempt_id)


def _shown(attempt: Attempt, now: datetime) -> bool:
    """Whether the form of this attempt may be shown now.

    A form that charges the card itself is shown only once, right after it was opened. At that
    moment the gateway has just been asked whether the order is already paid, for example in another
    tab or before a crash.
    """
    if not (attempt.payable(now) and attempt.flow is PaymentFlow.CARD_FORM):
        return False
    return not attempt.form_takes_payment or visitor.just_opened(attempt)


def _pay_page(known: OrderDetails, error: ShopError | None = None) -> str:
    keep_private()
    send_no_referrer()
    shop = visitor.shop()
    if shop.settings.pays_at_page:
        return payment_page(known, error)
    attempt = next((a for a in known.attempts if _shown(a, shop.now())), None)
    form: CardForm | None = None
    script: str | None = None
    if attempt is not None:
        form = shop.gateway.form(attempt)
        running = shop.gateway_for(attempt)
        script = script_address(running.name)
        if running.opened.browser is not None:
            allow_card_form(running.opened.browser.policy(form))
    return render_template(
        "pay.html",
        known=known,
        order=known.order,
        attempt=attempt,
        form=form,
        script=script,
        error=error,
    )
