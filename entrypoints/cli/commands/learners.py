"""Commands about people's personal data: export and erase it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from core.audit_log import AuditSearch, Subject, required_reason
from core.identity import LearnerId
from core.messaging.inbox import InboxSearch
from core.privacy.personal_data import Person
from core.use_cases.order_lifecycle.order_details import full_order_details
from core.use_cases.privacy.erase_person import HeldData, check_erasable, erase_person, held_data
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.files import WRITTEN, written_to
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.commands.inbox import message_shape
from entrypoints.cli.output import terminal
from entrypoints.cli.output.order_json import OrderJsonOutput
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.extensions.loader import erase_from_extensions, export_from_extensions


@click.group(cls=ShopGroup)
def learners() -> None:
    """Personal data: export it, erase it."""


@learners.command(example="coursetill learners export ada@example.org --out ada.json")
@click.argument("who", metavar="EMAIL-OR-ID")
@click.option(
    "--out",
    type=WRITTEN,
    default="-",
    help="The file to write; only you can read it. By default stdout.",
)
@options.as_json
@click.pass_obj
def export(context: CommandContext, *, who: str, out: str, as_json: bool) -> None:
    """Print a person's data as JSON: orders, basket, codes, changes by staff.

    Includes the data of extensions. With --out, --json prints the place of the file on stdout.
    """
    held = held_data(_somebody(who), read=context.shop.read)
    export = _export(context, held)
    if not (held.holdings or export["changes"] or export["extensions"]):
        terminal.print_note(f"Nothing is held about {held.person}.")
    if out == "-":
        terminal.print_json(export)
        return
    # A new file, so that only its owner can read it, even if the old file was readable by others.
    with written_to(out) as stream:
        stream.write(json.dumps(export, indent=2, ensure_ascii=False) + "\n")
    if as_json:
        terminal.print_json({"file": out})
    else:
        terminal.print_line(f"Wrote what is held about {held.person} to {out}.")


def _somebody(who: str) -> str:
    """A learner id or an address from the command line. Raises UsageError if neither is given."""
    if not who.strip():
        raise click.UsageError("Say whom: an e-mail address, or a learner id.")
    return who.strip()


def _export(context: CommandContext, held: HeldData) -> dict[str, Any]:
    person, shapes = held.person, OrderJsonOutput(context.zone, context.wording)
    with context.shop.read() as work:
        orders = [
            shapes.order_details(full_order_details(work, each)) for each in held.holdings.orders
        ]
        entries = [
            shapes.journal_entry(entry)
            for name in (*person.ids, *person.emails)
            for entry in work.audit_log.search(AuditSearch(Subject.learner(name), limit=1000))
        ]
        messages = [
            message_shape(message, shapes)
            for reference in held.holdings.orders
            for message in work.inbox.search(InboxSearch(reference, limit=1000))
        ]
    return {
        "ids": list(person.ids),
        "emails": list(person.emails),
        "names": list(person.names),
        "orders": orders,
        "basket": [sku.text for sku in held.holdings.basket],
        "codes": [code.text for code in held.holdings.codes],
        "messages": messages,
        "changes": entries,
        "extensions": {name: list(kept) for name, kept in _kept_elsewhere(context, person)},
    }


def _names(person: Person) -> Iterator[tuple[LearnerId, str]]:
    """The person as an extension may know them: every id with every address."""
    for learner in person.ids or (LearnerId(""),):
        for email in person.emails or ("",):
            yield learner, email


def _kept_elsewhere(context: CommandContext, person: Person) -> Iterator[tuple[str, list[Any]]]:
    kept: dict[str, list[Any]] = {}
    for learner, email in _names(person):
        for name, data in export_from_extensions(context.shop.extensions, learner, email).items():
            found = kept.setdefault(name, [])
            if data and dict(data) not in found:
                found.append(dict(data))
    yield from ((name, found) for name, found in kept.items() if found)


@learners.command(
    "forget",
    example='coursetill learners forget ada@example.org --reason "asked by letter" --as ann',
)
@click.argument("who", metavar="EMAIL-OR-ID")
@options.reason(required=True)
@options.dry_run
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def forget_(
    context: CommandContext,
    *,
    who: str,
    reason: str,
    dry_run: bool,
    yes: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Erase a person's identity for good. Accounting keeps amounts, lines and references.

    Shows what is erased and asks first. Refused while an order is open or a refund is on its way. A
    second run has nothing to do. A person who comes back later is a new learner.
    """
    required_reason(reason)
    by = None if dry_run else context.staff(staff)
    if not (dry_run or yes or sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: add --yes to forget without asking.")
    shop = context.shop
    held = check_erasable(_somebody(who), read=shop.read)
    elsewhere = [name for name, _ in _kept_elsewhere(context, held.person)]
    nothing = not (held.holdings or elsewhere)
    if not as_json:
        _tell_plan(held, elsewhere, tell=terminal.print_line if dry_run else terminal.print_note)
    if by is not None and not nothing and (yes or _agreed(held)):
        # Extensions first: afterwards the shop no longer knows the person's ids and addresses.
        for learner, email in _names(held.person):
            erase_from_extensions(shop.extensions, learner, email)
        erase_person(
            who,
            new_key(),
            extensions=elsewhere,
            by=by,
            why=reason,
            begin=shop.begin,
            now=shop.now(),
        )
    if as_json:
        terminal.print_json(_shape(held, elsewhere, dry_run=dry_run))
    elif by is not None and not nothing:
        terminal.print_line(f"Forgotten: {held.person}.")


def _tell_plan(held: HeldData, elsewhere: list[str], *, tell: Callable[[str], None]) -> None:
    person, holdings = held.person, held.holdings
    if not (holdings or elsewhere):
        tell(f"Nothing is held about {person}.")
        return
    tell(f"About {person}:")
    if holdings.orders:
        orders = terminal.counted(len(holdings.orders), "order")
        tell(f"− name, address and id in {orders}, with what was written about them and is told on")
        tell(f"  {' '.join(holdings.orders)}")
        tell("= amounts, lines, references and transactions stay, under an id that names nobody")
    if holdings.untold:
        waiting = terminal.counted(holdings.untold, "event or letter", "events and letters")
        tell(f"− {waiting} about them still waiting: given up on, nobody is told any more")
    if holdings.basket:
        tell(f"− the basket: {', '.join(map(str, holdings.basket))}")
    if holdings.codes:
        tell(f"− codes assigned: {', '.join(map(str, holdings.codes))}")
    for name in elsewhere:
        tell(f"− what {name} keeps")


def _agreed(held: HeldData) -> bool:
    """Ask for confirmation. Exits with 1 without a yes."""
    if not click.confirm(f"Forget {held.person} for good?", err=True):
        terminal.print_note("Nothing was erased.")
        click.get_current_context().exit(PROBLEMS_FOUND)
    return True


def _shape(held: HeldData, elsewhere: list[str], *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "ids": list(held.person.ids),
        "emails": list(held.person.emails),
        "orders": list(held.holdings.orders),
        "basket": [sku.text for sku in held.holdings.basket],
        "codes": [code.text for code in held.holdings.codes],
        "given_up": held.holdings.untold,
        "extensions": elsewhere,
    }
