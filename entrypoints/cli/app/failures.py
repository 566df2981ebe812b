"""Messages and exit codes of failed commands, as tables."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import click

from core.errors import Absent, Conflict, Refused, ShopError, Unavailable
from core.products.catalogue_rows import RowsHaveProblems
from entrypoints.cli.app.errors import RefundOutcomeUnknown
from entrypoints.cli.output import terminal
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.settings.reader import SettingsAreWrong
from entrypoints.wording.sentences import Wording

PROBLEMS_FOUND = 1
USAGE = 2
NOT_FOUND = 3
CONFLICT = 4
GATEWAY_UNKNOWN = 5
FAULT = 70
TEMPORARY = 75
INTERRUPTED = 130

NEXT = {
    "UnknownProduct": "coursetill catalogue list",
    "UnknownOrder": "coursetill orders find",
    "NoRequest": "coursetill refund-requests list",
    "UnknownRefundRequest": "coursetill refund-requests list",
    "RefundRequestIsAnswered": "coursetill refund-requests show REFERENCE",
    "UnknownLine": "coursetill orders show REFERENCE",
    "UnknownCode": "coursetill discounts list",
    "UnknownEvent": "coursetill outbox list",
    "UnknownReader": "coursetill outbox readers",
    "UnknownInboxMessage": "coursetill inbox list",
    "CodeIsTaken": "coursetill discounts show CODE",
    "NothingSelected": "coursetill discounts list",
    "RefundTooLarge": "coursetill orders show REFERENCE",
    "LineIsRefunded": "coursetill orders show REFERENCE",
    "NothingToRefund": "coursetill orders show REFERENCE",
    "GatewayUnavailable": "coursetill doctor",
    "RecordsUnavailable": "coursetill doctor",
    "SchemaIsOlder": "coursetill db upgrade",
    "SchemaIsNewer": "coursetill db status",
    "SettingsAreWrong": "coursetill doctor",
    "ExtensionCannotBeUsed": "coursetill extensions",
    "GatewayCannotBeUsed": "coursetill doctor",
    "ExtensionTablesAreBehind": "coursetill db upgrade",
    "PricingUnavailable": "coursetill doctor",
    "ExtensionFailed": "coursetill doctor",
    "RefundOutcomeUnknown": "coursetill upkeep",
    "StillChecking": "coursetill orders show REFERENCE",
}
"""The command that helps after an error, by the error's name."""


@attrs.frozen
class ErrorFamily:
    """One row of the table: a kind of failure, its title, exit code and HTTP status."""

    kind: type[BaseException]
    title: str
    exit_code: int
    status: int


FAMILIES = (
    ErrorFamily(click.UsageError, "Wrong usage", USAGE, 400),
    ErrorFamily(SettingsAreWrong, "Wrong settings", USAGE, 500),
    ErrorFamily(Absent, "Not found", NOT_FOUND, 404),
    ErrorFamily(Conflict, "Conflict", CONFLICT, 409),
    ErrorFamily(Unavailable, "Unavailable", TEMPORARY, 503),
    ErrorFamily(RefundOutcomeUnknown, "Unknown at the gateway", GATEWAY_UNKNOWN, 502),
    ErrorFamily(Refused, "Refused", PROBLEMS_FOUND, 422),
    ErrorFamily(click.ClickException, "Refused", PROBLEMS_FOUND, 422),
    ErrorFamily(KeyboardInterrupt, "Interrupted", INTERRUPTED, 499),
    ErrorFamily(click.Abort, "Interrupted", INTERRUPTED, 499),
)
_FAULT = ErrorFamily(Exception, "A fault of ours", FAULT, 500)


def next_step(error: BaseException) -> str | None:
    """The command that helps after this error; None without one."""
    name = type(error).__name__
    if name in NEXT:
        return NEXT[name]
    from entrypoints.gateways.registry import GatewayCannotBeUsed, installed_gateways

    try:
        gateways = installed_gateways()
    except GatewayCannotBeUsed:
        return None
    return next((p.next_steps[name] for p in gateways if name in p.next_steps), None)


def report_failure(
    error: BaseException, *, words: Wording, as_json: bool = False, meant: Sequence[str] = ()
) -> int:
    """Print the error and similar names on stderr. Returns the exit code."""
    family = next((f for f in FAMILIES if isinstance(error, f.kind)), _FAULT)
    detail = detail_of(error, words)
    if family is _FAULT:
        detail = _fault(error)
    if as_json:
        problem = _problem(error, family, detail=detail, words=words)
        terminal.print_note_json({**problem, "did_you_mean": list(meant)} if meant else problem)
    elif isinstance(error, click.UsageError):
        error.show()
    else:
        terminal.print_note(f"Error: {detail}" if family.exit_code != INTERRUPTED else detail)
        if meant:
            terminal.print_note(f"Did you mean {' or '.join(meant)}?")
        command = next_command(error)
        if command is not None:
            terminal.print_note(f"Next: {command}")
    return family.exit_code


def detail_of(error: BaseException, words: Wording) -> str:
    """The sentence for staff, with causes that learners do not see."""
    match error:
        case click.ClickException():
            return error.format_message()
        case KeyboardInterrupt() | click.Abort():
            return "Stopped. Nothing was left half done"
        case _:
            return words.sentence(error)


def next_command(error: BaseException) -> str | None:
    """The command that helps, with the error's own facts as arguments if it has them."""
    command = next_step(error)
    for word in ("REFERENCE", "CODE"):
        known = getattr(error, word.lower(), None)
        if command is not None and known is not None:
            command = command.replace(word, str(known))
    return command


def _fault(error: BaseException) -> str:
    """One line for people; with COURSETILL_DEBUG=yes the traceback, too, on stderr."""
    number = new_key()[:12]
    if os.environ.get("COURSETILL_DEBUG") == "yes":
        terminal.print_note("".join(traceback.format_exception(error)))
        return f"This is a fault of ours, number {number}: the lines above say where it is"
    return (
        f"This is a fault of ours, number {number} ({type(error).__name__}). Nothing was left half "
        "done. COURSETILL_DEBUG=yes and the same command show where it is"
    )


def _problem(
    error: BaseException, family: ErrorFamily, *, detail: str, words: Wording
) -> Mapping[str, Any]:
    """The problem as RFC 9457 defines it, plus the exit code and the next command."""
    problem: dict[str, Any] = {
        "type": f"urn:coursetill:{problem_type(error, family, words)}",
        "title": family.title,
        "status": family.status,
        "detail": detail,
        "exit_code": family.exit_code,
    }
    command = next_command(error)
    if command is not None:
        problem["next"] = command
    match error:
        case RowsHaveProblems(problems):
            problem["problems"] = [
                {"line": each.line, "column": each.column, "why": words.sentence(each.why)}
                for each in problems
            ]
        case SettingsAreWrong(problems):
            problem["problems"] = list(problems)
        case _:
            pass
    return problem


def problem_type(error: BaseException, family: ErrorFamily, words: Wording) -> str:
    """The public type of a problem, stable across releases."""
    if not isinstance(error, ShopError):
        return family.title.lower().replace(" ", "-")
    return words.problem_type(error)
