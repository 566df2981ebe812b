"""A shop on each kind of database, and many threads that want something of it at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from core.errors import ShopError

Answer = TypeVar("Answer")

CROWD = 40
"""How many want the same thing at once; each has a connection of its own."""


@pytest.fixture
def shop(database_url: str, request: pytest.FixtureRequest) -> Iterator[SqlShop]:
    """A shop in which, whatever a test does, no two changes may wait for each other in a circle."""
    engine = open_engine(database_url, connections=CROWD)
    try:
        # Everybody is connected before the start, or they would come one after the other.
        for connection in [engine.connect() for _ in range(CROWD)]:
            connection.close()
        yield SqlShop(engine)
    finally:
        engine.dispose()
    if engine.dialect.name == "postgresql":
        # The database would end one of the two after a second, and the shop would try it again.
        row = request.getfixturevalue("postgresql").admin.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [engine.url.database]
        )
        [deadlocks] = row.fetchone()
        assert deadlocks == 0, f"PostgreSQL ended {deadlocks} circles of changes that waited"


def all_at_once(
    action: Callable[[int], Answer], crowd: int = CROWD
) -> tuple[list[Answer], list[ShopError]]:
    """What action(0), action(1) and so on answered, and what it refused, each in its own thread.

    Nobody starts before everybody is there. Any other error than the shop's is raised here.
    """
    barrier = threading.Barrier(crowd)

    def one(number: int) -> Answer | ShopError:
        barrier.wait(timeout=60)
        try:
            return action(number)
        except ShopError as refusal:
            return refusal

    with ThreadPoolExecutor(max_workers=crowd) as threads:
        outcomes = list(threads.map(one, range(crowd)))
    refusals = [outcome for outcome in outcomes if isinstance(outcome, ShopError)]
    return [outcome for outcome in outcomes if not isinstance(outcome, ShopError)], refusals


def kinds(refusals: list[ShopError]) -> set[type[ShopError]]:
    return {type(refusal) for refusal in refusals}
