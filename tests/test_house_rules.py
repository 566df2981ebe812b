"""What every file of the product keeps to, whoever writes it: its size, and the words in its names.

Style is ruff's, types are mypy's, and who imports whom is import-linter's business.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = ("core", "adapters", "entrypoints", "extensions")
MOST_LINES = 400
LONGEST_FUNCTION = 70
# Names of files that say nothing of what is inside. Identifiers may use the field's own terms.
EMPTY = re.compile(
    r"(?<![a-z])(abstract|base|common|dto|handler|helper|impl|info|manager|misc|service|util)s?"
    r"(?![a-z])"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files() -> list[Path]:
    """The modules of the product, its extensions too, and none of their tests."""
    found = (path.relative_to(ROOT) for top in PRODUCT for path in (ROOT / top).rglob("*.py"))
    return sorted(path for path in found if not any(part.endswith("_tests") for part in path.parts))


def defined(text: str) -> Iterator[Function | ast.ClassDef]:
    """Every function and class in text, at whatever depth."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function | ast.ClassDef):
            yield node


def words(name: str) -> str:
    """The words of a name in small letters: DiscountService and discount_service alike."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def faults(path: Path, text: str) -> list[str]:
    """What is wrong with a file of this text, each in a few words."""
    found = []
    lines = len(text.splitlines())
    if lines > MOST_LINES:
        found.append(f"has {lines} lines")
    found += [
        f"is named {part}" for part in path.with_suffix("").parts if EMPTY.search(words(part))
    ]
    for node in defined(text):
        long = (node.end_lineno or node.lineno) - node.lineno + 1
        if isinstance(node, Function) and long > LONGEST_FUNCTION:
            found.append(f"{node.name} has {long} lines")
    return found


def test_every_file_is_short_and_well_named() -> None:
    checked = {path: faults(path, (ROOT / path).read_text(encoding="utf-8")) for path in files()}
    assert {str(path): found for path, found in checked.items() if found} == {}
    tops = {path.parts[0] for path in checked}
    assert tops >= {"core", "adapters", "entrypoints"}


def private_imports(text: str) -> list[str]:
    """Modules of `tests/` that a file of this text imports: nobody outside can have them."""
    named: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            named += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            named.append(node.module or "")
    return [name for name in named if name.partition(".")[0] == "tests"]


@pytest.mark.parametrize("place", ["examples", "extensions", "testing"])
def test_code_for_other_repositories_imports_no_private_tests(place: str) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / place).rglob("*.py")}
    assert texts
    assert {
        str(path): found for path, text in texts.items() if (found := private_imports(text))
    } == {}


@pytest.mark.parametrize(
    "text", ["from tests.till import Till", "import tests.till", "def f():\n    import tests"]
)
def test_a_private_import_is_found(text: str) -> None:
    assert private_imports(text) != []


# Words of earlier versions that said nothing to a stranger, and what is written instead.
GONE = {
    "asking": "enquire, payment enquiry",
    "desk": "context",
    "dossier": "order details",
    "forgetting": "erase",
    "heard": "notice, reply",
    "hearing": "process a notice",
    "loose": "unattended",
    "mishap": "fault",
    "pour": "bulk insert",
    "poured": "bulk insert",
    "settle": "apply a result",
    "settling": "apply a result",
    "shelving": "edit a product",
    "tending": "order actions",
    "told": "text, result, what the thing is",
    "wanted": "filters, selection, what the thing is",
    "weighing": "merge a result",
    "weighed": "merged",
}
# Names that keep one of these words, with the reason.
STILL_CALLED: dict[str, str] = {
    "0010_forgetting": "a migration that was released keeps its name",
}


def names(path: Path, text: str) -> Iterator[str]:
    """The names of a module's folders and of itself, and those of its classes and functions."""
    yield from path.with_suffix("").parts
    yield from (node.name for node in defined(text))


def old_words(path: Path, text: str) -> list[str]:
    """Names in this file with a word that must not come back."""
    return [
        name
        for name in names(path, text)
        if name not in STILL_CALLED and GONE.keys() & set(words(name).strip("_").split("_"))
    ]


