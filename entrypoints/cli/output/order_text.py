"""An order as staff read it: one row in a list, or all of it on a page."""

from __future__ import annotations

from collections.abc import Sequence

from core.messaging.outbox import Entry
from core.money import Money
from core.orders.line import Line
from core.orders.order import Order
from core.payments.refund import Refund, RefundState
from core.use_cases.order_lifecycle.order_details import FullDossier
from core.use_cases.refunds.refund_requests import told
from entrypoints.cli.output import terminal
from entrypoints.cli.output.text_output import Words


def order_table(orders: Sequence[Order], words: Words) -> None:
    terminal.table(
        ("Placed", "Reference", "State", "Total", "Learner", "Lines", "Attention"),
        [
            (
                words.moment(order.placed_at),
                order.reference,
                order.state.value,
                words.money(order.total),
                order.learner.email or order.learner.id,
                str(len(order.lines)),
                order.attention or "",
            )
            for order in orders
        ],
        right=("Total", "Lines"),
        whole=("Placed", "Reference"),
    )


def tell_dossier(dossier: FullDossier, words: Words) -> None:
    order, learner = dossier.order, dossier.order.learner
    saved = f" (list price {words.money(order.list_total)})" if order.saved else ""
    pending = order.state.value == "pending"
    terminal.facts(
        [
            ("Order", order.reference),
            ("State", order.state.value),
            ("Attention", order.attention or ""),
            ("Checking", "only the gateway knows how the payment ended" * dossier.checking),
            ("Learner", f"{learner.name} <{learner.email}>, id {learner.id}"),
            ("Placed", words.moment(order.placed_at)),
            ("Held until", words.moment(order.held_until) if pending else ""),
            ("Total", f"{words.money(order.total)}{saved}"),
            ("Refunded", _some(dossier.refunded, words)),
            ("Left to refund", _some(dossier.left_to_refund, words)),
        ]
    )
    _tell_lines(order, words)
    _tell_money(dossier, words)
    _tell_uses(dossier, words)
    terminal.heading("History")
    terminal.table(
        ("When", "Who", "Became", "What"),
        [
            (
                words.moment(entry.at),
                str(entry.by),
                entry.moved_to.value if entry.moved_from is not entry.moved_to else "",
                entry.why,
            )
            for entry in dossier.history
        ],
        whole=("When",),
    )
    terminal.heading("Events")
    event_table(dossier.events, words)


def event_table(entries: Sequence[Entry], words: Words) -> None:
    terminal.table(
        ("No", "Event", "State", "Tries", "Next try", "Last error"),
        [
            (
                str(entry.sequence),
                entry.event.id,
                entry.state,
                str(entry.tries),
                words.moment(entry.next_try_at),
                entry.last_error or "",
            )
            for entry in entries
        ],
        right=("No", "Tries"),
    )


def _refund_state(refund: Refund) -> str:
    """Sent alone may mean that nobody answered; accepted, that the money is on its way."""
    taken = refund.accepted and refund.state is RefundState.SENT
    return "sent, accepted" if taken else refund.state.value


def _some(amount: Money, words: Words) -> str:
    return words.money(amount) if amount else ""


def _tell_lines(order: Order, words: Words) -> None:
    terminal.heading("Lines")
    terminal.table(
        ("No", "Sku", "Title", "List", "Discount", "Due", "Refunded", "Fulfilment"),
        [
            (
                str(line.position),
                line.sku.text,
                line.title + _picked(line),
                _some(line.list_price, words) if line.reduction else "",
                words.reduction(line),
                words.money(line.due),
                _some(line.refunded, words),
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


def _tell_money(dossier: FullDossier, words: Words) -> None:
    if dossier.attempts:
        terminal.heading("Attempts to pay")
        terminal.table(
            ("Id", "Opened", "State", "Amount", "Why", "Ask again"),
            [
                (
                    attempt.id,
                    words.moment(attempt.opened_at),
                    attempt.state.value,
                    words.money(attempt.amount),
                    attempt.reason or "",
                    words.moment(attempt.ask_at),
                )
                for attempt in dossier.attempts
            ],
            right=("Amount",),
            whole=("Id", "Opened"),
        )
    if dossier.transactions:
        terminal.heading("Transactions")
        terminal.table(
            ("When", "Kind", "Amount", "Card", "Gateway's id"),
            [
                (
                    words.moment(moved.at),
                    moved.kind.value,
                    words.money(moved.amount),
                    str(moved.card or ""),
                    moved.gateway_id,
                )
                for moved in dossier.transactions
            ],
            right=("Amount",),
            whole=("When", "Gateway's id"),
        )


def _tell_uses(dossier: FullDossier, words: Words) -> None:
    if dossier.refunds:
        terminal.heading("Refunds")
        terminal.table(
            ("Id", "State", "Amount", "Who", "Reason", "Outcome"),
            [
                (
                    refund.id,
                    _refund_state(refund),
                    words.money(refund.amount),
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
        terminal.heading("Refund requests")
        terminal.table(
            ("Asked", "What", "State", "Why", "Answered by", "Answer"),
            [
                (
                    words.moment(each.asked_at),
                    told(each),
                    each.state.value,
                    each.reason,
                    str(each.answered_by or ""),
                    each.answer,
                )
                for each in dossier.requests
            ],
        )
    if dossier.redemptions:
        terminal.heading("Discounts used")
        terminal.table(
            ("Code", "State", "When"),
            [(use.code.text, use.state.value, words.moment(use.at)) for use in dossier.redemptions],
        )
