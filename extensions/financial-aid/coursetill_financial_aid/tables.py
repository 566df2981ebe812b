"""The tables of financial aid, next to the shop's."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from adapters.sql.columns import CURRENCY, JSON, NUMBER, TEXT, UtcDateTime
from adapters.sql.extension_tables import ExtensionTables

TABLES = sa.MetaData()

TIER_SETS = sa.Table(
    "financial_aid_tier_sets",
    TABLES,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("title", TEXT, nullable=False),
    # Either of the two.
    sa.Column("program", TEXT),
    sa.Column("course", TEXT),
    sa.Column("program_itself", sa.Boolean, nullable=False),
    # In the written form, the lowest income first.
    sa.Column("tiers", JSON, nullable=False),
    sa.Column("currency", CURRENCY, nullable=False),
    sa.Column("held_below", sa.BigInteger, nullable=False),
    sa.Column("valid_days", sa.Integer, nullable=False),
)

COUNTRIES = sa.Table(
    "financial_aid_countries",
    TABLES,
    sa.Column("country", TEXT, primary_key=True),
    sa.Column("income_limit", sa.BigInteger, nullable=False),
    sa.Column("documents", sa.Boolean, nullable=False),
)

RATES = sa.Table(
    "financial_aid_rates",
    TABLES,
    sa.Column("currency", CURRENCY, primary_key=True),
    sa.Column("millionths", sa.BigInteger, nullable=False),
    sa.Column("name", TEXT, nullable=False),
)

REQUESTS = sa.Table(
    "financial_aid_requests",
    TABLES,
    sa.Column("sequence", NUMBER, primary_key=True),
    sa.Column("id", TEXT, nullable=False, unique=True),
    # A learner has at most one open request for each set of tiers.
    sa.Column("standing", TEXT, unique=True),
    sa.Column("learner", TEXT, nullable=False, index=True),
    sa.Column("email", TEXT, nullable=False, index=True),
    sa.Column("tier_set", TEXT, sa.ForeignKey(TIER_SETS.c.name), nullable=False),
    sa.Column("country", TEXT, nullable=False),
    sa.Column("income", sa.BigInteger),
    sa.Column("income_currency", CURRENCY),
    sa.Column("dollars", sa.BigInteger),
    sa.Column("tier", TEXT, nullable=False),
    sa.Column("tier_currency", CURRENCY, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("state", TEXT, nullable=False, index=True),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("valid_until", UtcDateTime),
    sa.Column("version", sa.Integer, nullable=False),
)

sa.Index(
    "ix_financial_aid_requests_to_erase",
    REQUESTS.c.decided_at,
    sqlite_where=REQUESTS.c.income.is_not(None),
    postgresql_where=REQUESTS.c.income.is_not(None),
)

HISTORY = sa.Table(
    "financial_aid_history",
    TABLES,
    sa.Column("sequence", NUMBER, primary_key=True),
    # A request's id, "tiers NAME", "countries" or "rates".
    sa.Column("about", TEXT, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_kind", TEXT, nullable=False),
    sa.Column("by_name", TEXT, nullable=False),
    sa.Column("what", TEXT, nullable=False),
    sa.Column("why", TEXT, nullable=False),
    sa.Index("ix_financial_aid_history_about", "about", "sequence"),
)


def tables(address: str) -> ExtensionTables:
    """The tables of financial aid in the database at this URL."""
    folder = Path(__file__).parent / "migrations"
    return ExtensionTables(address, "financial-aid", folder, revisions=("0001",))
