"""Runs of recurring jobs as rows: a claim is one update that meets the row or does not."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import job_runs
from core.job_runs import JobRun


class SqlJobRuns:
    def __init__(self, run: Statements):
        self._run = run

    def claim(self, job: str, by: str, at: datetime, /, *, until: datetime) -> bool:
        self._run.bulk_insert(job_runs, [{"job": job}], twice=True)
        due, claimed_until = job_runs.c.due_at, job_runs.c.claimed_until
        claimed = self._run.change(
            job_runs.update()
            .where(
                job_runs.c.job == job,
                sa.or_(due.is_(None), due <= at),
                sa.or_(claimed_until.is_(None), claimed_until <= at),
            )
            .values(started_at=at, claimed_by=by, claimed_until=until)
        )
        return claimed == 1

    def finish(self, job: str, by: str, /, *, due_at: datetime, error: str | None) -> None:
        self._run.change(
            job_runs.update()
            .where(job_runs.c.job == job, job_runs.c.claimed_by == by)
            .values(due_at=due_at, claimed_by=None, claimed_until=None, last_error=error)
        )

    def all(self) -> tuple[JobRun, ...]:
        return tuple(map(_run_of, self._run.rows(job_runs.select().order_by(job_runs.c.job))))


def _run_of(row: AnyRow) -> JobRun:
    return JobRun(
        row.job, row.due_at, row.started_at, row.claimed_by, row.claimed_until, row.last_error
    )
