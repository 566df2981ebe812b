"""The manual of the simulator lists exactly the existing routes, switches, cards and faults."""

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
    """Every route without its parameters and without static files."""
    rules = create_simulator(SimulatorSettings()).url_map.iter_rules()
    return {
        f"{method} {ANY.sub('*', rule.rule)}"
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule not in ("/", "/simulator/assets/<name>")
    }


def test_the_manual_lists_exactly_the_existing_routes() -> None:
    listed = {ANY.sub("*", word) for word in WORDS if ROUTE.fullmatch(word)}
    assert listed == routes()


def test_the_manual_lists_exactly_the_existing_switches() -> None:
    section = MANUAL.split("## Switches")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted(SWITCHES)


def test_the_manual_lists_exactly_the_existing_cards() -> None:
    listed = {word for word in WORDS if re.fullmatch(r"\d{12,19}", word)}
    assert listed == {*CARDS, *ACCEPTED_CARDS, *CHALLENGED_CARDS}


@pytest.mark.parametrize(
    "name",
    sorted(
        {each.value for kind in (Operation, FaultKind, Channel, MessageFaultKind) for each in kind}
    ),
)
def test_the_manual_lists_every_fault_operation_and_channel(name: str) -> None:
    assert name in WORDS
