"""Commands for files and batches of discounts: generate, import, export."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from core.discounts.selection import Selection, batch_name
from core.identity import Actor
from core.unit_of_work import UnitOfWork
from core.use_cases.discounts.bulk_discounts import generate_discounts, pages
from core.use_cases.discounts.import_discounts import DiscountImport, import_discounts, row_of
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.files import READ, WRITTEN, content_of, write_shapes, written_to
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.commands import discount_options
from entrypoints.cli.output import terminal
from entrypoints.cli.output.progress import ProgressBar
from entrypoints.composition.clock_and_ids import new_code, new_discount_id
from entrypoints.csv_files.discounts import read_discounts_file, write_discounts

MOST_CODES = 1_000_000

out = click.option(
    "--out", metavar="FILE", type=WRITTEN, help="Write the codes as CSV; - for stdout."
)


def acting(context: CommandContext, staff: str | None, *, dry_run: bool) -> Actor:
    """The actor. A dry run needs none."""
    return Actor.staff("nobody") if dry_run else context.staff(staff)


@click.command(
    cls=ShopCommand,
    example="coursetill discounts generate --count 500 --prefix SPRING --kind percent-off "
    "--amount 25 --redemption one-time --out spring.csv --as ann",
)
@click.option(
    "--count", type=click.IntRange(1, MOST_CODES), required=True, help="The number of codes."
)
@click.option("--prefix", default="", help="The beginning of every code.")
@click.option(
    "--length",
    type=click.IntRange(8, 24),
    default=12,
    show_default=True,
    help="The number of random letters after the prefix.",
)
@click.option("--batch", help="The batch's name; by default the prefix and the time.")
@discount_options.terms
@out
@options.reason()
@options.dry_run
@options.staff_name
@options.as_json
@click.pass_obj
def generate(
    context: CommandContext,
    /,
    *,
    count: int,
    prefix: str,
    length: int,
    batch: str | None,
    out: str | None,
    dry_run: bool,
    reason: str,
    staff: str | None,
    as_json: bool,
    **terms: Any,
) -> None:
    """Create many discounts on the same terms, each with its own code, as one batch: all or none.

    The codes are random, without letters that are easy to confuse.
    """
    if out == "-" and as_json:
        raise click.UsageError("Only one of them can stand on stdout: --out - or --json.")
    by = acting(context, staff, dry_run=dry_run)
    name = batch_name(batch or f"{prefix or 'codes'} {context.text_output.moment(context.now)}")
    first = new_code(prefix, length)
    with ExitStack() as open_files, ProgressBar("Making codes") as progress:
        # Open it before anything is stored: if the codes cannot be written, none is created.
        stream = open_files.enter_context(written_to(out)) if out else None
        made = generate_discounts(
            discount_options.written(first.text, terms, batch=name),
            count,
            new_code=lambda: new_code(prefix, length),
            new_id=new_discount_id,
            by=by,
            why=reason,
            begin=context.shop.begin,
            now=context.now,
            dry_run=dry_run,
            progress=progress.reached,
            kinds=context.shop.kinds,
        )
        if stream is not None and not dry_run:
            write_discounts(map(row_of, made), stream)
    saving = context.wording.sentence(made[0].saving)
    if as_json:
        shape = {"batch": name, "count": len(made), "saving": saving, "dry_run": dry_run}
        terminal.print_json(shape)
        return
    tell = terminal.print_note if out == "-" else terminal.print_line
    verb, such = ("Would create", f"like {first}") if dry_run else ("Created", f'in batch "{name}"')
    tell(f"{verb} {terminal.counted(len(made), 'code')} {such}: {saving}.")


@click.command("import", cls=ShopCommand, example="coursetill discounts import codes.csv --dry-run")
@click.argument("file", type=READ)
@click.option("--batch", help="The batch of rows without one; by default the file and the time.")
@options.reason()
@options.dry_run
@options.staff_name
@options.as_json
@click.pass_obj
def import_(
    context: CommandContext,
    *,
    file: str,
    batch: str | None,
    dry_run: bool,
    reason: str,
    staff: str | None,
    as_json: bool,
) -> None:
    """Add the discounts in FILE (comma-separated, as export writes it; - for stdin): all or none.

    A discount that exists on the same terms does not change, so a second run changes nothing. A
    code that exists on other terms is a problem. All problems are listed with their lines.
    """
    by = acting(context, staff, dry_run=dry_run)
    source = "stdin" if file == "-" else Path(file).name
    rows = read_discounts_file(content_of(file))
    with ProgressBar("Keeping discounts") as progress:
        done = import_discounts(
            rows,
            batch=batch or f"{source} {context.text_output.moment(context.now)}",
            new_id=new_discount_id,
            by=by,
            why=reason or f"import of {source}",
            begin=context.shop.begin,
            now=context.now,
            dry_run=dry_run,
            progress=progress.reached,
            kinds=context.shop.kinds,
        )
    _tell_import(done, dry_run=dry_run, as_json=as_json)


def _tell_import(done: DiscountImport, *, dry_run: bool, as_json: bool) -> None:
    batches = sorted({discount.batch or "" for discount in done.added})
    if as_json:
        terminal.print_json(
            {
                "dry_run": dry_run,
                "added": len(done.added),
                "unchanged": done.unchanged,
                "assigned": done.assigned,
                "batches": batches,
            }
        )
        return
    verb = "Would add" if dry_run else "Added"
    named = f" in {', '.join(batches[:5])}" if batches else ""
    terminal.print_line(
        f"{verb} {terminal.counted(len(done.added), 'discount')}{named}, "
        f"unchanged {done.unchanged:,}, newly assigned {done.assigned:,}."
    )
    if dry_run:
        terminal.print_note("Nothing was changed. The same command without --dry-run does it.")


@click.command(
    cls=ShopCommand, example="coursetill discounts export --batch SPRING --out codes.csv"
)
@discount_options.which
@click.option(
    "--out", metavar="FILE", type=WRITTEN, default="-", help="The file to write; by default stdout."
)
@options.as_json
@click.pass_obj
def export(
    context: CommandContext,
    *,
    code: str | None,
    prefix: str | None,
    batch: str | None,
    out: str,
    as_json: bool,
) -> None:
    """Write discounts as comma-separated values, in the format of the import; by default, all."""
    named = (code, prefix, batch) != (None, None, None)
    selection = discount_options.selection(code, prefix, batch) if named else None
    with context.shop.read() as work, written_to(out) as stream:
        if as_json:
            json_output, now = context.json_output, context.now
            offers = (offer for page in pages(work, selection) for offer in page)
            shapes = (json_output.discount(offer, now) for offer in offers)
            count = write_shapes("discounts", shapes, stream)
        else:
            count = write_discounts(_rows(work, selection), stream)
    if out != "-" or sys.stderr.isatty():
        terminal.print_note(f"Wrote {terminal.counted(count, 'discount')}.")


def _rows(work: UnitOfWork, selection: Selection | None) -> Iterator[Mapping[str, str]]:
    for page in pages(work, selection):
        assignees = work.discounts.assignees([offer.discount.id for offer in page])
        for offer in page:
            yield row_of(offer.discount, assignees.get(offer.discount.id, ()))
