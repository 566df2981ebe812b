"""A database of each kind, and the counter of what it is sent."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Engine

from adapters.sql.engine import open_engine
from tests.budgets.counting import Counted
from tests.budgets.counting import count_statements as counting


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def count_statements() -> Callable[[Engine], AbstractContextManager[Counted]]:
    """Called with an engine, guards a block; what it gives is asked for its `count` afterwards."""
    return counting
