"""Commands about the use of discounts: check, redemptions, report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from core.discount_code import DiscountCode
from core.discounts.redemption import (
    DiscountTotals,
    Redemption,
    RedemptionSearch,
    RedemptionState,
    ReportBy,
    ReportSearch,
)
from core.identity import EmailAddress, Learner, LearnerId
from core.products.product import Sku
from core.use_cases.discounts.diagnose_code import CodeDiagnosis, diagnose_code
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.app.periods import Per, Period, periods, start_of
from entrypoints.cli.commands import discount_options
from entrypoints.cli.output import terminal
from entrypoints.cli.output.json_output import money
from entrypoints.cli.output.list_page import page_of, print_page
from entrypoints.wording.sentences import Wording

MOST_PERIODS = 400
_ANSWERS = {True: "ok", False: "no", None: "not asked"}


@click.command(
    cls=ShopCommand,
    example="coursetill discounts check SPRING-7K3M --learner 4711 --sku 6.431x-1T2027",
)
@click.argument("code", type=options.CODE)
@click.option("--learner", metavar="ID", help="The learner's id.")
@click.option("--email", metavar="ADDRESS", help="The address the learner signs in with.")
@click.option("--sku", type=options.SKU, help="The product.")
@options.as_json
@click.pass_obj
def check(
    context: CommandContext,
    *,
    code: str,
    learner: str | None,
    email: str | None,
    sku: str | None,
    as_json: bool,
) -> None:
    """Check each rule of a code, for a learner and a product if they are given.

    Exits with 1 if a rule fails. The limit on guessing codes does not count these checks.
    """
    checked = diagnose_code(
        DiscountCode.of(code),
        _learner(learner, email),
        None if sku is None else Sku.of(sku),
        read=context.shop.read,
        now=context.now,
    )
    _tell_checked(checked, context.wording, as_json=as_json)
    if not checked.usable:
        click.get_current_context().exit(PROBLEMS_FOUND)


def _learner(learner: str | None, email: str | None) -> Learner | None:
    """The learner with this id, signed in with this address; without an id, a new one."""
    if learner is None and email is None:
        return None
    address = "" if email is None else EmailAddress.of(email).text
    # No provider issues an id with a line end, so this is nobody else's id.
    return Learner(LearnerId(learner or "nobody\n"), address, "", email_verified=True)


def _tell_checked(checked: CodeDiagnosis, words: Wording, *, as_json: bool) -> None:
    if as_json:
        terminal.print_json(
            {
                "code": checked.code.text,
                "usable": checked.usable,
                "checks": [
                    {"rule": each.rule, "passes": each.passes, "says": words.sentence(each.says)}
                    for each in checked.checks
                ],
            }
        )
        return
    for each in checked.checks:
        terminal.print_line(f"{_ANSWERS[each.passes]:<9}  {each.rule}: {words.sentence(each.says)}")


@click.command(cls=ShopCommand, example="coursetill discounts redemptions --batch flyers")
@discount_options.which
@click.option("--state", type=click.Choice([state.value for state in RedemptionState]))
@click.option("--after", type=click.IntRange(1), metavar="NUMBER", help="Continue after this use.")
@options.limit(default=50)
@options.as_json
@click.pass_obj
def redemptions(
    context: CommandContext,
    *,
    code: str | None,
    prefix: str | None,
    batch: str | None,
    state: str | None,
    after: int | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show the uses of discounts, with learner, order and time: by code, oldest first."""
    wanted = RedemptionSearch(
        discount_options.selection(code, prefix, batch),
        None if state is None else RedemptionState(state),
        after,
        limit + 1,
    )
    with context.shop.read() as work:
        if wanted.selection.code is not None:
            work.discounts.get(wanted.selection.code)
        found = work.redemptions.search(wanted)
    print_page(
        page_of(found, limit, lambda use: use.number),
        as_json=as_json,
        name="redemptions",
        shape=lambda use: _use(use, context),
        table=lambda shown: _uses_table(context, shown),
        none="There are no such uses.",
    )


