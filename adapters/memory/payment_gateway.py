"""A payment gateway in this process: for tests, examples, and shops without a network."""

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

_Told = TypeVar("_Told")

FORM_LIVES = timedelta(minutes=15)
_BY_ITSELF = "by_itself"

ACCOUNT = GatewayAccount("memory", "shop", "test")
"""The account of a gateway in memory that is given no other."""


@attrs.frozen
class TypedCard:
    """What somebody typed into a card form; the gateway alone knows the card."""

    session: str
    card: Card
    expires_at: datetime


@attrs.frozen
class Charge:
    """One attempt as the gateway remembers it: how it ended, whatever the shop was told."""

    attempt: Attempt
    ended: Answer


class MemoryGateway:
    """
    A PaymentGateway with a ledger of its own, so that a test can ask how much money moved.

    Every card is good unless `answers_next` says otherwise. An attempt is charged once at most,
    and a refund is given once, however often they are asked for. Its forms make a token, or, while
    `forms_take_payment`, complete the payment by themselves. Where `closes_forms`, it can withdraw
    them. Safe to use from several threads.
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

    # What the shop asks.

    def serves(self, account: GatewayAccount, /) -> bool:
        """Whether it is the account of this gateway."""
        return account == self.account

    def open(self, attempt: Attempt, /) -> CardForm:
        """A card form. Raises GatewayUnavailable while the gateway is away."""
        self.check()
        session = self._new_id()
        self._forms[session] = attempt
        kept = {"session": session, **({_BY_ITSELF: "yes"} if self.forms_take_payment else {})}
        return _form(kept, self._now() + FORM_LIVES)

    def form(self, attempt: Attempt, /) -> CardForm:
        """The form that was opened for this attempt."""
        if attempt.session is None or attempt.session_expires_at is None:
            raise ValueError(f"attempt {attempt.id} has no card form")
        return _form(attempt.session, attempt.session_expires_at)

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        """The token, if a card was typed into this attempt's form. Raises TokenRefused."""
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
        """What `answers_next` says, or the money; where the form took it, how that ended."""
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
        """Withdraw the form, where `closes_forms` says that this gateway can."""
        if not self.closes_forms or self._away is not None:
            return False
        with self._lock:
            self._closed.add(attempt.id)
            return True

    def find(self, attempt: Attempt, /) -> Finding:
        """How the attempt ended."""
        if self._away is not None:
            return Unknown(self._away)
        with self._lock:
            charge = self._charges.get(attempt.id)
            return NotFound() if charge is None else charge.ended

    def refund(self, refund: Refund, /) -> RefundAnswer:
        """The refund, if the payment is known and enough of it is left."""
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
        """How the refund ended."""
        if self._away is not None:
            return Unknown(self._away)
        with self._lock:
            return self._refunds[refund.id][1] if refund.id in self._refunds else NotFound()

    def check(self) -> None:
        """Raises GatewayUnavailable while the gateway is away."""
        if self._away is not None:
            raise GatewayUnavailable(self._away)

    # What a test does to it.

    def type_card(self, form: CardForm, *, brand: str = "Visa", last_four: str = "1111") -> str:
        """Type a card into the form: the text that the browser then brings to the shop."""
        with self._lock:
            text = self._new_id()
            expires_at = self._now() + FORM_LIVES
            self._cards[text] = TypedCard(form.session, Card(brand, last_four), expires_at)
            return text

    def pay_in(self, form: CardForm) -> str:
        """Pay in a form that takes the payment by itself: what the browser brings, if it lives.

        Raises ValueError where the form is used too late, or for a second payment.
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
        """How the next charges end. NotCarriedOut and Unknown leave no trace: nothing happened."""
        self._next.extend(answers)

    def loses_next_answer(self, times: int = 1) -> None:
        """The next charges and refunds are carried out, but the shop is told Unknown."""
        with self._lock:
            self._to_lose += times

    def refunds_next(self, *answers: RefundAnswer) -> None:
        """How the next refunds are answered. RefundFailed and Unknown: nothing happened."""
        self._next_refunds.extend(answers)

    def goes_away(self, why: str = "the gateway does not answer") -> None:
        """From now on nothing reaches it."""
        self._away = why

    def comes_back(self) -> None:
        """From now on it can be reached again."""
        self._away = None

    def decides(self, attempt: Attempt, ended: Captured | Declined) -> None:
        """Somebody at the gateway decides about a payment that is held for review."""
        with self._lock:
            held = self._charges.get(attempt.id)
            if held is None or not isinstance(held.ended, InReview):
                raise ValueError(f"attempt {attempt.id} is not held for review")
            self._charges[attempt.id] = Charge(attempt, ended)

    def ends_elsewhere(self, attempt: Attempt, ended: Answer) -> None:
        """Somebody pays, or does not, on a page of the gateway's own."""
        with self._lock:
            self._charges[attempt.id] = Charge(attempt, ended)

    def settles(self) -> None:
        """The day's end: every refund that was accepted is settled."""
        with self._lock:
            for key, (refund, answer) in self._refunds.items():
                if isinstance(answer, RefundAccepted):
                    self._refunds[key] = (refund, RefundSettled(answer.gateway_id, answer.raw))

    def fails(self, refund: Refund, reason: str = "failed at settlement") -> None:
        """A refund that was accepted fails after all."""
        with self._lock:
            self._refunds[refund.id] = (refund, RefundFailed(reason))

    # What it can be asked about itself.

    def captured(self, currency: Currency = Currency.USD) -> Money:
        """How much money it ever took."""
        with self._lock:
            ended = [charge.ended for charge in self._charges.values()]
        return _sum((e.amount for e in ended if isinstance(e, Captured)), currency)

    def refunded(self, currency: Currency = Currency.USD) -> Money:
        """How much of it went back, or is on its way."""
        with self._lock:
            pairs = list(self._refunds.values())
        gone = (r.amount for r, answer in pairs if not isinstance(answer, RefundFailed))
        return _sum(gone, currency)

    def _unless_lost(self, answer: _Told) -> _Told | Unknown:
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


def _form(kept: Mapping[str, str], expires_at: datetime) -> CardForm:
    return CardForm(
        library="memory:",
        integrity="",
        session=kept["session"],
        origins=(),
        expires_at=expires_at,
        remember=kept,
        takes_payment=_by_itself(kept),
    )


def _by_itself(kept: Mapping[str, str] | None) -> bool:
    return kept is not None and _BY_ITSELF in kept


def _sum(amounts: Iterable[Money], currency: Currency) -> Money:
    return total((amount for amount in amounts if amount.currency is currency), currency)
