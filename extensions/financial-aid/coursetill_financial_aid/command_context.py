"""Opens and closes the bureau for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from coursetill_financial_aid import bureau_of
from coursetill_financial_aid.decide_request import Bureau
from coursetill_financial_aid.tables import tables
from entrypoints.cli.app.context import CommandContext


@contextmanager
def bureau_at(context: CommandContext) -> Iterator[Bureau]:
    """The bureau for one command. Raises ExtensionCannotBeUsed."""
    host = context.host("financial-aid")
    aid_tables = tables(host.database_url)
    try:
        yield bureau_of(host, aid_tables)
    finally:
        aid_tables.close()
