"""The mutator makes the slips it is meant to make, and its run tells those that nobody notices."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.mutants import mutants_of
from tests.mutation.run import GOAL, ROOT, chosen, explained
from tests.mutation.session import KILLED, NOT_A_PROGRAM, replacement, verdict

MODULE = '''
LEAST = 3
MOVES = {"open": {1, 2}, "ended": set()}

class Cart:
    @repeated_on_conflict
    def add(self, item: "str | int", *, twice: bool = False) -> None:
        """Put it in."""
        if item in self.items and not twice:
            raise Refused(f"{item} is there")
        self.items.append(item)
        self.total -= item.price

    def __str__(self) -> str:
        return "a cart" if self.items else "nothing"
'''


def slips(tmp_path: Path, text: str) -> list[tuple[str, str, str]]:
    path = tmp_path / "module.py"
    path.write_text(text)
    return [(mutant.function, mutant.before, mutant.after) for mutant in mutants_of(path)]


def test_every_kind_of_slip_is_made_and_no_sentence_is_touched(tmp_path: Path) -> None:
    inside = "Cart.add"
    choice = "item in self.items and (not twice)"
    assert slips(tmp_path, MODULE) == [
        ("", "3", "4"),
        ("", "{'open': {1, 2}, 'ended': set()}", "without 'open'"),
        ("", "{'open': {1, 2}, 'ended': set()}", "without 'ended'"),
        ("", "{1, 2}", "without 1"),
        ("", "{1, 2}", "without 2"),
        ("", "1", "2"),
        ("", "2", "3"),
        ("", "@repeated_on_conflict def add", "def add"),
        ("", "False", "True"),
        (inside, f"if {choice}:", "if True:"),
        (inside, f"if {choice}:", "if False:"),
        (inside, choice, "item in self.items or not twice"),
        (inside, choice, "not twice"),
        (inside, choice, "item in self.items"),
        (inside, "item in self.items", "item not in self.items"),
        (inside, "not twice", "twice"),
        (inside, "raise Refused(f'{item} is there')", "pass"),
        (inside, "self.items.append(item)", "pass"),
        (inside, "self.total -= item.price", "pass"),
    ]


def test_the_tree_of_a_mutant_has_its_one_change(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("def fits(n, most):\n    return n < most and most > 0\n")
    changed = {mutant.after: compile(mutant.tree(), "m", "exec") for mutant in mutants_of(path)}
    found: dict[str, dict[str, object]] = {after: {} for after in changed}
    for after, code in changed.items():
        exec(code, found[after])  # noqa: S102
    results = {after: names["fits"](3, 3) for after, names in found.items()}  # type: ignore[operator]
    assert results["n <= most"]
    assert results["most > 0"]
    assert not results["n < most"]


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("core/use_cases/checkout/place_order.py", "_place"),
        ("core/orders/line.py", "Line.taken_off"),
        ("core/money.py", "Money.of"),
    ],
)
def test_decorated_functions_properties_and_class_methods_are_reached(
    path: str, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    found = [mutant for mutant in mutants_of(Path(path)) if mutant.function == function]
    assert found
    assert all(replacement(mutant) for mutant in found)


@pytest.mark.parametrize(
    ("failure", "ended"),
    [
        ("AssertionError: assert 1 == 2", KILLED),
        ("TypeError: f() missing 1 required keyword-only argument: 'now'", NOT_A_PROGRAM),
        ("ValueError: not enough values to unpack (expected 2, got 1)", NOT_A_PROGRAM),
        ("TypeError: '<' not supported", KILLED),
    ],
)
def test_what_a_type_checker_refuses_is_no_mutant(failure: str, ended: int) -> None:
    assert verdict(failure) == ended


def test_a_module_that_there_is_not_is_named() -> None:
    with pytest.raises(SystemExit, match="no module in core/nothing"):
        chosen(["core/nothing"], 1)


def test_what_is_explained_is_read_from_the_document_and_is_a_mutant_still() -> None:
    keys = {
        mutant.key
        for file in (ROOT / "core").rglob("*.py")
        for mutant in mutants_of(file.relative_to(ROOT))
    }
    assert explained() - keys == set()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.mutation.run", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_run_tells_what_was_killed_and_fails_below_the_goal() -> None:
    ended = run("core/money.py", "--every", "10", "--tests", "tests/core/test_money.py")
    told = re.search(r"([0-9.]+) % of ([0-9]+) mutants killed", ended.stdout)
    assert told is not None, ended.stderr
    assert (float(told[1]) > 50, int(told[2]) > 5) == (True, True)
    assert ended.returncode == (float(told[1]) < GOAL)


def test_a_run_whose_tests_notice_nothing_fails_and_names_the_survivors() -> None:
    ended = run("core/discount_code.py", "--tests", "tests/core/test_money.py", "--every", "4")
    assert ended.returncode == 1, ended.stderr
    assert "survived: core/discount_code.py:" in ended.stderr
