"""Commands of requests: list, show, approve, deny, revoke and others; and the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from core.identity import without_case
from core.money import Money
from coursetill_financial_aid.command_context import bureau_at
from coursetill_financial_aid.countries import country_code
from coursetill_financial_aid.decide_request import Bureau, approve, move
from coursetill_financial_aid.output import AidWords, shape
from coursetill_financial_aid.report import given_away
from coursetill_financial_aid.request import (
    AidRequest,
    AidRequestSearch,
    AidRequestState,
    RequestId,
)
from coursetill_financial_aid.tiers import tier_set_name
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopCommand, ShopGroup
from entrypoints.cli.output import terminal
from entrypoints.cli.output.list_page import page_of, print_page

F = TypeVar("F", bound=Callable[..., Any])


@click.group("requests", cls=ShopGroup)
def requests() -> None:
    """Requests of learners, and decisions."""


@requests.command("list", example="coursetill financial-aid requests list --state held")
@click.option("--state", type=click.Choice([state.value for state in AidRequestState]))
@click.option("--tiers", metavar="NAME", help="Only of this set of tiers.")
@click.option("--country", help="Only from there: two letters.")
@click.option("--email", help="Only of this learner.")
@click.option("--after", metavar="ID", help="Go on after this request.")
@options.limit(default=50)
@options.as_json
@click.pass_obj
def list_(
    context: CommandContext,
    *,
    state: str | None,
    tiers: str | None,
    country: str | None,
    email: str | None,
    after: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List requests, newest first. Held requests wait for you."""
    wanted = AidRequestSearch(
        state=AidRequestState(state) if state else None,
        tier_set=tier_set_name(tiers) if tiers else None,
        country=country_code(country) if country else None,
        email=without_case(email) if email else None,
        after=RequestId(after) if after else None,
        limit=limit + 1,
    )
    with bureau_at(context) as bureau, bureau.records.read() as aid:
        found = aid.search(wanted)
    words = AidWords(context.zone)
    print_page(
        page_of(found, limit, lambda request: request.id),
        as_json=as_json,
        name="requests",
        shape=shape,
        table=lambda page: terminal.print_table(
            words.titles, [words.row(each) for each in page], right=("Income",)
        ),
        none="There are no such requests.",
    )


@requests.command("show", example="coursetill financial-aid requests show 5f2c…")
@click.argument("request", metavar="ID")
@options.as_json
@click.pass_obj
def show(context: CommandContext, *, request: str, as_json: bool) -> None:
    """Show one request, its history, and the learner's others."""
    with bureau_at(context) as bureau, bureau.records.read() as aid:
        found = aid.get(RequestId(request))
        history = aid.history(found.id)
        of_learner = AidRequestSearch(tier_set=found.tier_set, learner=found.learner)
        others = [each for each in aid.search(of_learner) if each.id != found.id]
    if as_json:
        told = shape(found, history=history)
        terminal.print_json({**told, "others": [each.id for each in others]})
        return
    words = AidWords(context.zone)
    terminal.print_facts(words.facts(found))
    terminal.print_heading("History")
    for entry in history:
        terminal.print_line(words.entry(entry))
    if others:
        terminal.print_heading("Other requests of the learner")
        terminal.print_table(words.titles, [words.row(each) for each in others], right=("Income",))


def _deciding(command: F) -> F:
    """Arguments and options of every decision."""
    for option in (
        options.as_json,
        options.staff_name,
        options.dry_run,
        options.reason(required=True),
    ):
        command = option(command)
    return command


@requests.command(
    "approve",
    example="coursetill financial-aid requests approve 5f2c… --reason 'tax return seen' --as ann",
)
@click.argument("request", metavar="ID")
@click.option(
    "--tier", metavar="INCOME", help="The tier that begins there, instead of the request's own."
)
@_deciding
@click.pass_obj
def approve_(
    context: CommandContext,
    *,
    request: str,
    tier: str | None,
    reason: str,
    dry_run: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Grant a request at its tier, or at another tier."""
    by, from_income = context.staff(staff), Money.of(tier) if tier else None
    with bureau_at(context) as bureau:
        done = approve(
            RequestId(request), from_income, by=by, why=reason, bureau=bureau, dry_run=dry_run
        )
        _tell(context, bureau, done, dry_run=dry_run, as_json=as_json)


def _move_to(name: str, wanted: AidRequestState, says: str) -> None:
    """The command that moves a request to this state."""
    example = f"coursetill financial-aid requests {name} 5f2c… --reason 'as agreed' --as ann"

    @requests.command(name, help=says, example=example)
    @click.argument("request", metavar="ID")
    @_deciding
    @click.pass_obj
    def moves(
        context: CommandContext,
        *,
        request: str,
        reason: str,
        dry_run: bool,
        staff: str | None,
        as_json: bool,
    ) -> None:
        by = context.staff(staff)
        with bureau_at(context) as bureau:
            done = move(
                RequestId(request), wanted, by=by, why=reason, bureau=bureau, dry_run=dry_run
            )
            _tell(context, bureau, done, dry_run=dry_run, as_json=as_json)


_move_to("deny", AidRequestState.DENIED, "Turn a request down: its learner pays the full price.")
_move_to(
    "revoke", AidRequestState.REVOKED, "Take back what was approved; orders keep what they stored."
)
_move_to(
    "documents",
    AidRequestState.PENDING_DOCUMENTS,
    "Let a request that is held wait for a document.",
)
_move_to("hold", AidRequestState.HELD, "Note that the document has come, and look at it later.")
_move_to(
    "reset",
    AidRequestState.WITHDRAWN,
    "Let the learner ask anew; what was approved counts no more.",
)


def _tell(
    context: CommandContext, bureau: Bureau, request: AidRequest, *, dry_run: bool, as_json: bool
) -> None:
    with bureau.records.read() as aid:
        history = aid.history(request.id)
    if as_json:
        terminal.print_json({**shape(request, history=history), "dry_run": dry_run})
        return
    terminal.print_facts(AidWords(context.zone).facts(request))
    if dry_run:
        terminal.print_note("Nothing was changed. The same command without --dry-run does it.")


@click.command("report", cls=ShopCommand, example="coursetill financial-aid report --json")
@options.as_json
@click.pass_obj
def report(context: CommandContext, *, as_json: bool) -> None:
    """Count requests, and sum the reductions of paid orders."""
    with bureau_at(context) as bureau:
        with bureau.records.read() as aid:
            counts = aid.counts()
        given = given_away(bureau.read)
    if as_json:
        told = [
            {
                "tier_set": each.tier_set,
                "tier": each.tier,
                "country": each.country,
                "state": each.state.value,
                "requests": each.number,
            }
            for each in counts
        ]
        sums = [
            {
                "code": each.code,
                "lines": each.lines,
                "amount": each.amount.plain,
                "currency": each.amount.currency.code,
            }
            for each in given
        ]
        terminal.print_json({"requests": told, "given": sums})
        return
    rows = [(c.tier_set, c.tier, c.country, c.state.value, str(c.number)) for c in counts]
    titles = ("Tiers", "Tier", "Country", "State", "Requests")
    terminal.print_table(titles, rows, right=("Requests",))
    terminal.print_heading("Given in paid orders")
    sold = [(g.code, str(g.lines), f"{g.amount} {g.amount.currency.code}") for g in given]
    terminal.print_table(("Code", "Lines", "Amount"), sold, right=("Lines", "Amount"))
