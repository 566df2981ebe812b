"""A mutant of what is done at import: a new process imports the changed module, then runs tests."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path

import attrs
import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.session import KILLED, NOT_A_PROGRAM, SURVIVED, verdict

THIRD_PARTY = ("attrs", "hypothesis", "hypothesis.strategies", "zoneinfo")
"""Imported before the fork, as the core and what imports it may not be."""


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with a mutant in it."""

    def __init__(self, name: str, path: str, mutant: Mutant) -> None:
        super().__init__(name, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> types.CodeType:
        code = compile(self._mutant.tree(), self.path, "exec")
        assert isinstance(code, types.CodeType)
        return code


@attrs.frozen
class _Finder(MetaPathFinder):
    name: str
    path: Path
    mutant: Mutant

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        loader = _Loader(fullname, str(self.path), self.mutant)
        return importlib.util.spec_from_file_location(fullname, self.path, loader=loader)


class _FirstFailure:
    """A pytest plugin that keeps what the first failure says."""

    said = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.said:
            self.said = str(report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.said:
            self.said = str(report.longrepr)


def import_trial(
    mutant: Mutant, tests: Sequence[str], *, root: Path, options: Sequence[str]
) -> Callable[[], int]:
    """What to do in a fork of a process that has not imported the core."""

    def trial() -> int:
        assert "core" not in sys.modules
        name = ".".join(mutant.path.with_suffix("").parts).removesuffix(".__init__")
        sys.meta_path.insert(0, _Finder(name, root / mutant.path, mutant))
        first = _FirstFailure()
        ended = pytest.main([*options, "--exitfirst", *tests], plugins=[first])
        if ended == pytest.ExitCode.OK:
            return SURVIVED
        return NOT_A_PROGRAM if verdict(first.said) == NOT_A_PROGRAM else KILLED

    return trial
