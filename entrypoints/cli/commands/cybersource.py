"""Commands that ask CyberSource itself: check the account, find an order, webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from core.errors import Absent
from core.order_reference import Reference
from core.payments.attempt import TAKEN
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopCommand, ShopGroup
from entrypoints.cli.commands.cybersource_webhooks import webhooks
from entrypoints.cli.output import terminal
from entrypoints.cli.output.json_output import JsonOutput, Shape, money
from entrypoints.cli.output.text_output import TextOutput
from entrypoints.composition.clock_and_ids import now

if TYPE_CHECKING:
    from entrypoints.composition.gateways.cybersource import Known


@click.group(cls=ShopGroup)
def cybersource() -> None:
    """Ask CyberSource itself: does it accept our key, what does it know, what is it to tell."""


cybersource.add_command(webhooks)


@cybersource.command(cls=ShopCommand, example="coursetill cybersource check")
@options.as_json
@click.pass_obj
def check(context: CommandContext, *, as_json: bool) -> None:
    """Prove the credentials with calls that move no money, and say what is wrong with them.

    A search and a session for nothing. Leaves with 75 where CyberSource does not answer or does not
    accept us, and says in plain words whether it is the address, the clock or the key.
    """
    from entrypoints.composition.gateways.cybersource import (
        NoGateway,
        gateway_warnings,
        open_cybersource,
        open_doors,
        open_pages,
    )

    account = context.settings.gateway
    if account is None:
        raise NoGateway.why
    gateway = open_cybersource(account, context.settings.shop_url)
    gateway.check()
    warnings = gateway_warnings(
        context.settings,
        gateway,
        now(),
        pages=open_pages(context.settings),
        doors=open_doors(account),
    )
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
    """Print what CyberSource knows of an order: every payment and refund, oldest first.

    The refunds are those of our own records. An order that is in no record of ours is asked about
    all the same, and so is the id of a refund.
    """
    from entrypoints.composition.gateways.cybersource import known_at_gateway

    wanted = options.reference_in(reference)
    found = known_at_gateway(context.settings, [wanted, *_others(context, wanted)])
    if as_json:
        told = [_shape(each, context.json_output) for each in found]
        terminal.print_json({"reference": wanted, "transactions": told})
        return
    _table(found, context.text_output)
    if not found:
        terminal.print_note(
            f"CyberSource shows nothing under {wanted}. What was sent within the last minutes may "
            "not be in its index yet."
        )


def _others(context: CommandContext, reference: Reference) -> list[str]:
    """What else was sent to CyberSource: each refund under its id, what undid an attempt too."""
    try:
        with context.shop.read() as work:
            order = work.orders.get(reference).reference
            undone = [each.id for each in work.attempts.of(order) if each.state not in TAKEN]
            return [*(each.id for each in work.refunds.of(order)), *undone]
    except Absent as unknown:
        terminal.print_note(f"{unknown} in our records, so its refunds cannot be looked up.")
        return []


def _shape(known: Known, json_output: JsonOutput) -> Shape:
    card = known.card
    return {
        "gateway_id": known.gateway_id,
        "kind": known.kind,
        "at": json_output.moment(known.at),
        "code": known.code,
        "ours": known.ours or None,
        "amount": None if known.amount is None else money(known.amount),
        "card": None if card is None else {"brand": card.brand, "last_four": card.last_four},
        "outcome": known.outcome,
        "reason": known.reason or None,
        "status": known.status or None,
    }


def _table(found: Sequence[Known], text_output: TextOutput) -> None:
    titles = ("At", "Kind", "Amount", "Card", "Outcome", "Reason", "Status", "Gateway id", "Code")
    rows = [
        (
            text_output.moment(each.at),
            each.kind,
            "" if each.amount is None else text_output.money(each.amount),
            "" if each.card is None else f"{each.card.brand} {each.card.last_four}",
            each.outcome,
            each.reason,
            each.status,
            each.gateway_id,
            each.code,
        )
        for each in found
    ]
    terminal.print_table(titles, rows, right=("Amount",))
