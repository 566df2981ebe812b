"""The audit log as staff read it."""

from __future__ import annotations

from collections.abc import Sequence

from core.audit_log import JournalEntry
from entrypoints.cli.output import terminal
from entrypoints.cli.output.text_output import Words


def journal_table(entries: Sequence[JournalEntry], words: Words) -> None:
    terminal.table(
        ("No", "When", "Who", "About", "What", "Why"),
        [
            (
                str(entry.number),
                words.moment(entry.at),
                str(entry.by),
                str(entry.subject),
                entry.what,
                entry.why,
            )
            for entry in entries
        ],
        right=("No",),
    )
