"""A payment gateway in memory, for tests, examples and shops without a network."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

import attrs

from core.money import Currency, Money, total
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

_AnswerT = TypeVar("_AnswerT")

FORM_LIVES = timedelta(minutes=15)
_BY_ITSELF = "by_itself"

ACCOUNT = GatewayAccount("memory", "shop", "test")
"""The default account of a MemoryGateway."""


@attrs.frozen
class TypedCard:
    """A card that was typed into a card form. Only the gateway has it."""

    session: str
    card: Card
    expires_at: datetime


@attrs.frozen
class Charge:
    """An attempt and its true outcome, even if the shop got another answer."""

    attempt: Attempt
    ended: Answer


class MemoryGateway:
    """
    A PaymentGateway with a ledger, from which a test can read how much money moved.

    Every charge succeeds unless `answers_next` sets another answer. An attempt is charged at most
    once, and a refund is carried out at most once. A form makes a token; if `forms_take_payment`
    is set, it completes the payment itself. If `closes_forms` is set, the gateway can close forms.
    Safe to use from several threads.
    """

    forms_take_payment = False
    closes_forms = False

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        account: GatewayAccount = ACCOUNT,
    ) -> None:
        self.account = account
        self._now = now
        self._new_id = new_id
        self._lock = threading.RLock()
        self._forms: dict[str, Attempt] = {}
        self._cards: dict[str, TypedCard] = {}
        self._charges: dict[str, Charge] = {}
        self._refunds: dict[str, tuple[Refund, RefundAnswer]] = {}
        self._next: deque[Answer] = deque()
        self._to_lose = 0
        self._next_refunds: deque[RefundAnswer] = deque()
        self._away: str | None = None
        self._closed: set[str] = set()

    # The port.

    def serves(self, account: GatewayAccount, /) -> bool:
        """Whether `account` is the account of this gateway."""
        return account == self.account

    def open(self, attempt: Attempt, /) -> CardForm:
        """Open a card form. Raises GatewayUnavailable while the gateway is down."""
        self.check()
        session = self._new_id()
        self._forms[session] = attempt
        fields = {"session": session, **({_BY_ITSELF: "yes"} if self.forms_take_payment else {})}
        return _form(fields, self._now() + FORM_LIVES)

    def form(self, attempt: Attempt, /) -> CardForm:
        """The card form that this attempt has already."""
        if attempt.session is None or attempt.session_expires_at is None:
            raise ValueError(f"attempt {attempt.id} has no card form")
        return _form(attempt.session, attempt.session_expires_at)

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        """Verify that a card was typed into this attempt's form. Raises TokenRefused."""
        with self._lock:
            typed = self._cards.get(text)
        if typed is None or attempt.session is None or typed.session != attempt.session["session"]:
            raise TokenRefused("The card details did not come from this payment's card form")
        if attempt.id in self._closed:
            raise TokenRefused("The card form was closed")
        if self._now() >= typed.expires_at:
            raise TokenRefused("The card details were entered too long ago")
        return Token(text, text)

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        """Charge the card; if the form took the payment itself, return its outcome."""
        if _by_itself(attempt.session):
            finding = self.find(attempt)
            return Unknown("nothing is known yet") if isinstance(finding, NotFound) else finding
        if self._away is not None:
            return NotCarriedOut(self._away)
        return self._charged(attempt, token.text)

    def _charged(self, attempt: Attempt, card: str) -> Answer:
        with self._lock:
            if attempt.id in self._charges:
                return Unknown("this attempt was charged before")
            ended = self._next.popleft() if self._next else self._captured(attempt, card)
            if not isinstance(ended, NotCarriedOut | Unknown):
                self._charges[attempt.id] = Charge(attempt, ended)
            return self._unless_lost(ended)

    def close(self, attempt: Attempt, /) -> bool:
        """Close the form. False unless `closes_forms` is set."""
        if not self.closes_forms or self._away is not None:
            return False
        with self._lock:
            self._closed.add(attempt.id)
            return True

    def find(self, attempt: Attempt, /) -> Finding:
        """Find the outcome of an attempt."""
        if self._away is not None:
            return Unknown(self._away)
        with self._lock:
            charge = self._charges.get(attempt.id)
            return NotFound() if charge is None else charge.ended

    def refund(self, refund: Refund, /) -> RefundAnswer:
        """Refund a known payment, up to the rest of its amount."""
        if self._away is not None:
            return Unknown(self._away)
        with self._lock:
            if refund.id in self._refunds:
                return self._refunds[refund.id][1]
            answer = (
                self._next_refunds.popleft() if self._next_refunds else self._refund_answer(refund)
            )
            if not isinstance(answer, Unknown | RefundFailed):
                self._refunds[refund.id] = (refund, answer)
            return self._unless_lost(answer)

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        """Find the outcome of a refund."""
        if self._away is not None:
            return Unknown(self._away)
        with self._lock:
            return self._refunds[refund.id][1] if refund.id in self._refunds else NotFound()

    def check(self) -> None:
        """Raises GatewayUnavailable while the gateway is down."""
        if self._away is not None:
            raise GatewayUnavailable(self._away)

    # Controls for tests.

    def type_card(self, form: CardForm, *, brand: str = "Visa", last_four: str = "1111") -> str:
        """Type a card into the form. Returns the text that the browser sends to the shop."""
        with self._lock:
            text = self._new_id()
            expires_at = self._now() + FORM_LIVES
            self._cards[text] = TypedCard(form.session, Card(brand, last_four), expires_at)
            return text

    def pay_in(self, form: CardForm) -> str:
        """Pay in a form that takes the payment itself.

        Returns the text that the browser sends to the shop. Raises ValueError if the form has
        expired, is closed, or was used for a payment already.
        """
        attempt = self._forms[form.session]
        with self._lock:
            over = self._now() >= form.expires_at or attempt.id in self._closed
            if over or attempt.id in self._charges:
                raise ValueError("the form takes no payment any more")
            text = self.type_card(form)
            self._charged(attempt, text)
            return text

    def answers_next(self, *answers: Answer) -> None:
        """Set the answers of the next charges. NotCarriedOut and Unknown charge nothing."""
        self._next.extend(answers)

    def loses_next_answer(self, times: int = 1) -> None:
        """Carry out the next charges and refunds, but answer Unknown."""
        with self._lock:
            self._to_lose += times

    def refunds_next(self, *answers: RefundAnswer) -> None:
        """Set the answers of the next refunds. RefundFailed and Unknown refund nothing."""
        self._next_refunds.extend(answers)

    def goes_away(self, why: str = "the gateway does not answer") -> None:
        """Make the gateway unreachable."""
        self._away = why

    def comes_back(self) -> None:
        """Make the gateway reachable again."""
        self._away = None

    def decides(self, attempt: Attempt, ended: Captured | Declined) -> None:
        """Decide a payment in review, as the gateway's staff would. Raises ValueError."""
        with self._lock:
            held = self._charges.get(attempt.id)
            if held is None or not isinstance(held.ended, InReview):
                raise ValueError(f"attempt {attempt.id} is not held for review")
            self._charges[attempt.id] = Charge(attempt, ended)

    def ends_elsewhere(self, attempt: Attempt, ended: Answer) -> None:
        """Set the outcome of a payment on the gateway's own page."""
        with self._lock:
            self._charges[attempt.id] = Charge(attempt, ended)

    def settles(self) -> None:
        """Settle every accepted refund."""
        with self._lock:
            for key, (refund, answer) in self._refunds.items():
                if isinstance(answer, RefundAccepted):
                    self._refunds[key] = (refund, RefundSettled(answer.gateway_id, answer.raw))

    def fails(self, refund: Refund, reason: str = "failed at settlement") -> None:
        """Fail a refund that was accepted."""
        with self._lock:
            self._refunds[refund.id] = (refund, RefundFailed(reason))

    # The ledger.

    def captured(self, currency: Currency = Currency.USD) -> Money:
        """The total of captured payments in this currency."""
        with self._lock:
            ended = [charge.ended for charge in self._charges.values()]
        return _sum((e.amount for e in ended if isinstance(e, Captured)), currency)

    def refunded(self, currency: Currency = Currency.USD) -> Money:
        """The total of refunds in this currency, settled or accepted."""
        with self._lock:
            pairs = list(self._refunds.values())
        gone = (r.amount for r, answer in pairs if not isinstance(answer, RefundFailed))
        return _sum(gone, currency)

    def _unless_lost(self, answer: _AnswerT) -> _AnswerT | Unknown:
        if not self._to_lose:
            return answer
        self._to_lose -= 1
        return Unknown("the answer was lost")

    def _captured(self, attempt: Attempt, card: str) -> Captured:
        typed = self._cards.get(card)
        return Captured(self._new_id(), attempt.amount, typed.card if typed else None)

    def _refund_answer(self, refund: Refund) -> RefundAnswer:
        ended = (charge.ended for charge in self._charges.values())
        taken = {e.gateway_id: e.amount for e in ended if isinstance(e, Captured)}
        if refund.captured_as not in taken:
            return RefundFailed("the gateway does not know the payment")
        before = _sum(
            (
                earlier.amount
                for earlier, answer in self._refunds.values()
                if earlier.captured_as == refund.captured_as
                and not isinstance(answer, RefundFailed)
            ),
            refund.amount.currency,
        )
        if before + refund.amount > taken[refund.captured_as]:
            return RefundFailed("the amount is more than is left of the payment")
        return RefundAccepted(self._new_id())


def _form(fields: Mapping[str, str], expires_at: datetime) -> CardForm:
    return CardForm(
        library="memory:",
        integrity="",
        session=fields["session"],
        origins=(),
        expires_at=expires_at,
        remember=fields,
        takes_payment=_by_itself(fields),
    )


def _by_itself(session: Mapping[str, str] | None) -> bool:
    return session is not None and _BY_ITSELF in session


def _sum(amounts: Iterable[Money], currency: Currency) -> Money:
    return total((amount for amount in amounts if amount.currency is currency), currency)
