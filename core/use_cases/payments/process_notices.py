"""Use cases: store each notice (webhook) of the gateway, process it once, and replay it.

A complete notice is applied directly; for every other the gateway is asked. A notice that cannot be
processed yet is retried by maintenance, with growing intervals.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from core.errors import Conflict, ShopError, Unavailable
from core.identity import GATEWAY, Actor
from core.messaging.inbox import AlreadyReceived, InboxMessage, MessageState
from core.order_reference import Reference
from core.orders.order import UnknownOrder
from core.payments.account import AccountNotConfigured
from core.payments.attempt import TAKEN, UNPAID, Attempt, AttemptId, AttemptState, UnknownAttempt
from core.payments.dispute import Dispute
from core.payments.gateway import (
    Answer,
    Captured,
    Declined,
    GatewayUnavailable,
    NotFound,
    PaymentGateway,
    RefundAccepted,
    RefundFailed,
    RefundSettled,
    Unknown,
)
from core.payments.notice import About, Notice
from core.payments.refund import Refund, RefundId, RefundState, UnknownRefund
from core.payments.retry_schedule import next_enquiry_at
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict
from core.use_cases.payments.apply_dispute import apply_dispute
from core.use_cases.payments.apply_result import apply_result
from core.use_cases.payments.enquire import enquire
from core.use_cases.payments.merge_result import merge_result
from core.use_cases.refunds.execute_refund import apply_refund_result, enquire_refund

CLAIM = timedelta(minutes=2)
"""How long one process owns a message: longer than any gateway call takes."""

GIVE_UP_AFTER = 20
"""Tries before a message is left to staff: about six hours with the waits of `retry_schedule`."""


@attrs.frozen
class NotYetKnown(Unavailable):
    """The gateway has announced something that it does not return yet."""

    why: str


def process_notice(
    notice: Notice, *, begin: Begin, gateway: PaymentGateway, now: datetime
) -> InboxMessage | None:
    """Store a notice, then process it. Returns None if it was received before.

    A stored message is never lost: maintenance retries it.
    """
    try:
        with begin() as work:
            message = work.inbox.add(InboxMessage(notice).claimed(now + CLAIM))
            work.commit()
    except AlreadyReceived:
        return None
    return _NoticeProcessing(begin, gateway, now).processed(message)


def process_message(
    message: InboxMessage, *, begin: Begin, gateway: PaymentGateway, now: datetime
) -> InboxMessage | None:
    """Process a message that is due. Returns None if another process owns it."""
    with begin() as work:
        try:
            work.inbox.save(message.claimed(now + CLAIM))
        except Conflict:
            return None
        work.commit()
        message = work.inbox.get(message.number)
    processor = _NoticeProcessing(begin, gateway, now)
    return (
        processor.processed(message)
        if message.tries <= GIVE_UP_AFTER
        else processor.given_up(message)
    )


@repeated_on_conflict
def _claim_again(number: int, *, begin: Begin, now: datetime) -> InboxMessage:
    with begin() as work:
        message = attrs.evolve(work.inbox.get(number), tries=0).claimed(now + CLAIM)
        work.inbox.save(message)
        work.commit()
        return work.inbox.get(number)


def replay_message(
    number: int, *, by: Actor, begin: Begin, gateway: PaymentGateway, now: datetime
) -> InboxMessage:
    """Process a message again, whatever its state is. Raises UnknownMessage.

    The message and the order's history name the member of staff who asked for it.
    """
    message = _claim_again(number, begin=begin, now=now)
    after = _NoticeProcessing(begin, gateway, now, f" (again, for {by})").processed(message)
    if after.reference is not None:
        note = f"message {number} of the gateway was acted on again"
        _note(after.reference, note, by=by, begin=begin, now=now)
    return after


@repeated_on_conflict
def _note(reference: Reference, why: str, *, by: Actor, begin: Begin, now: datetime) -> None:
    with begin() as work:
        work.orders.save(work.orders.get(reference).noted(at=now, by=by, why=why))
        work.commit()


@attrs.frozen
class _NoticeSubject:
    """The order, attempts and refund that a notice names."""

    reference: Reference
    attempts: tuple[Attempt, ...] = ()
    refund: Refund | None = None


@attrs.frozen
class _NoticeProcessing:
    """Processes one message. `whose` is added to the outcome that is stored with it."""

    begin: Begin
    gateway: PaymentGateway
    now: datetime
    outcome_suffix: str = ""

    def processed(self, message: InboxMessage) -> InboxMessage:
        """Process the message and store its outcome. Returns the message."""
        notice = message.notice
        with self.begin() as work:
            subject = _find_subject(work, notice)
        if subject is None:
            return self._end(message, MessageState.IGNORED, "it names nothing of ours")
        message = attrs.evolve(message, reference=subject.reference)
        if notice.about is About.OTHER:
            why = f"nobody here follows {notice.event}"
            return self._end(message, MessageState.FAILED, why)
        try:
            why = self._act(notice, subject)
        except (Unavailable, Conflict) as error:
            return self._put_off(message, _cause(error))
        except ShopError as error:
            self._flag(subject.reference, f"a message of the gateway does not fit: {error}")
            return self._end(message, MessageState.FAILED, str(error))
        return self._end(message, MessageState.ACTED, why)

    def given_up(self, message: InboxMessage) -> InboxMessage:
        """Give the message up and leave it to staff."""
        if message.reference is not None:
            self._flag(
                message.reference, f"a message of the gateway came to nothing: {message.why}"
            )
        return self._end(message, MessageState.FAILED, message.why)

    def _act(self, notice: Notice, subject: _NoticeSubject) -> str:
        if subject.refund is not None:
            return self._act_on_refund(notice, subject.refund)
        match notice.about:
            case About.REFUND:
                return self._flag(
                    subject.reference, "the gateway tells of a refund that was not made here"
                )
            case About.DISPUTE:
                return self._act_on_dispute(notice, subject)
            case About.UNDOING:
                return self._act_on_undoing(notice, subject)
            case _:
                return self._act_on_payment(notice, subject)

    def _act_on_payment(self, notice: Notice, subject: _NoticeSubject) -> str:
        attempts = [a for a in subject.attempts if notice.attempt in ("", a.id)]
        answer = notice.answer
        if not attempts:
            if isinstance(answer, Declined):
                return "a payment that was not made here was declined"
            why = "the gateway tells of a payment that was not made here"
            return self._flag(subject.reference, why)
        if notice.attempt and isinstance(answer, Answer) and _amount_matches(answer, attempts[0]):
            order = apply_result(
                attempts[0].id, answer, begin=self.begin, now=self.now, merge=merge_result
            )
            return f"the order is {order.state.value}"
        if notice.about is About.CAPTURE and any(a.state in TAKEN for a in attempts):
            return "the money was known of"
        return self._enquire_all(attempts)

    def _enquire_all(self, attempts: Iterable[Attempt]) -> str:
        """Ask the gateway about the attempts, and describe the answers. Raises NotYetKnown."""
        answers, unknown = [], []
        for attempt in attempts:
            state = self._enquire_one(attempt)
            if state is not None:
                answers.append(f"{attempt.id} is {state.value}")
            elif attempt.in_doubt or attempt.state is AttemptState.OPEN:
                unknown.append(attempt.id)
        if unknown or not answers:
            attempt_ids = ", ".join(unknown) or "this"
            raise NotYetKnown(f"the gateway was asked, and cannot say how {attempt_ids} ended")
        return f"the gateway was asked: {', '.join(answers)}"

    def _enquire_one(self, attempt: Attempt) -> AttemptState | None:
        """The attempt's state after an enquiry; None if the gateway cannot say."""
        if attempt.in_doubt:
            after = enquire(attempt, begin=self.begin, gateway=self.gateway, now=self.now)
            return None if after.in_doubt else after.state
        if not self.gateway.serves(attempt.account):
            raise AccountNotConfigured(attempt.account)
        finding = self.gateway.find(attempt)
        if isinstance(finding, NotFound | Unknown):
            return None
        # A decline adds nothing to an attempt that already ended unpaid.
        if not (attempt.state in UNPAID and isinstance(finding, Declined)):
            apply_result(attempt.id, finding, begin=self.begin, now=self.now)
        with self.begin() as work:
            return work.attempts.get(attempt.id).state

    def _act_on_dispute(self, notice: Notice, subject: _NoticeSubject) -> str:
        disputed = [a for a in subject.attempts if a.id == notice.attempt]
        if not notice.attempt:
            disputed = [a for a in subject.attempts if a.state in TAKEN]
        dispute = notice.answer
        if len(disputed) != 1 or not isinstance(dispute, Dispute):
            why = "the gateway tells of a dispute about a payment that is not known here"
            return self._flag(subject.reference, why)
        news = apply_dispute(disputed[0].id, dispute, begin=self.begin, now=self.now)
        return f"the dispute is {dispute.stage.value}" if news else "the dispute had gone on since"

    def _act_on_undoing(self, notice: Notice, subject: _NoticeSubject) -> str:
        attempts = [a for a in subject.attempts if notice.attempt in ("", a.id)] or subject.attempts
        if any(attempt.state is AttemptState.CAPTURED for attempt in attempts):
            why = "the gateway says that a payment was voided or reversed"
            return self._flag(subject.reference, why)
        doubtful = [attempt for attempt in attempts if attempt.in_doubt]
        return self._enquire_all(doubtful) if doubtful else "nothing of it was captured"

    def _act_on_refund(self, notice: Notice, refund: Refund) -> str:
        answer = notice.answer
        if isinstance(answer, RefundAccepted | RefundSettled | RefundFailed):
            after = apply_refund_result(refund.id, answer, begin=self.begin, now=self.now)
            return f"refund {refund.id} is {after.state.value}"
        if refund.state in (RefundState.SENT, RefundState.UNKNOWN):
            after = enquire_refund(refund, begin=self.begin, gateway=self.gateway, now=self.now)
            decided = after.accepted or after.state is RefundState.FAILED
        else:
            if not self.gateway.serves(refund.account):
                raise AccountNotConfigured(refund.account)
            finding = self.gateway.find_refund(refund)
            if decided := not isinstance(finding, NotFound | Unknown):
                apply_refund_result(refund.id, finding, begin=self.begin, now=self.now)
        if not decided:
            raise NotYetKnown(f"asked about refund {refund.id}: the gateway cannot say")
        return f"asked about refund {refund.id}"

    def _flag(self, reference: Reference, why: str) -> str:
        _flag(reference, why, begin=self.begin, now=self.now)
        return f"flagged: {why}"

    def _put_off(self, message: InboxMessage, why: str) -> InboxMessage:
        until = next_enquiry_at(self.now, message.tries - 1)
        return self._saved(message.put_off(why, until))

    def _end(self, message: InboxMessage, state: MessageState, why: str) -> InboxMessage:
        return self._saved(message.ended(state, why + self.outcome_suffix))

    def _saved(self, message: InboxMessage) -> InboxMessage:
        try:
            with self.begin() as work:
                work.inbox.save(message)
                work.commit()
        except Conflict:
            pass  # The claim ran out and another process handled the message: its outcome counts.
        return message


