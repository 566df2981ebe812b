"""The pages on which learners ask for financial assistance and see the decision."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.discounts.pricing import PricedLine, priced
from core.errors import Refused
from core.identity import Learner
from core.products.product import Listing, Product, Sku, UnknownProduct
from coursetill_financial_aid.decide_request import ApplicationHasProblems, Bureau, ask, withdraw
from coursetill_financial_aid.iso3166 import COUNTRIES
from coursetill_financial_aid.prices import offer_for
from coursetill_financial_aid.request import AidRequest, AidRequestSearch, RequestId
from coursetill_financial_aid.tiers import OfProgram, TierSet
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.extensions.api import Host
from entrypoints.web import visitor
from entrypoints.web.errors import shown_again
from entrypoints.web.security import keep_private

FIELDS = ("income", "currency", "country", "consent")


@attrs.frozen
class AidPages:
    """The collaborators of the pages."""

    bureau: Bureau
    support_email: str


@attrs.frozen
class Filled:
    """The filled form, and its problems."""

    written: Mapping[str, str]
    error: Refused | None = None

    @property
    def faults(self) -> Mapping[str, Refused]:
        """The problems by field, in the order of the form."""
        problems = self.error.problems if isinstance(self.error, ApplicationHasProblems) else {}
        return {field: problems[field] for field in FIELDS if field in problems}


BLANK = Filled({"income": "", "currency": "USD", "country": "", "consent": ""})


@attrs.frozen
class Priced:
    """A product, and the price with the request's tier."""

    product: Product
    price: PricedLine


def pages_of(bureau: Bureau, host: Host) -> Blueprint:
    """The pages of this bureau."""
    pages = Blueprint("financial-aid", __name__, template_folder="templates")
    context = AidPages(bureau, host.support_email)

    @pages.get("/")
    def start() -> str:
        with bureau.records.read() as aid:
            return render_template("financial-aid/start.html", sets=aid.tier_sets())

    @pages.get("/<name>")
    def show(name: str) -> str:
        return _page(name, visitor.signed_in(), context=context)

    @pages.post("/<name>")
    def send(name: str) -> ResponseReturnValue:
        learner = visitor.signed_in(onward=url_for("financial-aid.show", name=name))
        written = {field: request.form.get(field, "") for field in FIELDS}
        try:
            ask(written, RequestId(new_key()), learner, tier_set=name, bureau=bureau)
        except Refused as refusal:
            filled = Filled(written, refusal)
            return shown_again(refusal, lambda: _page(name, learner, filled, context=context))
        return _back_to(name)

    @pages.post("/<name>/withdraw")
    def take_back(name: str) -> ResponseReturnValue:
        learner = visitor.signed_in(onward=url_for("financial-aid.show", name=name))
        withdraw(learner, tier_set=name, bureau=bureau)
        return _back_to(name)

    return pages


def _back_to(name: str) -> ResponseReturnValue:
    course = request.values.get("course") or None
    return redirect(url_for("financial-aid.show", name=name, course=course), 303)


def _page(name: str, learner: Learner, filled: Filled = BLANK, *, context: AidPages) -> str:
    """The form, or the status of a request. Raises UnknownTierSet."""
    keep_private()
    bureau = context.bureau
    now = bureau.now()
    with bureau.records.read() as aid:
        tiers, rates = aid.tier_set(name), aid.rates()
        found = aid.search(AidRequestSearch(tier_set=tiers.name, learner=learner.id, limit=1))
    standing = next((each for each in found if each.stands and not each.over(now)), None)
    return render_template(
        "financial-aid/request.html",
        tiers=tiers,
        mine=standing,
        prices=_prices(standing, tiers, bureau) if standing else (),
        course=_course(bureau),
        written=filled.written,
        error=filled.error,
        faults=filled.faults,
        first_fault=next(iter(filled.faults), None),
        countries=COUNTRIES,
        currencies=rates.currencies,
        days_kept=bureau.keep_incomes.days,
        support_email=context.support_email,
    )


def _course(bureau: Bureau) -> Product | None:
    """The product from which the learner came, for the link back."""
    try:
        sku = Sku.of(request.values.get("course", ""))
        with bureau.read() as work:
            return work.products.get(sku)
    except UnknownProduct:
        return None


def _prices(mine: AidRequest, tiers: TierSet, bureau: Bureau) -> tuple[Priced, ...]:
    """The products on sale now, at the price of the request's tier."""
    scope, now = tiers.scope, bureau.now()
    with bureau.read() as work:
        if isinstance(scope, OfProgram):
            program = work.products.get(scope.program)
            covered = (program, *work.products.runs_of(program.courses))
        else:
            covered = work.products.runs_of([scope.course])
    shown = []
    for product in covered:
        offer = offer_for(mine, scope, product)
        if offer and product.listing is Listing.ON_SALE and product.why_not(now) is None:
            shown.append(Priced(product, priced(product, [offer])))
    return tuple(sorted(shown, key=lambda each: each.product.shelf_place))
