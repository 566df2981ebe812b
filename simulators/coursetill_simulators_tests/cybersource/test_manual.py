"""The simulator's manual lists what there is, and nothing else."""

import re
from pathlib import Path

import pytest

from coursetill_simulators.cybersource import SimulatorSettings, create_simulator
from coursetill_simulators.cybersource.faults.message_faults import Channel, MessageFaultKind
from coursetill_simulators.cybersource.faults.reply_faults import FaultKind, Operation
from coursetill_simulators.cybersource.sessions.completions import CHALLENGED_CARDS
from coursetill_simulators.cybersource.settings import SWITCHES
from coursetill_simulators.cybersource.state.outcomes import ACCEPTED_CARDS, CARDS

MANUAL = Path("docs/simulator.md").read_text(encoding="utf-8")
WORDS = re.findall(r"`([^`\n]+)`", MANUAL)
ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
ANY = re.compile(r"<[^>]+>|\{[^}]+\}")


def routes() -> set[str]:
    """Every route, its changing parts left out; the files of the pages are not for callers."""
    rules = create_simulator(SimulatorSettings()).url_map.iter_rules()
    return {
        f"{method} {ANY.sub('*', rule.rule)}"
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule not in ("/", "/simulator/assets/<name>")
    }


def test_every_route_is_listed_and_no_other() -> None:
    listed = {ANY.sub("*", word) for word in WORDS if ROUTE.fullmatch(word)}
    assert listed == routes()


def test_every_switch_is_listed_and_no_other() -> None:
    section = MANUAL.split("## Switches")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted(SWITCHES)


def test_every_card_is_listed_and_no_other() -> None:
    listed = {word for word in WORDS if re.fullmatch(r"\d{12,19}", word)}
    assert listed == {*CARDS, *ACCEPTED_CARDS, *CHALLENGED_CARDS}


@pytest.mark.parametrize(
    "name",
    sorted(
        {each.value for kind in (Operation, FaultKind, Channel, MessageFaultKind) for each in kind}
    ),
)
def test_every_fault_operation_and_channel_is_listed(name: str) -> None:
    assert name in WORDS
