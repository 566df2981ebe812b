"""The list of alumni, and their price."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from adapters.sql.columns import TEXT, UtcDateTime
from adapters.sql.extension_tables import ExtensionTables
from core.discount_code import OfferCode, PaymentType
from core.discounts.kinds.percent_off import PercentOff
from core.discounts.personal_offers import PersonalOffer
from core.identity import Learner, LearnerId
from core.money import Percent
from core.products.product import Product

MEMBERS = sa.Table(
    "alumni_members",
    sa.MetaData(),
    sa.Column("email", TEXT, primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False),
)


@attrs.frozen
class Members:
    """The list of alumni, by lower-case e-mail address."""

    tables: ExtensionTables

    def since(self, email: str) -> datetime | None:
        with self.tables.read() as connection:
            mine = sa.select(MEMBERS.c.since).where(MEMBERS.c.email == email.casefold())
            since: datetime | None = connection.scalar(mine)
            return since

    def add(self, email: str, at: datetime) -> None:
        """Add a person to the list. A second time changes nothing."""
        if self.since(email) is None:
            with self.tables.change() as connection:
                connection.execute(MEMBERS.insert(), {"email": email.casefold(), "since": at})

    def export(self, learner: LearnerId, email: str, /) -> Mapping[str, Any]:
        since = self.since(email)
        return {} if since is None else {"alumnus_since": since.isoformat()}

    def forget(self, learner: LearnerId, email: str, /) -> None:
        with self.tables.change() as connection:
            connection.execute(MEMBERS.delete().where(MEMBERS.c.email == email.casefold()))


@attrs.frozen
class AlumniPrices:
    """A percentage off every product, for everybody on the list."""

    members: Members
    share: str
    name: str = "alumni"

    def offers(
        self, learner: Learner, products: Collection[Product], at: datetime, /
    ) -> Iterable[PersonalOffer]:
        # An unverified address proves nothing.
        if not learner.email_verified or self.members.since(learner.email) is None:
            return ()
        saving, code = PercentOff(Percent.of(self.share)), OfferCode(self.name, "HALF")
        why = "you are one of our alumni"
        return [
            PersonalOffer(product.sku, saving, code, PaymentType.MARKETING, why)
            for product in products
        ]
