"""The transactions in a gateway's list, for programs and for people."""

from __future__ import annotations

from collections.abc import Sequence

from entrypoints.cli.output import terminal
from entrypoints.cli.output.json_output import JsonOutput, Shape, money
from entrypoints.cli.output.text_output import TextOutput
from entrypoints.gateways.api import ListedTransaction


def transaction_shape(listed: ListedTransaction, json_output: JsonOutput) -> Shape:
    """One transaction as JSON."""
    card = listed.card
    return {
        "gateway_id": listed.gateway_id,
        "kind": listed.kind,
        "at": json_output.moment(listed.at),
        "code": listed.code,
        "ours": listed.ours or None,
        "amount": None if listed.amount is None else money(listed.amount),
        "card": None if card is None else {"brand": card.brand, "last_four": card.last_four},
        "outcome": listed.outcome,
        "reason": listed.reason or None,
        "status": listed.status or None,
    }


def print_transactions(found: Sequence[ListedTransaction], text_output: TextOutput) -> None:
    """Print a table of transactions, row by row."""
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
