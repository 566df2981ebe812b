"""
Secure Acceptance Hosted Checkout: the page on which a buyer pays, for a form signed by the shop.

POST /pay opens a page; /oneclick/pay opens one for a card stored under a payment_token. The buyer
pays or cancels there. The result returns through the browser as a signed form, and is posted to
the merchant's server. Assumed: the lifetime of the page (`SimulatorSettings.hosted_minutes`); that
each declined try is posted to the merchant; that a cancelled page can still pay in another tab; and
that a stored card needs only its security code.
"""

from collections.abc import Mapping
from decimal import Decimal

import attrs
from flask import Blueprint, Response, make_response, redirect, request

from coursetill_simulators.cybersource.payment_pages.hosted_checkout import (
    charged,
    finished,
    notify_merchant,
    page,
    refused,
    send_invalid,
    signed_form,
    wrong_with,
)
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.secure_acceptance.cards import BILLING, Typed, typed_in
from coursetill_simulators.cybersource.secure_acceptance.checkout_store import HostedCheckout
from coursetill_simulators.cybersource.secure_acceptance.decisions import CHOICES, VERDICTS
from coursetill_simulators.cybersource.secure_acceptance.replies import cancelled
from coursetill_simulators.cybersource.secure_acceptance.requests import NotAuthorised
from coursetill_simulators.cybersource.state.outcomes import ACCEPTED_CARDS, CARDS, OUTCOMES
from coursetill_simulators.cybersource.wire_format.amounts import shown

sa_pages = Blueprint("sa_pages", __name__)


@sa_pages.post("/pay")
@sa_pages.post("/oneclick/pay")
def open_page() -> Response:
    """Check the signed form: 403 if it is not authentic, else the page or an error."""
    try:
        checkout, _ = signed_form()
    except NotAuthorised:
        return refused()
    faults = wrong_with(checkout)
    if request.path == "/oneclick/pay" and not faults:
        stored_card = current_registry().checkouts.card_under(
            checkout.fields.get("payment_token", "")
        )
        checkout = attrs.evolve(checkout, stored_card=stored_card)
        name = "invalid_fields" if checkout.fields.get("payment_token") else "required_fields"
        faults = {} if stored_card else {name: ["payment_token"]}
    if faults:
        return send_invalid(checkout, faults)
    current_registry().checkouts.keep(checkout)
    return make_response(redirect(f"/pay/{checkout.id}", 303))


@sa_pages.get("/pay/<checkout_id>")
def show_page(checkout_id: str) -> Response:
    """Show the page, also on reload."""
    checkout = _open(checkout_id)
    return _ended() if checkout is None else _form(checkout)


@sa_pages.post("/pay/<checkout_id>")
def pay(checkout_id: str) -> Response:
    """Pay: return the result to the shop, or ask for the card again."""
    checkout = _open(checkout_id)
    if checkout is None:
        return _ended()
    typed = typed_in(request.form, current_registry().now(), checkout.stored_card)
    if typed.card is None:
        return _form(checkout, typed)
    retries = current_registry().settings.hosted_retries
    sent_result, again = charged(checkout, typed.card, typed, retries=retries)
    if again is None:
        return finished(checkout, sent_result)
    notify_merchant(checkout, sent_result)
    return _form(again, typed, refusal=sent_result["message"])


@sa_pages.post("/pay/<checkout_id>/cancel")
def cancel(checkout_id: str) -> Response:
    """Go back without paying. The page stays open: a second tab may still pay."""
    checkout = _open(checkout_id)
    return _ended() if checkout is None else finished(checkout, cancelled(checkout.fields))


def _open(checkout_id: str) -> HostedCheckout | None:
    checkout = current_registry().checkouts.find(checkout_id)
    return checkout if checkout and current_registry().now() < checkout.ends_at else None


def _form(checkout: HostedCheckout, typed: Typed | None = None, refusal: str = "") -> Response:
    fields = checkout.fields
    known = {name: fields.get(name, "") for name in BILLING}
    currency = fields["currency"].upper()
    count = int(fields.get("line_item_count") or 0)
    return page(
        "sa_pay.html",
        422 if typed and typed.faults else 200,
        checkout=checkout,
        amount=shown(Decimal(fields["amount"]), currency),
        tax=shown(Decimal(fields["tax_amount"]), currency) if fields.get("tax_amount") else "",
        lines=[_line(fields, number, currency) for number in range(count)],
        billing={**known, **(typed.billing if typed else {})},
        faults=typed.faults if typed else {},
        refusal=refusal,
        choices={code: VERDICTS[code] for code in CHOICES},
        accepted_cards=ACCEPTED_CARDS,
        other_cards={number: OUTCOMES[name].says for number, name in CARDS.items()},
    )


def _line(fields: Mapping[str, str], number: int, currency: str) -> dict[str, str]:
    price = Decimal(fields[f"item_{number}_unit_price"])
    quantity = int(fields.get(f"item_{number}_quantity") or 1)
    name = fields.get(f"item_{number}_name") or fields.get(f"item_{number}_sku") or "Item"
    return {"name": name, "price": shown(price * quantity, currency)}


def _ended() -> Response:
    return page("sa_ended.html", 410)
