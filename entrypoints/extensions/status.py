"""The state of every extension that is installed or named: on, off, or its problem."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from core.errors import ShopError
from core.job_runs import JobRun
from core.use_cases.jobs.read_events import ReaderStatus
from entrypoints.extensions.api import HealthCheck
from entrypoints.extensions.discovery import installed
from entrypoints.extensions.jobs import job_statuses, reader_statuses
from entrypoints.extensions.loader import (
    ExtensionTablesAreBehind,
    OpenExtension,
    chosen_extensions,
    close,
    open_extensions,
)
from entrypoints.plugins import Installed

if TYPE_CHECKING:
    from core.unit_of_work import Begin
    from entrypoints.settings.shop import Settings


FAR_BEHIND = 1000
"""The doctor warns if a reader is more events behind than this: over a minute of sales."""


@attrs.frozen
class ExtensionStatus:
    """The state of one extension.

    Only an active extension has more than the first four facts. `readers` and `jobs` are named
    NAME/READER and NAME/JOB; a job that never ran has no times.
    """

    name: str
    version: str
    says: str
    on: bool
    brings: tuple[str, ...] = ()
    problem: ShopError | None = None
    next: str | None = None
    checks: tuple[HealthCheck, ...] = ()
    readers: tuple[ReaderStatus, ...] = ()
    jobs: tuple[JobRun, ...] = ()

    @property
    def state(self) -> str:
        if not self.on:
            return "off"
        return "broken" if self.problem else "on"


def extension_statuses(
    settings: Settings, *, begin: Begin, read: Begin, now: Callable[[], datetime]
) -> tuple[ExtensionStatus, ...]:
    """The state of every installed or named extension. Opens and closes the active ones."""
    there = {each.name: each for each in installed()}
    found = []
    for name in sorted({*there, *settings.extensions}):
        each = there.get(name, Installed(name, "", "", lambda: None))
        standing = ExtensionStatus(name, each.version, each.says, name in settings.extensions)
        if standing.on:
            alone = attrs.evolve(settings, extensions=(name,))
            try:
                done = open_extensions(
                    chosen_extensions(alone, there.values()), alone, begin=begin, read=read, now=now
                )
            except ShopError as error:
                behind = isinstance(error, ExtensionTablesAreBehind) and error.state != "newer"
                command = "coursetill db upgrade" if behind else None
                standing = attrs.evolve(standing, problem=error, next=command)
            else:
                standing = attrs.evolve(
                    standing,
                    brings=_brought(done[0]),
                    checks=(*done[0].checks(), *run_checks(done[0], read)),
                    readers=reader_statuses(done[0], read),
                    jobs=job_statuses(done[0], read),
                )
                close(done)
        found.append(standing)
    return tuple(found)


def _brought(one: OpenExtension) -> tuple[str, ...]:
    parts, extension = one.parts, one.extension
    brings: dict[str, object] = {
        "prices": parts.prices,
        "rules": parts.rules,
        "pages": parts.pages,
        "links": parts.product_links or parts.basket_links,
        "commands": extension.commands,
        "tables": extension.tables,
        "records": parts.records,
        "checks": parts.checks,
        "staff pages": parts.staff_pages,
        "readers": parts.readers,
        "jobs": parts.jobs,
    }
    return tuple(name for name, part in brings.items() if part)


def run_checks(one: OpenExtension, read: Begin) -> tuple[HealthCheck, ...]:
    """Readers that are far behind, and readers and jobs whose last run failed."""
    checks = [
        HealthCheck(
            "warning",
            f"its reader {each.reader} is {each.behind:,} events behind",
            "look into the log, and see that `coursetill serve` or `coursetill upkeep` runs",
        )
        for each in reader_statuses(one, read)
        if each.behind > FAR_BEHIND
    ]
    checks += [
        HealthCheck("warning", f"the last run of {each.job} failed: {each.last_error}")
        for each in job_statuses(one, read)
        if each.last_error is not None
    ]
    return tuple(checks)
