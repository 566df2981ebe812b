"""Commands of CyberSource: check the account, find an order's transactions."""

from __future__ import annotations

import click

from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopCommand, ShopGroup
from entrypoints.cli.commands.cybersource_webhooks import webhooks
from entrypoints.cli.commands.payments import codes_of
from entrypoints.cli.output import terminal
from entrypoints.cli.output.transaction_output import print_transactions, transaction_shape
from entrypoints.composition.clock_and_ids import now


@click.group(cls=ShopGroup)
def cybersource() -> None:
    """Ask CyberSource: check the credentials, find an order, manage webhooks."""


cybersource.add_command(webhooks)


@cybersource.command(cls=ShopCommand, example="coursetill cybersource check")
@options.as_json
@click.pass_obj
def check(context: CommandContext, *, as_json: bool) -> None:
    """Check the credentials with calls that move no money, and explain what is wrong with them.

    Runs a search, and opens a payment session that is never used. Exits with 75 if CyberSource does
    not answer or refuses the credentials, and says if the cause is the address, the clock or the
    key.
    """
    from entrypoints.composition.gateways.cybersource_plugin import open_parts, setup_in

    setup = setup_in(context.settings)
    account, parts = setup.account, open_parts(setup, context.settings.shop_url)
    parts.gateway.check()
    warnings = parts.warnings(now())
    if as_json:
        shape = {
            "url": account.url,
            "merchant_id": account.merchant_id,
            "simulator": account.simulator,
            "warnings": list(warnings),
        }
        terminal.print_json(shape)
        return
    kind = "The simulator" if account.simulator else "CyberSource"
    terminal.print_line(f"{kind} at {account.url} accepts the key of {account.merchant_id}.")
    for warning in warnings:
        terminal.print_note(f"Warning: {warning}")


@cybersource.command(cls=ShopCommand, example="coursetill cybersource find CT-7K3M-Q9XD-2FVT")
@click.argument("reference", type=options.REFERENCE)
@options.as_json
@click.pass_obj
def find(context: CommandContext, *, reference: str, as_json: bool) -> None:
    """Print CyberSource's transactions of an order: every payment and refund, oldest first.

    The ids of its refunds come from our records. An order that is not in our records can be
    searched too, and so can the id of a refund.
    """
    from entrypoints.composition.gateways.cybersource_plugin import known_at_gateway

    wanted = options.reference_in(reference)
    found = known_at_gateway(context.settings, codes_of(context, wanted))
    if as_json:
        shapes = [transaction_shape(each, context.json_output) for each in found]
        terminal.print_json({"reference": wanted, "transactions": shapes})
        return
    print_transactions(found, context.text_output)
    if not found:
        terminal.print_note(
            f"CyberSource shows nothing under {wanted}. What was sent within the last minutes may "
            "not be in its index yet."
        )
