"""Verb: ask the gateway how a payment ended, as long as only the gateway can know."""

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
"""How long after sending "not found" begins to prove that nothing was carried out."""

GATEWAY_LAG = timedelta(minutes=1)
"""How long after a form has expired it may take until the gateway shows a payment made by it."""

ENQUIRY_INTERVAL = timedelta(minutes=5)
"""How often a form that takes the payment by itself is asked about, while it may be paid."""


@attrs.frozen
class StillChecking(Conflict):
    reference: Reference


def enquire(attempt: Attempt, *, begin: Begin, gateway: PaymentGateway, now: datetime) -> Attempt:
    """Ask the gateway how an attempt ended, and settle what it says. Returns the attempt after.

    "Not found" proves something only CERTAIN_AFTER sending; until then, and while the gateway
    cannot say, the attempt stays as it is and is asked about again later, less and less often.
    A form that takes the payment by itself is asked about until CERTAIN_AFTER it has expired.
    """
    after, _ = enquire_with_finding(attempt, begin=begin, gateway=gateway, now=now)
    return after


def enquire_with_finding(
    attempt: Attempt, *, begin: Begin, gateway: PaymentGateway, now: datetime
) -> tuple[Attempt, Finding]:
    """The attempt after it was asked about, and what the gateway said.

    Where its account is not configured any more nobody is asked: the order is flagged, once, and
    the attempt stays as it is until the account is back.
    """
    if not gateway.serves(attempt.account):
        after = _wait_for_account(attempt.id, begin=begin, now=now)
        return after, Unknown(account_is_missing(attempt.account))
    finding = _proven(attempt, gateway.find(attempt), now)
    if attempt.state in UNPAID and isinstance(finding, InReview | Authorized):
        # Its form was used after all. Whoever decides about the money may take their time, so it
        # is looked for like any other in doubt.
        apply_result(attempt.id, Unknown("its form was used"), begin=begin, now=now, by=TIMER)
        with begin() as work:
            return work.attempts.get(attempt.id), finding
    held = attempt.state is AttemptState.REVIEW and isinstance(finding, InReview | Authorized)
    if held or isinstance(finding, NotFound | Unknown):
        said = not isinstance(finding, Unknown)
        return _ask_later(attempt.id, said=said, begin=begin, now=now), finding
    apply_result(attempt.id, finding, begin=begin, now=now, by=TIMER)
    with begin() as work:
        after = work.attempts.get(attempt.id)
    if after.ask_at is not None and after.ask_at <= now:
        after = _ask_later(attempt.id, said=True, begin=begin, now=now)
    return after, finding


@repeated_on_conflict
def _wait_for_account(attempt_id: AttemptId, *, begin: Begin, now: datetime) -> Attempt:
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        if not (attempt.in_doubt or attempt.unattended):
            return attempt
        before = work.orders.get(attempt.reference)
        why = account_is_missing(attempt.account)
        moment = ChangeContext(now, TIMER, why)
        order = held_for_missing_account(before, moment)
        if attempt.reason != why:
            told = f"it cannot be found out whether {attempt.amount} was taken"
            order = flag_missing_account(order, told, moment)
        due = attempt.ask_at is not None and attempt.ask_at <= now
        if order == before and not due:
            return attempt
        attempt = attempt.without_gateway(why, now + LONGEST_WAIT)
        work.attempts.save(attempt)
        if order != before:
            work.orders.save(order)
        work.commit()
        return work.attempts.get(attempt_id)


def _proven(attempt: Attempt, finding: Finding, now: datetime) -> Finding:
    since = attempt.sent_at or _last_payable(attempt)
    # One that is in review the gateway has spoken of before, so its silence proves nothing; and
    # of one that was not sent there is nothing to prove.
    provable = attempt.in_doubt and attempt.state is not AttemptState.REVIEW
    if isinstance(finding, NotFound) and provable and now >= since + CERTAIN_AFTER:
        return NotCarriedOut("the payment service has no record of it")
    return finding


@repeated_on_conflict
def _ask_later(attempt_id: AttemptId, *, said: bool, begin: Begin, now: datetime) -> Attempt:
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        if said and attempt.unattended and now >= _last_payable(attempt) + CERTAIN_AFTER:
            later = attempt.lapsed()
        # Asking before its time, as a learner may, puts nothing off.
        elif attempt.ask_at is not None and attempt.ask_at > now:
            return attempt
        elif attempt.in_doubt:
            # People decide about a review: there is no hurry in asking whether they have.
            review = attempt.state is AttemptState.REVIEW
            later = attempt.asked_again(
                now + LONGEST_WAIT if review else next_enquiry_at(now, attempt.asked)
            )
        elif attempt.unattended:
            later = attempt.asked_again(now + ENQUIRY_INTERVAL)
        else:
            return attempt
        work.attempts.save(later)
        work.commit()
        return later


def is_decided(attempt: Attempt, *, begin: Begin, gateway: PaymentGateway, now: datetime) -> bool:
    """Whether the gateway, asked just now, can say how it stands with an attempt."""
    after, finding = enquire_with_finding(attempt, begin=begin, gateway=gateway, now=now)
    return not (after.in_doubt or isinstance(finding, Unknown))


def _last_payable(attempt: Attempt) -> datetime:
    """When a payment by the attempt's form may have been begun at the latest."""
    return max(filter(None, (attempt.opened_at, attempt.sent_at, attempt.session_expires_at)))
