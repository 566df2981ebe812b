"""The payment gateway of Cardhouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from core.money import Currency, Money
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt
from core.payments.gateway import (
    Answer,
    Captured,
    CardForm,
    Declined,
    Finding,
    GatewayUnavailable,
    InReview,
    NotCarriedOut,
    NotFound,
    RefundAccepted,
    RefundAnswer,
    RefundFailed,
    RefundFinding,
    RefundSettled,
    Token,
    TokenRefused,
    Unknown,
)
from core.payments.refund import Refund
from core.payments.transaction import Card
from coursetill_cardhouse.client import Cardhouse, NoAnswer, NotSent


def money(payload: Mapping[str, Any]) -> Money:
    return Money(int(payload["minor"]), Currency[str(payload["currency"])])


def answer_of(payload: Mapping[str, Any]) -> Answer:
    """Turn Cardhouse's payment into an answer of the port."""
    payment = str(payload["payment"])
    match payload["state"]:
        case "captured":
            card = Card(str(payload["brand"]), str(payload["last_four"]))
            return Captured(payment, money(payload), card)
        case "held":
            return InReview(payment, "Cardhouse looks at the payment")
        case "declined":
            return Declined("There is not enough money on the card", payment)
        case state:
            return Unknown(f"Cardhouse says {state}")


class CardhouseGateway:
    """The PaymentGateway of one account at Cardhouse."""

    def __init__(
        self,
        service: Cardhouse,
        account: GatewayAccount,
        *,
        now: Callable[[], datetime],
        forms_pay: bool = False,
    ) -> None:
        self._service = service
        self._account = account
        self._now = now
        self._forms_pay = forms_pay

    @property
    def account(self) -> GatewayAccount:
        return self._account

    def serves(self, account: GatewayAccount, /) -> bool:
        return account == self._account

    def open(self, attempt: Attempt, /) -> CardForm:
        wanted = {
            "attempt": attempt.id,
            "reference": attempt.reference,
            "minor": attempt.amount.minor,
            "currency": attempt.amount.currency.code,
            "pays": self._forms_pay,
        }
        try:
            payload = self._service.call("POST", "/v1/forms", wanted).content
        except (NotSent, NoAnswer) as failure:
            raise GatewayUnavailable(failure.why) from failure
        session = f"{self._service.url}/forms/{payload['form']}"
        kept = {"session": session, "pays": "yes" if self._forms_pay else ""}
        return self._form(kept, datetime.fromisoformat(str(payload["expires_at"])))

    def form(self, attempt: Attempt, /) -> CardForm:
        if attempt.session is None or attempt.session_expires_at is None:
            raise ValueError(f"attempt {attempt.id} has no card form")
        return self._form(attempt.session, attempt.session_expires_at)

    def _form(self, kept: Mapping[str, str], expires_at: datetime) -> CardForm:
        return CardForm(
            library="",
            integrity="",
            session=kept["session"],
            origins=(self._service.url,),
            expires_at=expires_at,
            remember=kept,
            takes_payment=bool(kept["pays"]),
        )

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        form, number, until, given = (*text.split("~"), "", "", "", "")[:4]
        if not self._service.genuine(given, form, number, until) or text.count("~") != 3:
            raise TokenRefused("The card details do not come from the card form")
        if attempt.session is None or not attempt.session["session"].endswith(f"/forms/{form}"):
            raise TokenRefused("The card details are those of another payment")
        if self._now() >= datetime.fromisoformat(until):
            raise TokenRefused("The card details were entered too long ago")
        return Token(number, text)

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        if attempt.session is not None and attempt.session["pays"]:
            finding = self.find(attempt)
            return Unknown("it does not show yet") if isinstance(finding, NotFound) else finding
        wanted = {"attempt": attempt.id, "card": token.id}
        try:
            reply = self._service.call("POST", "/v1/payments", wanted)
        except NotSent as failure:
            return NotCarriedOut(failure.why)
        except NoAnswer as failure:
            return Unknown(failure.why)
        if reply.status == 410:
            return NotCarriedOut("the card form was closed")
        return answer_of(reply.content) if reply.status == 200 else Unknown(str(reply.content))

    def close(self, attempt: Attempt, /) -> bool:
        """Whether Cardhouse has withdrawn the form."""
        if attempt.session is None:
            return False
        try:
            _, _, form = attempt.session["session"].rpartition("/")
            return self._service.call("DELETE", f"/v1/forms/{form}").status == 200
        except (NotSent, NoAnswer):
            return False

    def find(self, attempt: Attempt, /) -> Finding:
        try:
            reply = self._service.call("GET", f"/v1/payments/{attempt.id}")
        except (NotSent, NoAnswer) as failure:
            return Unknown(failure.why)
        return NotFound() if reply.status == 404 else answer_of(reply.content)

    def refund(self, refund: Refund, /) -> RefundAnswer:
        wanted = {
            "refund": refund.id,
            "payment": refund.captured_as,
            "minor": refund.amount.minor,
            "currency": refund.amount.currency.code,
        }
        try:
            reply = self._service.call("POST", "/v1/refunds", wanted)
        except (NotSent, NoAnswer) as failure:
            return Unknown(failure.why)
        if reply.status != 200:
            return RefundFailed(str(reply.content["why"]))
        return _refund(reply.content)

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        try:
            reply = self._service.call("GET", f"/v1/refunds/{refund.id}")
        except (NotSent, NoAnswer) as failure:
            return Unknown(failure.why)
        return NotFound() if reply.status == 404 else _refund(reply.content)

    def check(self) -> None:
        try:
            reply = self._service.call("GET", "/v1/payments/CHECK")
        except (NotSent, NoAnswer) as failure:
            raise GatewayUnavailable(failure.why) from failure
        if reply.status == 401:
            raise GatewayUnavailable("Cardhouse does not accept our secret")


def _refund(payload: Mapping[str, Any]) -> RefundAccepted | RefundSettled:
    number = str(payload["id"])
    return RefundSettled(number) if payload["state"] == "settled" else RefundAccepted(number)
