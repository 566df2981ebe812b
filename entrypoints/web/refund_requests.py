"""The refund request form on the order's page."""

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
"""The form field for each error."""

pages = Blueprint("refund_requests", __name__)


@pages.post(f"/orders/{REFERENCE}/refund-request")
def file(reference: str) -> ResponseReturnValue:
    """File the request. A refusal is shown on the order's page."""
    shop = visitor.shop()
    onward = url_for("orders.show", reference=reference)
    learner = visitor.signed_in(onward=onward)
    with shop.read() as work:
        # First check the owner: for anybody else, the order does not exist.
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
        error = refusal  # The name of an except clause is deleted at its end.
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
        # Browsers count a line end as one character but send two.
        request.form.get("reason", "").replace("\r\n", "\n")[: LONGEST_REASON + 1],
        consent=request.form.get("consent") == "yes",
    )
