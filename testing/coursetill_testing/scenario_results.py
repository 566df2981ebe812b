"""The result of each scenario of a test run, in a file for reports."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import attrs
import pytest

PASSED, FAILED, SKIPPED, NOT_RUN = "passed", "failed", "skipped", "not run"


class ScenarioResults:
    """A pytest plugin that collects the reports of scenarios and writes one file at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._outcomes: dict[tuple[str, str], set[str]] = {}
        self._finished_at = 0.0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = {str(name): str(value) for name, value in report.user_properties}
        if "scenario" not in properties:
            return
        self._finished_at = max(self._finished_at, report.stop)
        # Set-up and tear-down count only if they fail or skip the scenario.
        if report.when == "call" or report.outcome != PASSED:
            key = (properties["scenario"], properties["door"])
            self._outcomes.setdefault(key, set()).add(report.outcome)

    def pytest_sessionfinish(self) -> None:
        finished_at = datetime.fromtimestamp(self._finished_at, UTC)
        results = [
            {"scenario": scenario, "door": door, "outcome": _worst(outcomes)}
            for (scenario, door), outcomes in sorted(self._outcomes.items())
        ]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        content = {"finished_at": finished_at.isoformat(timespec="seconds"), "results": results}
        self._path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _worst(outcomes: Iterable[str]) -> str:
    """The outcome of a scenario with several examples: one failure fails it."""
    return next(each for each in (FAILED, SKIPPED, PASSED) if each in outcomes)


@attrs.frozen
class LastRun:
    """The content of the file: the end of the run, and the outcome by scenario and door."""

    finished_at: datetime
    outcomes: dict[tuple[str, str], str]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file. Raises FileNotFoundError if no run has written it."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            datetime.fromisoformat(content["finished_at"]),
            {(each["scenario"], each["door"]): each["outcome"] for each in content["results"]},
        )

    def outcome(self, scenario: str, door: str) -> str:
        """One of PASSED, FAILED, SKIPPED and NOT_RUN."""
        return self.outcomes.get((scenario, door), NOT_RUN)
