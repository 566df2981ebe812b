"""
Secure Acceptance Checkout API (Silent Order POST): the shop's own form posts the card from the
browser to /silent/pay, and the result returns through the browser. There is no hosted page.

The card fields are unsigned, as documented. Assumed: that a form which signs them is refused, and
that a declined card needs a new form.
"""

from flask import Blueprint, Response

from coursetill_simulators.cybersource.payment_pages.hosted_checkout import (
    charged,
    finished,
    refused,
    send_invalid,
    signed_form,
    wrong_with,
)
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.secure_acceptance.cards import CARD_FIELDS, sent_in
from coursetill_simulators.cybersource.secure_acceptance.requests import NotAuthorised

sa_silent = Blueprint("sa_silent", __name__)


@sa_silent.post("/silent/pay")
def pay_silently() -> Response:
    """Pay at once, and return the result to the shop; 403 if the form is not authentic."""
    try:
        checkout, card_fields = signed_form()
    except NotAuthorised:
        return refused()
    if CARD_FIELDS & set(checkout.fields["signed_field_names"].split(",")):
        current_registry().gatekeeper.turned_away.append("POST /silent/pay: the card is signed")
        return refused()
    faults = wrong_with(checkout)
    if faults:
        return send_invalid(checkout, faults)
    sent = sent_in({**checkout.fields, **card_fields}, current_registry().now())
    if sent.card is None:
        missing = [name for name in sent.faults if not card_fields.get(name)]
        wrong = [name for name in sent.faults if name not in missing]
        faults = {"invalid_fields": wrong, "required_fields": missing}
        return send_invalid(checkout, {name: found for name, found in faults.items() if found})
    told_back, _ = charged(checkout, sent.card, sent, retries=0)
    return finished(checkout, told_back)
