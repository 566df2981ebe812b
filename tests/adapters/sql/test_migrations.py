"""The migrations make the tables that the code expects, from nothing, on either database."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path

import attrs
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from adapters.sql import migrations
from adapters.sql.engine import open_engine
from adapters.sql.errors import AlreadyThere
from adapters.sql.migrations import (
    REVISIONS,
    SHOP,
    MigrationState,
    SchemaIsNewer,
    SchemaIsOlder,
    check_schema,
    compared,
    state,
    upgrade,
)
from adapters.sql.migrations.gateway_account import AccountIsNeeded
from adapters.sql.tables import journal, metadata, order_history, price_versions, transactions
from core.payments.account import GatewayAccount
from entrypoints.composition.gateways.cybersource_plugin import PLUGIN
from entrypoints.composition.shop import upgrade_database
from entrypoints.composition.wording import for_staff
from entrypoints.settings.shop import read_settings
from tests.entrypoints.gateways.played import PLAYED
from tests.entrypoints.settings.test_gateways import BOTH

ACCOUNT = GatewayAccount("cybersource", "it's ours", "production")
BEFORE_ACCOUNTS = attrs.evolve(SHOP, revisions=REVISIONS[: REVISIONS.index("0014")])
BEFORE_FLOWS = attrs.evolve(SHOP, revisions=REVISIONS[: REVISIONS.index("0016")])
WITH_ACCOUNTS = attrs.evolve(SHOP, revisions=REVISIONS[: REVISIONS.index("0014") + 1])
VERSION = sa.table("alembic_version", sa.column("version_num"))
FOLDER = Path(migrations.__file__).parent


@pytest.fixture
def engine(database_url):
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def bare_engine(bare_database_url):
    engine = open_engine(bare_database_url)
    yield engine
    engine.dispose()


def at_revision(address, revision):
    engine = open_engine(address)
    with engine.begin() as connection:
        connection.execute(sa.update(VERSION).values(version_num=revision))
    engine.dispose()


def test_the_migrated_tables_match_the_code(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_constraint_of_the_code_is_migrated(engine):
    with engine.connect() as connection:
        there = sa.inspect(connection)
        for table in metadata.sorted_tables:
            checks = {check["name"] for check in there.get_check_constraints(table.name)}
            assert checks == {
                str(c.name) for c in table.constraints if isinstance(c, sa.CheckConstraint)
            }
            keys = {
                (tuple(key["constrained_columns"]), key["referred_table"])
                for key in there.get_foreign_keys(table.name)
            }
            assert keys == {
                (tuple(key.column_keys), key.referred_table.name)
                for key in table.foreign_key_constraints
            }


def test_every_partial_index_has_the_same_condition_after_migration(engine):
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            found = {
                index["name"]: str(index["dialect_options"].get(f"{engine.dialect.name}_where"))
                for index in sa.inspect(connection).get_indexes(table.name)
            }
            for index in table.indexes:
                wanted = index.dialect_options[engine.dialect.name]["where"]
                assert (found[index.name] == "None") is (wanted is None), index.name


def test_the_newest_revision_is_known_without_loading_the_migrations():
    scripts = ScriptDirectory(str(FOLDER))
    assert tuple(s.revision for s in scripts.walk_revisions())[::-1] == REVISIONS


def test_an_upgrade_creates_the_newest_tables_from_nothing(bare_database_url):
    assert state(bare_database_url) is MigrationState.EMPTY
    upgrade(bare_database_url)
    assert state(bare_database_url) is MigrationState.AT_HEAD


def test_an_upgrade_of_an_up_to_date_database_changes_nothing(database_url):
    upgrade(database_url)
    assert state(database_url) is MigrationState.AT_HEAD


def test_reading_the_state_creates_no_file(tmp_path):
    assert state(f"sqlite:///{tmp_path}/none.db") is MigrationState.EMPTY
    assert list(tmp_path.iterdir()) == []


def test_concurrent_upgrades_wait_for_each_other(bare_database_url):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(upgrade, [bare_database_url] * 4))
    assert state(bare_database_url) is MigrationState.AT_HEAD


def test_a_failed_upgrade_leaves_no_change(bare_database_url, bare_engine):
    with bare_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE outbox (stranger INTEGER)")
    with pytest.raises(sa.exc.SQLAlchemyError):
        upgrade(bare_database_url)
    with bare_engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["outbox"]


def test_a_database_without_tables_is_not_opened(bare_engine):
    with pytest.raises(SchemaIsOlder, match="state empty"):
        check_schema(bare_engine)


def test_an_up_to_date_database_is_opened(engine):
    check_schema(engine)


def test_a_newer_database_is_not_opened_or_upgraded(database_url, engine):
    at_revision(database_url, "9999")
    assert state(database_url) is MigrationState.NEWER
    with pytest.raises(SchemaIsNewer, match="whose Coursetill"):
        check_schema(engine)
    with pytest.raises(SchemaIsNewer):
        upgrade(database_url)


def test_a_database_at_an_earlier_revision_is_older():
    assert compared("0001", ("0001", "0002")) is MigrationState.OLDER
    assert compared("0002", ("0001", "0002")) is MigrationState.AT_HEAD
    assert compared("0003", ("0001", "0002")) is MigrationState.NEWER


@pytest.mark.parametrize("table", [price_versions, order_history, transactions, journal], ids=str)
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_changes_of_append_only_tables(
    engine, with_one_of_each, table, change
):
    first = next(iter(table.c))
    statement = table.delete() if change == "delete" else table.update().values({first: first})
    with engine.connect() as connection:
        before = connection.execute(table.select()).all()
        assert before
    with engine.connect() as connection, pytest.raises(ValueError, match="only be appended to"):
        connection.execute(statement)
    with engine.connect() as connection:
        assert connection.execute(table.select()).all() == before


# A database of before payments knew their accounts.

MOMENT = "2026-11-01 12:00:00+00:00"
ROWS = {
    "orders": {
        "reference": "CT-1",
        "learner_id": "ada",
        "learner_email": "ada@example.org",
        "learner_name": "Ada",
        "placed_at": MOMENT,
        "held_until": MOMENT,
        "request_key": "k",
        "fingerprint": "f",
        "state": "paid",
        "currency": "USD",
        "version": 1,
    },
    "attempts": {
        "id": "A-1",
        "reference": "CT-1",
        "amount_minor": 1999,
        "currency": "USD",
        "opened_at": MOMENT,
        "state": "captured",
        "token": "t-1",
        "form_takes_payment": False,
        "asked": 2,
        "version": 3,
    },
    "transactions": {
        "gateway_id": "g-1",
        "kind": "payment",
        "reference": "CT-1",
        "attempt": "A-1",
        "amount_minor": 1999,
        "currency": "USD",
        "at": MOMENT,
        "raw": "{}",
    },
    "refunds": {
        "id": "R-1",
        "reference": "CT-1",
        "attempt": "A-1",
        "amount_minor": 5,
        "currency": "USD",
        "lines": "[]",
        "reason": "asked for",
        "by_kind": "staff",
        "by_name": "eve",
        "requested_at": MOMENT,
        "captured_as": "g-1",
        "excess": False,
        "state": "requested",
        "asked": 0,
        "version": 0,
    },
    "inbox": {
        "key": "m-1",
        "about": "payment",
        "code": "CT-1",
        "attempt": "A-1",
        "at": MOMENT,
        "heard_at": MOMENT,
        "event": "e",
        "form": "raw",
        "raw": "{}",
        "state": "acted",
        "why": "",
        "tries": 1,
        "version": 1,
    },
}
WITH_ACCOUNT = ("attempts", "transactions", "refunds", "inbox")


def insert(connection, table, row):
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608


def rows_of(engine, table):
    with engine.connect() as connection:
        found = connection.execute(sa.text(f"SELECT * FROM {table}")).mappings()  # noqa: S608
        return json.loads(json.dumps([dict(row) for row in found], default=str))


@pytest.fixture
def old_database(bare_database_url, bare_engine):
    """A database of the version before, with one payment in it and all that belongs to it."""
    BEFORE_ACCOUNTS.upgrade(bare_database_url)
    with bare_engine.begin() as connection:
        there = {c["name"] for c in sa.inspect(connection).get_columns("orders")}
        insert(connection, "orders", {k: v for k, v in ROWS["orders"].items() if k in there})
        for table in WITH_ACCOUNT:
            insert(connection, table, ROWS[table])
        # The highest number was given, and its message is gone: it is not given again.
        insert(connection, "inbox", ROWS["inbox"] | {"key": "m-2"})
        connection.execute(sa.text("DELETE FROM inbox WHERE key = 'm-2'"))
    return bare_database_url


def test_old_payments_get_the_given_account(old_database, bare_engine):
    before = {table: rows_of(bare_engine, table) for table in ROWS}
    WITH_ACCOUNTS.upgrade(old_database, ACCOUNT)
    kept = attrs.asdict(ACCOUNT)
    for table, [row] in before.items():
        added = kept if table in WITH_ACCOUNT else {}
        assert rows_of(bare_engine, table) == [row | added], table


def test_the_upgrade_refuses_old_payments_without_an_account(old_database, bare_engine):
    before = {table: rows_of(bare_engine, table) for table in ROWS}
    with pytest.raises(AccountIsNeeded):
        upgrade(old_database)
    assert {table: rows_of(bare_engine, table) for table in ROWS} == before
    assert state(old_database) is MigrationState.OLDER
    upgrade(old_database, ACCOUNT)
    assert state(old_database) is MigrationState.AT_HEAD


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "Configure the payment gateway that took them"),
        (
            {**BOTH, "COURSETILL_GATEWAY": "played"},
            "Several payment gateways are configured (played, cybersource)",
        ),
    ],
    ids=["no gateway", "two gateways"],
)
def test_the_refusal_says_what_to_configure(old_database, bare_engine, settings, told):
    before = {table: rows_of(bare_engine, table) for table in ROWS}
    environ = {**settings, "COURSETILL_DATABASE_URL": old_database}
    with pytest.raises(AccountIsNeeded) as refused:
        upgrade_database(read_settings(environ, (PLUGIN, PLAYED)))
    assert told in for_staff(UTC).sentence(refused.value)
    assert {table: rows_of(bare_engine, table) for table in ROWS} == before


def test_the_only_gateway_that_is_configured_took_the_old_payments(old_database, bare_engine):
    environ = {"COURSETILL_PLAYED_MERCHANT": "us", "COURSETILL_DATABASE_URL": old_database}
    upgrade_database(read_settings(environ, (PLUGIN, PLAYED)))
    [row] = rows_of(bare_engine, "attempts")
    assert (row["gateway"], row["account"]) == ("played", "us")


def test_an_old_database_without_payments_is_upgraded_without_an_account(bare_database_url):
    BEFORE_ACCOUNTS.upgrade(bare_database_url)
    upgrade(bare_database_url)
    assert state(bare_database_url) is MigrationState.AT_HEAD


def test_after_the_upgrade_transactions_are_append_only(old_database, bare_engine):
    upgrade(old_database, ACCOUNT)
    for change in ("UPDATE transactions SET kind = 'refund'", "DELETE FROM transactions"):
        with (
            pytest.raises(ValueError, match="only be appended to"),
            bare_engine.begin() as connection,
        ):
            connection.execute(sa.text(change))


def test_after_the_upgrade_no_inbox_number_is_reused(old_database, bare_engine):
    upgrade(old_database, ACCOUNT)
    row = ROWS["inbox"] | attrs.asdict(ACCOUNT) | {"key": "m-3"}
    with bare_engine.begin() as connection:
        insert(connection, "inbox", row)
    assert [each["number"] for each in rows_of(bare_engine, "inbox")] == [1, 3]


def test_an_old_attempt_with_an_empty_session_was_a_hosted_page(old_database, bare_engine):
    BEFORE_FLOWS.upgrade(old_database, ACCOUNT)
    sessions = {"A-2": "{}", "A-3": '{"session": "s"}', "A-4": None}
    with bare_engine.begin() as connection:
        for attempt, session in sessions.items():
            own = {"id": attempt, "state": "cancelled", "token": None, "session": session}
            insert(connection, "attempts", ROWS["attempts"] | attrs.asdict(ACCOUNT) | own)
    upgrade(old_database)
    assert {row["id"]: row["flow"] for row in rows_of(bare_engine, "attempts")} == {
        "A-1": "card_form",
        "A-2": "hosted_page",
        "A-3": "card_form",
        "A-4": "card_form",
    }


@pytest.mark.parametrize(
    ("table", "own"),
    [
        ("attempts", {"id": "A-2", "state": "open"}),
        ("transactions", {}),
        ("inbox", {}),
    ],
)
def test_a_gateway_id_is_unique_within_its_account_only(old_database, bare_engine, table, own):
    upgrade(old_database, ACCOUNT)
    other = attrs.evolve(ACCOUNT, environment="test")
    row = ROWS[table] | own
    with bare_engine.begin() as connection:
        insert(connection, table, row | attrs.asdict(other))
    again = own and {"id": "A-3"}
    with pytest.raises(AlreadyThere), bare_engine.begin() as connection:
        insert(connection, table, row | again | attrs.asdict(other))
