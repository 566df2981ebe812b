"""The command that runs the payment gateway's simulator alone."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import terminal

if TYPE_CHECKING:
    from entrypoints.settings.gateways.cybersource import GatewaySettings


@click.command(cls=ShopCommand, example="coursetill simulator --port 9100")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="The port to listen on; by default any free one."
)
@click.option(
    "--books",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="A file that stores the payments for the next run; by default only memory.",
)
@click.option(
    "--https",
    "authority",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Use https, and write the certificate that clients have to trust to this file.",
)
@click.pass_obj
def simulator(
    context: CommandContext, *, port: int | None, books: Path | None, authority: Path | None
) -> None:
    """Run the simulated CyberSource until Ctrl-C, on this machine only. It moves no money.

    Prints the settings for a shop that uses it, in shell syntax. Its web page shows every payment
    and can make calls fail. It does not start if the settings name the real gateway.
    """
    from entrypoints.processes.simulators import require_simulators

    require_simulators("simulator")

    from entrypoints.processes.errors import PortInUse
    from entrypoints.processes.gateways.cybersource import running_simulator
    from entrypoints.processes.web_server import until_stopped

    with until_stopped():
        try:
            with running_simulator(
                context.settings, port or 0, books=books, authority=authority
            ) as account:
                terminal.print_note(
                    f"The simulator runs at {account.url}. No money moves. Ctrl-C stops it."
                )
                if authority is None:
                    _tell_settings(account)
                else:
                    terminal.print_note(f"Callers have to trust the certificate in {authority}.")
                    terminal.print_note("A shop uses a simulator that runs without --https.")
                sys.stdout.flush()
                Event().wait()  # Only a signal ends this wait; the event is never set.
        except OSError as error:
            if error.errno != errno.EADDRINUSE or port is None:
                raise
            another = port + 1 if port < 65535 else 9100
            raise PortInUse(port, f"coursetill simulator --port {another}") from None
    kept = "is gone" if books is None else f"is in {books}"
    terminal.print_note(f"The simulator has stopped, and what it knew {kept}.")


def _tell_settings(account: GatewaySettings) -> None:
    """Print the settings for a shop that uses this account."""
    from entrypoints.processes.gateways.cybersource import (
        gateway_environment,
        page_at,
        page_environment,
    )
    from entrypoints.settings.shell import exports

    terminal.print_note("A shop uses it with these settings:")
    settings = {
        **gateway_environment(account),
        **page_environment(page_at(account.url, pays=False)),
    }
    terminal.print_line("\n".join(exports(settings)))
    terminal.print_note(
        "Learners pay on its page with COURSETILL_PAY_AT=hosted-page. Webhooks come "
        "once a shop has asked: coursetill cybersource webhooks subscribe"
    )
