"""Payments, refunds and messages say which gateway account they belong to.

Rows that are there already get the account that the upgrade is given.
"""

import sqlalchemy as sa
from alembic import context, op

from adapters.sql.migrations.gateway_account import required_account

revision = "0014"
down_revision = "0013"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
UNIQUE = {"attempts": "token", "transactions": "gateway_id", "refunds": None, "inbox": "key"}
"""The tables, and what the gateway gives that was unique everywhere until now."""


def upgrade() -> None:
    values = required_account(op.get_bind(), UNIQUE, context.config.attributes.get("account"))
    for table, unique in UNIQUE.items():
        counted = _last_number(table)
        # A default fills the rows without an UPDATE, which transactions refuse.
        for name, value in values.items():
            op.add_column(table, sa.Column(name, TEXT, nullable=False, server_default=value))
        autoincrement = {"sqlite_autoincrement": True} if counted is not None else {}
        with op.batch_alter_table(table, table_kwargs=autoincrement) as batch:
            for name in values:
                batch.alter_column(name, existing_type=TEXT, server_default=None)
            if unique is not None:
                batch.drop_constraint(f"uq_{table}_{unique}", type_="unique")
                within = [unique, "account", "gateway", "environment"]
                batch.create_unique_constraint(f"uq_{table}_{'_'.join(within)}", within)
        if counted is not None:
            op.get_bind().execute(
                sa.text("UPDATE sqlite_sequence SET seq = :last WHERE name = :table"),
                {"last": counted, "table": table},
            )
    if op.get_bind().dialect.name == "sqlite":
        _let_only_append("transactions")


def _last_number(table: str) -> int | None:
    """The last number that SQLite gave in a table that never gives one twice."""
    if op.get_bind().dialect.name != "sqlite" or table != "inbox":
        return None
    query = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    return op.get_bind().scalar(query, {"table": table}) or 0


def _let_only_append(table: str) -> None:
    """The triggers of 0001 again: they went with the table that SQLite had to copy."""
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"""
            CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} can only be appended to'); END
            """
        )
