"""Use case: maintenance, which the clock runs often.

It retries waiting notices of the gateway, enquires about payments in doubt, expires orders whose
hold has ended, sends refunds or enquires about them, and removes old notices. It skips finished
work, so that concurrent rounds do no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import attrs

from core.change_context import ChangeContext
from core.errors import ShopError
from core.identity import TIMER
from core.messaging.inbox import KEPT, InboxMessage, MessageState
from core.order_reference import Reference
from core.orders.order_state import OrderState
from core.payments.attempt import Attempt, AttemptState
from core.payments.gateway import PaymentGateway
from core.payments.refund import Refund, RefundState
from core.unit_of_work import Begin
from core.use_cases.checkout.cancel_order import end_unpaid_order
from core.use_cases.payments.enquire import enquire
from core.use_cases.payments.process_notices import NotYetKnown, process_message
from core.use_cases.refunds.execute_refund import enquire_refund, send_refund

T = TypeVar("T")

BATCH = 100


@attrs.frozen
class MaintenanceReport:
    """The result of one maintenance round: counts, and what has to wait for the next round.

    `removed` counts notices that were removed because of their age.
    """

    asked: int = 0
    given_up: int = 0
    refunds: int = 0
    messages: int = 0
    removed: int = 0
    put_off: tuple[PutOff, ...] = ()


def run_maintenance(*, begin: Begin, gateway: PaymentGateway, now: datetime) -> MaintenanceReport:
    """Run one maintenance round: at most BATCH items of each kind of work.

    Unexpected errors are raised as one ExceptionGroup at the end of the round, so that one faulty
    item does not block the others.
    """
    counts = _Round()
    with begin() as work:
        doubtful = work.attempts.due_for_enquiry(now, BATCH)
        refunds = work.refunds.to_send(now, BATCH)
        messages = work.inbox.to_act(now, BATCH)
        removed = work.inbox.remove_older(now - KEPT, BATCH)
        if removed:
            work.commit()
    steps = MaintenanceSteps(begin, gateway, now)
    for message in messages:
        counts.messages += counts.tried(f"message {message.number}", steps.process, message)
    for attempt in doubtful:
        counts.asked += counts.tried(f"attempt {attempt.id}", steps.enquire_attempt, attempt)
    with begin() as work:
        overdue = work.orders.overdue(now, BATCH)
    for reference in overdue:
        counts.given_up += counts.tried(f"order {reference}", steps.expire, reference)
    for intent in refunds:
        counts.refunds += counts.tried(f"refund {intent.id}", steps.refund, intent)
    if counts.faults:
        raise ExceptionGroup("upkeep went on after these", counts.faults)
    return MaintenanceReport(
        asked=counts.asked,
        given_up=counts.given_up,
        refunds=counts.refunds,
        messages=counts.messages,
        removed=removed,
        put_off=tuple(counts.put_off),
    )


@attrs.frozen
class PutOff:
    """An item that waits for the next round: its name, and why."""

    what: str
    error: ShopError


class _Round:
    """Counts the work, so that a waiting item does not block the others."""

    def __init__(self) -> None:
        self.asked = self.given_up = self.refunds = self.messages = 0
        self.put_off: list[PutOff] = []
        self.faults: list[Exception] = []

    def tried(self, what: str, work: Callable[[T], object], on: T) -> int:
        try:
            work(on)
        except ShopError as error:
            self.put_off.append(PutOff(what, error))
            return 0
        except Exception as fault:  # noqa: BLE001 - raised again at the end of the round
            fault.add_note(f"upkeep of {what}")
            self.faults.append(fault)
            return 0
        return 1


@attrs.frozen
class MaintenanceSteps:
    """The collaborators of one round; each method handles one item."""

    begin: Begin
    gateway: PaymentGateway
    now: datetime

    def process(self, message: InboxMessage) -> None:
        """Raises NotYetKnown if the message has to wait again."""
        after = process_message(message, begin=self.begin, gateway=self.gateway, now=self.now)
        if after is not None and after.state is MessageState.RECEIVED:
            raise NotYetKnown(after.why)

    def enquire_attempt(self, attempt: Attempt) -> None:
        enquire(attempt, begin=self.begin, gateway=self.gateway, now=self.now)

    def refund(self, intent: Refund) -> None:
        if intent.state is RefundState.REQUESTED:
            send_refund(intent.id, begin=self.begin, gateway=self.gateway, now=self.now)
        else:
            enquire_refund(intent, begin=self.begin, gateway=self.gateway, now=self.now)

    def expire(self, reference: Reference) -> None:
        with self.begin() as work:
            attempts = work.attempts.of(reference)
        declined = bool(attempts) and attempts[-1].state is AttemptState.DECLINED
        state = OrderState.DECLINED if declined else OrderState.EXPIRED
        why = "not paid in time" + (", and the last card was declined" if declined else "")
        context = ChangeContext(self.now, TIMER, why)
        end_unpaid_order(reference, context, begin=self.begin, gateway=self.gateway, state=state)
