"""A hosted payment, from its signed form to its result, with or without a page."""

from collections.abc import Mapping
from decimal import Decimal
from secrets import token_hex
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import attrs
from flask import Response, make_response, render_template, request

from coursetill_simulators.cybersource.faults.message_faults import Channel, MessageFaultKind
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.secure_acceptance.cards import CARD_FIELDS, Typed
from coursetill_simulators.cybersource.secure_acceptance.checkout_store import HostedCheckout
from coursetill_simulators.cybersource.secure_acceptance.decisions import (
    CHOICES,
    INVALID,
    VERDICTS,
    Decision,
    Verdict,
    verdict_of,
)
from coursetill_simulators.cybersource.secure_acceptance.replies import (
    Fields,
    invalid,
    pairs_of,
    posted,
    repeated,
    result,
)
from coursetill_simulators.cybersource.secure_acceptance.requests import (
    NotAuthorised,
    invalid_fields,
    required_fields,
    signer_of,
)
from coursetill_simulators.cybersource.state.ledger import LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.merchant_references import Notes
from coursetill_simulators.cybersource.state.outcomes import approved_of, outcome_of
from coursetill_simulators.cybersource.webhooks.events import hosted
from coursetill_simulators.cybersource.wire_format.cards import PaymentCard


def signed_form() -> tuple[HostedCheckout, Fields]:
    """
    Start a checkout from a posted form; also returns the card fields of the form.

    Raises NotAuthorised if the form is not authentic.
    """
    registry = current_registry()
    settings = registry.settings
    try:
        pairs = parse_qsl(request.get_data().decode(), keep_blank_values=True, strict_parsing=False)
        signer = signer_of(
            pairs, settings.profiles, now=registry.now(), skew=settings.hosted_skew_seconds
        )
    except (NotAuthorised, UnicodeDecodeError) as refusal:
        registry.gatekeeper.turned_away.append(f"POST {request.path}: {refusal}")
        raise NotAuthorised(str(refusal)) from refusal
    checkout = HostedCheckout(
        id=token_hex(16),
        fields={name: value for name, value in pairs if name not in CARD_FIELDS},
        profile=signer.profile,
        secret=signer.secret,
        ends_at=registry.now() + settings.hosted_life,
    )
    return checkout, {name: value for name, value in pairs if name in CARD_FIELDS}


def wrong_with(checkout: HostedCheckout) -> dict[str, list[str]]:
    """The names of invalid fields, and of missing fields."""
    faults = {
        "invalid_fields": invalid_fields(checkout.fields),
        "required_fields": required_fields(checkout.fields),
    }
    return {name: found for name, found in faults.items() if found}


def send_invalid(checkout: HostedCheckout, faults: dict[str, list[str]]) -> Response:
    """Send ERROR 102 to the browser and the merchant's server."""
    wrong_fields = {name: ",".join(found) for name, found in faults.items()}
    return finished(checkout, invalid(INVALID, checkout.fields, wrong_fields))


def charged(
    checkout: HostedCheckout, card: PaymentCard, typed: Typed, *, retries: int
) -> tuple[Fields, HostedCheckout | None]:
    """
    Try to pay. Returns the result, and the checkout if it may be tried again.

    A transaction_uuid that was used minutes ago is not charged.
    """
    registry = current_registry()
    with registry.checkouts.lock:
        if not registry.checkouts.may_pay(checkout, registry.now()):
            with_amount = registry.settings.repeated_with_amount
            return repeated(VERDICTS["104"], checkout.fields, with_amount=with_amount), None
        verdict = _verdict(checkout, card, typed.billing.get("bill_to_address_postal_code"))
        again = verdict.decision is Decision.DECLINE and checkout.declines < retries
        registry.checkouts.used(checkout, registry.now(), over=not again)
        payment = _booked(checkout, card, verdict)
        sent_result = result(verdict, {**checkout.fields, **typed.billing}, payment, card=card)
        if "payment_token" in sent_result:
            registry.checkouts.keep_card(sent_result["payment_token"], card)
        if not again:
            return sent_result, None
        declined = attrs.evolve(checkout, declines=checkout.declines + 1)
        registry.checkouts.keep(declined)
        return sent_result, declined


