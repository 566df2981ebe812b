"""The audit log in memory."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

import attrs

from adapters.memory.records import Draft
from core.audit_log import AuditEntry, AuditSearch


class MemoryAuditLog:
    def __init__(self, draft: Draft):
        self._draft = draft

    def add(self, entries: Collection[AuditEntry], /) -> None:
        with self._draft.change() as records:
            for number, entry in enumerate(entries, start=len(records.journal) + 1):
                records.journal[number] = attrs.evolve(entry, number=number)

    def search(self, wanted: AuditSearch, /) -> tuple[AuditEntry, ...]:
        newest_first = reversed(self._draft.records.journal.values())
        return tuple(islice(filter(wanted.matches, newest_first), wanted.limit))
