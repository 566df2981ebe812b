"""
Secure Acceptance Hosted Checkout: the page where a buyer pays, for a form that the shop signed.

POST /pay opens a page; the buyer pays or cancels there; the result goes back through the browser
as a signed form, and from here to the merchant's server. Assumed: the page's life
(`SimulatorSettings.hosted_minutes`), that each declined try on the page is posted to the merchant,
and that a page that was cancelled can still pay in another tab.
"""

from collections.abc import Mapping
from decimal import Decimal
from secrets import token_hex
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import attrs
from flask import Blueprint, Response, make_response, redirect, render_template, request

from adapters.cybersource.simulator.books.ledger import Entry, Kind
from adapters.cybersource.simulator.books.notes import Notes
from adapters.cybersource.simulator.books.outcomes import (
    ACCEPTED_CARDS,
    CARDS,
    OUTCOMES,
    approved_of,
    outcome_of,
)
from adapters.cybersource.simulator.mishaps.twists import Channel, Mishap
from adapters.cybersource.simulator.secure_acceptance.cards import BILLING, Typed, typed_in
from adapters.cybersource.simulator.secure_acceptance.checkouts import HostedCheckout
from adapters.cybersource.simulator.secure_acceptance.decisions import (
    CHOICES,
    INVALID,
    VERDICTS,
    Decision,
    Verdict,
    verdict_of,
)
from adapters.cybersource.simulator.secure_acceptance.replies import (
    Fields,
    cancelled,
    invalid,
    pairs_of,
    posted,
    repeated,
    result,
)
from adapters.cybersource.simulator.secure_acceptance.requests import (
    NotAuthorised,
    invalid_fields,
    required_fields,
    signer_of,
)
from adapters.cybersource.simulator.webhooks.events import hosted
from adapters.cybersource.simulator.words.amounts import shown
from adapters.cybersource.simulator.words.cards import Card
from adapters.cybersource.simulator.workings import here

sa_pages = Blueprint("sa_pages", __name__)


@sa_pages.post("/pay")
@sa_pages.post("/oneclick/pay")
def open_page() -> Response:
    """Check the signed form; 403 where it is not to be trusted, else the page or an error."""
    workings = here()
    settings = workings.settings
    try:
        pairs = parse_qsl(request.get_data().decode(), keep_blank_values=True, strict_parsing=False)
        signer = signer_of(
            pairs,
            settings.profiles,
            now=workings.now(),
            skew=settings.hosted_skew_seconds,
        )
    except (NotAuthorised, UnicodeDecodeError) as refusal:
        workings.gatekeeper.turned_away.append(f"POST {request.path}: {refusal}")
        return _page("sa_refused.html", 403)
    checkout = HostedCheckout(
        id=token_hex(16),
        fields=dict(pairs),
        profile=signer.profile,
        secret=signer.secret,
        ends_at=workings.now() + settings.hosted_life,
    )
    wrong, missing = invalid_fields(checkout.fields), required_fields(checkout.fields)
    if wrong or missing:
        told = {"invalid_fields": ",".join(wrong)} if wrong else {}
        told |= {"required_fields": ",".join(missing)} if missing else {}
        return _finished(checkout, invalid(INVALID, checkout.fields, told))
    workings.checkouts.keep(checkout)
    return make_response(redirect(f"/pay/{checkout.id}", 303))


@sa_pages.get("/pay/<checkout_id>")
def show_page(checkout_id: str) -> Response:
    """The page, as often as it is asked for."""
    checkout = _open(checkout_id)
    return _ended() if checkout is None else _form(checkout)


@sa_pages.post("/pay/<checkout_id>")
def pay(checkout_id: str) -> Response:
    """Pay: the result goes back to the shop, or the page asks again."""
    checkout, workings = _open(checkout_id), here()
    if checkout is None:
        return _ended()
    typed = typed_in(request.form, workings.now())
    if typed.card is None:
        return _form(checkout, typed)
    with workings.checkouts.lock:
        if not workings.checkouts.may_pay(checkout, workings.now()):
            with_amount = workings.settings.repeated_with_amount
            verdict = VERDICTS["104"]
            return _finished(checkout, repeated(verdict, checkout.fields, with_amount=with_amount))
        verdict = _verdict(checkout, typed.card, typed.billing.get("bill_to_address_postal_code"))
        again = verdict.decision is Decision.DECLINE and (
            checkout.declines < workings.settings.hosted_retries
        )
        workings.checkouts.used(checkout, workings.now(), over=not again)
        fields = {**checkout.fields, **typed.billing}
        payment = _booked(checkout, verdict, typed)
        told = result(verdict, fields, payment, card=typed.card)
        if not again:
            return _finished(checkout, told)
        declined = attrs.evolve(checkout, declines=checkout.declines + 1)
        workings.checkouts.keep(declined)
    _tell_merchant(checkout, told)
    return _form(declined, typed, refusal=verdict.message)


