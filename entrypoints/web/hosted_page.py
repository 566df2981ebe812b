"""Payment on the gateway's own page: sending the browser there, and processing its return.

The browser returns from another site, so it sends no cookie of ours. Its message counts only by its
signature. Then the learner sees the order as usual, after sign-in.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.errors import ShopError
from core.identity import Learner
from core.order_reference import Reference
from core.payments.attempt import PaymentFlow
from core.payments.hosted_page import HostedPage, HostedPageRequest, HostedPages, PageReply
from core.payments.notice import NoticeRefused
from core.use_cases.order_lifecycle.order_details import OrderDetails
from core.use_cases.payments.hosted_page import open_hosted_page, process_page_reply, with_lines
from entrypoints.composition.clock_and_ids import new_attempt_id
from entrypoints.composition.payment_gateways import RunningGateway
from entrypoints.composition.shop import Shop
from entrypoints.web import visitor
from entrypoints.web.errors import HttpProblem
from entrypoints.web.security import allow_form_to, keep_private, send_no_referrer

log = logging.getLogger(__name__)


def pages_of(shop: Shop) -> Blueprint:
    """The addresses of this shop that the payment pages of all gateways use."""
    pages = Blueprint("hosted_paying", __name__)
    for each in shop.gateways:
        if each.opened.hosted is None:
            continue
        for path in each.opened.hosted.return_paths:
            name = f"return{path.replace('/', '_')}"
            pages.add_url_rule(path, name, partial(come_back, each), methods=["GET", "POST"])
        for path in each.opened.hosted.notify_paths:
            name = f"notify{path.replace('/', '_')}"
            pages.add_url_rule(path, name, partial(receive_notice, each), methods=["POST"])
    return pages


def open_payment_page(reference: str, learner: Learner) -> None:
    """Open the gateway's page for this order.

    Raises UnknownOrder, NotPayable, StillChecking, FormWithdrawn or GatewayUnavailable.
    """
    shop = visitor.shop()
    open_hosted_page(
        Reference(reference),
        _page_request(learner),
        new_attempt_id(),
        begin=shop.begin,
        gateway=shop.gateway,
        pages=_pages(shop.gateways[0]),
        now=shop.now(),
        hold=shop.settings.hold,
    )


def payment_page(known: OrderDetails, error: ShopError | None) -> str:
    """The page that leads to the gateway's page, or has a button that opens one."""
    keep_private()
    send_no_referrer()
    now = visitor.shop().now()
    page = _payable_page(known, now)
    left = 0
    if page is not None:
        if page.fields is not None:
            allow_form_to(page.address)
        left = int((page.usable_until - now).total_seconds()) + 1
    return render_template(
        "pay_there.html", known=known, order=known.order, page=page, left=left, error=error
    )


def _payable_page(known: OrderDetails, now: datetime) -> HostedPage | None:
    """The order's open page at the gateway; None if there is none or it has expired."""
    page_request = with_lines(_page_request(known.order.learner), known.order)
    for attempt in known.attempts:
        if attempt.payable(now) and attempt.flow is PaymentFlow.HOSTED_PAGE:
            page = _pages(visitor.shop().gateway_for(attempt)).page(attempt, page_request)
            return page if now < page.usable_until else None
    return None


def _page_request(learner: Learner) -> HostedPageRequest:
    return HostedPageRequest(learner=learner.id, network_address=request.remote_addr or "")


def _pages(gateway: RunningGateway) -> HostedPages:
    if gateway.opened.hosted is None:
        raise ValueError(f"{gateway.name} has no payment page of its own")
    return gateway.opened.hosted.pages


def come_back(gateway: RunningGateway) -> ResponseReturnValue:
    """The learner's browser returns with the result of the payment. Redirects to the order.

    The gateway's page sends the browser by POST with a body, or by GET with a query. A GET without
    a query is a reload.
    """
    if request.method == "GET" and not request.query_string:
        return redirect(url_for("orders.history"), 303)
    keep_private()
    try:
        reference = _process_reply(gateway)
    except NoticeRefused as refused:
        return _refused(refused)
    return redirect(url_for("orders.show", reference=reference), 303)


def receive_notice(gateway: RunningGateway) -> ResponseReturnValue:
    """The gateway sends the result itself. Repeated notices are accepted."""
    try:
        _process_reply(gateway)
    except NoticeRefused as refused:
        return _refused(refused)
    return make_response("", 200)


def _process_reply(gateway: RunningGateway) -> Reference:
    """Process the message of this request. Raises NoticeRefused or UnknownAttempt."""
    shop = visitor.shop()
    content = request.query_string if request.method == "GET" else request.get_data()
    reply = PageReply(content, dict(request.headers))
    pages = _pages(gateway)
    return process_page_reply(
        reply, begin=shop.begin, gateway=shop.gateway, pages=pages, now=shop.now()
    )


def _refused(refused: NoticeRefused) -> ResponseReturnValue:
    """Refuse the message. Only the log has the reason, so that a forger learns nothing."""
    log.warning("message to %s refused: %s", request.endpoint, refused)
    return HttpProblem(
        400,
        "not-believed",
        "This message cannot be believed",
        "It does not come from the payment service, or is not about a payment of ours. Nothing was "
        "changed. If you have just paid, your orders show how it went.",
    ).page()
