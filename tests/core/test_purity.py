"""Things of the core never change, and it takes the time and new ids from outside."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

import core

FILES = sorted(Path(core.__file__).parent.rglob("*.py"))
CLOCKS_AND_DICE = {
    *("now", "utcnow", "today", "time", "monotonic", "perf_counter"),
    *("uuid1", "uuid4", "uuid7", "token_hex", "token_bytes", "urandom", "randint", "random"),
}


def classes_of_the_core() -> Iterator[type]:
    for module in pkgutil.walk_packages(core.__path__, "core."):
        for found in vars(importlib.import_module(module.name)).values():
            if isinstance(found, type) and found.__module__ == module.name:
                yield found


def mutable(found: type) -> bool:
    """Whether a thing of this class could be changed."""
    if not attrs.has(found):
        return False
    thing = object.__new__(found) if not issubclass(found, Exception) else found.__new__(found)
    try:
        thing.anything = 1  # type: ignore[attr-defined]
    except attrs.exceptions.FrozenInstanceError:
        return False
    except AttributeError:
        return True
    return True


def calls_of(text: str) -> set[str]:
    """What is called in text, by its last name."""
    calls = (node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return {getattr(call, "attr", getattr(call, "id", "")) for call in calls}


def test_every_class_of_the_core_is_frozen() -> None:
    known = [found for found in classes_of_the_core() if attrs.has(found)]
    assert len(known) > 100
    assert [found for found in known if mutable(found)] == []


def test_a_mutable_class_is_found() -> None:
    @attrs.define
    class Loose:
        amount: int = 0

    @attrs.frozen
    class Firm:
        amount: int = 0

    assert mutable(Loose)
    assert not mutable(Firm)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FILES[0].parent)))
def test_the_core_uses_no_clock_and_no_random_numbers(path: Path) -> None:
    assert calls_of(path.read_text(encoding="utf-8")) & CLOCKS_AND_DICE == set()


def test_a_use_of_clock_or_random_numbers_is_found() -> None:
    assert calls_of("datetime.now(UTC); uuid4(); order.at(x)") & CLOCKS_AND_DICE == {"now", "uuid4"}
