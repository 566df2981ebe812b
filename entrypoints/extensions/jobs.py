"""Runs the readers and jobs of extensions when they are due, and reports their state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import attrs

from core.errors import Absent
from core.job_runs import JobRun
from core.use_cases.jobs.read_events import ReaderStatus, read_events, reader_status
from core.use_cases.jobs.run_job import JobResult, JobSchedule, run_job
from entrypoints.extensions.loader import OpenExtension

if TYPE_CHECKING:
    from core.unit_of_work import Begin

IN_EVERY_ROUND = JobSchedule()
"""Readers are due in every round of the worker."""


@attrs.frozen
class UnknownReader(Absent):
    """No active extension has a reader with this full name, such as finance/books."""

    reader: str


def run_due(
    one: OpenExtension,
    *,
    begin: Begin,
    read: Begin,
    now: Callable[[], datetime],
    new_key: Callable[[], str],
) -> Iterator[JobResult]:
    """Run the due readers and jobs of this extension one by one.

    Returns the result of each. A failure does not stop the others.
    """
    for reader in one.parts.readers:
        name = full_name(one, reader.name)
        work: Callable[[], object] = partial(
            read_events, name, reader.handle, begin=begin, read=read
        )
        result = run_job(
            name, work, schedule=IN_EVERY_ROUND, holder=new_key(), begin=begin, now=now()
        )
        if result is not None:
            yield result
    for job in one.parts.jobs:
        at = now()
        result = run_job(
            full_name(one, job.name),
            partial(job.run, at),
            schedule=job.schedule,
            holder=new_key(),
            begin=begin,
            now=at,
        )
        if result is not None:
            yield result


def reader_named(extensions: Iterable[OpenExtension], reader: str) -> str:
    """The full name of a reader of these extensions. Raises UnknownReader."""
    for one in extensions:
        if reader in {full_name(one, each.name) for each in one.parts.readers}:
            return reader
    raise UnknownReader(reader)


def reader_statuses(one: OpenExtension, read: Begin) -> tuple[ReaderStatus, ...]:
    """The position of each reader of this extension."""
    return tuple(reader_status(full_name(one, each.name), read=read) for each in one.parts.readers)


def job_statuses(one: OpenExtension, read: Begin) -> tuple[JobRun, ...]:
    """The state of each reader and job of this extension."""
    names = [each.name for each in one.parts.readers] + [each.name for each in one.parts.jobs]
    if not names:
        return ()
    with read() as work:
        runs = {run.job: run for run in work.job_runs.all()}
    full = [full_name(one, name) for name in names]
    return tuple(runs.get(name, JobRun(name)) for name in full)


def full_name(one: OpenExtension, name: str) -> str:
    """The name of a reader or job, unique among all extensions."""
    return f"{one.name}/{name}"
