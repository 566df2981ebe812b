"""JSON of orders and their parts: payments, refunds, history, events."""

from __future__ import annotations

from typing import Any

import attrs

from core.discounts.redemption import Redemption
from core.identity import Learner
from core.messaging.outbox import OutboxEntry
from core.orders.history import HistoryEntry
from core.orders.line import Line
from core.orders.order import Order
from core.orders.refund_request import RefundRequest
from core.payments.attempt import Attempt
from core.payments.refund import LineRefund, Refund
from core.payments.transaction import Transaction
from core.use_cases.jobs.deliver_events import DeliveryReport
from core.use_cases.jobs.maintenance import MaintenanceReport
from core.use_cases.order_lifecycle.order_details import FullOrderDetails
from core.use_cases.refunds.issue_refund import RefundPlan
from entrypoints.cli.output.json_output import JsonOutput, Shape, money
from entrypoints.wording.sentences import Wording


def learner(learner: Learner) -> Shape:
    return {"id": learner.id, "email": learner.email, "name": learner.name}


def part(part: LineRefund) -> Shape:
    return {"position": part.position, "amount": money(part.amount)}


def consequences(planned: RefundPlan, *, dry_run: bool) -> Shape:
    return {
        "reference": planned.order.reference,
        "dry_run": dry_run,
        "amount": money(planned.amount),
        "left": money(planned.left),
        "excess": planned.overpayment,
        "lines": [part(each) for each in planned.lines],
        "revoked": [
            {"position": line.position, "sku": line.sku.text, "title": line.title}
            for line in planned.revoked
        ],
    }


def delivery(done: DeliveryReport) -> Shape:
    return attrs.asdict(done)


def upkeep(done: MaintenanceReport, words: Wording) -> Shape:
    return {
        **attrs.asdict(done, recurse=False),
        "put_off": [words.sentence(each) for each in done.put_off],
    }


@attrs.frozen
class OrderJsonOutput(JsonOutput):
    """JSON shapes of orders, with times."""

    def order(self, order: Order) -> dict[str, Any]:
        return {
            "reference": order.reference,
            "state": order.state.value,
            "attention": order.attention,
            "placed_at": self.moment(order.placed_at),
            "held_until": self.moment(order.held_until),
            "learner": learner(order.learner),
            "list_total": money(order.list_total),
            "total": money(order.total),
            "lines": [self.line(line) for line in order.lines],
        }

    def line(self, line: Line) -> Shape:
        taken = line.reduction
        return {
            "position": line.position,
            "sku": line.sku.text,
            "kind": line.kind,
            "readable_id": line.readable_id,
            "title": line.title,
            "starts_at": self.moment(line.starts_at),
            "ends_at": self.moment(line.ends_at),
            "list_price": money(line.list_price),
            "reduction": {
                "code": taken.code.text,
                "saving": taken.saving,
                "amount": money(taken.amount),
                "payment_type": taken.payment_type.value,
            }
            if taken
            else None,
            "due": money(line.due),
            "refunded": money(line.refunded),
            "fulfilment": line.fulfilment.value,
            "runs": [
                {
                    "sku": run.sku.text,
                    "readable_id": run.readable_id,
                    "title": run.title,
                    "starts_at": self.moment(run.starts_at),
                    "ends_at": self.moment(run.ends_at),
                }
                for run in line.runs
            ],
        }

    def order_details(self, all_of_it: FullOrderDetails) -> Shape:
        return {
            **self.order(all_of_it.order),
            "refunded": money(all_of_it.refunded),
            "left_to_refund": money(all_of_it.left_to_refund),
            "checking": all_of_it.checking,
            "attempts": [self.attempt(each) for each in all_of_it.attempts],
            "transactions": [self.transaction(each) for each in all_of_it.transactions],
            "refunds": [self.refund(each) for each in all_of_it.refunds],
            "refund_requests": [self.refund_request(each) for each in all_of_it.requests],
            "redemptions": [self.redemption(each) for each in all_of_it.redemptions],
            "history": [self.entry(each) for each in all_of_it.history],
            "events": [self.event(each) for each in all_of_it.events],
        }

    def attempt(self, attempt: Attempt) -> Shape:
        return {
            "id": attempt.id,
            "state": attempt.state.value,
            "amount": money(attempt.amount),
            "reason": attempt.reason,
            "opened_at": self.moment(attempt.opened_at),
            "sent_at": self.moment(attempt.sent_at),
            "asked": attempt.enquiries,
            "ask_at": self.moment(attempt.next_enquiry_at),
            "account": attrs.asdict(attempt.account),
        }

    def transaction(self, moved: Transaction) -> Shape:
        card = moved.card
        return {
            "gateway_id": moved.gateway_id,
            "kind": moved.kind.value,
            "attempt": moved.attempt,
            "amount": money(moved.amount),
            "at": self.moment(moved.at),
            "card": {"brand": card.brand, "last_four": card.last_four} if card else None,
            "raw": dict(moved.raw),
            "account": attrs.asdict(moved.account),
        }

    def refund(self, refund: Refund) -> Shape:
        return {
            "id": refund.id,
            "state": refund.state.value,
            "accepted": refund.accepted,
            "amount": money(refund.amount),
            "lines": [part(each) for each in refund.lines],
            "reason": refund.reason,
            "by": str(refund.by),
            "requested_at": self.moment(refund.requested_at),
            "gateway_id": refund.gateway_id,
            "outcome": refund.outcome,
            "excess": refund.overpayment,
            "attempt": refund.attempt,
        }

    def refund_request(self, request: RefundRequest) -> Shape:
        return {
            "id": request.id,
            "reference": request.reference,
            "lines": list(request.positions),
            "reason": request.reason,
            "asked_at": self.moment(request.asked_at),
            "state": request.state.value,
            "answered_at": self.moment(request.answered_at),
            "answered_by": str(request.answered_by) if request.answered_by else None,
            "answer": request.answer,
            "refund": request.refund,
        }

    def redemption(self, use: Redemption) -> Shape:
        return {
            "code": use.code.text,
            "state": use.state.value,
            "learner": use.learner,
            "at": self.moment(use.at),
        }

    def entry(self, entry: HistoryEntry) -> Shape:
        return {
            "at": self.moment(entry.at),
            "by": str(entry.by),
            "from": entry.moved_from.value if entry.moved_from else None,
            "to": entry.moved_to.value,
            "why": entry.why,
        }

    def event(self, entry: OutboxEntry) -> Shape:
        return {
            "sequence": entry.sequence,
            "event": entry.event.id,
            "name": entry.event.name.value,
            "receiver": entry.event.receiver.value,
            "reference": entry.event.reference,
            "at": self.moment(entry.event.at),
            "state": entry.state,
            "tries": entry.tries,
            "next_try_at": self.moment(entry.next_try_at),
            "delivered_at": self.moment(entry.delivered_at),
            "given_up_at": self.moment(entry.given_up_at),
            "last_error": entry.last_error,
            "body": dict(entry.event.body),
        }
