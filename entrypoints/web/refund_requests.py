"""The form by which a learner asks for their money back, on the page of the order."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.errors import Refused
from core.order_reference import Reference
from core.orders.refund_request import LONGEST_REASON, RefundRequestId
from core.use_cases.refunds.refund_requests import (
    ChooseWhat,
    ConsentIsMissing,
    RefundApplication,
    SayWhy,
    file_request,
)
from entrypoints.web import visitor
from entrypoints.web.errors import shown_again
from entrypoints.web.orders import REFERENCE, order_page

FIELDS: Mapping[type[Refused], str] = {
    ChooseWhat: "what",
    SayWhy: "reason",
    ConsentIsMissing: "consent",
}
"""Where on the page that is filled in which somebody has left out."""

pages = Blueprint("refund_requests", __name__)


@pages.post(f"/orders/{REFERENCE}/refund-request")
def file(reference: str) -> ResponseReturnValue:
    """File the request; whatever stands in its way is said on the order's page."""
    shop = visitor.shop()
    onward = url_for("orders.show", reference=reference)
    learner = visitor.signed_in(onward=onward)
    with shop.read() as work:
        # Before anything is said of the form: to whom the order is not, it does not exist.
        work.orders.get(Reference(reference)).of_learner(learner.id)
    asked = _asked()
    try:
        file_request(
            Reference(reference),
            learner.id,
            asked,
            policy=shop.settings.refund_policy,
            begin=shop.begin,
            now=shop.now(),
        )
    except Refused as refusal:
        error = refusal  # the name of an except clause ends with it
        field = FIELDS.get(type(error))
        return shown_again(
            error, lambda: order_page(reference, learner, error, filled_in=asked, field=field)
        )
    return redirect(f"{onward}#refund", 303)


def _asked() -> RefundApplication:
    key = request.form.get("request_key", "")
    positions = request.form.getlist("line")
    if not re.fullmatch(r"[0-9a-f]{32}", key, re.ASCII):
        abort(400)
    if not all(re.fullmatch(r"[1-9]\d{0,3}", position, re.ASCII) for position in positions):
        abort(400)
    return RefundApplication(
        RefundRequestId(key),
        tuple(map(int, positions)),
        # Browsers count a line's end as one character, and send it as two.
        request.form.get("reason", "").replace("\r\n", "\n")[: LONGEST_REASON + 1],
        consent=request.form.get("consent") == "yes",
    )
