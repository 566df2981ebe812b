"""The tests of the core in this process: once as they are, then once for each mutant in a fork."""

from __future__ import annotations

import gc
import importlib
import os
import resource
import sys
import time
import types
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import attrs
import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.mutants import Mutant

SURVIVED, KILLED, NOT_A_PROGRAM, BROKEN = 0, 1, 3, 70
"""How a fork ends: nothing noticed, a test failed, a type checker would refuse it, our mistake."""

_REFUSED_BY_TYPES = ("required keyword-only argument", "required positional argument", "to unpack")
_MEMORY = 4 * 2**30


class MutantCannotBePutIn(Exception):
    """The function is not where its module says; then nothing is proved."""


@attrs.define
class Baseline:
    """Which tests call which function of the core, and how long each test takes."""

    tests: dict[tuple[str, str], list[str]] = attrs.field(factory=lambda: defaultdict(list))
    seconds: dict[str, float] = attrs.field(factory=dict)

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The tests that can notice the mutant, the fast ones first."""
        found = self.tests.get((str(mutant.path), mutant.function), [])
        return sorted(found, key=self.seconds.__getitem__)

    def tests_for_module(self, path: Path) -> list[str]:
        """Every test, those first that call something of the module."""
        near = {
            test for (where, _), tests in self.tests.items() if where == str(path) for test in tests
        }
        return sorted(self.seconds, key=lambda test: (test not in near, self.seconds[test]))


class ForkingSession:
    """A pytest plugin: runs the tests, and then `each` mutant over the tests that can notice it."""

    def __init__(
        self,
        mutants: Sequence[Mutant],
        *,
        root: Path,
        workers: int,
        report: Callable[[Mutant, int], None],
    ) -> None:
        self.baseline = Baseline()
        self.left: list[Mutant] = []
        self._mutants, self._root, self._workers, self._report = mutants, root, workers, report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = session.items
        for at, item in enumerate(items):
            following = items[at + 1] if at + 1 < len(items) else None
            with self._watched(item.nodeid):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                raise session.Failed(f"{item.nodeid} fails without a mutant")
        by_name = {item.nodeid: item for item in items}
        gc.freeze()
        forks = Forks(self._workers, self._report)
        for mutant in self._mutants:
            tests = [by_name[name] for name in self.baseline.tests_of(mutant)]
            try:
                put_in = replacement(mutant)
            except MutantCannotBePutIn:
                self.left.append(mutant)
                continue
            seconds = sum(self.baseline.seconds[test.nodeid] for test in tests)
            forks.start(mutant, _trial(put_in, tests), seconds=seconds)
        forks.finish()
        return True

    def _watched(self, name: str) -> _Watch:
        return _Watch(self.baseline, name, str(self._root / "core") + os.sep, self._root)


@attrs.define
class _Watch:
    """Notes which functions of the core are called meanwhile."""

    baseline: Baseline
    name: str
    core: str
    root: Path
    _called: set[tuple[str, str]] = attrs.field(factory=set)
    _began: float = 0.0

    def __enter__(self) -> None:
        self._began = time.process_time()
        sys.setprofile(self._note)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        self.baseline.seconds[self.name] = time.process_time() - self._began
        for file, function in self._called:
            path = str(Path(file).relative_to(self.root))
            self.baseline.tests[path, function.split(".<locals>")[0]].append(self.name)

    def _note(self, frame: types.FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(self.core):
            self._called.add((code.co_filename, code.co_qualname))


def _trial(put_in: Callable[[], None], tests: Sequence[pytest.Item]) -> Callable[[], int]:
    def trial() -> int:
        put_in()
        for test in tests:
            for report in runtestprotocol(test, log=False, nextitem=None):
                if report.failed:
                    return verdict(str(report.longrepr))
        return SURVIVED

    return trial


def verdict(failure: str) -> int:
    """What a failure of a test says of the mutant."""
    refused = "TypeError" in failure or "ValueError" in failure
    if refused and any(sign in failure for sign in _REFUSED_BY_TYPES):
        return NOT_A_PROGRAM
    return KILLED


def replacement(mutant: Mutant) -> Callable[[], None]:
    """What puts the mutant's function in the place of the true one. Raises MutantCannotBePutIn."""
    if not mutant.function:
        raise MutantCannotBePutIn(mutant)
    name = ".".join(mutant.path.with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    *classes, function = mutant.function.split(".")
    owner: Any = module
    for each in classes:
        owner = vars(owner)[each]
    true = _unwrapped(vars(owner).get(function))
    compiled = compile(mutant.tree(), true.__code__.co_filename if true else "", "exec")
    code = _found(compiled, mutant.function)
    if true is None or code is None or code.co_freevars != true.__code__.co_freevars:
        raise MutantCannotBePutIn(mutant)

    def put_in() -> None:
        true.__code__ = code

    return put_in


def _unwrapped(found: Any) -> Any:
    while found is not None and not isinstance(found, types.FunctionType):
        found = getattr(found, "fget", None) or getattr(found, "__func__", None)
    while found is not None and hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    return found if isinstance(found, types.FunctionType) else None


def _found(code: types.CodeType, function: str) -> types.CodeType | None:
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            if each.co_qualname == function:
                return each
            if function.startswith(f"{each.co_qualname}."):
                return _found(each, function)
    return None


@attrs.define
class Forks:
    """At most so many forks at once; what each said goes to `report`."""

    workers: int
    report: Callable[[Mutant, int], None]
    _running: dict[int, Mutant] = attrs.field(factory=dict)

    def start(self, mutant: Mutant, trial: Callable[[], int], *, seconds: float) -> None:
        """Begin a trial once there is room; it may use five times what its tests took before."""
        while len(self._running) >= self.workers:
            self._wait()
        pid = os.fork()
        if pid == 0:
            _alone(trial, seconds)
        self._running[pid] = mutant

    def finish(self) -> None:
        while self._running:
            self._wait()

    def _wait(self) -> None:
        pid, status = os.wait()
        self.report(self._running.pop(pid), os.waitstatus_to_exitcode(status))


def _alone(trial: Callable[[], int], seconds: float) -> NoReturn:
    """Carry out a trial in a fork: quietly, and for no longer than is sensible."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + 5 + 5 * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    ended = KILLED
    try:
        ended = trial()
    except MutantCannotBePutIn:
        ended = BROKEN
    finally:
        os._exit(ended)
