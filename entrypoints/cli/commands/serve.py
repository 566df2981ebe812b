"""The command that serves the shop's pages."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing

import click

from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import terminal
from entrypoints.settings.reader import PREFIX, SettingsAreWrong
from entrypoints.settings.shop import Settings


@click.command(cls=ShopCommand, example="PORT=8080 coursetill serve")
@click.pass_obj
def serve(context: CommandContext) -> None:
    """Serve the shop's pages until Ctrl-C or SIGTERM.

    A worker in the same process checks payments in doubt, expires holds, sends refunds and delivers
    events every 15 seconds, unless COURSETILL_WORKER=no.
    """
    import logging

    from entrypoints.processes.web_server import claimed, log_to_stderr, serve_pages, until_stopped
    from entrypoints.processes.worker import Worker

    settings = context.settings
    refuse_unready(settings)
    again = another_port(settings.port, "coursetill serve")
    with until_stopped(), closing(claimed(settings.bind, settings.port, retry=again)) as listening:
        log_to_stderr(logging.DEBUG if settings.debug else logging.INFO)
        shop = context.shop
        terminal.print_note(
            f"Serving {settings.shop_name} at {settings.shop_url}. Ctrl-C stops it."
        )
        for door in shop.doors:
            address = f"{settings.shop_url}/webhooks/{door}"
            terminal.print_note(f"The gateway may tell of payments at {address}.")
        for gateway in shop.gateways:
            for warning in gateway.opened.warnings(shop.now()):
                logging.getLogger("coursetill.serving").warning(warning)
        with ExitStack() as beside:
            if settings.worker:
                beside.enter_context(Worker(shop))
            serve_pages(shop, listening)


def refuse_unready(settings: Settings) -> None:
    """Raises SettingsAreWrong with every setting that the pages need and that is missing."""
    from entrypoints.composition.payment_gateways import missing_gateway

    missing = []
    if settings.secret_key is None:
        missing.append(f"{PREFIX}SECRET_KEY is missing: 32 or more random characters")
    if settings.gateway is None:
        missing.append(missing_gateway())
    if not settings.demo_sign_in:
        missing.append(
            f"{PREFIX}SIGN_IN is missing: demo, beside the simulator, is the only one so far"
        )
    if missing:
        raise SettingsAreWrong(tuple(missing))


def another_port(port: int, command: str) -> str:
    """A command with another port, using the variable that is in force."""
    name = "COURSETILL_PORT" if os.environ.get("COURSETILL_PORT") else "PORT"
    return f"{name}={port + 1 if port < 65535 else 8001} {command}"
