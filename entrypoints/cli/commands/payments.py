"""Commands that ask every payment gateway: check its keys, find an order's transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.errors import Absent, ShopError
from core.order_reference import Reference
from core.payments.attempt import TAKEN
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import TEMPORARY, detail_of
from entrypoints.cli.app.groups import ShopCommand, ShopGroup
from entrypoints.cli.output import terminal
from entrypoints.cli.output.json_output import Shape
from entrypoints.cli.output.transaction_output import print_transactions, transaction_shape

if TYPE_CHECKING:
    from entrypoints.composition.payment_gateways import RunningGateway
    from entrypoints.wording.sentences import Wording


@click.group(cls=ShopGroup)
def payments() -> None:
    """Ask the payment gateways: check the credentials, find an order."""


@payments.command(cls=ShopCommand, example="coursetill payments check")
@options.as_json
@click.pass_obj
def check(context: CommandContext, *, as_json: bool) -> None:
    """Check the credentials of every gateway with calls that move no money.

    Asks all gateways, the one for new payments first. Exits with 75 if one of them does not answer
    or refuses the credentials.
    """
    shop = context.shop
    if not shop.gateways:
        shop.gateway.check()
    checked: list[Shape] = []
    for configured, gateway in zip(shop.settings.gateways, shop.gateways, strict=True):
        fault = _fault_of(gateway, context.wording)
        warnings = list(gateway.opened.warnings(shop.now()))
        checked.append(
            {
                "gateway": gateway.name,
                "url": configured.address,
                "simulator": configured.simulator,
                "new_payments": not checked,
                "works": fault is None,
                "problem": fault,
                "warnings": warnings,
            }
        )
        if as_json:
            continue
        if fault is None:
            terminal.print_line(f"{gateway.name} at {configured.address} accepts our key.")
        else:
            terminal.print_line(f"{gateway.name} at {configured.address} cannot be used: {fault}.")
        for warning in warnings:
            terminal.print_note(f"Warning: {warning}")
    if as_json:
        terminal.print_json({"gateways": checked})
    if not all(each["works"] for each in checked):
        click.get_current_context().exit(TEMPORARY)


def _fault_of(gateway: RunningGateway, words: Wording) -> str | None:
    try:
        gateway.opened.gateway.check()
    except ShopError as error:
        return detail_of(error, words)
    return None


@payments.command(cls=ShopCommand, example="coursetill payments find CT-7K3M-Q9XD-2FVT")
@click.argument("reference", type=options.REFERENCE)
@options.as_json
@click.pass_obj
def find(context: CommandContext, *, reference: str, as_json: bool) -> None:
    """Print the gateways' transactions of an order: every payment and refund, oldest first.

    The ids of its refunds come from our records. An order that is not in our records can be
    searched too, and so can the id of a refund.
    """
    wanted = options.reference_in(reference)
    shop = context.shop
    if not shop.gateways:
        shop.gateway.check()
    codes = codes_of(context, wanted)
    found = []
    for gateway in shop.gateways:
        if gateway.opened.transactions is None:
            terminal.print_note(f"{gateway.name} lists no transactions.")
            continue
        found += [(gateway.name, each) for each in gateway.opened.transactions(codes)]
    if as_json:
        shapes = [
            {"gateway": name, **transaction_shape(each, context.json_output)}
            for name, each in found
        ]
        terminal.print_json({"reference": wanted, "transactions": shapes})
        return
    for gateway in shop.gateways:
        theirs = [each for name, each in found if name == gateway.name]
        if theirs and len(shop.gateways) > 1:
            terminal.print_heading(gateway.name)
        if theirs:
            print_transactions(theirs, context.text_output)
    if not found:
        terminal.print_note(
            f"No payment gateway shows anything under {wanted}. What was sent within the last "
            "minutes may not be in its index yet."
        )


def codes_of(context: CommandContext, reference: Reference) -> list[str]:
    """An order's codes at a gateway: its own, its refunds', and those of reversed attempts."""
    try:
        with context.shop.read() as work:
            order = work.orders.get(reference).reference
            undone = [each.id for each in work.attempts.of(order) if each.state not in TAKEN]
            return [reference, *(each.id for each in work.refunds.of(order)), *undone]
    except Absent as unknown:
        sentence = context.wording.sentence(unknown)
        terminal.print_note(f"{sentence} in our records, so its refunds cannot be looked up.")
        return [reference]
