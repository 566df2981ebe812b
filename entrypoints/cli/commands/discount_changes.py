"""Commands that change many discounts at once: extend, expire, assign."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import attrs
import click

from core.discounts.window import EndAt, ExtendUntil
from core.identity import Assignee, EmailAddress, LearnerId
from core.use_cases.discounts.bulk_discounts import (
    BulkChange,
    assign_discounts,
    reschedule_discounts,
)
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.files import READ, lines_of
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.commands import discount_options
from entrypoints.cli.commands.discount_batches import acting
from entrypoints.cli.output import terminal
from entrypoints.cli.output.progress import ProgressBar
from entrypoints.wording.sentences import Wording


@attrs.frozen
class _BulkCommand:
    """A change of many discounts, with its wording before and after."""

    words: Wording
    verb: str
    done: str
    one: str = attrs.field(default="discount", kw_only=True)

    def carry_out(
        self,
        do: Callable[[bool], BulkChange],
        *,
        dry_run: bool,
        yes: bool,
        as_json: bool,
    ) -> None:
        """Print what would change, ask if that is many, and do it."""
        if not (dry_run or yes or sys.stdin.isatty()):
            raise click.UsageError(f"Nobody can be asked here: add --yes to {self.verb} them.")
        if dry_run or not yes:
            planned = do(True)
            if dry_run:
                self._tell(planned, f"Would {self.verb}", dry_run=True, as_json=as_json)
                return
            terminal.print_note(self._sentence(planned, f"This will {self.verb}"))
            if not click.confirm("Go on?", err=True):
                terminal.print_note("Nothing was changed.")
                click.get_current_context().exit(PROBLEMS_FOUND)
        self._tell(do(False), self.done, dry_run=False, as_json=as_json)

    def _tell(self, changed: BulkChange, words: str, *, dry_run: bool, as_json: bool) -> None:
        if as_json:
            shape = {"selected": changed.selected, "changed": changed.changed, "dry_run": dry_run}
            terminal.print_json(shape)
            return
        terminal.print_line(self._sentence(changed, words))
        if dry_run:
            terminal.print_note("Nothing was changed. The same command without --dry-run does it.")

    def _sentence(self, changed: BulkChange, words: str) -> str:
        return (
            f"{words} {terminal.counted(changed.changed, self.one)} "
            f"of {changed.selected:,} selected ({self.words.sentence(changed.selection)})."
        )


@click.command(
    cls=ShopCommand,
    example="coursetill discounts extend --prefix SPRING --until 2027-07-01T00:00:00Z --as ann",
)
@discount_options.which
@click.option("--until", type=options.MOMENT, required=True, help="The new end.")
@options.reason()
@options.dry_run
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def extend(context: CommandContext, /, *, until: datetime, **given: Any) -> None:
    """Give discounts a later end, expired ones too. One that ends later does not change."""
    _reschedule(
        context, ExtendUntil(until), _BulkCommand(context.wording, "extend", "Extended"), **given
    )


@click.command(cls=ShopCommand, example="coursetill discounts expire --batch flyers --as ann")
@discount_options.which
@options.reason()
@options.dry_run
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def expire(context: CommandContext, /, **given: Any) -> None:
    """End discounts now, even before their start. Orders keep the price they were sold at."""
    _reschedule(context, EndAt(context.now), _BulkCommand(context.wording, "end", "Ended"), **given)


def _reschedule(
    context: CommandContext,
    change: ExtendUntil | EndAt,
    deed: _BulkCommand,
    *,
    code: str | None,
    prefix: str | None,
    batch: str | None,
    dry_run: bool,
    yes: bool,
    reason: str,
    staff: str | None,
    as_json: bool,
) -> None:
    selection = discount_options.selection(code, prefix, batch)
    by = acting(context, staff, dry_run=dry_run)

    def do(trial: bool) -> BulkChange:
        return reschedule_discounts(
            selection,
            change,
            by=by,
            why=reason,
            begin=context.shop.begin,
            now=context.now,
            dry_run=trial,
        )

    deed.carry_out(do, dry_run=dry_run, yes=yes or code is not None, as_json=as_json)


@click.command(
    cls=ShopCommand,
    example="coursetill discounts assign AID-7K3M --email ada@example.org --as ann",
)
@discount_options.which
@click.option("--learner", "learners", multiple=True, help="A learner's id; can be repeated.")
@click.option(
    "--email", "emails", multiple=True, help="The address a learner signs in with; can be repeated."
)
@click.option(
    "--learners-from", metavar="FILE", type=READ, help="A file with one id per line; - for stdin."
)
@click.option(
    "--emails-from",
    metavar="FILE",
    type=READ,
    help="A file with one address per line; - for stdin.",
)
@options.reason()
@options.dry_run
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def assign(
    context: CommandContext,
    *,
    code: str | None,
    prefix: str | None,
    batch: str | None,
    learners: tuple[str, ...],
    emails: tuple[str, ...],
    learners_from: str | None,
    emails_from: str | None,
    dry_run: bool,
    yes: bool,
    reason: str,
    staff: str | None,
    as_json: bool,
) -> None:
    """Assign discounts to learners by id or address, also before their first sign-in."""
    selection = discount_options.selection(code, prefix, batch)
    if learners_from == emails_from == "-":
        raise click.UsageError("Only one of them can be read from stdin.")
    to = _assignees(
        [*learners, *(lines_of(learners_from) if learners_from else ())],
        [*emails, *(lines_of(emails_from) if emails_from else ())],
    )
    by = acting(context, staff, dry_run=dry_run)

    def do(trial: bool) -> BulkChange:
        with ProgressBar("Assigning") as progress:
            return assign_discounts(
                selection,
                to,
                by=by,
                why=reason,
                begin=context.shop.begin,
                now=context.now,
                dry_run=trial,
                progress=progress.reached,
            )

    deed = _BulkCommand(context.wording, "make", "Made", one="new assignment")
    deed.carry_out(do, dry_run=dry_run, yes=yes or code is not None, as_json=as_json)


def _assignees(ids: Iterable[str], addresses: Iterable[str]) -> frozenset[Assignee]:
    to: frozenset[Assignee] = frozenset(map(LearnerId, ids))
    to |= frozenset(map(EmailAddress.of, addresses))
    if not to:
        raise click.UsageError("Say to whom: --learner, --email, or a file of them.")
    return to
