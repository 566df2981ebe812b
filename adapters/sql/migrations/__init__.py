"""Migrates an empty or older database to this version's tables, all or nothing."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import sqlalchemy as sa

from adapters.sql.engine import open_engine
from core.errors import Unavailable
from core.payments.account import GatewayAccount

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
)
"""All migrations, oldest first. Listed here so that a start need not load Alembic."""

_HERE = Path(__file__).parent
_ONE_AT_A_TIME = 7_226_301_045
"""The PostgreSQL advisory lock that serialises upgrades of one database."""


class MigrationState(enum.Enum):
    """The state of a database's tables compared with this version."""

    EMPTY = "empty"
    OLDER = "older"
    AT_HEAD = "at head"
    NEWER = "newer"


@attrs.frozen
class SchemaIsOlder(Unavailable):
    state: MigrationState


@attrs.frozen
class SchemaIsNewer(Unavailable):
    revision: str
    whose: str = "Coursetill"


@attrs.frozen
class Migrations:
    """A folder of numbered migrations, and the table that stores the current revision.

    `revisions` are the numbers, oldest first. Each extension has its own folder and table.
    """

    folder: Path
    revisions: tuple[str, ...]
    version_table: str
    whose: str

    def upgrade(self, address: str, account: GatewayAccount | None = None) -> None:
        """Run the missing migrations on the database at this address. Data stays.

        Payments that were stored before accounts were kept get `account`. Raises AccountIsNeeded
        where there are such payments and no account. Raises SchemaIsNewer, NotADatabase or
        RecordsUnavailable. Each of them changes nothing.
        """
        engine = open_engine(address, connections=1)
        try:
            with _changing_tables(engine) as connection:
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                    connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")
                revision = self.revision(connection)
                if compared(revision, self.revisions) is MigrationState.NEWER:
                    raise SchemaIsNewer(str(revision), self.whose)
                self._carry_out(connection, account)
        finally:
            engine.dispose()

    def _carry_out(self, connection: sa.Connection, account: GatewayAccount | None) -> None:
        # Imported here: only an upgrade needs it, and it would slow every start.
        from alembic import command  # noqa: PLC0415 (as said above)
        from alembic.config import Config  # noqa: PLC0415 (as said above)

        config = Config()
        config.set_main_option("script_location", _escaped(_HERE))
        config.set_main_option("version_locations", _escaped(self.folder))
        config.set_main_option("path_separator", "newline")
        config.attributes["connection"] = connection
        config.attributes["version_table"] = self.version_table
        config.attributes["account"] = account
        command.upgrade(config, self.revisions[-1])

    def state(self, address: str) -> MigrationState:
        """The state of the database at this address. Raises NotADatabase or RecordsUnavailable."""
        engine = open_engine(address, connections=1)
        try:
            path = engine.url.database
            if engine.dialect.name == "sqlite" and path is not None and not Path(path).exists():
                return MigrationState.EMPTY  # Connecting would create the file.
            with engine.connect() as connection:
                return compared(self.revision(connection), self.revisions)
        finally:
            engine.dispose()

    def revision(self, connection: sa.Connection) -> str | None:
        """The last migration that ran, or None before the first."""
        if not sa.inspect(connection).has_table(self.version_table):
            return None
        version = sa.table(self.version_table, sa.column("version_num"))
        revision: str | None = connection.scalar(sa.select(version.c.version_num))
        return revision


@contextmanager
def _changing_tables(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction in which tables may be copied.

    SQLite changes a constraint by a copy that takes the table's place. The rows that refer to the
    table would be in the way, so references are checked once at the end instead
    (sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes").
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Only outside of a transaction, so before SQLAlchemy begins one.
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - for the types' sake
            driver.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            yield connection
            if engine.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise ValueError(f"the upgrade would leave references to nothing: {broken}")


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


SHOP = Migrations(_HERE / "versions", REVISIONS, "alembic_version", "Coursetill")
"""The shop's own migrations."""


def upgrade(address: str, account: GatewayAccount | None = None) -> None:
    """Run the shop's missing migrations on the database at this address. Data stays.

    Payments that were stored before accounts were kept get `account`. Raises AccountIsNeeded,
    SchemaIsNewer, NotADatabase or RecordsUnavailable, and then changes nothing.
    """
    SHOP.upgrade(address, account)


def state(address: str) -> MigrationState:
    """The state of the shop's tables at this address. Raises NotADatabase, RecordsUnavailable."""
    return SHOP.state(address)


def check_schema(engine: sa.Engine) -> None:
    """Raises SchemaIsOlder or SchemaIsNewer unless the tables fit this version."""
    with engine.connect() as connection:
        revision = SHOP.revision(connection)
    match compared(revision):
        case MigrationState.AT_HEAD:
            return
        case MigrationState.NEWER:
            raise SchemaIsNewer(str(revision))
        case MigrationState.EMPTY | MigrationState.OLDER as found:
            raise SchemaIsOlder(found)


def compared(revision: str | None, revisions: tuple[str, ...] = REVISIONS) -> MigrationState:
    """The state of a database at this revision, given all known revisions."""
    if revision is None:
        return MigrationState.EMPTY
    if revision == revisions[-1]:
        return MigrationState.AT_HEAD
    return MigrationState.OLDER if revision in revisions else MigrationState.NEWER
