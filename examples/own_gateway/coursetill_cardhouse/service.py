"""A simulator of Cardhouse. It moves no money, and tests can read its ledger."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import attrs
import requests
from flask import Flask, abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from core.money import Currency, Money, total
from coursetill_cardhouse.client import signature
from coursetill_cardhouse.messages import HEADER, RESULT

NO_MONEY, HELD = "4000000000000002", "4000000000000119"
"""Card numbers that are declined, and held for review. All others are good."""

_FORM_LASTS = timedelta(minutes=15)


@attrs.define
class Books:
    """The state of Cardhouse. `lose` and `drop` set the next faults, for tests."""

    secret: str
    now: Callable[[], datetime]
    forms: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    cards: dict[str, tuple[str, str]] = attrs.field(factory=dict)
    payments: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    refunds: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    webhook: str | None = None
    lose: set[str] = attrs.field(factory=set)
    drop: set[str] = attrs.field(factory=set)
    lock: threading.RLock = attrs.field(factory=threading.RLock)

    def pay(self, order: dict[str, Any], number: str) -> dict[str, Any]:
        """Carry out a payment for an attempt without one."""
        state = {NO_MONEY: "declined", HELD: "held"}.get(number, "captured")
        facts = {name: order[name] for name in ("attempt", "reference", "minor", "currency")}
        paid = {**facts, "payment": f"ch_{secrets.token_hex(8)}", "state": state}
        self.payments[order["attempt"]] = {**paid, "brand": "Visa", "last_four": number[-4:]}
        return self.payments[order["attempt"]]

    def decide(self, attempt: str, *, good: bool) -> None:
        """Decide a held payment, as Cardhouse's staff would."""
        self.payments[attempt]["state"] = "captured" if good else "declined"

    def settle(self) -> None:
        """Settle, as at the end of the day."""
        for refund in self.refunds.values():
            refund["state"] = "settled"

    def captured(self, currency: Currency = Currency.USD) -> Money:
        paid = [each for each in self.payments.values() if each["state"] == "captured"]
        return _sum(paid, currency)

    def refunded(self, currency: Currency = Currency.USD) -> Money:
        return _sum(list(self.refunds.values()), currency)

    def tell(self, attempt: str) -> int:
        """Send the webhook of a payment, and return the shop's HTTP status."""
        return self._send(*self.message(attempt))

    def dispute(self, attempt: str, stage: str, *, reason: str) -> int:
        """Send the webhook of a dispute (opened, won, lost), and return the shop's HTTP status."""
        paid = self.payments[attempt]
        facts = {name: paid[name] for name in ("attempt", "reference", "payment")}
        happened = {"event": f"dispute.{stage}", "reason": reason, "at": self.now().isoformat()}
        return self._send(*self._signed({**facts, **happened}))

    def message(self, attempt: str) -> tuple[dict[str, str], bytes]:
        """The headers and the body of a new webhook about a payment."""
        return self._signed(self.payments[attempt])

    def _signed(self, event: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        """The headers and the body of an event, under a new id."""
        numbered = {**event, "event_id": f"ev_{secrets.token_hex(8)}"}
        body, sent = json.dumps(numbered), str(int(self.now().timestamp()))
        return {HEADER: f"t={sent},v1={signature(self.secret, sent, body)}"}, body.encode()

    def _send(self, headers: dict[str, str], body: bytes) -> int:
        """Send a webhook. Raises ValueError without an address."""
        if self.webhook is None:
            raise ValueError("no address for webhooks is known")
        return requests.post(self.webhook, body, headers=headers, timeout=10).status_code


def _sum(rows: list[dict[str, Any]], currency: Currency) -> Money:
    ours = [Money(row["minor"], currency) for row in rows if row["currency"] == currency.code]
    return total(ours, currency)


def cardhouse(books: Books) -> Flask:
    """The service as a Flask application."""
    app = Flask(__name__)
    _serve_shops(app, books)
    _serve_refunds(app, books)
    _serve_browsers(app, books)
    return app


def _serve_shops(app: Flask, books: Books) -> None:
    @app.before_request
    def check_secret() -> ResponseReturnValue | None:
        given = request.headers.get("Authorization", "")
        if request.path.startswith("/v1/") and not hmac.compare_digest(
            given.encode(), f"Bearer {books.secret}".encode()
        ):
            return jsonify(why="this secret is not known"), 401
        return None

    _serve_forms(app, books)
    _serve_payments(app, books)


def _serve_forms(app: Flask, books: Books) -> None:
    @app.post("/v1/forms")
    def open_form() -> ResponseReturnValue:
        form = secrets.token_hex(8)
        books.forms[form] = dict(request.get_json())
        expires_at = books.now() + _FORM_LASTS
        books.forms[form]["until"] = expires_at.isoformat()
        return jsonify(form=form, expires_at=expires_at.isoformat())

    @app.delete("/v1/forms/<form>")
    def close_form(form: str) -> ResponseReturnValue:
        books.forms.pop(form, None)
        return jsonify(closed=True)


def _serve_payments(app: Flask, books: Books) -> None:
    @app.post("/v1/payments")
    def charge() -> ResponseReturnValue:
        wanted = request.get_json()
        with books.lock:
            if "payments" in books.drop:
                books.drop.discard("payments")
                abort(504)
            if wanted["attempt"] in books.payments:
                return jsonify(why="this attempt was charged before"), 409
            form, number = books.cards[wanted["card"]]
            if form not in books.forms:
                return jsonify(why="this form is closed"), 410
            paid = books.pay(books.forms[form], number)
            return _answered(books, "payments", paid)

    @app.get("/v1/payments/<attempt>")
    def payment(attempt: str) -> ResponseReturnValue:
        if attempt not in books.payments:
            return jsonify(why="there is no such payment"), 404
        return jsonify(books.payments[attempt])


def _answered(books: Books, operation: str, content: dict[str, Any]) -> ResponseReturnValue:
    """The answer, unless it must be lost."""
    if operation in books.lose:
        books.lose.discard(operation)
        abort(504)
    return jsonify(content)


def _serve_refunds(app: Flask, books: Books) -> None:
    @app.post("/v1/refunds")
    def refund() -> ResponseReturnValue:
        wanted = request.get_json()
        with books.lock:
            if wanted["refund"] not in books.refunds:
                left = _left(books, wanted["payment"])
                if wanted["minor"] > left:
                    return jsonify(why="there is not so much left of the payment"), 422
                books.refunds[wanted["refund"]] = {
                    **wanted,
                    "id": f"re_{secrets.token_hex(8)}",
                    "state": "accepted",
                }
            return _answered(books, "refunds", books.refunds[wanted["refund"]])

    @app.get("/v1/refunds/<refund>")
    def find_refund(refund: str) -> ResponseReturnValue:
        if refund not in books.refunds:
            return jsonify(why="there is no such refund"), 404
        return jsonify(books.refunds[refund])


def _left(books: Books, payment: str) -> int:
    """The refundable rest of a payment, in minor units."""
    taken = sum(
        each["minor"]
        for each in books.payments.values()
        if each["payment"] == payment and each["state"] == "captured"
    )
    back = sum(each["minor"] for each in books.refunds.values() if each["payment"] == payment)
    return int(taken - back)


def _serve_browsers(app: Flask, books: Books) -> None:
    @app.post("/forms/<form>/cards")
    def type_card(form: str) -> ResponseReturnValue:
        allowed = {"Access-Control-Allow-Origin": "*"}
        if form not in books.forms:
            return jsonify(why="this form is closed"), 410, allowed
        number, wanted = secrets.token_hex(8), books.forms[form]
        books.cards[number] = (form, request.form["number"].replace(" ", ""))
        with books.lock:
            if wanted["pays"] and wanted["attempt"] not in books.payments:
                books.pay(wanted, books.cards[number][1])
        signed = signature(books.secret, form, number, wanted["until"])
        return jsonify(token="~".join([form, number, wanted["until"], signed])), 200, allowed

    @app.post("/pay")
    def page() -> ResponseReturnValue:
        fields = dict(request.form)
        signed = fields.pop("signature", "")
        number = fields.pop("number", "")
        if not hmac.compare_digest(signed, signature(books.secret, "page", *fields.values())):
            abort(400)
        if not number:
            hidden = "".join(
                f'<input type="hidden" name="{name}" value="{text}">'
                for name, text in request.form.items()
            )
            return (
                "<!doctype html><html lang='en'><title>Cardhouse</title><h1>Cardhouse</h1>"
                f"<form method='post'>{hidden}<label>Card number <input name='number'></label>"
                "<button>Pay</button></form></html>"
            )
        with books.lock:
            if fields["attempt"] not in books.payments:
                books.pay({**fields, "minor": int(fields["minor"])}, number)
            paid = {name: str(books.payments[fields["attempt"]][name]) for name in RESULT}
        back = signature(books.secret, "back", *paid.values())
        return redirect(f"{fields['return']}?{urlencode({**paid, 'signature': back})}", 303)
