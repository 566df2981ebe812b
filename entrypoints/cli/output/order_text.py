"""Orders as text for staff: one row in a list, or a whole page."""

from __future__ import annotations

from collections.abc import Sequence

from core.messaging.outbox import OutboxEntry
from core.money import Money
from core.orders.line import Line
from core.orders.order import Order
from core.payments.account import GatewayAccount
from core.payments.refund import Refund, RefundState
from core.use_cases.order_lifecycle.order_details import FullOrderDetails
from core.use_cases.refunds.refund_requests import request_text
from entrypoints.cli.output import terminal
from entrypoints.cli.output.text_output import TextOutput


def order_table(orders: Sequence[Order], text_output: TextOutput) -> None:
    terminal.print_table(
        ("Placed", "Reference", "State", "Total", "Learner", "Lines", "Attention"),
        [
            (
                text_output.moment(order.placed_at),
                order.reference,
                order.state.value,
                text_output.money(order.total),
                order.learner.email or order.learner.id,
                str(len(order.lines)),
                order.attention or "",
            )
            for order in orders
        ],
        right=("Total", "Lines"),
        whole=("Placed", "Reference"),
    )


def print_order_details(
    dossier: FullOrderDetails,
    text_output: TextOutput,
    *,
    accounts: Sequence[GatewayAccount],
) -> None:
    """Print all of an order. `accounts` are those that are configured, that of new payments first.

    The account of each attempt is printed if there are several, or if it is not the first.
    """
    order, learner = dossier.order, dossier.order.learner
    saved = f" (list price {text_output.money(order.list_total)})" if order.saved else ""
    pending = order.state.value == "pending"
    terminal.print_facts(
        [
            ("Order", order.reference),
            ("State", order.state.value),
            ("Attention", order.attention or ""),
            ("Checking", "only the gateway knows how the payment ended" * dossier.checking),
            ("Learner", f"{learner.name} <{learner.email}>, id {learner.id}"),
            ("Placed", text_output.moment(order.placed_at)),
            ("Held until", text_output.moment(order.held_until) if pending else ""),
            ("Total", f"{text_output.money(order.total)}{saved}"),
            ("Refunded", _some(dossier.refunded, text_output)),
            ("Left to refund", _some(dossier.left_to_refund, text_output)),
        ]
    )
    _tell_lines(order, text_output)
    elsewhere = any(attempt.account not in accounts[:1] for attempt in dossier.attempts)
    _tell_attempts(dossier, text_output, with_account=elsewhere or len(accounts) > 1)
    _tell_transactions(dossier, text_output)
    _tell_uses(dossier, text_output)
    terminal.print_heading("History")
    terminal.print_table(
        ("When", "Who", "Became", "What"),
        [
            (
                text_output.moment(entry.at),
                str(entry.by),
                entry.moved_to.value if entry.moved_from is not entry.moved_to else "",
                entry.why,
            )
            for entry in dossier.history
        ],
        whole=("When",),
    )
    terminal.print_heading("Events")
    event_table(dossier.events, text_output)


def event_table(entries: Sequence[OutboxEntry], text_output: TextOutput) -> None:
    terminal.print_table(
        ("No", "Event", "State", "Tries", "Next try", "Last error"),
        [
            (
                str(entry.sequence),
                entry.event.id,
                entry.state,
                str(entry.tries),
                text_output.moment(entry.next_try_at),
                entry.last_error or "",
            )
            for entry in entries
        ],
        right=("No", "Tries"),
    )


def _refund_state(refund: Refund) -> str:
    """The state for people; "sent" alone may mean that the gateway did not answer."""
    taken = refund.accepted and refund.state is RefundState.SENT
    return "sent, accepted" if taken else refund.state.value


def _some(amount: Money, text_output: TextOutput) -> str:
    return text_output.money(amount) if amount else ""


def _tell_lines(order: Order, text_output: TextOutput) -> None:
    terminal.print_heading("Lines")
    terminal.print_table(
        ("No", "Sku", "Title", "List", "Discount", "Due", "Refunded", "Fulfilment"),
        [
            (
                str(line.position),
                line.sku.text,
                line.title + _picked(line),
                _some(line.list_price, text_output) if line.reduction else "",
                text_output.reduction(line),
                text_output.money(line.due),
                _some(line.refunded, text_output),
                line.fulfilment.value,
            )
            for line in order.lines
        ],
        right=("No", "List", "Due", "Refunded"),
        whole=("Fulfilment",),
    )


def _picked(line: Line) -> str:
    runs = ", ".join(run.sku.text for run in line.runs)
    return f" ({runs})" if runs else ""


def _tell_attempts(
    dossier: FullOrderDetails, text_output: TextOutput, *, with_account: bool
) -> None:
    if dossier.attempts:
        terminal.print_heading("Attempts to pay")
        terminal.print_table(
            ("Id", "Opened", "State", "Amount", "Why", "Ask again", *["Account"] * with_account),
            [
                (
                    attempt.id,
                    text_output.moment(attempt.opened_at),
                    attempt.state.value,
                    text_output.money(attempt.amount),
                    attempt.reason or "",
                    text_output.moment(attempt.next_enquiry_at),
                    *[str(attempt.account)] * with_account,
                )
                for attempt in dossier.attempts
            ],
            right=("Amount",),
            whole=("Id", "Opened"),
        )


def _tell_transactions(dossier: FullOrderDetails, text_output: TextOutput) -> None:
    if dossier.transactions:
        terminal.print_heading("Transactions")
        terminal.print_table(
            ("When", "Kind", "Amount", "Card", "Gateway's id"),
            [
                (
                    text_output.moment(moved.at),
                    moved.kind.value,
                    text_output.money(moved.amount),
                    str(moved.card or ""),
                    moved.gateway_id,
                )
                for moved in dossier.transactions
            ],
            right=("Amount",),
            whole=("When", "Gateway's id"),
        )


def _tell_uses(dossier: FullOrderDetails, text_output: TextOutput) -> None:
    if dossier.refunds:
        terminal.print_heading("Refunds")
        terminal.print_table(
            ("Id", "State", "Amount", "Who", "Reason", "Outcome"),
            [
                (
                    refund.id,
                    _refund_state(refund),
                    text_output.money(refund.amount),
                    str(refund.by),
                    refund.reason,
                    refund.outcome or "",
                )
                for refund in dossier.refunds
            ],
            right=("Amount",),
            whole=("Id",),
        )
    if dossier.requests:
        terminal.print_heading("Refund requests")
        terminal.print_table(
            ("Asked", "What", "State", "Why", "Answered by", "Answer"),
            [
                (
                    text_output.moment(each.asked_at),
                    request_text(each),
                    each.state.value,
                    each.reason,
                    str(each.answered_by or ""),
                    each.answer,
                )
                for each in dossier.requests
            ],
        )
    if dossier.redemptions:
        terminal.print_heading("Discounts used")
        terminal.print_table(
            ("Code", "State", "When"),
            [
                (use.code.text, use.state.value, text_output.moment(use.at))
                for use in dossier.redemptions
            ],
        )