def test_retired_words_are_not_used_as_names() -> None:
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in files()}
    found = {str(path): old_words(path, text) for path, text in texts.items()}
    assert {path: names for path, names in found.items() if names} == {}
    used = {name for path, text in texts.items() for name in names(path, text)}
    assert STILL_CALLED.keys() <= used, "an exception that nothing needs any more"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("core/hearing.py", ""),
        ("core/desk/names.py", ""),
        ("core/a.py", "class _Hearing: ..."),
        ("core/a.py", "def seats_told(): ..."),
        ("core/a.py", "class A:\n    def pour(self): ..."),
    ],
)
def test_a_retired_word_in_a_name_is_found(path: str, text: str) -> None:
    assert len(old_words(Path(path), text)) == 1


def test_a_longer_word_that_contains_a_retired_one_is_allowed() -> None:
    assert old_words(Path("core/unwanted.py"), "class Resettled: ...") == []


# Class names that stand for two things, with the reason.
TWICE: dict[str, str] = {}


def classes_defined_twice(texts: dict[Path, str]) -> dict[str, list[str]]:
    """Names of classes that are defined in more than one place, and where."""
    places: dict[str, list[str]] = {}
    for path, text in texts.items():
        for node in defined(text):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path))
    return {name: found for name, found in places.items() if len(found) > 1}


def test_a_class_name_has_one_meaning() -> None:
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in files()}
    assert set(classes_defined_twice(texts)) == set(TWICE)


def test_a_class_name_with_two_meanings_is_found() -> None:
    texts = {
        Path("core/a.py"): "class State: ...",
        Path("adapters/b.py"): "class Other:\n    class State: ...",
    }
    assert classes_defined_twice(texts) == {"State": ["core/a.py", "adapters/b.py"]}


BODY = "\n" * LONGEST_FUNCTION + "    pass"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("core/money.py", "\n" * 401, "has 401 lines"),
        ("core/utils.py", "", "is named utils"),
        ("adapters/base/rows.py", "", "is named base"),
        ("core/money.py", f"def round_up():{BODY}", "round_up has 71 lines"),
    ],
)
def test_each_broken_rule_is_reported(name: str, text: str, told: str) -> None:
    assert faults(Path(name), text) == [told]


@pytest.mark.parametrize("name", ["database", "datum", "informed", "baseline", "personal_data"])
def test_a_longer_word_that_starts_with_a_retired_one_is_allowed(name: str) -> None:
    assert faults(Path(f"core/{name}.py"), "") == []


GATEWAY_HOMES = (
    "adapters/cybersource/",
    "entrypoints/cli/commands/cybersource.py",
    "entrypoints/cli/commands/cybersource_commands.py",
    "entrypoints/cli/commands/cybersource_webhooks.py",
    "entrypoints/cli/commands/simulator.py",
    "entrypoints/composition/gateways/cybersource.py",
    "entrypoints/composition/gateways/cybersource_errors.py",
    "entrypoints/composition/gateways/cybersource_plugin.py",
    "entrypoints/composition/gateways/cybersource_wording.py",
    "entrypoints/processes/gateways/cybersource.py",
    "entrypoints/settings/gateways/cybersource.py",
    "entrypoints/settings/gateways/secure_acceptance.py",
)
"""All that CyberSource is made of: its adapter, and what plugs it in."""

OF_THE_GATEWAY = re.compile(
    r"cyber.?source|secure.?acceptance|unified.?checkout|\bVAS\b", re.IGNORECASE
)


def naming_the_gateway(files: Iterator[tuple[str, str]]) -> list[str]:
    """Which of these files, by path and text, name the gateway though they are no part of it."""
    return [
        path
        for path, text in files
        if not path.startswith(GATEWAY_HOMES) and OF_THE_GATEWAY.search(text)
    ]


def test_only_its_own_files_name_a_gateway() -> None:
    kinds = {".py", ".html", ".txt", ".js", ".css", ".mako", ".ini"}
    found = (
        (path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for top in PRODUCT
        for path in sorted((ROOT / top).rglob("*"))
        if path.suffix in kinds and not any(p.endswith("_tests") for p in path.parts)
    )
    assert naming_the_gateway(found) == []


def test_a_file_that_names_a_gateway_is_found() -> None:
    there = [
        ("entrypoints/web/payment.py", "from adapters.cybersource import gateway"),
        ("entrypoints/web/static/pay.js", "await window.VAS.UnifiedCheckout(session)"),
        ("adapters/cybersource/gateway.py", "CyberSource"),
        ("core/money.py", "Money"),
    ]
    assert naming_the_gateway(iter(there)) == [path for path, _ in there[:2]]
