"""Every error of the extension has a sentence and a public type, and the manual lists the types."""

import importlib
import pkgutil
from datetime import UTC
from pathlib import Path

import coursetill_financial_aid
from core.errors import ShopError
from coursetill_financial_aid import EXTENSION
from coursetill_financial_aid.wording import ENTRIES
from entrypoints.composition.wording import for_learners

README = Path(coursetill_financial_aid.__file__).parents[1] / "README.md"


def errors() -> set[type[ShopError]]:
    """The errors that the modules of the extension define."""
    modules = pkgutil.walk_packages(coursetill_financial_aid.__path__, "coursetill_financial_aid.")
    return {
        each
        for module in modules
        if "migrations." not in module.name
        for each in vars(importlib.import_module(module.name)).values()
        if isinstance(each, type)
        and issubclass(each, ShopError)
        and each.__module__.startswith("coursetill_financial_aid.")
    }


def test_every_error_has_one_sentence_and_one_type() -> None:
    assert errors()
    assert {entry.kind for entry in ENTRIES} == errors()
    assert len({entry.problem_type for entry in ENTRIES}) == len(ENTRIES)


def test_the_shop_uses_the_sentences_of_the_extension() -> None:
    wording = for_learners(UTC, [EXTENSION])
    assert all(wording.entry(kind) is not None for kind in errors())


def test_the_manual_lists_every_type() -> None:
    rows = [f"| `{entry.problem_type}` | `{entry.kind.__name__}` |" for entry in ENTRIES]
    listed = [line for line in README.read_text(encoding="utf-8").splitlines() if line in rows]
    assert sorted(listed) == sorted(rows)
