"""Each decision of docs/decisions.md names what fails without it, and all that it names exists."""

import ast
import re
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
DECISION = re.compile(r"^## (\d+)\. ", re.MULTILINE)
LIST = re.compile(r"^Proved by:\n((?:- .+\n?)+)", re.MULTILINE)
PROOF = re.compile(r"^- `([^`]+)::([^`]+)`$", re.MULTILINE)


def decisions(text: str) -> dict[int, str]:
    """The text of each decision by its number."""
    _, *parts = DECISION.split(text)
    return dict(zip(map(int, parts[::2]), parts[1::2], strict=True))


def proofs(text: str) -> list[tuple[str, str]]:
    """The file and the name of what proves a decision of this text."""
    listed = LIST.search(text)
    return PROOF.findall(listed[1]) if listed else []


def exists(file: str, name: str) -> bool:
    """Whether there is such a test, such a contract of the imports, or such a target of make."""
    path = ROOT / file
    if not path.is_file():
        return False
    if path.name == "Makefile":
        return f"\n{name}: " in path.read_text(encoding="utf-8")
    if path.suffix == ".cfg":
        setup = ConfigParser()
        setup.read(path, encoding="utf-8")
        return name.startswith("importlinter:contract:") and setup.has_section(name)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return name.startswith("test_") and name in defined


def test_decisions_are_numbered_without_a_gap() -> None:
    assert list(decisions(TEXT)) == list(range(1, len(decisions(TEXT)) + 1))


@pytest.mark.parametrize("number", decisions(TEXT))
def test_each_decision_names_tests_that_exist(number: int) -> None:
    found = proofs(decisions(TEXT)[number])
    assert found
    assert [proof for proof in found if not exists(*proof)] == []


def test_a_decision_without_a_proof_or_with_a_missing_test_is_found() -> None:
    assert proofs("A rule\n- `tests/x.py::test_y`\n") == []
    assert proofs("A rule\nProved by:\n- `tests/x.py::test_y`\n\nWhy") == [("tests/x.py", "test_y")]
    assert not exists("tests/x.py", "test_y")
    assert not exists("tests/test_decisions.py", "test_y")
    assert not exists("tests/test_decisions.py", "decisions")
    assert not exists("setup.cfg", "importlinter:contract:none")
    assert exists("setup.cfg", "importlinter:contract:acyclic")
    assert not exists("Makefile", "none")
    assert exists("Makefile", "test")
