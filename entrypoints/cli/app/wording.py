"""The sentences of the commands, and of the servers that they start."""

from __future__ import annotations

from datetime import tzinfo

from entrypoints.cli.app.errors import (
    NoSuchLetter,
    RefundNotAccepted,
    RefundOutcomeUnknown,
)
from entrypoints.composition.wording import for_staff
from entrypoints.extensions.api import Extension
from entrypoints.processes.errors import (
    BesideARealGateway,
    CannotListen,
    NotForTheDemo,
    PortInUse,
    UnusableBooks,
)
from entrypoints.processes.simulators import SimulatorsNotInstalled
from entrypoints.wording.sentences import Entries, Wording, error


def _refund_unknown(refused: RefundOutcomeUnknown, words: Wording) -> str:
    template = (
        "The gateway has not said how refund {refund} ended. It is kept and asked about again; "
        "do not refund a second time"
    )
    if refused.outcome:
        template = (
            "The gateway has not said how refund {refund} ended ({outcome}). It is kept and asked "
            "about again; do not refund a second time"
        )
    return words.say(template, refund=refused.refund, outcome=refused.outcome)


COMMANDS: Entries = (
    error(RefundOutcomeUnknown, "refund-unknown", _refund_unknown),
    error(
        RefundNotAccepted,
        "refund-failed",
        "The gateway refused refund {refund}: {outcome}. No money was given back",
    ),
    error(
        NoSuchLetter,
        "no-such-letter",
        "Order {reference} has nothing yet that such a letter is about",
    ),
)

PROCESSES: Entries = (
    error(NotForTheDemo, "not-for-the-demo", "The demo does not start: {why}"),
    error(
        BesideARealGateway,
        "beside-a-real-gateway",
        "The simulator does not start beside a real payment gateway: {setting} is {url}. "
        "Start it from a terminal without the settings of a real shop",
    ),
    error(UnusableBooks, "unusable-books", "{why}"),
    error(PortInUse, "port-in-use", "Port {port} is in use. Choose another: {retry}"),
    error(
        SimulatorsNotInstalled,
        "simulators-not-installed",
        "coursetill {command} needs the simulators, which are not installed. "
        'Install them: pip install "coursetill[demo]"',
    ),
    error(
        CannotListen,
        "cannot-listen",
        "The shop cannot listen on {bind}, port {port}: {why}",
    ),
)


def for_commands(zone: tzinfo, extensions: tuple[Extension, ...] = ()) -> Wording:
    """Every sentence of a command. Raises ExtensionCannotBeUsed."""
    return for_staff(zone, extensions).with_entries((*COMMANDS, *PROCESSES))
