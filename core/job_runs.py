"""Runs of recurring jobs: when each is due, who runs it now, and how its last run ended."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs


@attrs.frozen
class JobRun:
    """How one job stands. `claimed_by` runs it now, and until `claimed_until` nobody else does."""

    job: str
    due_at: datetime | None = None
    started_at: datetime | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    last_error: str | None = None

    def claimable(self, at: datetime) -> bool:
        """Whether the job is due, and nobody runs it within their time limit."""
        due = self.due_at is None or self.due_at <= at
        return due and (self.claimed_until is None or self.claimed_until <= at)


class JobRuns(Protocol):
    """Every job that was ever begun, by name."""

    def claim(self, job: str, by: str, at: datetime, /, *, until: datetime) -> bool:
        """Begin a run of this job, if it is due and nobody else runs it; says whether it is ours.

        A claim ends at `until`, so that a process that dies blocks the job no longer than that.
        """
        ...

    def finish(self, job: str, by: str, /, *, due_at: datetime, error: str | None) -> None:
        """End our run. Nothing changes where our claim ended before and another run took over."""
        ...

    def all(self) -> tuple[JobRun, ...]:
        """Every job by name."""
        ...
