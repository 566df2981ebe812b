"""The manual on the command line, and what the shop's messages say of it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursetill_testing.command_line import CommandLine
from entrypoints.cli.app.main import coursetill
from entrypoints.cli.app.reference import INTRODUCTION, reference
from entrypoints.composition.gateways.cybersource_plugin import PLUGIN
from tests.entrypoints.cli.processes import ROOT, at_a_terminal, inside
from tests.entrypoints.cli.test_manners import settings_of

PAGES = {page.stem: page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")}
SPEAKING = ("core", "adapters", "entrypoints", "simulators/coursetill_simulators")
NAMED = re.compile(r"coursetill docs ([a-z]\w*)")
IN_THE_REPOSITORY = re.compile(r"docs/|\w\.md\b")


def messages() -> Iterator[tuple[str, str]]:
    """Every text in the code that is no docstring, and every template, with its file."""
    for folder in SPEAKING:
        for path in (ROOT / folder).rglob("*.*"):
            where = str(path.relative_to(ROOT))
            if path.suffix == ".py":
                yield from ((where, text) for text in texts(path))
            elif path.suffix in (".html", ".txt"):
                yield where, path.read_text(encoding="utf-8")


def texts(path: Path) -> Iterator[str]:
    """The texts of a module without the docstrings, which only developers read."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    for node in constants:
        if isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_is_printed_as_it_is_written(page: str) -> None:
    done = inside("docs", page)
    assert (done.returncode, done.stdout, done.stderr) == (0, PAGES[page], "")


def test_without_a_page_all_are_listed_with_their_titles() -> None:
    done = inside("docs")
    assert done.returncode == 0
    first = [line.split()[0] for line in done.stdout.splitlines()[1:]]
    assert first == sorted(PAGES)
    assert re.search(r"^cli +The command line$", done.stdout, re.MULTILINE)
    assert done.stderr == "Read one: coursetill docs PAGE\n"


def test_pages_are_told_as_json() -> None:
    listed = json.loads(inside("docs", "--json").stdout)["pages"]
    assert [each["name"] for each in listed] == sorted(PAGES)
    assert {"name": "cli", "title": "The command line"} in listed
    shown = json.loads(inside("docs", "cli", "--json").stdout)
    assert shown == {"name": "cli", "title": "The command line", "text": PAGES["cli"]}


@pytest.mark.parametrize("link", ["configuration.md", "docs/configuration.md"])
def test_a_link_between_pages_is_a_name_of_a_page(link: str) -> None:
    assert inside("docs", link).stdout == PAGES["configuration"]


@pytest.mark.parametrize("wrong", ["confguration", "../README", "site/zensical", ""])
def test_a_page_that_is_not_there_is_answered_with_those_that_are(wrong: str) -> None:
    done = inside("docs", wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(f"'{page}'" in done.stderr for page in PAGES)


def test_the_manual_is_read_where_settings_are_wrong() -> None:
    wrong = {"COURSETILL_DATABASE_URL": "nonsense", "COURSETILL_NO_SUCH_THING": "1"}
    assert inside("orders", "find", **wrong).returncode == 2
    assert inside("docs", "configuration", **wrong).stdout == PAGES["configuration"]


def test_a_page_goes_through_the_pager(till: CommandLine, tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho PAGED\ncat\n")
    pager.chmod(0o755)
    seen = at_a_terminal("docs", "operations", PAGER=str(pager), **settings_of(till))
    assert (seen.exit_code, seen.text) == (0, f"PAGED\n{PAGES['operations']}")


def test_every_page_that_a_message_names_is_there() -> None:
    help_text = reference(coursetill).removeprefix(INTRODUCTION)
    told = [*messages(), ("--help", help_text), ("--help", coursetill.epilog or "")]
    named = {name for _, text in told for name in NAMED.findall(text)}
    assert {"cli", "configuration", "cybersource"} <= named
    assert named - set(PAGES) == set()


def test_no_message_names_a_file_that_only_the_repository_has() -> None:
    help_text = reference(coursetill).removeprefix(INTRODUCTION)
    told = [*messages(), ("--help", help_text), ("--help", coursetill.epilog or "")]
    # What finds the pages, and the page that is written into docs/.
    own = {"entrypoints/cli/app/manual.py", "entrypoints/cli/commands/docs.py"}
    own |= {"entrypoints/cli/app/reference.py", "entrypoints/cli/app/error_reference.py"}
    wrong = [(where, text) for where, text in told if IN_THE_REPOSITORY.search(text)]
    assert [each for each in wrong if each[0] not in own] == []


def test_wrong_settings_name_the_page_of_settings() -> None:
    wrong = {"COURSETILL_DATABASE_URL": "nonsense"}
    told = inside("orders", "find", **wrong).stderr
    assert "`coursetill docs configuration` lists them all" in told
    checks = json.loads(inside("doctor", "--json", **wrong).stdout)["checks"]
    assert {check["next"] for check in checks} == {"coursetill docs configuration"}


def test_a_warning_of_the_gateway_names_its_page() -> None:
    assert PLUGIN.manual == "coursetill docs cybersource"
