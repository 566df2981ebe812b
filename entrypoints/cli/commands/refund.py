"""The command that gives money back: it shows what would follow, asks, and then does it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import attrs
import click

from core.audit_log import stated
from core.identity import Actor
from core.money import Currency, Money
from core.order_reference import Reference
from core.payments.gateway import PaymentGateway
from core.payments.refund import Refund, RefundId, RefundState
from core.use_cases.refunds.issue_refund import Consequences, Wanted, consequences
from core.use_cases.refunds.issue_refund import refund as give_back
from entrypoints.cli.app import options
from entrypoints.cli.app.context import Desk
from entrypoints.cli.app.failures import PROBLEMS_FOUND, RefundFailed, RefundUnknown
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import order_json, terminal
from entrypoints.cli.output.order_json import OrderShapes
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
@click.option("--amount", help="How much, in the order's currency; all that is left otherwise.")
@click.option(
    "--line", "lines", type=click.IntRange(1), multiple=True, help="A whole line; can be repeated."
)
@click.option(
    "--excess", is_flag=True, help="What was paid too much, where giving it back has failed."
)
@click.option(
    "--id",
    "refund_id",
    callback=_refund_id,
    help="An id of your own: the same id is the same refund, however often it is asked for.",
)
@options.reason(required=True)
@options.dry_run
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def refund(
    desk: Desk,
    *,
    reference: str,
    amount: str | None,
    lines: tuple[int, ...],
    excess: bool,
    reason: str,
    refund_id: RefundId | None,
    dry_run: bool,
    yes: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Give money back: an amount, some lines, or all that is left of an order.

    A payment too many goes back by itself; --excess tries again where the gateway refused that.

    Shows what follows and asks before it does anything. A line that is refunded in full is
    revoked on the learning platform, and gives back its seats.
    """
    if (amount is not None) + bool(lines) + excess > 1:
        raise click.UsageError(
            "Refund an amount, whole lines or an excess, not both: --amount, --line or --excess."
        )
    stated(reason)
    acting = None if dry_run else desk.staff(staff)
    if not (dry_run or yes or sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: add --yes to refund without asking.")
    wanted = _Part(amount, lines, excess)
    asked = _Asked(options.reference_in(reference), wanted, reason, refund_id)
    given = asked.given_before(desk)
    if given is not None:
        terminal.say(f"Refund {given.id} was asked for before; this is how it stands.")
    else:
        planned = asked.planned(desk)
        _tell_plan(desk, planned, dry_run=dry_run, as_json=as_json)
        if acting is None or not (yes or _agreed(planned)):
            return
        given = asked.carried_out(desk, acting)
    tell_refund(desk, asked.reference, given, as_json=as_json)


@attrs.frozen
class _Part:
    """Which part of an order is to be given back, as it was typed."""

    amount: str | None
    lines: tuple[int, ...]
    excess: bool

    def wanted(self, currency: Currency) -> Wanted:
        amount = None if self.amount is None else Money.of(self.amount, currency)
        return Wanted(amount, self.lines, excess=self.excess)


@attrs.frozen
class _Asked:
    """What is to be given back, as it was typed."""

    reference: Reference
    part: _Part
    reason: str
    refund_id: RefundId | None

    def given_before(self, desk: Desk) -> Refund | None:
        """The refund that was asked for under this id before."""
        with desk.shop.look() as work:
            refunds = work.refunds.of(work.orders.get(self.reference).reference)
        return next((each for each in refunds if each.id == self.refund_id), None)

    def planned(self, desk: Desk) -> Consequences:
        with desk.shop.look() as work:
            currency = work.orders.get(self.reference).currency
            return consequences(work, self.reference, self.part.wanted(currency))

    def carried_out(self, desk: Desk, acting: Actor) -> Refund | None:
        shop = desk.shop
        gateway = gateway_at_work(desk)
        with shop.look() as work:
            currency = work.orders.get(self.reference).currency
        return give_back(
            self.reference,
            self.part.wanted(currency),
            self.reason,
            refund_id=self.refund_id or new_refund_id(),
            staff=acting,
            begin=shop.begin,
            gateway=gateway,
            now=shop.now(),
        )


def _agreed(planned: Consequences) -> bool:
    """Whether a person says yes. Leaves with 1 where they do not."""
    question = f"Refund {planned.amount} now?" if planned.amount else "Revoke this now?"
    if not click.confirm(question, err=True):
        terminal.say("Nothing was refunded.")
        click.get_current_context().exit(PROBLEMS_FOUND)
    return True


def gateway_at_work(desk: Desk) -> PaymentGateway:
    """The gateway. Raises GatewayUnavailable where there is none, before a refund is stored."""
    from entrypoints.composition.gateways.cybersource import NoGateway

    gateway = desk.shop.gateway
    if isinstance(gateway, NoGateway):
        # Nobody could ever say how the refund ended.
        gateway.check()
    return gateway


def _tell_plan(desk: Desk, planned: Consequences, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        if dry_run:
            terminal.show_json(order_json.consequences(planned, dry_run=True))
        return
    # What would be done is the answer to a dry run; otherwise it is what the question is about.
    tell_plan(desk, planned, tell=terminal.tell if dry_run else terminal.say)
    if dry_run:
        terminal.say("Nothing was refunded. The same command without --dry-run does it.")


def tell_plan(desk: Desk, planned: Consequences, *, tell: Callable[[str], None]) -> None:
    """Say what a refund would do."""
    words = desk.words
    tell(f"Order {planned.order.reference} of {planned.order.learner.email}")
    tell(f"− {words.money(planned.amount)} back to the learner")
    for part in planned.lines:
        tell(f"− {words.money(part.amount)} of line {part.position}")
    for line in planned.revoked:
        tell(f"− line {line.position} revoked: {line.title} ({line.sku})")
    if planned.excess:
        tell("The order stays as it is: this was paid too much.")
    else:
        tell(f"= {words.money(planned.left)} left to refund")


def tell_refund(desk: Desk, reference: Reference, given: Refund | None, *, as_json: bool) -> None:
    """Say how it ended. Raises RefundUnknown, or RefundFailed where the gateway refused."""
    if as_json:
        shape = None if given is None else OrderShapes(desk.zone).refund(given)
        terminal.show_json({"reference": reference, "refund": shape})
    elif given is None:
        terminal.tell(f"Revoked. Nothing was paid for it, so no money moves ({reference}).")
    elif given.accepted:
        amount = desk.words.money(given.amount)
        terminal.tell(f"Refunded {amount} of order {reference}: refund {given.id}.")
    if given is None or given.accepted:
        return
    if given.state is RefundState.FAILED:
        raise RefundFailed(given.id, given.outcome or "it gave no reason")
    raise RefundUnknown(given.id, given.outcome)
