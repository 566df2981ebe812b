"""`make mutants`: change the core a little, again and again, and see whether its tests notice.

mutmut and its like leave out every decorated function, and here those are the ones that move
money: each of them is repeated on a conflict. So this is a small one of our own. A mutant inside
a function is put into a fork of a process that has run the tests once, and meets only the tests
that call the function; one of what is done at import meets them all in a new import.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import click
import pytest
from hypothesis import settings

from tests.mutation.fresh import THIRD_PARTY, import_trial
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.session import (
    KILLED,
    NOT_A_PROGRAM,
    SURVIVED,
    Baseline,
    ForkingSession,
    Forks,
)

ROOT = Path(__file__).parents[2]
GOAL = 95.0
EXPLAINED = Path("docs/mutation-testing.md")
_REFUNDS_AT_RANDOM = (
    "tests/core/use_cases/refunds/test_issue_refund.py::"
    "test_sums_stay_consistent_after_any_refunds_failures_and_retries"
)
OPTIONS = (
    *("-q", "--no-header", "--no-summary", "--tb=short", "--confcutdir=tests/core"),
    *("-p", "no:xdist", "-o", "cache_dir=build/mutants"),
    *("-o", "faulthandler_timeout=0"),
    # It copies the core into a process of its own, where no mutant is.
    "--ignore=tests/core/discounts/test_new_kind.py",
    # Games of chance with a whole shop: minutes for a mutant that nothing notices, and another
    # outcome each time. What they find has an example of its own.
    "--ignore=tests/core/test_whole_shop.py",
    "--ignore=tests/core/use_cases/payments/test_every_payment_method.py",
    f"--deselect={_REFUNDS_AT_RANDOM}",
    "-Wignore::pytest.PytestAssertRewriteWarning",
)
_ROW = re.compile(
    r"\| `(?P<path>[^`]+)` `(?P<function>[^`]*)` \| `(?P<before>.+)` → `(?P<after>.+)` \|"
)


@attrs.define
class Tally:
    """What became of the mutants of each module."""

    explained: frozenset[tuple[str, str, str, str]]
    endings: dict[Path, Counter[str]] = attrs.field(factory=dict)
    survivors: list[Mutant] = attrs.field(factory=list)

    def add(self, mutant: Mutant, ended: int) -> None:
        """Count one; a fork that came to an end by a signal took too long, and so was noticed."""
        counted = self.endings.setdefault(mutant.path, Counter())
        if ended == NOT_A_PROGRAM:
            counted["refused by types"] += 1
        elif ended == SURVIVED and mutant.key in self.explained:
            counted["explained"] += 1
        elif ended == SURVIVED:
            counted["survived"] += 1
            self.survivors.append(mutant)
            click.echo(f"survived: {mutant}", err=True)
        elif ended == KILLED or ended < 0:
            counted["killed"] += 1
        else:
            raise RuntimeError(f"the fork for {mutant} ended with {ended}")

    def score(self, counted: Counter[str]) -> float:
        """Per cent of the mutants that count that were killed."""
        total = counted["killed"] + counted["survived"]
        return 100 * counted["killed"] / total if total else 100.0


def explained() -> frozenset[tuple[str, str, str, str]]:
    """The survivors that the document says change nothing anybody could see."""
    found = _ROW.finditer((ROOT / EXPLAINED).read_text(encoding="utf-8"))
    return frozenset(
        (
            row["path"],
            row["function"],
            row["before"].replace("\\|", "|"),
            row["after"].replace("\\|", "|"),
        )
        for row in found
    )


def chosen(only: Sequence[str], every: int) -> list[Mutant]:
    """The mutants of the modules that are named, or of the whole core; every n-th of them."""
    places = [ROOT / name for name in only or ["core"]]
    files = sorted(
        file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))
    )
    if not files:
        raise SystemExit(f"there is no module in {', '.join(only)}")
    mutants = [mutant for file in files for mutant in mutants_of(file.relative_to(ROOT))]
    return mutants[::every]


def run(mutants: Sequence[Mutant], *, workers: int, tests: Sequence[str]) -> Tally:
    """Try every mutant."""
    tally = Tally(explained())
    within = [mutant for mutant in mutants if mutant.function]
    left, baseline = in_a_fork(within, workers=workers, tests=tests, tally=tally)
    at_import = [mutant for mutant in mutants if not mutant.function] + left
    forks = Forks(workers, tally.add)
    for mutant in at_import:
        names = baseline.tests_for_module(mutant.path)
        trial = import_trial(mutant, names, root=ROOT, options=OPTIONS)
        forks.start(mutant, trial, seconds=10 + sum(baseline.seconds.values()))
    forks.finish()
    return tally


def in_a_fork(
    mutants: Sequence[Mutant], *, workers: int, tests: Sequence[str], tally: Tally
) -> tuple[list[Mutant], Baseline]:
    """Try those within functions; return the others, and what the tests call."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:

            def report(mutant: Mutant, ended: int) -> None:
                place = mutants.index(mutant)
                pipe.write(json.dumps({"mutant": place, "ended": ended}) + "\n")
                pipe.flush()

            session = ForkingSession(mutants, root=ROOT, workers=workers, report=report)
            ended = pytest.main([*OPTIONS, *tests], plugins=[session])
            last = {
                "left": [mutants.index(mutant) for mutant in session.left],
                "tests": [[*key, names] for key, names in session.baseline.tests.items()],
                "seconds": session.baseline.seconds,
            }
            pipe.write(json.dumps(last) + "\n")
        os._exit(int(ended))
    os.close(writing)
    told: dict[str, Any] = {}
    with os.fdopen(reading, encoding="utf-8") as pipe:
        for line in pipe:
            told = json.loads(line)
            if "mutant" in told:
                tally.add(mutants[told["mutant"]], told["ended"])
    _, status = os.waitpid(pid, 0)
    if status or "left" not in told:
        raise SystemExit("the tests fail without a mutant, or the run of the mutants broke off")
    baseline = Baseline(seconds=told["seconds"])
    for path, function, names in told["tests"]:
        baseline.tests[path, function] = names
    return [mutants[place] for place in told["left"]], baseline


def show(tally: Tally) -> float:
    """Print what became of the mutants, module by module, and return the score of all."""
    whole: Counter[str] = Counter()
    for path, counted in sorted(tally.endings.items()):
        whole += counted
        click.echo(
            f"{tally.score(counted):5.1f} %  {counted['killed']:4} killed "
            f"{counted['survived']:3} survived {counted['explained']:3} explained  {path}"
        )
    for survivor in sorted(tally.survivors, key=str):
        click.echo(f"  {survivor}")
    score = tally.score(whole)
    click.echo(
        f"{score:.1f} % of {whole['killed'] + whole['survived']} mutants killed; "
        f"{whole['explained']} explained, {whole['refused by types']} refused by types"
    )
    return score


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("only", nargs="*", help="modules or folders; the whole core unless named")
    parser.add_argument("--every", type=int, default=1, help="every n-th mutant alone")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tests", action="append", help="which tests; the core's unless named")
    told = parser.parse_args()
    os.chdir(ROOT)
    settings.register_profile(
        "mutants", deadline=None, database=None, derandomize=True, max_examples=10
    )
    settings.load_profile("mutants")
    for name in THIRD_PARTY:
        importlib.import_module(name)
    tally = run(
        chosen(told.only, told.every), workers=told.workers, tests=told.tests or ["tests/core"]
    )
    sys.exit(show(tally) < GOAL)


if __name__ == "__main__":
    main()
