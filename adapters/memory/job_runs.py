"""Runs of recurring jobs, in memory."""

from __future__ import annotations

from datetime import datetime

import attrs

from adapters.memory.records import Draft
from core.job_runs import JobRun


class MemoryJobRuns:
    def __init__(self, draft: Draft):
        self._draft = draft

    def claim(self, job: str, by: str, at: datetime, /, *, until: datetime) -> bool:
        with self._draft.change() as records:
            before = records.job_runs.get(job, JobRun(job))
            if not before.claimable(at):
                return False
            records.job_runs[job] = attrs.evolve(
                before, started_at=at, claimed_by=by, claimed_until=until
            )
            return True

    def finish(self, job: str, by: str, /, *, due_at: datetime, error: str | None) -> None:
        with self._draft.change() as records:
            before = records.job_runs.get(job)
            if before is None or before.claimed_by != by:
                return
            records.job_runs[job] = attrs.evolve(
                before, due_at=due_at, claimed_by=None, claimed_until=None, last_error=error
            )

    def all(self) -> tuple[JobRun, ...]:
        runs = self._draft.records.job_runs
        return tuple(runs[job] for job in sorted(runs))
