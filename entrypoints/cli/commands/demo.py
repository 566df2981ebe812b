"""The command that runs the demo and prints what to try in it."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.commands.serve import another_port
from entrypoints.cli.output import terminal
from entrypoints.composition.clock_and_ids import now
from entrypoints.settings.shop import Settings

if TYPE_CHECKING:
    from entrypoints.processes.demo import Demo

FOLDER = Path("var")
_WORKER_SECONDS = 2.0


@click.command(cls=ShopCommand, example="PORT=8080 coursetill demo")
@click.option(
    "--automatic",
    is_flag=True,
    help="Let the card form charge the card itself, with 3-D Secure.",
)
@click.option("--hosted-page", is_flag=True, help="Let learners pay on the gateway's own page.")
@click.pass_obj
def demo(context: CommandContext, *, automatic: bool, hosted_page: bool) -> None:
    """Run the whole shop on this machine until Ctrl-C: no account, no money, no other service.

    Runs the shop with a simulated payment gateway, learning platform and mail server, on loopback
    only. Its database is var/demo.db, unless COURSETILL_DATABASE_URL names another.
    """
    import logging

    from entrypoints.processes.simulators import require_simulators

    if automatic and hosted_page:
        raise click.UsageError("--automatic is about the card form, which --hosted-page replaces")
    require_simulators("demo")

    from entrypoints.processes.demo import running_demo
    from entrypoints.processes.web_server import claimed, log_to_stderr, serve_pages, until_stopped
    from entrypoints.processes.worker import Worker

    settings = _with_database(context.settings)
    again = another_port(
        settings.port, "make run" if os.environ.get("MAKELEVEL") else "coursetill demo"
    )
    with until_stopped(), closing(claimed("127.0.0.1", settings.port, retry=again)) as listening:
        log_to_stderr(logging.DEBUG if settings.debug else logging.WARNING)
        terminal.print_note("Starting the demo")
        _make_folder()
        way = {"automatic": automatic, "hosted_page": hosted_page}
        with running_demo(settings, now(), **way) as running:
            running.write_environment(FOLDER / "demo.env")
            _tell(running)
            with Worker(running.shop, every=_WORKER_SECONDS):
                serve_pages(running.shop, listening)
    terminal.print_note("The demo has stopped. What was bought is kept.")


def _make_folder() -> None:
    try:
        FOLDER.mkdir(exist_ok=True)
    except OSError as error:
        raise click.ClickException(
            f"The folder {FOLDER} cannot be made here ({error.strerror}). Start from another folder"
        ) from None


def _with_database(settings: Settings) -> Settings:
    """The settings, with the demo's own database unless another is set."""
    if os.environ.get("COURSETILL_DATABASE_URL", "").strip():
        return settings
    return attrs.evolve(settings, database_url=f"sqlite:///{FOLDER.absolute() / 'demo.db'}")


def _tell(running: Demo) -> None:
    """Print the addresses and what to try."""
    from entrypoints.processes.demo import codes

    command = _command()
    terminal.print_line("The demo runs. No money moves: the payment gateway is a simulator.")
    terminal.print_heading("Open in a browser")
    terminal.print_facts(
        [
            (running.shop.settings.shop_url, "the shop; sign in under any name"),
            (
                running.gateway.address,
                "the payment gateway: every payment, and ways to make it fail",
            ),
            (running.platform, "the learning platform: who was let into which course"),
            (running.letterbox, "the mailbox: every letter to learners"),
        ]
    )
    terminal.print_heading("Cards to try, with any date to come and any security code")
    terminal.print_facts([(_spaced(number), says) for number, says in running.gateway.cards])
    terminal.print_heading("Discount codes to try")
    terminal.print_facts([(written.code, says) for written, says in codes(0)])
    terminal.print_heading("In a second terminal")
    for line in (
        f". {FOLDER / 'demo.env'}",
        f"{command} orders find",
        f"{command} inbox list",
        f"{command} orders show REFERENCE",
        f'{command} orders refund REFERENCE --reason "changed their mind"',
    ):
        terminal.print_line(f"  {line}")
    terminal.print_line("")
    terminal.print_line("Ctrl-C stops everything.")
    sys.stdout.flush()


def _spaced(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _command() -> str:
    """How to call this command from here."""
    if shutil.which("coursetill"):
        return "coursetill"
    called = Path(sys.argv[0])
    return f"{sys.executable} -m entrypoints.cli" if called.suffix == ".py" else str(called)
