"""Use cases: redirect to the gateway's own payment page, and process its replies.

A learner can pay on that page at any time, in several tabs and more than once. Its replies may be
late, repeated, out of order or lost. So the attempt is polled like every form that takes the
payment itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from core.identity import LearnerId
from core.order_reference import Reference
from core.orders.order import Order
from core.payments.attempt import Attempt, AttemptId, PaymentFlow
from core.payments.gateway import PaymentGateway
from core.payments.hosted_page import (
    HostedPage,
    HostedPageLine,
    HostedPageRequest,
    HostedPages,
    PageReply,
)
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
    """The redirect to the gateway's page, and the order and attempt that it pays."""

    order: Order
    attempt: Attempt
    page: HostedPage


def open_hosted_page(
    reference: Reference,
    request: HostedPageRequest,
    attempt_id: AttemptId,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    pages: HostedPages,
    now: datetime,
    hold: timedelta,
) -> OpenedHostedPage:
    """Redirect the learner to the gateway's page for their pending order.

    The attempt is stored first. It is used again while it can be paid, because its id keeps the
    gateway from charging twice; before that, the gateway is asked whether it was paid. Raises
    UnknownOrder, NotPayable, StillChecking, JustExpired, FormWithdrawn or
    GatewayUnavailable.
    """
    learner = LearnerId(request.learner)
    form_request = FormRequest(
        reference,
        learner,
        attempt_id,
        now,
        now + hold,
        flow=PaymentFlow.HOSTED_PAGE,
        account=gateway.account,
    )
    order, attempt = open_attempt(form_request, begin=begin, gateway=gateway)
    page = pages.open(attempt, with_lines(request, order), now)
    issued = IssuedForm(page.remember, page.expires_at, takes_payment=True, now=now)
    order, attempt = record_issued_form(order, attempt.id, issued, begin=begin)
    return OpenedHostedPage(order, attempt, page)


def with_lines(request: HostedPageRequest, order: Order) -> HostedPageRequest:
    """The request with the order's lines."""
    lines = tuple(HostedPageLine(line.sku.text, line.title, line.due) for line in order.lines)
    return attrs.evolve(request, lines=lines)


def process_page_reply(
    reply: PageReply, *, begin: Begin, gateway: PaymentGateway, pages: HostedPages, now: datetime
) -> Reference:
    """Process a reply of the gateway's page, which the browser or the gateway itself sent.

    Repeated, late and reordered replies have the same outcome. Returns the reference of the order.
    Raises NoticeRefused or UnknownAttempt; then nothing has changed.
    """
    attempt_id = pages.about(reply)
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
    process_notice(pages.notice(reply, attempt, now), begin=begin, gateway=gateway, now=now)
    return attempt.reference
