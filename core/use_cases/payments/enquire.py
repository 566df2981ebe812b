"""Use case: payment enquiry, which asks the gateway how an attempt ended."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from core.change_context import ChangeContext
from core.errors import Conflict
from core.identity import TIMER
from core.order_reference import Reference
from core.payments.attempt import UNPAID, Attempt, AttemptId, AttemptState
from core.payments.gateway import (
    Authorized,
    Finding,
    InReview,
    NotCarriedOut,
    NotFound,
    PaymentGateway,
    Unknown,
)
from core.payments.retry_schedule import LONGEST_WAIT, next_enquiry_at
from core.unit_of_work import Begin, repeated_on_conflict
from core.use_cases.order_lifecycle.missing_account import (
    account_is_missing,
    flag_missing_account,
    held_for_missing_account,
)
from core.use_cases.payments.apply_result import apply_result

CERTAIN_AFTER = timedelta(minutes=30)
"""Time after sending from which "not found" proves that no payment was made."""

GATEWAY_LAG = timedelta(minutes=1)
"""Longest delay between a form's expiry and the moment when the gateway reports its payment."""

ENQUIRY_INTERVAL = timedelta(minutes=5)
"""Time between enquiries about a form that takes the payment itself, while it can be paid."""


@attrs.frozen
class StillChecking(Conflict):
    reference: Reference


def enquire(attempt: Attempt, *, begin: Begin, gateway: PaymentGateway, now: datetime) -> Attempt:
    """Ask the gateway how an attempt ended, and apply the answer. Returns the attempt afterwards.

    "Not found" is conclusive only CERTAIN_AFTER the attempt was sent. Until then, and while the
    gateway cannot say, the attempt is unchanged and the next enquiry is scheduled, with growing
    intervals. A form that takes the payment itself is polled until CERTAIN_AFTER its expiry.
    """
    after, _ = enquire_with_finding(attempt, begin=begin, gateway=gateway, now=now)
    return after


def enquire_with_finding(
    attempt: Attempt, *, begin: Begin, gateway: PaymentGateway, now: datetime
) -> tuple[Attempt, Finding]:
    """The attempt after the enquiry, and what the gateway answered.

    If the attempt's account is no longer configured, no gateway is asked: the order is flagged
    once, and the attempt is unchanged until the account is back.
    """
    if not gateway.serves(attempt.account):
        after = _wait_for_account(attempt.id, begin=begin, now=now)
        return after, Unknown(account_is_missing(attempt.account))
    finding = _conclusive(attempt, gateway.find(attempt), now)
    if attempt.state in UNPAID and isinstance(finding, InReview | Authorized):
        # The form was used after all. A review may take days, so treat the attempt as in doubt and
        # enquire until it has ended.
        apply_result(attempt.id, Unknown("its form was used"), begin=begin, now=now, by=TIMER)
        with begin() as work:
            return work.attempts.get(attempt.id), finding
    held = attempt.state is AttemptState.REVIEW and isinstance(finding, InReview | Authorized)
    if held or isinstance(finding, NotFound | Unknown):
        answered = not isinstance(finding, Unknown)
        return _ask_later(attempt.id, answered=answered, begin=begin, now=now), finding
    apply_result(attempt.id, finding, begin=begin, now=now, by=TIMER)
    with begin() as work:
        after = work.attempts.get(attempt.id)
    if after.next_enquiry_at is not None and after.next_enquiry_at <= now:
        after = _ask_later(attempt.id, answered=True, begin=begin, now=now)
    return after, finding


@repeated_on_conflict
def _wait_for_account(attempt_id: AttemptId, *, begin: Begin, now: datetime) -> Attempt:
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        if not (attempt.in_doubt or attempt.unattended):
            return attempt
        before = work.orders.get(attempt.reference)
        why = account_is_missing(attempt.account)
        context = ChangeContext(now, TIMER, why)
        order = held_for_missing_account(before, context)
        if attempt.reason != why:
            problem = f"it cannot be found out whether {attempt.amount} was taken"
            order = flag_missing_account(order, problem, context)
        due = attempt.next_enquiry_at is not None and attempt.next_enquiry_at <= now
        if order == before and not due:
            return attempt
        attempt = attempt.without_gateway(why, now + LONGEST_WAIT)
        work.attempts.save(attempt)
        if order != before:
            work.orders.save(order)
        work.commit()
        return work.attempts.get(attempt_id)


def _conclusive(attempt: Attempt, finding: Finding, now: datetime) -> Finding:
    since = attempt.sent_at or _last_payable(attempt)
    # NotFound is conclusive only for attempts that are in doubt and not in review: a gateway has
    # already reported an attempt in review, and an attempt that was never sent proves nothing.
    provable = attempt.in_doubt and attempt.state is not AttemptState.REVIEW
    if isinstance(finding, NotFound) and provable and now >= since + CERTAIN_AFTER:
        return NotCarriedOut("the payment service has no record of it")
    return finding


@repeated_on_conflict
def _ask_later(attempt_id: AttemptId, *, answered: bool, begin: Begin, now: datetime) -> Attempt:
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        if answered and attempt.unattended and now >= _last_payable(attempt) + CERTAIN_AFTER:
            later = attempt.form_lapsed()
        # An early enquiry, for example by the learner, does not postpone the next one.
        elif attempt.next_enquiry_at is not None and attempt.next_enquiry_at > now:
            return attempt
        elif attempt.in_doubt:
            # People decide reviews, so frequent enquiries are useless.
            review = attempt.state is AttemptState.REVIEW
            later = attempt.enquired(
                now + LONGEST_WAIT if review else next_enquiry_at(now, attempt.enquiries)
            )
        elif attempt.unattended:
            later = attempt.enquired(now + ENQUIRY_INTERVAL)
        else:
            return attempt
        work.attempts.save(later)
        work.commit()
        return later


def is_decided(attempt: Attempt, *, begin: Begin, gateway: PaymentGateway, now: datetime) -> bool:
    """Enquire, and say whether the gateway knows for certain whether the attempt was paid."""
    after, finding = enquire_with_finding(attempt, begin=begin, gateway=gateway, now=now)
    return not (after.in_doubt or isinstance(finding, Unknown))


def _last_payable(attempt: Attempt) -> datetime:
    """The latest time at which the attempt's form can have started a payment."""
    return max(filter(None, (attempt.opened_at, attempt.sent_at, attempt.session_expires_at)))
