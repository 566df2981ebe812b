"""Verbs of paying: open a card form, pay, ask how it ended, give up.

Every answer, whichever door it comes through and however often, ends in `settle`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from core import outcomes
from core.errors import Conflict, Refused
from core.learner import TIMER, Actor, LearnerId
from core.orders.history import State
from core.orders.order import Order
from core.outcomes import Moment
from core.payments.attempt import Attempt, AttemptId, AttemptState, Reference
from core.payments.gateway import (
    Authorized,
    CardForm,
    Finding,
    InReview,
    NotCarriedOut,
    NotFound,
    PaymentGateway,
    Token,
    Unknown,
)
from core.settling import LONGEST_WAIT, ask_again_at, settle
from core.unit_of_work import Begin, repeated_on_conflict

CERTAIN_AFTER = timedelta(minutes=30)
"""How long after sending "not found" begins to prove that nothing was carried out."""


@attrs.frozen
class NotPayable(Refused):
    reference: Reference
    state: State

    def __str__(self) -> str:
        return f"Order {self.reference} is {self.state.value}, so there is nothing to pay"


@attrs.frozen
class StillChecking(Conflict):
    reference: Reference

    def __str__(self) -> str:
        return (
            f"We are still checking with the payment service how your payment for order "
            f"{self.reference} ended. You will not be charged twice. Please look again in a minute"
        )


@attrs.frozen
class OpenedForm:
    """A card form, and the attempt it is for."""

    order: Order
    attempt: Attempt
    form: CardForm


def open_form(
    reference: Reference,
    learner: LearnerId,
    attempt_id: AttemptId,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
    hold: timedelta,
) -> OpenedForm:
    """A card form for the learner's pending order: the one still open, or a new one.

    Raises UnknownOrder, NotPayable, StillChecking or GatewayUnavailable.
    """
    order, attempt = _open(reference, learner, attempt_id, begin=begin, until=now + hold, now=now)
    if attempt.payable(now):
        return OpenedForm(order, attempt, gateway.form(attempt))
    form = gateway.open(attempt)
    with begin() as work:
        attempt = work.attempts.get(attempt.id).formed(form.remember, form.expires_at)
        work.attempts.save(attempt)
        work.commit()
    return OpenedForm(order, attempt, form)


@repeated_on_conflict
def _open(
    reference: Reference,
    learner: LearnerId,
    attempt_id: AttemptId,
    *,
    begin: Begin,
    until: datetime,
    now: datetime,
) -> tuple[Order, Attempt]:
    with begin() as work:
        order = work.orders.get(reference).of_learner(learner)
        if order.state is not State.PENDING:
            raise NotPayable(reference, order.state)
        attempts = work.attempts.of(reference)
        if any(attempt.in_doubt for attempt in attempts):
            raise StillChecking(reference)
        for attempt in attempts:
            if attempt.payable(now):
                return order, attempt
        for stale in (a for a in attempts if a.state is AttemptState.OPEN):
            work.attempts.save(stale.moved_to(AttemptState.CANCELLED, "the card form expired"))
        attempt = Attempt(attempt_id, reference, order.total, now)
        work.attempts.add(attempt)
        order = order.held(until)
        work.orders.save(order)
        work.commit()
        return order, attempt


def pay(
    attempt_id: AttemptId,
    learner: LearnerId,
    text: str,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
    hold: timedelta,
) -> Reference:
    """Pay by what the card form handed out, once however often the form is sent.

    How it ended stands in the order afterwards. Raises UnknownAttempt, UnknownOrder, TokenRefused.
    """
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        order = work.orders.get(attempt.reference).of_learner(learner)
    if attempt.state is not AttemptState.OPEN or order.state is not State.PENDING:
        return order.reference
    token = gateway.verify(attempt, text)
    sent = _send(attempt_id, token, begin=begin, now=now, until=now + hold)
    if sent is not None:
        answer = gateway.charge(sent, token)
        settle(attempt_id, answer, begin=begin, now=now)
    return order.reference


@repeated_on_conflict
def _send(
    attempt_id: AttemptId, token: Token, *, begin: Begin, now: datetime, until: datetime
) -> Attempt | None:
    """The attempt marked as sent, by whoever comes first; None for everybody after."""
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        order = work.orders.get(attempt.reference)
        if attempt.state is not AttemptState.OPEN or order.state is not State.PENDING:
            return None
        attempt = attempt.sent(token.id, at=now, ask_at=ask_again_at(now, 3))
        work.attempts.save(attempt)
        work.orders.save(order.held(until))
        work.commit()
        return attempt


def ask(attempt: Attempt, *, begin: Begin, gateway: PaymentGateway, now: datetime) -> Attempt:
    """Ask the gateway how an attempt ended, and settle what it says. Returns the attempt after.

    "Not found" proves something only CERTAIN_AFTER sending; until then, and while the gateway
    cannot say, the attempt stays as it is and is asked about again later, less and less often.
    """
    finding = _proven(attempt, gateway.find(attempt), now)
    held = attempt.state is AttemptState.REVIEW and isinstance(finding, InReview | Authorized)
    if held or isinstance(finding, NotFound | Unknown):
        return _ask_later(attempt.id, begin=begin, now=now)
    settle(attempt.id, finding, begin=begin, now=now, by=TIMER)
    with begin() as work:
        after = work.attempts.get(attempt.id)
    if after.in_doubt and after.ask_at is not None and after.ask_at <= now:
        return _ask_later(attempt.id, begin=begin, now=now)
    return after


def _proven(attempt: Attempt, finding: Finding, now: datetime) -> Finding:
    since = attempt.sent_at or attempt.opened_at
    # One that is in review the gateway has spoken of before, so its silence proves nothing.
    provable = attempt.state is not AttemptState.REVIEW and now >= since + CERTAIN_AFTER
    if isinstance(finding, NotFound) and provable:
        return NotCarriedOut("the payment service has no record of it")
    return finding


@repeated_on_conflict
def _ask_later(attempt_id: AttemptId, *, begin: Begin, now: datetime) -> Attempt:
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        # Asking before its time, as a learner may, puts nothing off.
        if attempt.in_doubt and (attempt.ask_at is None or attempt.ask_at <= now):
            # People decide about a review: there is no hurry in asking whether they have.
            review = attempt.state is AttemptState.REVIEW
            ask_at = now + LONGEST_WAIT if review else ask_again_at(now, attempt.asked)
            attempt = attempt.asked_again(ask_at)
            work.attempts.save(attempt)
            work.commit()
        return attempt


def give_up(
    reference: Reference,
    moment: Moment,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    state: State = State.CANCELLED,
) -> Order:
    """The order given up, unless the gateway says that it was paid after all.

    The gateway is asked first about every attempt in doubt. Raises StillChecking while it cannot
    say. An order that is no longer pending stays as it is.
    """
    with begin() as work:
        order = work.orders.get(reference)
        doubtful = [attempt for attempt in work.attempts.of(reference) if attempt.in_doubt]
    if order.state is not State.PENDING:
        return order
    for attempt in doubtful:
        if ask(attempt, begin=begin, gateway=gateway, now=moment.at).in_doubt:
            raise StillChecking(reference)
    return _give_up(reference, moment, state, begin=begin)


@repeated_on_conflict
def _give_up(reference: Reference, moment: Moment, state: State, *, begin: Begin) -> Order:
    with begin() as work:
        order = work.orders.get(reference)
        if order.state is not State.PENDING:
            return order
        attempts = work.attempts.of(reference)
        if any(attempt.in_doubt for attempt in attempts):
            raise StillChecking(reference)
        for attempt in attempts:
            if attempt.state is AttemptState.OPEN:
                work.attempts.save(attempt.moved_to(AttemptState.CANCELLED, moment.why))
        order = outcomes.given_up(work, order, state, moment=moment)
        work.orders.save(order)
        work.commit()
        return attrs.evolve(order, news=())


def cancel(
    reference: Reference,
    learner: LearnerId,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
) -> Order:
    """The learner's own pending order, cancelled. Raises UnknownOrder or StillChecking."""
    with begin() as work:
        work.orders.get(reference).of_learner(learner)
    moment = Moment(now, Actor.learner(learner), "cancelled by the learner")
    return give_up(reference, moment, begin=begin, gateway=gateway)
