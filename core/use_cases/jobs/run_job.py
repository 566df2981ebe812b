"""Use case: run a recurring job when it is due, and never twice at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from core.unit_of_work import Begin, repeated_on_conflict

LONGEST_ERROR = 500
"""Characters of an error message that are stored."""


@attrs.frozen(kw_only=True)
class JobSchedule:
    """How often a job runs, and how long one run owns it.

    `every` counts from the start of a run; without it the job is due in every round.
    """

    every: timedelta = attrs.field(
        default=timedelta(0), validator=attrs.validators.ge(timedelta(0))
    )
    time_limit: timedelta = attrs.field(
        default=timedelta(minutes=10), validator=attrs.validators.ge(timedelta(seconds=1))
    )


@attrs.frozen
class JobResult:
    """The result of one run; `error` is None on success."""

    job: str
    error: Exception | None = None


def run_job(
    job: str,
    work: Callable[[], object],
    *,
    schedule: JobSchedule,
    holder: str,
    begin: Begin,
    now: datetime,
) -> JobResult | None:
    """Run `work` if the job is due and no other run owns it; otherwise return None.

    `holder` identifies this run. An error of `work` is stored with the job and returned. The job is
    due again after its interval, also after an error.
    """
    if not _claimed(job, holder, begin=begin, now=now, until=now + schedule.time_limit):
        return None
    error: Exception | None = None
    try:
        work()
    except Exception as failure:  # noqa: BLE001 - returned, so that the next job can run
        error = failure
    _finished(job, holder, begin=begin, due_at=now + schedule.every, error=error)
    return JobResult(job, error)


@repeated_on_conflict
def _claimed(job: str, holder: str, *, begin: Begin, now: datetime, until: datetime) -> bool:
    with begin() as work:
        ours = work.job_runs.claim(job, holder, now, until=until)
        work.commit()
        return ours


@repeated_on_conflict
def _finished(
    job: str, holder: str, *, begin: Begin, due_at: datetime, error: Exception | None
) -> None:
    message = None if error is None else f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    with begin() as work:
        work.job_runs.finish(job, holder, due_at=due_at, error=message)
        work.commit()
