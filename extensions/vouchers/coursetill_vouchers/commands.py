"""Commands of vouchers: enter, import, list, show, verify, match, issue, cancel."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from core.products.product import Product, Sku
from coursetill_vouchers.document import read_document
from coursetill_vouchers.identifiers import new_voucher_id
from coursetill_vouchers.matching import candidates
from coursetill_vouchers.output import VoucherWords, shape
from coursetill_vouchers.records import SqlVoucherRecords, tables
from coursetill_vouchers.redeem_voucher import (
    Office,
    cancel,
    enter,
    enter_all,
    issue,
    match,
    read_documents,
    uses,
    verify,
    waiting,
)
from coursetill_vouchers.voucher import (
    SeveralVouchers,
    UnknownVoucher,
    Voucher,
    VoucherId,
    VoucherSearch,
    VoucherState,
)
from coursetill_vouchers.voucher_file import read_voucher_file
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.output import terminal
from entrypoints.cli.output.list_page import page_of, print_page


@click.group("vouchers", cls=ShopGroup)
def vouchers() -> None:
    """Vouchers of employers: enter, check, match with a course run, issue as discounts."""


@contextmanager
def _office(context: CommandContext) -> Iterator[Office]:
    host = context.host("vouchers")
    kept = tables(host.database_url)
    try:
        yield Office(SqlVoucherRecords(kept), host.begin, host.read, host.now)
    finally:
        kept.close()


@vouchers.command(
    "enter",
    example="coursetill vouchers enter V-2041 --employer Acme --employee 'Ada Lovelace' "
    "--email ada@example.org --course 14.310x-1T2027 --amount 300 --as ann",
)
@click.argument("number")
@click.option("--employer", required=True, help="As the voucher has it.")
@click.option("--employee", required=True, metavar="NAME", help="As the voucher has it.")
@click.option("--email", default="", help="Whose it is, if the address is known.")
@click.option("--course", required=True, help="A sku, a readable id, or what the voucher says.")
@click.option("--amount", required=True, help="In digits, such as 300.00.")
@click.option("--currency", default="USD", show_default=True)
@click.option("--until", "valid_until", default="", metavar="DAY", help="The last day it is valid.")
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def enter_(
    context: CommandContext, /, *, reason: str, staff: str | None, as_json: bool, **written: str
) -> None:
    """Enter a voucher that you have verified.

    If the document names an exact course run and its holder is known, it becomes a discount at
    once.
    """
    by, document = context.staff(staff), read_document(written)
    with _office(context) as office:
        voucher = enter(document, new_voucher_id(), by=by, why=reason, office=office)
        _tell(context, office, voucher, as_json=as_json)


@vouchers.command("import", example="coursetill vouchers import vouchers.csv --as ann")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@options.reason()
@options.dry_run
@options.staff_name
@options.as_json
@click.pass_obj
def import_(
    context: CommandContext,
    *,
    file: str,
    reason: str,
    dry_run: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Enter the vouchers of FILE (comma-separated, UTF-8; - for stdin): all or none.

    Columns: number, employer, employee, email, course, amount, currency, valid_until.
    """
    by = context.staff(staff)
    rows = read_voucher_file(_content(file))
    with _office(context) as office:
        documents = read_documents(rows, office=office)
        found: tuple[Voucher, ...] = ()
        if not dry_run:
            new = [(new_voucher_id(), document) for document in documents]
            found = enter_all(new, by=by, why=reason or f"import of {file}", office=office)
    issued = sum(voucher.state is VoucherState.ISSUED for voucher in found)
    if as_json:
        terminal.print_json({"vouchers": len(documents), "issued": issued, "dry_run": dry_run})
    elif dry_run:
        terminal.print_line(f"Would enter {terminal.counted(len(documents), 'voucher')}.")
        terminal.print_note("Nothing was changed. The same command without --dry-run does it.")
    else:
        told = terminal.counted(len(found), "voucher")
        terminal.print_line(f"Entered {told}, {issued} of them issued.")


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}.") from None


