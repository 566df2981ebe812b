"""The command that refunds an order: it shows the effects, asks, and does it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import attrs
import click

from core.audit_log import required_reason
from core.identity import Actor
from core.money import Currency, Money
from core.order_reference import Reference
from core.payments.gateway import PaymentGateway
from core.payments.refund import Refund, RefundId, RefundState
from core.use_cases.refunds.issue_refund import RefundPlan, RefundSelection, plan_refund
from core.use_cases.refunds.issue_refund import issue_refund as give_back
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.errors import RefundNotAccepted, RefundOutcomeUnknown
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import order_json, terminal
from entrypoints.cli.output.order_json import OrderJsonOutput
from entrypoints.composition.clock_and_ids import new_refund_id


def _refund_id(ctx: click.Context, param: click.Parameter, value: str | None) -> RefundId | None:
    if value is not None and not re.fullmatch(r"[A-Z0-9-]{8,30}", value, re.ASCII):
        raise click.BadParameter("use 8 to 30 capital letters, digits and hyphens", ctx, param)
    return None if value is None else RefundId(value)


@click.command(
    cls=ShopCommand,
    example='coursetill orders refund CT-7K3M-Q9XD-2FVT --line 2 --reason "wrong run" --as ann',
)
@click.argument("reference", type=options.REFERENCE)
@click.option("--amount", help="The amount, in the order's currency; by default all that is left.")
@click.option(
    "--line", "lines", type=click.IntRange(1), multiple=True, help="A whole line; can be repeated."
)
@click.option(
    "--excess",
    "overpayment",
    is_flag=True,
    help="The overpayment, if its automatic refund has failed.",
)
@click.option(
    "--id",
    "refund_id",
    callback=_refund_id,
    help="An id of your own. Repeating it repeats no refund.",
)
@options.reason(required=True)
@options.dry_run
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def refund(
    context: CommandContext,
    *,
    reference: str,
    amount: str | None,
    lines: tuple[int, ...],
    overpayment: bool,
    reason: str,
    refund_id: RefundId | None,
    dry_run: bool,
    yes: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Refund an order: an amount, some lines, or all that is left of it.

    An overpayment is refunded automatically; --excess tries again if the gateway refused that.

    Shows the effects and asks before it does anything. A line that is refunded in full is revoked
    on the learning platform, and its seats become free.
    """
    if (amount is not None) + bool(lines) + overpayment > 1:
        raise click.UsageError(
            "Refund an amount, whole lines or an excess, not both: --amount, --line or --excess."
        )
    required_reason(reason)
    acting = None if dry_run else context.staff(staff)
    if not (dry_run or yes or sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: add --yes to refund without asking.")
    wanted = _RefundParts(amount, lines, overpayment)
    asked = _RefundCommand(options.reference_in(reference), wanted, reason, refund_id)
    given = asked.given_before(context)
    if given is not None:
        terminal.print_note(f"Refund {given.id} was asked for before; this is how it stands.")
    else:
        planned = asked.planned(context)
        _tell_plan(context, planned, dry_run=dry_run, as_json=as_json)
        if acting is None or not (yes or _agreed(planned)):
            return
        given = asked.carried_out(context, acting)
    tell_refund(context, asked.reference, given, as_json=as_json)


@attrs.frozen
class _RefundParts:
    """The part of the order to refund."""

    amount: str | None
    lines: tuple[int, ...]
    overpayment: bool

    def selection(self, currency: Currency) -> RefundSelection:
        amount = None if self.amount is None else Money.of(self.amount, currency)
        return RefundSelection(amount, self.lines, overpayment=self.overpayment)


@attrs.frozen
class _RefundCommand:
    """What to refund, from the options."""

    reference: Reference
    part: _RefundParts
    reason: str
    refund_id: RefundId | None

    def given_before(self, context: CommandContext) -> Refund | None:
        """The refund that was requested with this id before."""
        with context.shop.read() as work:
            refunds = work.refunds.of(work.orders.get(self.reference).reference)
        return next((each for each in refunds if each.id == self.refund_id), None)

    def planned(self, context: CommandContext) -> RefundPlan:
        with context.shop.read() as work:
            currency = work.orders.get(self.reference).currency
            return plan_refund(work, self.reference, self.part.selection(currency))

    def carried_out(self, context: CommandContext, acting: Actor) -> Refund | None:
        shop = context.shop
        gateway = gateway_at_work(context)
        with shop.read() as work:
            currency = work.orders.get(self.reference).currency
        return give_back(
            self.reference,
            self.part.selection(currency),
            self.reason,
            refund_id=self.refund_id or new_refund_id(),
            staff=acting,
            begin=shop.begin,
            gateway=gateway,
            now=shop.now(),
        )


def _agreed(planned: RefundPlan) -> bool:
    """Ask for confirmation. Exits with 1 without a yes."""
    question = f"Refund {planned.amount} now?" if planned.amount else "Revoke this now?"
    if not click.confirm(question, err=True):
        terminal.print_note("Nothing was refunded.")
        click.get_current_context().exit(PROBLEMS_FOUND)
    return True


def gateway_at_work(context: CommandContext) -> PaymentGateway:
    """The gateway. Raises GatewayUnavailable without one, before a refund is stored."""
    from entrypoints.composition.payment_gateways import NoGateway

    gateway = context.shop.gateway
    if isinstance(gateway, NoGateway):
        # Without a gateway, the refund's result could never be known.
        gateway.check()
    return gateway


def _tell_plan(
    context: CommandContext, planned: RefundPlan, *, dry_run: bool, as_json: bool
) -> None:
    if as_json:
        if dry_run:
            terminal.print_json(order_json.consequences(planned, dry_run=True))
        return
    # The effects are the output of a dry run; otherwise they belong to the question.
    tell_plan(context, planned, tell=terminal.print_line if dry_run else terminal.print_note)
    if dry_run:
        terminal.print_note("Nothing was refunded. The same command without --dry-run does it.")


def tell_plan(context: CommandContext, planned: RefundPlan, *, tell: Callable[[str], None]) -> None:
    """Print the effects of a refund."""
    text_output = context.text_output
    tell(f"Order {planned.order.reference} of {planned.order.learner.email}")
    tell(f"− {text_output.money(planned.amount)} back to the learner")
    for part in planned.lines:
        tell(f"− {text_output.money(part.amount)} of line {part.position}")
    for line in planned.revoked:
        tell(f"− line {line.position} revoked: {line.title} ({line.sku})")
    if planned.overpayment:
        tell("The order stays as it is: this was paid too much.")
    else:
        tell(f"= {text_output.money(planned.left)} left to refund")


def tell_refund(
    context: CommandContext, reference: Reference, given: Refund | None, *, as_json: bool
) -> None:
    """Print the result. Raises RefundOutcomeUnknown or RefundNotAccepted."""
    if as_json:
        shape = (
            None if given is None else OrderJsonOutput(context.zone, context.wording).refund(given)
        )
        terminal.print_json({"reference": reference, "refund": shape})
    elif given is None:
        terminal.print_line(f"Revoked. Nothing was paid for it, so no money moves ({reference}).")
    elif given.accepted:
        amount = context.text_output.money(given.amount)
        terminal.print_line(f"Refunded {amount} of order {reference}: refund {given.id}.")
    if given is None or given.accepted:
        return
    if given.state is RefundState.FAILED:
        raise RefundNotAccepted(given.id, given.outcome or "it gave no reason")
    raise RefundOutcomeUnknown(given.id, given.outcome)