@sa_pages.post("/pay/<checkout_id>/cancel")
def cancel(checkout_id: str) -> Response:
    """Go back without paying. The page stays open: a second tab may still pay."""
    checkout = _open(checkout_id)
    return _ended() if checkout is None else _finished(checkout, cancelled(checkout.fields))


def _open(checkout_id: str) -> HostedCheckout | None:
    checkout = here().checkouts.find(checkout_id)
    return checkout if checkout and here().now() < checkout.ends_at else None


def _verdict(checkout: HostedCheckout, card: Card, postal_code: str | None) -> Verdict:
    """By the simulator's own panel, else by card, amount and postal code."""
    chosen = request.form.get("simulated_reason", "")
    if chosen in CHOICES:
        return VERDICTS[chosen]
    amount = Decimal(checkout.fields["amount"])
    triggers = here().settings.amount_triggers
    return verdict_of(outcome_of(card.number, amount, postal_code, amount_triggers=triggers))


def _booked(checkout: HostedCheckout, verdict: Verdict, typed: Typed) -> Entry:
    """The payment, written into the ledger unless nothing happened."""
    workings = here()
    amount = Decimal(checkout.fields["amount"])
    kind = checkout.fields["transaction_type"]
    payment = Entry(
        id=workings.new_id(),
        kind=Kind.PAYMENT,
        status=verdict.outcome.status,
        code=checkout.fields["reference_number"],
        requested=amount,
        approved=approved_of(amount, verdict.outcome.share),
        currency=checkout.fields["currency"].upper(),
        submitted_at=workings.now(),
        outcome=verdict.outcome,
        capture=kind.startswith("sale"),
        card=typed.card.on_file if typed.card else None,
        notes=_notes(checkout.fields),
    )
    if verdict.booked:
        workings.ledger.append(payment)
    return payment


def _notes(fields: Mapping[str, str]) -> Notes:
    """What the merchant wrote on the form, to find the payment again by."""
    names = {name: name.removeprefix("merchant_defined_data") for name in fields}
    marks = [(number, fields[name]) for name, number in names.items() if number.isdecimal()]
    return Notes(marks=tuple(marks), ip_address=fields.get("customer_ip_address", ""))


def _finished(checkout: HostedCheckout, fields: Fields) -> Response:
    """Tell the merchant's server, and send the browser back with the same."""
    workings = here()
    _tell_merchant(checkout, fields)
    if workings.settings.merchant_post_first:
        workings.posts.send_due()
    was_cancelled = fields["decision"] == Decision.CANCEL.value
    url = checkout.cancel_page if was_cancelled else checkout.receipt_page
    twist = workings.twists.take(Channel.BROWSER_RETURN, checkout.fields["reference_number"])
    if not url or (twist and twist.mishap is Mishap.DROP):
        return _page("sa_result.html", 200, decision=fields["decision"], message=fields["message"])
    signed = posted(fields, checkout.secret, now=workings.now(), twist=twist)
    latin = twist is not None and twist.mishap is Mishap.LATIN_1
    return _page(
        "sa_return.html",
        200,
        form_action=_origin(url),
        url=url,
        pairs=pairs_of(signed, twist),
        charset="iso-8859-1" if latin else "utf-8",
    )


def _tell_merchant(checkout: HostedCheckout, fields: Fields) -> None:
    workings = here()
    workings.posts.put(checkout.merchant_post_url, fields, checkout.secret)
    events = hosted(fields, now=workings.now(), trace_id=str(uuid4()))
    workings.webhooks.announce(events)


def _form(checkout: HostedCheckout, typed: Typed | None = None, refusal: str = "") -> Response:
    fields = checkout.fields
    known = {name: fields.get(name, "") for name in BILLING}
    currency = fields["currency"].upper()
    count = int(fields.get("line_item_count") or 0)
    return _page(
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
    return _page("sa_ended.html", 410)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _page(template: str, status: int, *, form_action: str = "'self'", **told: object) -> Response:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"form-action {form_action}; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "strict-origin",
    }
    return make_response(render_template(template, **told), status, headers)
