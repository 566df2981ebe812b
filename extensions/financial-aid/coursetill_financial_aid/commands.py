"""The commands of financial aid: tiers, countries, rates, requests, report, tidy."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from core.money import Currency, Money
from core.products.product import CourseId, Sku
from coursetill_financial_aid.command_context import bureau_at
from coursetill_financial_aid.decide_request import forget_incomes
from coursetill_financial_aid.edit_tables import (
    Differences,
    import_countries,
    import_rates,
    read_countries,
    read_rates,
    set_tiers,
    title_of,
)
from coursetill_financial_aid.output import AidWords, history_shape, tier_set_shape
from coursetill_financial_aid.request_commands import report, requests
from coursetill_financial_aid.tiers import OfCourse, OfProgram, Tier, TierSet, tier_set_name
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.output import terminal


@click.group("financial-aid", cls=ShopGroup)
def financial_aid() -> None:
    """Personal prices by income and country: tiers, limits, requests."""


@financial_aid.group("tiers", cls=ShopGroup)
def tiers() -> None:
    """Set the reduction for each income, for a program or a course."""


@financial_aid.group("countries", cls=ShopGroup)
def countries() -> None:
    """The income limit of each country, from which there is no aid."""


@financial_aid.group("rates", cls=ShopGroup)
def rates() -> None:
    """The value of one US dollar in other currencies."""


financial_aid.add_command(requests)
financial_aid.add_command(report)


@tiers.command(
    "set",
    example="coursetill financial-aid tiers set DEDP --program DEDP --tier 0:75% "
    "--tier 25000:50% --tier 50000:25% --tier 75000:full --as ann",
)
@click.argument("name")
@click.option("--program", help="The program whose runs it is for, by sku.")
@click.option("--course", help="The course whose runs it is for, by readable id.")
@click.option("--with-program", is_flag=True, help="For the program itself too.")
@click.option(
    "--title", default="", help="What learners read; that of the program or course otherwise."
)
@click.option(
    "--tier",
    "written",
    multiple=True,
    required=True,
    metavar="INCOME:SAVING",
    help="From this yearly income in USD on: 50%, fixed-price:250, dollars-off:100 or full.",
)
@click.option("--currency", default="USD", show_default=True, help="Of prices and amounts off.")
@click.option("--held-below", default="0", metavar="INCOME", help="A person looks at these.")
@click.option("--valid-days", type=click.IntRange(1, 3660), default=365, show_default=True)
@options.reason()
@options.dry_run
@options.staff_name
@options.as_json
@click.pass_obj
def set_(
    context: CommandContext,
    *,
    name: str,
    program: str | None,
    course: str | None,
    with_program: bool,
    title: str,
    written: tuple[str, ...],
    currency: str,
    held_below: str,
    valid_days: int,
    reason: str,
    dry_run: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Set the tiers of a program or a course. This replaces the tiers of the same name.

    The first tier begins at 0, the last is the full price. Incomes scale with the limit of the
    learner's country. Approved requests stay as they are.
    """
    if (program is None) == (course is None):
        raise click.UsageError("Say either --program or --course.")
    if with_program and program is None:
        raise click.UsageError("--with-program goes with --program.")
    of_course = OfCourse(CourseId(course or ""))
    scope = OfProgram(Sku.of(program), with_program) if program else of_course
    money, by = Currency.of(currency.upper()), context.staff(staff)
    with bureau_at(context) as bureau:
        tier_set = TierSet(
            tier_set_name(name),
            title.strip() or title_of(scope, bureau),
            scope,
            tuple(Tier.of(each, money) for each in written),
            Money.of(held_below),
            valid_days,
        )
        set_tiers(tier_set, by=by, why=reason, bureau=bureau, dry_run=dry_run)
    if as_json:
        terminal.print_json({**tier_set_shape(tier_set), "dry_run": dry_run})
        return
    _print_tiers(tier_set)
    _nothing_done(dry_run=dry_run)


@tiers.command("list", example="coursetill financial-aid tiers list")
@options.as_json
@click.pass_obj
def list_tiers(context: CommandContext, *, as_json: bool) -> None:
    """List all sets of tiers."""
    with bureau_at(context) as bureau, bureau.records.read() as aid:
        found = aid.tier_sets()
    if as_json:
        terminal.print_json({"tier_sets": [tier_set_shape(each) for each in found]})
        return
    rows = [(t.name, t.title, str(t.scope), str(len(t.tiers)), str(t.valid_days)) for t in found]
    terminal.print_table(("Name", "Title", "For", "Tiers", "Days"), rows, right=("Tiers", "Days"))


@tiers.command("show", example="coursetill financial-aid tiers show DEDP")
@click.argument("name")
@options.as_json
@click.pass_obj
def show_tiers(context: CommandContext, *, name: str, as_json: bool) -> None:
    """Show one set of tiers, and its history."""
    wanted = tier_set_name(name)
    with bureau_at(context) as bureau, bureau.records.read() as aid:
        found, history = aid.tier_set(wanted), aid.history(f"tiers {wanted}")
    if as_json:
        terminal.print_json({**tier_set_shape(found), "history": history_shape(history)})
        return
    _print_tiers(found)
    terminal.print_heading("History")
    for entry in history:
        terminal.print_line(AidWords(context.zone).entry(entry))