def _cause(error: Unavailable | Conflict) -> str:
    match error:
        case GatewayUnavailable(reason=why) | NotYetKnown(why=why):
            return why
        case AccountNotConfigured(account=account):
            return f"the payment account {account} is not configured any more"
        case _:
            return str(error)


def _amount_matches(answer: Answer, attempt: Attempt) -> bool:
    """Whether the answer can be applied directly. If its amount differs, the gateway is asked."""
    return not isinstance(answer, Captured) or answer.amount == attempt.amount


def _find_subject(work: UnitOfWork, notice: Notice) -> _NoticeSubject | None:
    """The order, attempts and refund that the notice names; None if the shop knows none of them.

    Payments and refunds of another account are left out: the notice's signature proves nothing
    about them.
    """
    reference = Reference(notice.code)
    attempts = () if notice.about is About.REFUND else work.attempts.of(reference)
    if attempts:
        own = tuple(attempt for attempt in attempts if attempt.account == notice.account)
        return _NoticeSubject(reference, own)
    try:
        refund = work.refunds.get(RefundId(notice.code))
    except UnknownRefund:
        pass
    else:
        own_refund = refund if refund.account == notice.account else None
        return _NoticeSubject(refund.reference, refund=own_refund)
    try:
        return _NoticeSubject(work.orders.get(reference).reference)
    except UnknownOrder:
        pass
    try:
        attempt = work.attempts.get(AttemptId(notice.code))
    except UnknownAttempt:
        return None
    return _NoticeSubject(
        attempt.reference, (attempt,) if attempt.account == notice.account else ()
    )


@repeated_on_conflict
def _flag(reference: Reference, why: str, *, begin: Begin, now: datetime) -> None:
    with begin() as work:
        work.orders.save(work.orders.get(reference).flagged(why, at=now, by=GATEWAY))
        work.commit()
