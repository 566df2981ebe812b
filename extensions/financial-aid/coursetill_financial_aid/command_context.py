"""The bureau as a command opens it, and lets go of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from coursetill_financial_aid import bureau_of
from coursetill_financial_aid.decide_request import Bureau
from coursetill_financial_aid.tables import tables
from entrypoints.cli.app.context import CommandContext


@contextmanager
def bureau_at(context: CommandContext) -> Iterator[Bureau]:
    """What the verbs work with, for one command. Raises ExtensionCannotBeUsed."""
    host = context.host("financial-aid")
    kept = tables(host.database_url)
    try:
        yield bureau_of(host, kept)
    finally:
        kept.close()
