"""Commands of refund requests: what learners ask to get back, and what staff answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from core.orders.order import Order
from core.orders.refund_request import (
    RefundRequest,
    RequestId,
    RequestIsAnswered,
    RequestSearch,
    RequestState,
)
from core.use_cases.refunds.issue_refund import Consequences
from core.use_cases.refunds.refund_requests import approve, deny, foreseen, latest_request, told
from entrypoints.cli.app import options
from entrypoints.cli.app.context import Desk
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.commands.refund import gateway_at_work, tell_plan, tell_refund
from entrypoints.cli.output import order_json, terminal
from entrypoints.cli.output.order_json import OrderShapes
from entrypoints.composition.clock_and_ids import new_refund_id


@click.group("refund-requests", cls=ShopGroup)
def refund_requests() -> None:
    """What learners ask to get back: see it, approve it, which does it all, or deny it."""


@refund_requests.command("list", example="coursetill refund-requests list --state open")
@click.option(
    "--state",
    type=click.Choice([*(state.value for state in RequestState), "all"]),
    default="open",
    show_default=True,
)
@click.option("--after", metavar="ID", help="Go on after this request.")
@options.limit(default=50)
@options.as_json
@click.pass_obj
def list_(desk: Desk, *, state: str, after: str | None, limit: int, as_json: bool) -> None:
    """List requests; who waits longest stands first."""
    with desk.shop.look() as work:
        last = work.refund_requests.get(RequestId(after)) if after else None
        wanted = RequestSearch(
            None if state == "all" else RequestState(state),
            (last.asked_at, last.id) if last else None,
            limit + 1,
        )
        found = work.refund_requests.search(wanted)
    shown = found[:limit]
    following = shown[-1].id if len(found) > limit else None
    if as_json:
        shapes = OrderShapes(desk.zone)
        terminal.show_json(
            {"requests": [shapes.refund_request(each) for each in shown], "next": following}
        )
        return
    _table(desk, shown)
    if not shown:
        terminal.say("There are no such requests.")
    if following:
        terminal.say(f"There are more: --after {following}")


@refund_requests.command(example="coursetill refund-requests show CT-7K3M-Q9XD-2FVT")
@click.argument("reference", type=options.REFERENCE)
@options.as_json
@click.pass_obj
def show(desk: Desk, *, reference: str, as_json: bool) -> None:
    """Show what was asked for an order, and what approving it would do."""
    with desk.shop.look() as work:
        request = latest_request(work, options.reference_in(reference))
        planned = foreseen(work, request) if request.state is RequestState.OPEN else None
        order = work.orders.get(request.reference)
    if as_json:
        shape = OrderShapes(desk.zone).refund_request(request)
        plan = order_json.consequences(planned, dry_run=True) if planned else None
        terminal.show_json({**shape, "plan": plan})
        return
    _tell(desk, request, order)
    if planned is not None:
        terminal.heading("Approving it")
        tell_plan(desk, planned, tell=terminal.tell)


@refund_requests.command(
    "approve", example="coursetill refund-requests approve CT-7K3M-Q9XD-2FVT --as ann --dry-run"
)
@click.argument("reference", type=options.REFERENCE)
@options.reason(says="What the learner is told with it.")
@options.dry_run
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def approve_(
    desk: Desk,
    *,
    reference: str,
    reason: str,
    dry_run: bool,
    yes: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Approve the open request for an order, which does it all.

    The money goes back, what is refunded is revoked and gives back its seats, and the learner gets
    the answer and a receipt by mail. Shows what follows and asks before it does anything.
    """
    acting = None if dry_run else desk.staff(staff)
    _can_be_asked(dry_run or yes)
    request, planned = _open(desk, reference)
    if not as_json:
        tell_plan(desk, planned, tell=terminal.tell if dry_run else terminal.say)
    elif dry_run:
        terminal.show_json(order_json.consequences(planned, dry_run=True))
    if acting is None:
        terminal.say("Nothing was done. The same command without --dry-run does it.")
        return
    if not yes:
        _agreed(f"Approve this request and refund {desk.words.money(planned.amount)} now?")
    given = approve(
        request.id,
        reason,
        refund_id=new_refund_id(),
        staff=acting,
        begin=desk.shop.begin,
        gateway=gateway_at_work(desk),
        now=desk.now,
    )
    tell_refund(desk, request.reference, given, as_json=as_json)


@refund_requests.command(
    "deny",
    example='coursetill refund-requests deny CT-7K3M-Q9XD-2FVT --reason "the run is over" --as ann',
)
@click.argument("reference", type=options.REFERENCE)
@options.reason(required=True, says="Why; the learner is told.")
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def deny_(
    desk: Desk, *, reference: str, reason: str, yes: bool, staff: str | None, as_json: bool
) -> None:
    """Turn the open request for an order down. The learner is told why, by mail and on the page."""
    acting = desk.staff(staff)
    _can_be_asked(yes)
    with desk.shop.look() as work:
        request = latest_request(work, options.reference_in(reference))
    if not yes:
        _agreed(f'Deny the request for order {request.reference}, and say "{reason}"?')
    denied = deny(request.id, reason, staff=acting, begin=desk.shop.begin, now=desk.now)
    if as_json:
        terminal.show_json(OrderShapes(desk.zone).refund_request(denied))
    else:
        terminal.tell(f"Denied. The learner of order {denied.reference} is told why.")


def _open(desk: Desk, reference: str) -> tuple[RefundRequest, Consequences]:
    """The open request, and what approving it would do. Raises RequestIsAnswered."""
    with desk.shop.look() as work:
        request = latest_request(work, options.reference_in(reference))
        if request.state is not RequestState.OPEN:
            raise RequestIsAnswered(request.reference, request.state, request.answered_by)
        return request, foreseen(work, request)


def _can_be_asked(needless: bool) -> None:
    if not (needless or sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: add --yes to answer without asking.")


def _agreed(question: str) -> None:
    """Leaves with 1 where a person does not say yes."""
    if not click.confirm(question, err=True):
        terminal.say("Nothing was done.")
        click.get_current_context().exit(PROBLEMS_FOUND)


def _table(desk: Desk, requests: Sequence[RefundRequest]) -> None:
    terminal.table(
        ("Asked", "Order", "What", "State", "Why", "Answered by", "Answer"),
        [
            (
                desk.words.moment(each.asked_at),
                each.reference,
                told(each),
                each.state.value,
                each.reason,
                str(each.answered_by or ""),
                each.answer,
            )
            for each in requests
        ],
        whole=("Asked", "Order"),
    )


def _tell(desk: Desk, request: RefundRequest, order: Order) -> None:
    words = desk.words
    terminal.facts(
        [
            ("Order", f"{order.reference} of {order.learner.email or order.learner.id}"),
            ("Asked", words.moment(request.asked_at)),
            ("What", told(request)),
            ("Why", request.reason),
            ("State", request.state.value),
            ("Answered", words.moment(request.answered_at)),
            ("By", str(request.answered_by or "")),
            ("Answer", request.answer),
            ("Refund", request.refund or ""),
        ]
    )
