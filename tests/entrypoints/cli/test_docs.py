"""The manual of the command line and of the settings says what is so."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from coursetill_simulators.demo import DEMO_CATALOGUE
from coursetill_testing.command_line import CommandLine
from entrypoints.cli.app import failures
from entrypoints.composition.gateways.cybersource_plugin import PLUGIN
from entrypoints.settings.reader import PREFIX
from entrypoints.settings.shop import KNOWN, read_settings
from tests.entrypoints.cli.test_help import EVERY, NAMES
from tests.entrypoints.cli.test_refund_requests import asked

MANUAL = Path("docs/cli.md").read_text(encoding="utf-8")
SETTINGS = [
    tuple(cell.strip().strip("`") for cell in line.strip("|").split("|"))
    for line in Path("docs/configuration.md").read_text(encoding="utf-8").splitlines()
    if line.startswith(f"| `{PREFIX}")
]


def test_the_manual_describes_exactly_the_existing_settings() -> None:
    assert sorted(name for name, *_ in SETTINGS) == sorted(
        f"{PREFIX}{name}" for name in (*KNOWN, *PLUGIN.settings)
    )
    assert all(meaning for _, _, meaning, _ in SETTINGS)


@pytest.mark.parametrize(
    ("name", "default"), [(name, default) for name, default, _, _ in SETTINGS if default]
)
def test_each_setting_has_its_documented_default(name: str, default: str) -> None:
    assert read_settings({name: default}) == read_settings({})
    assert read_settings({name: ""}) == read_settings({})


def test_every_example_of_a_setting_is_accepted() -> None:
    examples = {name: example for name, _, _, example in SETTINGS}
    demo = examples.pop(f"{PREFIX}SIGN_IN")
    password = examples.pop(f"{PREFIX}CYBERSOURCE_P12_PASSWORD")  # It stands beside no file of it.
    mail_password = examples.pop(f"{PREFIX}SMTP_PASSWORD")  # Nor does this one.
    settings = read_settings(examples)
    assert settings.gateway is not None
    assert settings.events is not None
    assert read_settings({f"{PREFIX}SIGN_IN": demo}).demo_sign_in
    assert settings.mail is not None
    del examples[f"{PREFIX}CYBERSOURCE_P12_PASSWORD_FILE"]
    examples[f"{PREFIX}SMTP_PASSWORD"] = mail_password
    del examples[f"{PREFIX}SMTP_PASSWORD_FILE"]
    settings = read_settings({**examples, f"{PREFIX}CYBERSOURCE_P12_PASSWORD": password})
    assert password not in repr(settings)
    assert mail_password not in repr(settings)


def examples() -> list[str]:
    """Every line of the manual that calls a command."""
    text = MANUAL.replace("\\\n", " ")
    return re.findall(r"^\$ (?:\w+=\S+ )?coursetill (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize(("path", "command"), EVERY, ids=NAMES)
def test_every_command_has_an_example_in_the_manual(
    path: tuple[str, ...], command: click.Command
) -> None:
    found = [shlex.split(line) for line in examples()]
    mine = [words[len(path) :] for words in found if tuple(words[: len(path)]) == path]
    assert mine
    for words in mine:
        command.make_context(path[-1], words)


@pytest.mark.parametrize(("path", "command"), EVERY, ids=NAMES)
def test_every_option_of_a_command_is_in_the_manual(
    path: tuple[str, ...], command: click.Command
) -> None:
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.opts[0] in MANUAL, f"{path}: {param.opts[0]}"


def test_every_exit_code_is_in_the_manual() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", MANUAL, re.MULTILINE)}
    used = {family.exit_code for family in failures.FAMILIES} | {0, failures.FAULT}
    assert told == used


def shape(heading: str) -> Any:
    """The shape that the manual gives under this heading."""
    found = re.search(rf"^### {heading}\n.*?```json\n(.*?)```", MANUAL, re.MULTILINE | re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def fields(value: Any) -> Any:
    """The names of all fields, in order, at every depth; of a list, those of its first item."""
    if isinstance(value, dict):
        free = {"raw", "body"}
        return {name: None if name in free else fields(each) for name, each in value.items()}
    if isinstance(value, list):
        return fields(value[0]) if value else None
    return None


def same(told: Any, real: Any) -> None:
    """Every field that is told is real and the other way round, in the same order."""
    if isinstance(told, dict) and isinstance(real, dict):
        assert list(told) == list(real)
        for name, each in told.items():
            same(each, real[name])


def test_the_json_output_matches_the_manual(till: CommandLine) -> None:
    till.ok("discounts", "create", "WELCOME25", "--kind", "percent-off", "--amount", "25")
    reference = till.paid("MECH", runs=["8.01.1x-1T2027"], codes=["WELCOME25"])
    back = ("orders", "refund", reference, "--line", "1", "--reason", "x")
    plan = till.shape(*back, "--dry-run")
    till.ok(*back, "--yes", "--as", "ann")

    same(fields(shape("product")), fields(till.shape("catalogue", "show", "6.431x-1T2027")))
    same(fields(shape("order")), fields(till.shape("orders", "show", reference)))
    same(fields(shape("plan")), fields(plan))
    same(fields(shape("product"))["changes"], fields(till.shape("journal")["entries"]))
    same(fields(shape("discount")), fields(till.shape("discounts", "show", "WELCOME25")))
    asked(till, till.paid("24.09x-1T2027"), 1)
    [request] = till.shape("refund-requests", "list")["requests"]
    same(fields(shape("refund request")), fields(request))
    same(fields(shape("event")), fields(till.shape("outbox", "list")["events"][0]))
    same(fields(shape("import")), fields(till.shape("catalogue", "import", str(DEMO_CATALOGUE))))
    same(fields(shape("check")), fields(till.shape("doctor")["checks"][0]))
    assert shape("Errors")["type"] == till.problem("orders", "show", "CT-0000")["type"]


PAGES = ("README.md", "docs/operations.md", "docs/cybersource.md", "docs/embedding.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_command_named_on_another_page_exists(page: str) -> None:
    text = Path(page).read_text(encoding="utf-8").replace("\\\n", " ")
    named = re.findall(r"(?:^\$ |`)coursetill ([^`\n#]+?)`?$", text, re.MULTILINE)
    named += re.findall(r"`coursetill ([^`\n]+)`", text)
    commands = dict(EVERY)
    for line in named:
        words = shlex.split(line)
        path = max((p for p in commands if tuple(words[: len(p)]) == p), key=len, default=None)
        assert path is not None, line
        commands[path].make_context(path[-1], words[len(path) :], resilient_parsing=False)


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md", "docs/cybersource.md"])
def test_every_link_and_file_named_on_a_page_exists(page: str) -> None:
    text = Path(page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text)
    files = re.findall(r"`((?:core|adapters|entrypoints|tests|docs)/[\w./-]*[\w/])`", text)
    here = Path(page).parent
    assert links or files
    assert [link for link in links if not (here / link).exists()] == []
    assert [name for name in files if not Path(name).exists()] == []
