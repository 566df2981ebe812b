"""The unit of work in SQL: one connection, one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from adapters.sql.attempts import SqlAttempts
from adapters.sql.audit_log import SqlAuditLog
from adapters.sql.baskets import SqlBaskets
from adapters.sql.discounts import SqlDiscounts
from adapters.sql.engine import LOOKING, PATIENCE
from adapters.sql.errors import RecordsUnavailable
from adapters.sql.event_log import SqlEventLog
from adapters.sql.inbox import SqlInbox
from adapters.sql.job_runs import SqlJobRuns
from adapters.sql.orders import SqlOrders
from adapters.sql.outbox import SqlOutbox
from adapters.sql.personal_data import SqlPersonalData
from adapters.sql.products import SqlProducts
from adapters.sql.redemptions import SqlRedemptions
from adapters.sql.refund_requests import SqlRefundRequests
from adapters.sql.refunds import SqlRefunds
from adapters.sql.statements import Statements
from adapters.sql.transactions import SqlTransactions
from adapters.sql.write_queue import WriteQueue
from core.discounts.kinds import KINDS
from core.discounts.saving import Kinds


class SqlUnitOfWork:
    """All records within one database transaction."""

    def __init__(self, run: Statements, kinds: Kinds):
        self._run = run
        self.products = SqlProducts(run)
        self.baskets = SqlBaskets(run)
        self.orders = SqlOrders(run)
        self.discounts = SqlDiscounts(run, kinds)
        self.redemptions = SqlRedemptions(run)
        self.attempts = SqlAttempts(run)
        self.transactions = SqlTransactions(run)
        self.refunds = SqlRefunds(run)
        self.refund_requests = SqlRefundRequests(run)
        self.outbox = SqlOutbox(run)
        self.audit_log = SqlAuditLog(run)
        self.personal_data = SqlPersonalData(run)
        self.inbox = SqlInbox(run)
        self.event_log = SqlEventLog(run)
        self.job_runs = SqlJobRuns(run)

    def commit(self) -> None:
        self._run.commit()


class SqlShop:
    """The records in the database of `engine`, which `open_engine` created."""

    def __init__(self, engine: Engine, *, kinds: Kinds = KINDS):
        self._engine = engine
        self._kinds = kinds
        on_sqlite = engine.dialect.name == "sqlite"
        self._turns = WriteQueue() if on_sqlite else None
        # A read sees one consistent snapshot, however many queries it makes.
        self._looking: dict[str, Any] = {LOOKING: True}
        if not on_sqlite:
            self._looking = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    @contextmanager
    def begin(self) -> Iterator[SqlUnitOfWork]:
        """Begin a unit of work for changes. Raises RecordsUnavailable."""
        with self._turn(), self._connected() as connection:
            connection.begin()
            yield SqlUnitOfWork(Statements(connection, looking=False), self._kinds)

    @contextmanager
    def read(self) -> Iterator[SqlUnitOfWork]:
        """Begin a read-only unit of work. Raises RecordsUnavailable."""
        with self._connected() as connection:
            connection.execution_options(**self._looking)
            connection.begin()
            yield SqlUnitOfWork(Statements(connection, looking=True), self._kinds)

    def _turn(self) -> AbstractContextManager[None]:
        return self._turns.turn(PATIENCE) if self._turns else nullcontext()

    def _connected(self) -> Connection:
        """Open a connection. Leaving the block rolls back uncommitted changes."""
        try:
            return self._engine.connect()
        except NoConnectionInTime as error:
            raise RecordsUnavailable(str(error)) from error
