"""Verbs of paying on the gateway's own page: show the way there, and hear what came of it.

A learner who has the way may pay at any time, in any tab and more than once, and of what the
gateway tells about it any part may be late, repeated, out of order or lost. So the way is watched
like every form that takes the payment by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from core.identity import LearnerId
from core.order_reference import Reference
from core.orders.order import Order
from core.payments.attempt import Attempt, AttemptId
from core.payments.gateway import PaymentGateway
from core.payments.hosted_page import HostedPage, HostedPageLine, HostedPageRequest, HostedPages
from core.unit_of_work import Begin
from core.use_cases.payments.card_form import (
    FormRequest,
    IssuedForm,
    open_attempt,
    record_issued_form,
)
from core.use_cases.payments.process_notices import process_notice


@attrs.frozen
class OpenedHostedPage:
    """The way to the gateway's page, and the attempt that is paid there."""

    order: Order
    attempt: Attempt
    page: HostedPage


def open_hosted_page(
    reference: Reference,
    going: HostedPageRequest,
    attempt_id: AttemptId,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    pages: HostedPages,
    now: datetime,
    hold: timedelta,
) -> OpenedHostedPage:
    """The way to the gateway's page for the learner's pending order.

    The attempt is stored first. As long as it can be paid there it is the same one, whose id keeps
    the gateway from charging twice, and before it is shown again the gateway is asked whether it
    was paid. Raises UnknownOrder, NotPayable, StillChecking or FormWithdrawn.
    """
    learner = LearnerId(going.learner)
    opening = FormRequest(
        reference,
        learner,
        attempt_id,
        now,
        now + hold,
        card_form=False,
        account=gateway.account,
    )
    order, attempt = open_attempt(opening, begin=begin, gateway=gateway)
    page = pages.open(attempt, with_lines(going, order), now)
    handing = IssuedForm({}, page.expires_at, takes_payment=True, now=now)
    order, attempt = record_issued_form(order, attempt.id, handing, begin=begin)
    return OpenedHostedPage(order, attempt, page)


def with_lines(going: HostedPageRequest, order: Order) -> HostedPageRequest:
    """Who goes there, with what they ordered."""
    lines = tuple(HostedPageLine(line.sku.text, line.title, line.due) for line in order.lines)
    return attrs.evolve(going, lines=lines)


def process_page_reply(
    message: bytes, *, begin: Begin, gateway: PaymentGateway, pages: HostedPages, now: datetime
) -> Reference:
    """Hear what came from the gateway's page, by the learner's browser or by itself.

    The same outcome however often, late and out of order it is said. Returns the order that it is
    about. Raises NoticeRefused or UnknownAttempt; then nothing has changed.
    """
    attempt_id = pages.about(message)
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
    process_notice(pages.notice(message, attempt, now), begin=begin, gateway=gateway, now=now)
    return attempt.reference
