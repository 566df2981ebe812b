"""Runs of recurring jobs: when each is due, who runs it now, and how the last run ended."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs


@attrs.frozen
class JobRun:
    """The state of one job. `claimed_by` owns it until `claimed_until`."""

    job: str
    due_at: datetime | None = None
    started_at: datetime | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    last_error: str | None = None

    def claimable(self, at: datetime) -> bool:
        """Whether the job is due and not claimed."""
        due = self.due_at is None or self.due_at <= at
        return due and (self.claimed_until is None or self.claimed_until <= at)


class JobRuns(Protocol):
    """The port to all jobs that ever ran, by name."""

    def claim(self, job: str, by: str, at: datetime, /, *, until: datetime) -> bool:
        """Start a run of this job if it is due and not claimed. Returns whether it was started.

        The claim ends at `until`, so that a process that dies cannot block the job longer.
        """
        ...

    def finish(self, job: str, by: str, /, *, due_at: datetime, error: str | None) -> None:
        """End this run. Nothing changes if its claim ran out and another run took over."""
        ...

    def all(self) -> tuple[JobRun, ...]:
        """All jobs, sorted by name."""
        ...
