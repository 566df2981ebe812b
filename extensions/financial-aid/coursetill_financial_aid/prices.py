"""Personal prices from approved requests. The shop reads them when it prices a basket."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import attrs
import sqlalchemy as sa

from adapters.sql.extension_tables import ExtensionTables
from core.discount_code import PaymentType
from core.discounts.personal_offers import PersonalOffer
from core.identity import Learner
from core.products.product import Product
from coursetill_financial_aid.records import request_of, scope_of
from coursetill_financial_aid.request import AidRequest, AidRequestState
from coursetill_financial_aid.tables import REQUESTS, TIER_SETS
from coursetill_financial_aid.tiers import SOURCE, Scope, offer_code

WHY = "your financial assistance"

_SCOPE = (TIER_SETS.c.program, TIER_SETS.c.course, TIER_SETS.c.program_itself)
_APPROVED = sa.select(REQUESTS, *_SCOPE).join_from(REQUESTS, TIER_SETS)


@attrs.frozen
class AidPrices:
    """The personal offers of approved requests. One SQL statement for each basket."""

    tables: ExtensionTables
    name: str = SOURCE

    def offers(
        self, learner: Learner, products: Collection[Product], at: datetime, /
    ) -> Iterable[PersonalOffer]:
        mine = _APPROVED.where(
            REQUESTS.c.learner == learner.id, REQUESTS.c.state == AidRequestState.APPROVED.value
        )
        with self.tables.read() as connection:
            found = [(request_of(row), scope_of(row)) for row in connection.execute(mine)]
        granted = [(request, scope) for request, scope in found if request.grants(at)]
        return [
            offer
            for request, scope in granted
            for product in products
            if (offer := offer_for(request, scope, product)) is not None
        ]


def offer_for(request: AidRequest, scope: Scope, product: Product) -> PersonalOffer | None:
    """The reduction of a product by the tier of a request, approved or not."""
    tier, saving = request.tier, request.tier.saving
    if saving is None or not scope.covers(product):
        return None
    if saving.currency not in {None, product.price.currency}:
        return None
    code = offer_code(request.tier_set, tier)
    return PersonalOffer(product.sku, saving, code, PaymentType.FINANCIAL_ASSISTANCE, WHY)
