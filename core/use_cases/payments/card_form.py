"""Use cases: open a card form, and pay with the token that it returns.

Every answer of the gateway is applied by `apply_result`, whichever way it arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from core.errors import Conflict, Refused
from core.identity import LearnerId
from core.order_reference import Reference
from core.orders.order import Order
from core.orders.order_state import OrderState
from core.payments.account import GatewayAccount
from core.payments.attempt import TAKEN, Attempt, AttemptId, AttemptState, PaymentFlow
from core.payments.gateway import (
    CardForm,
    NotFound,
    PaymentGateway,
    TokenRefused,
    Unknown,
)
from core.payments.retry_schedule import next_enquiry_at
from core.unit_of_work import Begin, repeated_on_conflict
from core.use_cases.payments.apply_result import apply_result
from core.use_cases.payments.close_form import close_form
from core.use_cases.payments.enquire import (
    ENQUIRY_INTERVAL,
    GATEWAY_LAG,
    StillChecking,
    enquire,
    is_decided,
)

FORM_EXPIRED = "the card form expired"
NOT_SHOWN = "the payment service does not show the payment yet"


@attrs.frozen
class NotPayable(Refused):
    reference: Reference
    state: OrderState


@attrs.frozen
class FormWithdrawn(Refused):
    """Another form was opened at the same moment and replaced this one."""

    reference: Reference


@attrs.frozen
class JustExpired(Conflict):
    """The form expired just now; a payment in its last moment may not be visible yet."""

    reference: Reference


class EnquireFirst(Exception):
    """Internal to this module: the gateway must be asked about this attempt's form first."""

    def __init__(self, attempt: Attempt):
        super().__init__(attempt.id)
        self.attempt = attempt


@attrs.frozen
class OpenedForm:
    """A card form, and the order and attempt that it pays."""

    order: Order
    attempt: Attempt
    form: CardForm


def open_card_form(
    reference: Reference,
    learner: LearnerId,
    attempt_id: AttemptId,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
    hold: timedelta,
) -> OpenedForm:
    """Open a card form for the learner's pending order: the form still open, or a new one.

    A form that takes the payment itself may have been paid, so the gateway is asked before the form
    is shown again or replaced. Raises UnknownOrder, NotPayable, StillChecking, JustExpired,
    FormWithdrawn or GatewayUnavailable.
    """
    request = FormRequest(
        reference,
        learner,
        attempt_id,
        now,
        now + hold,
        flow=PaymentFlow.CARD_FORM,
        account=gateway.account,
    )
    order, attempt = open_attempt(request, begin=begin, gateway=gateway)
    if attempt.payable(now):
        return OpenedForm(order, attempt, gateway.form(attempt))
    form = gateway.open(attempt)
    issued = IssuedForm(form.remember, form.expires_at, form.takes_payment, now)
    order, attempt = record_issued_form(order, attempt.id, issued, begin=begin)
    return OpenedForm(order, attempt, form)


@attrs.frozen
class FormRequest:
    """A request to open a card form, or to redirect to the gateway's own page.

    A new attempt belongs to `account`. `unpaid` names the attempts that the gateway has just called
    unpaid; `closed` names those whose forms can no longer be paid.
    """

    reference: Reference
    learner: LearnerId
    attempt_id: AttemptId
    now: datetime
    until: datetime
    flow: PaymentFlow
    account: GatewayAccount
    unpaid: frozenset[AttemptId] = frozenset()
    closed: frozenset[AttemptId] = frozenset()

    def found_unpaid(self, attempt: AttemptId, *, closed: bool) -> FormRequest:
        """A copy of this request after the gateway called the attempt unpaid."""
        closed_forms = self.closed | {attempt} if closed else self.closed
        return attrs.evolve(self, unpaid=self.unpaid | {attempt}, closed=closed_forms)

    def matches(self, attempt: Attempt) -> bool:
        """Whether the attempt has the same flow and account as this request."""
        return attempt.flow is self.flow and attempt.account == self.account


def open_attempt(
    request: FormRequest, *, begin: Begin, gateway: PaymentGateway
) -> tuple[Order, Attempt]:
    """The order and the attempt to open a form for: the attempt still open, or a new one.

    Raises UnknownOrder, NotPayable, StillChecking, or JustExpired.
    """
    while True:
        try:
            return _open(request, begin=begin)
        except EnquireFirst as first:
            attempt, now = first.attempt, request.now
            usable = request.matches(attempt) and attempt.payable(now)
            closed = not usable and close_form(attempt, begin=begin, gateway=gateway, now=now)
            if not is_decided(attempt, begin=begin, gateway=gateway, now=now):
                raise StillChecking(request.reference) from None
            request = request.found_unpaid(attempt.id, closed=closed)