def _uses_table(context: CommandContext, uses: Sequence[Redemption]) -> None:
    terminal.print_table(
        ("No", "Code", "Learner", "Order", "State", "When"),
        [
            (
                str(use.number),
                use.code.text,
                use.learner,
                use.reference,
                use.state.value,
                context.text_output.moment(use.at),
            )
            for use in uses
        ],
        right=("No",),
    )


def _use(use: Redemption, context: CommandContext) -> dict[str, object]:
    return {
        "number": use.number,
        "code": use.code.text,
        "learner": use.learner,
        "reference": use.reference,
        "state": use.state.value,
        "at": context.json_output.moment(use.at),
    }


@click.command(
    cls=ShopCommand,
    example="coursetill discounts report --by batch --from 2027-01-01T00:00:00Z --per month",
)
@click.option(
    "--by",
    type=click.Choice([by.value for by in ReportBy]),
    default=ReportBy.PAYMENT_TYPE.value,
    show_default=True,
    help="Group the uses by this.",
)
@click.option("--prefix", help="Only codes with this beginning.")
@click.option("--batch", help="Only codes of this batch.")
@click.option("--code", type=options.CODE, help="Only this code.")
@click.option(
    "--from", "start", type=options.MOMENT, help="From this time; by default this month's start."
)
@click.option("--until", "end", type=options.MOMENT, help="Before this time; by default now.")
@click.option(
    "--per", type=click.Choice([per.value for per in Per]), help="Report each period separately."
)
@options.limit(default=50)
@options.as_json
@click.pass_obj
def report(
    context: CommandContext,
    *,
    by: str,
    prefix: str | None,
    batch: str | None,
    code: str | None,
    start: datetime | None,
    end: datetime | None,
    per: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Sum up the uses, savings and sales of discounts, by currency, the highest first.

    Only paid orders count, in the period of their payment, and not if they are refunded in full.
    Shows at most --limit rows for each period.
    """
    zone = context.settings.time_zone
    whole = Period(start or start_of(Per.MONTH, context.now, zone), end or context.now)
    parts = list(periods(whole, Per(per), zone)) if per else [whole]
    if len(parts) > MOST_PERIODS:
        raise click.UsageError(f"That is more than {MOST_PERIODS} periods. Ask for longer ones.")
    named = (code, prefix, batch) != (None, None, None)
    selection = discount_options.selection(code, prefix, batch) if named else None
    with context.shop.read() as work:
        found = [
            (
                part,
                work.redemptions.added_up(
                    ReportSearch(part.start, part.end, ReportBy(by), selection, limit)
                ),
            )
            for part in parts
        ]
    _tell_report(context, found, by, as_json=as_json)


def _tell_report(
    context: CommandContext,
    found: Sequence[tuple[Period, Sequence[DiscountTotals]]],
    by: str,
    *,
    as_json: bool,
) -> None:
    text_output, json_output = context.text_output, context.json_output
    if as_json:
        shapes = [
            {
                "from": json_output.moment(part.start),
                "until": json_output.moment(part.end),
                "name": given.name,
                "uses": given.uses,
                "given_away": money(given.given_away),
                "sold": money(given.sold),
            }
            for part, rows in found
            for given in rows
        ]
        terminal.print_json({"by": by, "rows": shapes})
        return
    terminal.print_table(
        ("From", "Until", by.replace("-", " ").capitalize(), "Uses", "Given away", "Sold"),
        [
            (
                text_output.moment(part.start),
                text_output.moment(part.end),
                given.name or "none",
                f"{given.uses:,}",
                text_output.money(given.given_away),
                text_output.money(given.sold),
            )
            for part, rows in found
            for given in rows
        ],
        right=("Uses", "Given away", "Sold"),
    )
    if not any(rows for _, rows in found):
        terminal.print_note("No discount was used then.")
