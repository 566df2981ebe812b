"""The audit log in SQL. Rows are only appended; a trigger refuses every other change."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import journal
from core.audit_log import AuditEntry, AuditSearch, Subject
from core.identity import Actor, ActorKind


class SqlAuditLog:
    def __init__(self, run: Statements):
        self._run = run

    def add(self, entries: Collection[AuditEntry], /) -> None:
        if not entries:
            return
        self._run.change(
            journal.insert(),
            [
                {
                    "at": entry.at,
                    "by_kind": entry.by.kind.value,
                    "by_name": entry.by.name,
                    "subject_kind": entry.subject.kind,
                    "subject_id": entry.subject.id,
                    "what": entry.what,
                    "why": entry.why,
                }
                for entry in entries
            ],
        )

    def search(self, wanted: AuditSearch, /) -> tuple[AuditEntry, ...]:
        query = journal.select().order_by(journal.c.sequence.desc()).limit(wanted.limit)
        if wanted.subject is not None:
            query = query.where(
                journal.c.subject_kind == wanted.subject.kind,
                journal.c.subject_id == wanted.subject.id,
            )
        if wanted.about is not None:
            pairs = sorted((subject.kind, subject.id) for subject in wanted.about)
            query = query.where(sa.tuple_(journal.c.subject_kind, journal.c.subject_id).in_(pairs))
        if wanted.by is not None:
            query = query.where(
                journal.c.by_kind == ActorKind.STAFF.value, journal.c.by_name == wanted.by
            )
        if wanted.after is not None:
            query = query.where(journal.c.sequence < wanted.after)
        return tuple(map(_entry, self._run.rows(query)))


def _entry(row: AnyRow) -> AuditEntry:
    return AuditEntry(
        row.at,
        Actor(ActorKind(row.by_kind), row.by_name),
        Subject(row.subject_kind, row.subject_id),
        row.what,
        row.why,
        number=row.sequence,
    )