@vouchers.command("list", example="coursetill vouchers list --state held")
@click.option("--state", type=click.Choice([state.value for state in VoucherState]))
@click.option("--number", help="Only those with this number.")
@click.option("--after", metavar="ID", help="Go on after this voucher.")
@options.limit(default=50)
@options.as_json
@click.pass_obj
def list_(
    context: CommandContext,
    *,
    state: str | None,
    number: str | None,
    after: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List vouchers, newest first. Held vouchers wait for you to verify them."""
    wanted = VoucherSearch(
        VoucherState(state) if state else None,
        number.strip().upper() if number else None,
        after=VoucherId(after) if after else None,
        limit=limit + 1,
    )
    with _office(context) as office:
        with office.vouchers.read() as kept:
            found = kept.search(wanted)
        used = uses(found, office)
    words = VoucherWords(context.zone)
    print_page(
        page_of(found, limit, lambda voucher: voucher.id),
        as_json=as_json,
        name="vouchers",
        shape=lambda voucher: shape(voucher, used=voucher.id in used),
        table=lambda page: terminal.print_table(
            words.titles,
            [words.row(voucher, used=voucher.id in used) for voucher in page],
            right=("Amount",),
        ),
        none="There are no such vouchers.",
    )


@vouchers.command(example="coursetill vouchers show V-2041")
@click.argument("number")
@options.as_json
@click.pass_obj
def show(context: CommandContext, *, number: str, as_json: bool) -> None:
    """Show one voucher by number or id, its history, and the course runs it may pay for."""
    with _office(context) as office:
        _tell(context, office, _found(office, number), as_json=as_json)


@vouchers.command(
    "verify", example="coursetill vouchers verify V-2041 --reason 'Acme confirmed it' --as ann"
)
@click.argument("number")
@options.reason(required=True)
@options.staff_name
@options.as_json
@click.pass_obj
def verify_(
    context: CommandContext, *, number: str, reason: str, staff: str | None, as_json: bool
) -> None:
    """Verify a voucher that a learner entered."""
    by = context.staff(staff)
    with _office(context) as office:
        voucher = verify(_found(office, number).id, by=by, why=reason, office=office)
        _tell(context, office, voucher, as_json=as_json)


@vouchers.command("match", example="coursetill vouchers match V-2041 --sku 14.310x-1T2027 --as ann")
@click.argument("number")
@click.option("--sku", type=options.SKU, required=True, help="The course run that it pays for.")
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def match_(
    context: CommandContext, *, number: str, sku: str, reason: str, staff: str | None, as_json: bool
) -> None:
    """Set the course run that a voucher pays for."""
    by, wanted = context.staff(staff), Sku.of(sku)
    with _office(context) as office:
        voucher = match(_found(office, number).id, wanted, by=by, why=reason, office=office)
        _tell(context, office, voucher, as_json=as_json)


@vouchers.command("issue", example="coursetill vouchers issue --waiting --as ann")
@click.argument("number", required=False)
@click.option("--waiting", "all_waiting", is_flag=True, help="Every one that could be issued.")
@options.staff_name
@options.as_json
@click.pass_obj
def issue_(
    context: CommandContext,
    *,
    number: str | None,
    all_waiting: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Issue the discount of a matched voucher, if that was left half done."""
    if bool(number) == all_waiting:
        raise click.UsageError("Name a voucher, or say --waiting for every one.")
    by = context.staff(staff)
    with _office(context) as office:
        wanted = waiting(office) if all_waiting else (_found(office, number or ""),)
        done = [issue(voucher.id, by=by, office=office) for voucher in wanted]
    if as_json:
        terminal.print_json({"vouchers": [shape(voucher, used=False) for voucher in done]})
    else:
        terminal.print_line(f"{terminal.counted(len(done), 'voucher')} issued.")


@vouchers.command(
    "cancel", example="coursetill vouchers cancel V-2041 --reason 'Acme took it back' --as ann"
)
@click.argument("number")
@options.reason(required=True)
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def cancel_(
    context: CommandContext,
    *,
    number: str,
    reason: str,
    yes: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Cancel a voucher, or reject a voucher that a learner entered."""
    by = context.staff(staff)
    with _office(context) as office:
        voucher = _found(office, number)
        if not yes:
            amount, whose = voucher.document.amount, voucher.document.employee
            click.confirm(
                f"Cancel voucher {voucher.document.number} of {whose}, {amount}?",
                abort=True,
                err=True,
            )
        voucher = cancel(voucher.id, by=by, why=reason, office=office)
        _tell(context, office, voucher, as_json=as_json)


def _found(office: Office, number: str) -> Voucher:
    """The voucher with this id or number. Raises UnknownVoucher or SeveralVouchers."""
    text = number.strip().upper()
    with office.vouchers.read() as kept:
        found = kept.search(VoucherSearch(number=text))
        standing = [voucher for voucher in found if not voucher.over] or list(found)
        if len(standing) == 1:
            return standing[0]
        if standing:
            raise SeveralVouchers(text, tuple(voucher.id for voucher in standing))
        try:
            return kept.get(VoucherId(text))
        except UnknownVoucher:
            raise UnknownVoucher(number) from None


def _tell(context: CommandContext, office: Office, voucher: Voucher, *, as_json: bool) -> None:
    used = bool(uses([voucher], office))
    with office.vouchers.read() as kept:
        history = kept.history(voucher.id)
    offered: tuple[Product, ...] = ()
    if voucher.state in {VoucherState.HELD, VoucherState.ENTERED}:
        with office.read() as work:
            offered = candidates(work, voucher.document, office.now())
    if as_json:
        may_be = [product.sku.text for product in offered]
        terminal.print_json({**shape(voucher, used=used, history=history), "may_be": may_be})
        return
    words = VoucherWords(context.zone)
    terminal.print_facts(words.facts(voucher, used=used))
    terminal.print_heading("History")
    for entry in history:
        terminal.print_line(words.entry(entry))
    if offered:
        terminal.print_heading("May pay for")
        for product in offered:
            terminal.print_line(f"{product.sku}  {product.title}")
