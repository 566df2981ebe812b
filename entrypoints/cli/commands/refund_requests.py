"""Commands of refund requests: list, show, approve, deny."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from core.orders.order import Order
from core.orders.refund_request import (
    RefundRequest,
    RefundRequestId,
    RefundRequestIsAnswered,
    RefundRequestSearch,
    RefundRequestState,
)
from core.use_cases.refunds.issue_refund import RefundPlan
from core.use_cases.refunds.refund_requests import (
    approve_request,
    deny_request,
    latest_request,
    preview_approval,
    request_text,
)
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.commands.refund import gateway_at_work, tell_plan, tell_refund
from entrypoints.cli.output import order_json, terminal
from entrypoints.cli.output.list_page import page_of, print_page
from entrypoints.cli.output.order_json import OrderJsonOutput
from entrypoints.composition.clock_and_ids import new_refund_id


@click.group("refund-requests", cls=ShopGroup)
def refund_requests() -> None:
    """Learners' refund requests: see them, approve or deny them."""


@refund_requests.command("list", example="coursetill refund-requests list --state open")
@click.option(
    "--state",
    type=click.Choice([*(state.value for state in RefundRequestState), "all"]),
    default="open",
    show_default=True,
)
@click.option("--after", metavar="ID", help="Continue after this request.")
@options.limit(default=50)
@options.as_json
@click.pass_obj
def list_(
    context: CommandContext, *, state: str, after: str | None, limit: int, as_json: bool
) -> None:
    """List requests, the oldest first."""
    with context.shop.read() as work:
        last = work.refund_requests.get(RefundRequestId(after)) if after else None
        wanted = RefundRequestSearch(
            None if state == "all" else RefundRequestState(state),
            (last.asked_at, last.id) if last else None,
            limit + 1,
        )
        found = work.refund_requests.search(wanted)
    json_output = OrderJsonOutput(context.zone, context.wording)
    print_page(
        page_of(found, limit, lambda request: request.id),
        as_json=as_json,
        name="requests",
        shape=json_output.refund_request,
        table=lambda shown: _table(context, shown),
        none="There are no such requests.",
    )


@refund_requests.command(example="coursetill refund-requests show CT-7K3M-Q9XD-2FVT")
@click.argument("reference", type=options.REFERENCE)
@options.as_json
@click.pass_obj
def show(context: CommandContext, *, reference: str, as_json: bool) -> None:
    """Show an order's requests, and the effects of approving the open one."""
    with context.shop.read() as work:
        request = latest_request(work, options.reference_in(reference))
        planned = (
            preview_approval(work, request) if request.state is RefundRequestState.OPEN else None
        )
        order = work.orders.get(request.reference)
    if as_json:
        shape = OrderJsonOutput(context.zone, context.wording).refund_request(request)
        plan = order_json.consequences(planned, dry_run=True) if planned else None
        terminal.print_json({**shape, "plan": plan})
        return
    _tell(context, request, order)
    if planned is not None:
        terminal.print_heading("Approving it")
        tell_plan(context, planned, tell=terminal.print_line)


@refund_requests.command(
    "approve", example="coursetill refund-requests approve CT-7K3M-Q9XD-2FVT --as ann --dry-run"
)
@click.argument("reference", type=options.REFERENCE)
@options.reason(says="A message to the learner.")
@options.dry_run
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def approve_(
    context: CommandContext,
    *,
    reference: str,
    reason: str,
    dry_run: bool,
    yes: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Approve an order's open request and carry out its refund.

    The money goes back, the refunded lines are revoked, their seats become free, and the learner
    gets the answer and a receipt by mail. Shows the effects and asks before it does anything.
    """
    acting = None if dry_run else context.staff(staff)
    _can_be_asked(dry_run or yes)
    request, planned = _open(context, reference)
    if not as_json:
        tell_plan(context, planned, tell=terminal.print_line if dry_run else terminal.print_note)
    elif dry_run:
        terminal.print_json(order_json.consequences(planned, dry_run=True))
    if acting is None:
        terminal.print_note("Nothing was done. The same command without --dry-run does it.")
        return
    if not yes:
        _agreed(f"Approve this request and refund {context.text_output.money(planned.amount)} now?")
    given = approve_request(
        request.id,
        reason,
        refund_id=new_refund_id(),
        staff=acting,
        begin=context.shop.begin,
        gateway=gateway_at_work(context),
        now=context.now,
    )
    tell_refund(context, request.reference, given, as_json=as_json)


@refund_requests.command(
    "deny",
    example='coursetill refund-requests deny CT-7K3M-Q9XD-2FVT --reason "the run is over" --as ann',
)
@click.argument("reference", type=options.REFERENCE)
@options.reason(required=True, says="The reason; the learner sees it.")
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def deny_(
    context: CommandContext,
    *,
    reference: str,
    reason: str,
    yes: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Deny the open request of an order. The learner sees the reason, by mail and on the page."""
    acting = context.staff(staff)
    _can_be_asked(yes)
    with context.shop.read() as work:
        request = latest_request(work, options.reference_in(reference))
    if not yes:
        _agreed(f'Deny the request for order {request.reference}, and say "{reason}"?')
    denied = deny_request(
        request.id, reason, staff=acting, begin=context.shop.begin, now=context.now
    )
    if as_json:
        terminal.print_json(OrderJsonOutput(context.zone, context.wording).refund_request(denied))
    else:
        terminal.print_line(f"Denied. The learner of order {denied.reference} is told why.")


def _open(context: CommandContext, reference: str) -> tuple[RefundRequest, RefundPlan]:
    """The open request, and the effects of approving it. Raises RefundRequestIsAnswered."""
    with context.shop.read() as work:
        request = latest_request(work, options.reference_in(reference))
        if request.state is not RefundRequestState.OPEN:
            raise RefundRequestIsAnswered(request.reference, request.state, request.answered_by)
        return request, preview_approval(work, request)


def _can_be_asked(needless: bool) -> None:
    if not (needless or sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: add --yes to answer without asking.")


def _agreed(question: str) -> None:
    """Ask for confirmation. Exits with 1 without a yes."""
    if not click.confirm(question, err=True):
        terminal.print_note("Nothing was done.")
        click.get_current_context().exit(PROBLEMS_FOUND)


def _table(context: CommandContext, requests: Sequence[RefundRequest]) -> None:
    terminal.print_table(
        ("Asked", "Order", "What", "State", "Why", "Answered by", "Answer"),
        [
            (
                context.text_output.moment(each.asked_at),
                each.reference,
                request_text(each),
                each.state.value,
                each.reason,
                str(each.answered_by or ""),
                each.answer,
            )
            for each in requests
        ],
        whole=("Asked", "Order"),
    )


def _tell(context: CommandContext, request: RefundRequest, order: Order) -> None:
    text_output = context.text_output
    terminal.print_facts(
        [
            ("Order", f"{order.reference} of {order.learner.email or order.learner.id}"),
            ("Asked", text_output.moment(request.asked_at)),
            ("What", request_text(request)),
            ("Why", request.reason),
            ("State", request.state.value),
            ("Answered", text_output.moment(request.answered_at)),
            ("By", str(request.answered_by or "")),
            ("Answer", request.answer),
            ("Refund", request.refund or ""),
        ]
    )