def _verdict(checkout: HostedCheckout, card: PaymentCard, postal_code: str | None) -> Verdict:
    """The verdict from the simulator's panel, else from card, amount and postal code."""
    chosen = request.form.get("simulated_reason", "")
    if chosen in CHOICES:
        return VERDICTS[chosen]
    amount = Decimal(checkout.fields["amount"])
    triggers = current_registry().settings.amount_triggers
    return verdict_of(outcome_of(card.number, amount, postal_code, amount_triggers=triggers))


def _booked(checkout: HostedCheckout, card: PaymentCard, verdict: Verdict) -> LedgerEntry:
    """The payment; written to the ledger unless the verdict charges nothing."""
    registry = current_registry()
    amount = Decimal(checkout.fields["amount"])
    kind = checkout.fields["transaction_type"]
    payment = LedgerEntry(
        id=registry.new_id(),
        kind=LedgerKind.PAYMENT,
        status=verdict.outcome.status,
        code=checkout.fields["reference_number"],
        requested=amount,
        approved=approved_of(amount, verdict.outcome.share),
        currency=checkout.fields["currency"].upper(),
        submitted_at=registry.now(),
        outcome=verdict.outcome,
        capture=kind.startswith("sale"),
        card=card.on_file,
        notes=_notes(checkout.fields),
    )
    if verdict.booked:
        registry.ledger.append(payment)
    return payment


def _notes(fields: Mapping[str, str]) -> Notes:
    """The merchant's own references on the form."""
    names = {name: name.removeprefix("merchant_defined_data") for name in fields}
    marks = [(number, fields[name]) for name, number in names.items() if number.isdecimal()]
    return Notes(marks=tuple(marks), ip_address=fields.get("customer_ip_address", ""))


def finished(checkout: HostedCheckout, fields: Fields) -> Response:
    """Send the result to the merchant's server and, through the browser, to the shop."""
    registry = current_registry()
    notify_merchant(checkout, fields)
    if registry.settings.merchant_post_first:
        registry.posts.send_due()
    was_cancelled = fields["decision"] == Decision.CANCEL.value
    url = checkout.cancel_page if was_cancelled else checkout.receipt_page
    message_fault = registry.message_faults.take(
        Channel.BROWSER_RETURN, checkout.fields["reference_number"]
    )
    if not url or (message_fault and message_fault.kind is MessageFaultKind.DROP):
        return page("sa_result.html", 200, decision=fields["decision"], message=fields["message"])
    signed = posted(fields, checkout.secret, now=registry.now(), message_fault=message_fault)
    latin = message_fault is not None and message_fault.kind is MessageFaultKind.LATIN_1
    return page(
        "sa_return.html",
        200,
        form_action=_origin(url),
        url=url,
        pairs=pairs_of(signed, message_fault),
        charset="iso-8859-1" if latin else "utf-8",
    )


def notify_merchant(checkout: HostedCheckout, fields: Fields) -> None:
    """Queue a result for the merchant's server, as a post and as webhooks."""
    registry = current_registry()
    registry.posts.put(checkout.merchant_post_url, fields, checkout.secret)
    events = hosted(fields, now=registry.now(), trace_id=str(uuid4()))
    registry.webhooks.announce(events)


def refused() -> Response:
    """The page for a form that is not authentic."""
    return page("sa_refused.html", 403)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def page(template: str, status: int, *, form_action: str = "'self'", **values: object) -> Response:
    """A hosted page, with a policy that forbids content from elsewhere."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"form-action {form_action}; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "strict-origin",
    }
    return make_response(render_template(template, **values), status, headers)
