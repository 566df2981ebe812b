"""Counting the statements that a database is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
from sqlalchemy import Engine, event


@attrs.define
class Counted:
    """What was sent so far, each with one entry however many rows it was about.

    The beginning and the end of a transaction are not counted.
    """

    statements: list[str] = attrs.field(factory=list)

    @property
    def count(self) -> int:
        return len(self.statements)

    def note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            self.statements.append(statement)


@contextmanager
def count_statements(engine: Engine) -> Iterator[Counted]:
    """What is sent within the block, to be counted after it."""
    counted = Counted()
    event.listen(engine, "before_cursor_execute", counted.note)
    try:
        yield counted
    finally:
        event.remove(engine, "before_cursor_execute", counted.note)
