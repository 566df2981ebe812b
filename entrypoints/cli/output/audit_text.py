"""The audit log as staff read it."""

from __future__ import annotations

from collections.abc import Sequence

from core.audit_log import AuditEntry
from entrypoints.cli.output import terminal
from entrypoints.cli.output.text_output import TextOutput


def journal_table(entries: Sequence[AuditEntry], text_output: TextOutput) -> None:
    terminal.print_table(
        ("No", "When", "Who", "About", "What", "Why"),
        [
            (
                str(entry.number),
                text_output.moment(entry.at),
                str(entry.by),
                str(entry.subject),
                entry.what,
                entry.why,
            )
            for entry in entries
        ],
        right=("No",),
    )