@repeated_on_conflict
def _open(request: FormRequest, *, begin: Begin) -> tuple[Order, Attempt]:
    reference, now = request.reference, request.now
    with begin() as work:
        order = work.orders.get(reference).of_learner(request.learner)
        if order.state is not OrderState.PENDING:
            raise NotPayable(reference, order.state)
        attempts = work.attempts.of(reference)
        if any(attempt.in_doubt for attempt in attempts):
            raise StillChecking(reference)
        still_open = [attempt for attempt in attempts if attempt.state is AttemptState.OPEN]
        for attempt in still_open:
            if attempt.unattended and attempt.id not in request.unpaid:
                raise EnquireFirst(attempt)
        for attempt in still_open:
            # A card form and a hosted page never share an attempt: both could take the payment.
            alike = request.matches(attempt)
            if alike and attempt.payable(now):
                return order, attempt
            expired_now = attempt.unattended and attempt.payable(now - GATEWAY_LAG)
            if alike and expired_now and attempt.id not in request.closed:
                raise JustExpired(reference)
        for stale in still_open:
            why = "another way of paying was opened" if stale.payable(now) else FORM_EXPIRED
            gone = stale.id in request.closed
            ended = stale.withdrawn(why) if gone else stale.moved_to(AttemptState.CANCELLED, why)
            work.attempts.save(ended)
        attempt = Attempt(
            request.attempt_id,
            reference,
            order.total,
            now,
            account=request.account,
            flow=request.flow,
        )
        work.attempts.add(attempt)
        order = order.held(request.until)
        work.orders.save(order)
        work.commit()
        return order, attempt


@attrs.frozen
class IssuedForm:
    """The facts to store about a form (card form or hosted page) before the learner sees it."""

    remember: Mapping[str, str]
    expires_at: datetime
    takes_payment: bool
    now: datetime


@repeated_on_conflict
def record_issued_form(
    order: Order, attempt_id: AttemptId, form: IssuedForm, *, begin: Begin
) -> tuple[Order, Attempt]:
    """Store a form's facts on its attempt. Returns the order and the attempt.

    The form may be shown only after this. Raises FormWithdrawn.
    """
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        if attempt.state is not AttemptState.OPEN:
            # The order was cancelled, or another form was opened, while this one was being made.
            raise FormWithdrawn(order.reference)
        attempt = attempt.with_form(form.remember, form.expires_at)
        if form.takes_payment:
            attempt = attempt.form_issued(form.now + ENQUIRY_INTERVAL)
            # An issued form cannot be recalled, so hold seats and codes while it can be paid.
            until = form.expires_at + GATEWAY_LAG
            if order.held_until < until:
                order = work.orders.get(order.reference).held(until)
                work.orders.save(order)
        work.attempts.save(attempt)
        work.commit()
        return order, attempt


def pay_with_token(
    attempt_id: AttemptId,
    learner: LearnerId,
    token_text: str,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
    hold: timedelta,
) -> Reference:
    """Pay with the token that the card form returned. Sending it again charges nothing more.

    If the form takes the payment itself, the token is only a hint and the gateway is asked for the
    result. The result is stored on the order. Raises UnknownAttempt, UnknownOrder or TokenRefused.
    """
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        order = work.orders.get(attempt.reference).of_learner(learner)
    if not gateway.serves(attempt.account):
        return _without_account(attempt, order, begin=begin, gateway=gateway, now=now)
    if attempt.form_takes_payment:
        _enquire_about_form(
            attempt, token_text, begin=begin, gateway=gateway, now=now, until=now + hold
        )
        return order.reference
    if attempt.state is not AttemptState.OPEN or order.state is not OrderState.PENDING:
        return order.reference
    token = gateway.verify(attempt, token_text)
    sent = _send(attempt_id, token.id, begin=begin, now=now, until=now + hold)
    if sent is not None:
        answer = gateway.charge(sent, token)
        apply_result(attempt_id, answer, begin=begin, now=now)
    return order.reference


def _without_account(
    attempt: Attempt, order: Order, *, begin: Begin, gateway: PaymentGateway, now: datetime
) -> Reference:
    """Handle a token whose gateway account is no longer configured. Raises TokenRefused."""
    if attempt.form_takes_payment:
        enquire(attempt, begin=begin, gateway=gateway, now=now)
    elif attempt.state is AttemptState.OPEN and order.state is OrderState.PENDING:
        raise TokenRefused("The payment service was changed while this card form was open")
    return order.reference


def _enquire_about_form(
    attempt: Attempt,
    token_text: str,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
    until: datetime,
) -> None:
    """Find out the result of a payment that the form may have made itself."""
    # Count the attempt as sent: no card may be entered again before the result is known.
    if attempt.state in TAKEN:
        return
    attempt = _send(attempt.id, None, begin=begin, now=now, until=until) or attempt
    try:
        answer = gateway.charge(attempt, gateway.verify(attempt, token_text))
    except TokenRefused:
        finding = gateway.find(attempt)
        answer = Unknown(NOT_SHOWN) if isinstance(finding, NotFound) else finding
    # A token that is replayed long after the form expired must not put the attempt in doubt.
    if isinstance(answer, Unknown) and not (attempt.unattended or attempt.in_doubt):
        return
    apply_result(attempt.id, answer, begin=begin, now=now)


@repeated_on_conflict
def _send(
    attempt_id: AttemptId, token: str | None, *, begin: Begin, now: datetime, until: datetime
) -> Attempt | None:
    """Mark the attempt as sent. Returns None if it was sent before, or cannot be paid now."""
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        order = work.orders.get(attempt.reference)
        if attempt.state is not AttemptState.OPEN or order.state is not OrderState.PENDING:
            return None
        attempt = attempt.sent(token, at=now, next_enquiry_at=next_enquiry_at(now, 3))
        work.attempts.save(attempt)
        work.orders.save(order.held(until))
        work.commit()
        return attempt
