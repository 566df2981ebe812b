"""The page on which learners enter their employer's voucher, and see its status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import attrs
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.errors import Refused
from core.identity import Learner
from core.products.product import Product, Sku
from coursetill_vouchers.document import COLUMNS, DocumentHasProblems, read_document
from coursetill_vouchers.identifiers import new_voucher_id
from coursetill_vouchers.redeem_voucher import Office, claim, uses
from coursetill_vouchers.voucher import Voucher, VoucherSearch, VoucherState
from entrypoints.web import visitor
from entrypoints.web.errors import shown_again
from entrypoints.web.security import keep_private

TYPED = tuple(column for column in COLUMNS if column != "email")


@attrs.frozen
class Shown:
    """A voucher for its learner: the course run, and the status in one word."""

    voucher: Voucher
    product: Product | None
    standing: str

    @property
    def last_day(self) -> object:
        until = self.voucher.document.valid_until
        return until - timedelta(seconds=1) if until else None


def pages_of(office: Office) -> Blueprint:
    """The pages of this office."""
    pages = Blueprint("vouchers", __name__, template_folder="templates")

    @pages.get("/")
    def show() -> str:
        learner = visitor.signed_in()
        course = request.args.get("course", "")
        return _page(office, learner, {"course": course, "employee": learner.name})

    @pages.post("/")
    def enter() -> ResponseReturnValue:
        learner = visitor.signed_in(onward=url_for("vouchers.show"))
        typed = {name: request.form.get(name, "") for name in TYPED}
        try:
            entered = claim(read_document(typed), new_voucher_id(), learner, office=office)
        except Refused as refusal:
            error = refusal  # Python deletes the name at the end of the except clause
            return shown_again(error, lambda: _page(office, learner, typed, error=error))
        return redirect(url_for("vouchers.show", _anchor=f"voucher-{entered.id}"), 303)

    return pages


def _page(
    office: Office, learner: Learner, typed: Mapping[str, str], *, error: Refused | None = None
) -> str:
    keep_private()
    faults = {}
    if isinstance(error, DocumentHasProblems):
        faults = {problem.column: problem.why for problem in error.problems}
    return render_template(
        "vouchers/vouchers.html",
        mine=_shown(office, learner),
        typed=typed,
        error=error,
        faults=faults,
        first_fault=next(iter(faults), None),
    )


def _shown(office: Office, learner: Learner) -> tuple[Shown, ...]:
    with office.vouchers.read() as vouchers:
        mine = vouchers.search(VoucherSearch(learner=learner.id, limit=20))
    skus = {voucher.sku for voucher in mine if voucher.sku is not None}
    products: Mapping[Sku, Product] = {}
    if skus:
        with office.read() as work:
            products = work.products.among(skus)
    used = uses(mine, office)
    now = office.now()
    return tuple(
        Shown(
            voucher,
            products.get(voucher.sku) if voucher.sku else None,
            _standing(voucher, used=voucher.id in used, valid=voucher.valid_at(now)),
        )
        for voucher in mine
    )


def _standing(voucher: Voucher, *, used: bool, valid: bool) -> str:
    if used:
        return "used"
    if voucher.over or valid:
        return voucher.state.value
    return "expired" if voucher.state is not VoucherState.HELD else "held"