def _print_tiers(found: TierSet) -> None:
    held = f"below {found.held_below} USD" if found.held_below else "none"
    terminal.print_facts(
        (
            ("Name", found.name),
            ("Title", found.title),
            ("For", str(found.scope)),
            ("Looked at", held),
            ("Valid for", terminal.counted(found.valid_days, "day")),
        )
    )
    rows = [(f"{tier.from_income} USD", tier.description) for tier in found.tiers]
    terminal.print_heading("Tiers")
    terminal.print_table(("Income from", "Saving"), rows, right=("Income from",))


@countries.command(
    "import", example="coursetill financial-aid countries import countries.csv --as ann"
)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@options.reason()
@options.dry_run
@options.staff_name
@options.as_json
@click.pass_obj
def import_countries_(
    context: CommandContext,
    *,
    file: str,
    reason: str,
    dry_run: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Import the limits of countries from FILE (- for stdin). This replaces all limits.

    Columns: country (two letters, or * for all others), income (USD a year, from which there is no
    aid) and, optionally, name and documents (yes if learners must send one).
    """
    by, limits = context.staff(staff), read_countries(_content(file))
    with bureau_at(context) as bureau:
        changes = import_countries(
            limits, by=by, why=reason or file, bureau=bureau, dry_run=dry_run
        )
    _tell_import(len(limits.limits), changes, dry_run=dry_run, as_json=as_json)


@countries.command("list", example="coursetill financial-aid countries list")
@options.as_json
@click.pass_obj
def list_countries(context: CommandContext, *, as_json: bool) -> None:
    """List the limits of countries, in US dollars a year."""
    with bureau_at(context) as bureau, bureau.records.read() as aid:
        found = tuple(aid.countries().limits.values())
    if as_json:
        told = [
            {"country": c.country, "income": c.limit.plain, "documents": c.documents} for c in found
        ]
        terminal.print_json({"countries": told})
        return
    rows = [(c.country, c.name, str(c.limit), "yes" if c.documents else "no") for c in found]
    terminal.print_table(("Country", "Name", "Limit", "Documents"), rows, right=("Limit",))


@rates.command("import", example="coursetill financial-aid rates import rates.csv --as ann")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@options.reason()
@options.dry_run
@options.staff_name
@options.as_json
@click.pass_obj
def import_rates_(
    context: CommandContext,
    *,
    file: str,
    reason: str,
    dry_run: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Import rates from FILE (- for stdin). This replaces all rates.

    Columns: currency (three letters), per_usd (the value of one US dollar) and, optionally, name.
    Learners can state incomes in these currencies, and in USD.
    """
    by, found = context.staff(staff), read_rates(_content(file))
    with bureau_at(context) as bureau:
        changes = import_rates(found, by=by, why=reason or file, bureau=bureau, dry_run=dry_run)
    _tell_import(len(found.rates), changes, dry_run=dry_run, as_json=as_json)


@rates.command("list", example="coursetill financial-aid rates list")
@options.as_json
@click.pass_obj
def list_rates(context: CommandContext, *, as_json: bool) -> None:
    """List the rates."""
    with bureau_at(context) as bureau, bureau.records.read() as aid:
        found = sorted(aid.rates().rates.values(), key=lambda rate: rate.currency)
    if as_json:
        told = [{"currency": r.currency, "per_usd": r.plain, "name": r.name} for r in found]
        terminal.print_json({"rates": told})
        return
    rows = [(r.currency, r.name, r.plain) for r in found]
    terminal.print_table(("Currency", "Name", "Per dollar"), rows, right=("Per dollar",))


@financial_aid.command("tidy", example="coursetill financial-aid tidy")
@options.as_json
@click.pass_obj
def tidy(context: CommandContext, *, as_json: bool) -> None:
    """Erase incomes whose retention time is over.

    Every new request does this too.
    """
    with bureau_at(context) as bureau:
        erased = forget_incomes(bureau=bureau)
    if as_json:
        terminal.print_json({"erased": erased})
    else:
        terminal.print_line(f"Erased {terminal.counted(erased, 'income')}.")


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}.") from None


def _tell_import(rows: int, changes: Differences, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        told = {"added": changes.added, "changed": changes.changed, "removed": changes.removed}
        terminal.print_json({"rows": rows, **told, "dry_run": dry_run})
        return
    terminal.print_line(f"{terminal.counted(rows, 'row')}: {changes}.")
    _nothing_done(dry_run=dry_run)


def _nothing_done(*, dry_run: bool) -> None:
    if dry_run:
        terminal.print_note("Nothing was changed. The same command without --dry-run does it.")
