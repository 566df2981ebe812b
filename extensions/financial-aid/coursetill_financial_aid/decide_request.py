"""Use cases of requests: ask, withdraw, approve, move, erase incomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import attrs

from core.audit_log import required_reason
from core.errors import Refused
from core.identity import Actor, Learner, without_case
from core.money import Money
from core.unit_of_work import Begin, repeated_on_conflict
from coursetill_financial_aid.countries import NotACountry, country_code
from coursetill_financial_aid.incomes import Income, NoRate, NotACurrency, NotAnIncome, Rates
from coursetill_financial_aid.request import (
    UNDECIDED,
    Aid,
    AidRecords,
    AidRequest,
    AidRequestEntry,
    AidRequestSearch,
    AidRequestState,
    Application,
    AskedAlready,
    RequestCannotMove,
    RequestId,
    ruled,
)
from coursetill_financial_aid.tiers import TierSet

MOST_ASKED = 20
"""The number of a learner's earlier requests that are checked."""


@attrs.frozen
class Bureau:
    """The collaborators of the use cases: records of aid, the shop's records, the clock.

    `keep_incomes` is how long an income is stored after a decision.
    """

    records: AidRecords
    read: Begin
    now: Callable[[], datetime]
    keep_incomes: timedelta


@attrs.frozen
class NoConsent(Refused):
    """The learner did not confirm that the answers are true."""


@attrs.frozen
class LeftEmpty(Refused):
    """A field of the form has no answer."""

    field: str


@attrs.frozen
class ApplicationHasProblems(Refused):
    """A form is invalid. `problems` says what is wrong with each field."""

    problems: Mapping[str, Refused]


def read_application(written: Mapping[str, str], rates: Rates) -> Application:
    """Parse a form: income, currency, country, consent. Raises ApplicationHasProblems."""
    problems: dict[str, Refused] = {}
    income, dollars = _income(written, rates, problems)
    country = None
    if not written["country"].strip():
        problems["country"] = LeftEmpty("country")
    else:
        try:
            country = country_code(written["country"])
        except NotACountry as refusal:
            problems["country"] = refusal
    if written["consent"] != "yes":
        problems["consent"] = NoConsent()
    if problems or income is None or dollars is None or country is None:
        raise ApplicationHasProblems(problems)
    return Application(income, country, dollars)


def _income(
    written: Mapping[str, str], rates: Rates, problems: dict[str, Refused]
) -> tuple[Income | None, Money | None]:
    if not written["income"].strip():
        problems["income"] = LeftEmpty("income")
        return None, None
    try:
        income = Income.of(written["income"], written["currency"])
        return income, rates.in_dollars(income)
    except NotAnIncome as refusal:
        problems["income"] = refusal
    except (NotACurrency, NoRate) as refusal:
        problems["currency"] = refusal
    return None, None


@repeated_on_conflict
def ask(
    written: Mapping[str, str],
    request: RequestId,
    learner: Learner,
    *,
    tier_set: str,
    bureau: Bureau,
) -> AidRequest:
    """Make a learner's request, and apply the rules to it.

    Raises UnknownTierSet or ApplicationHasProblems, or AskedAlready if another request is open.
    """
    now = bureau.now()
    with bureau.records.change() as aid:
        tiers = aid.tier_set(tier_set)
        application = read_application(written, aid.rates())
        limit = aid.countries().in_country(application.country, tiers.full_price_from)
        earlier = _make_way(aid, learner, tiers, now=now)
        by = Actor.learner(learner.id)
        new = AidRequest(
            id=request,
            learner=learner.id,
            email=without_case(learner.email),
            tier_set=tiers.name,
            country=application.country,
            income=application.income,
            dollars=application.dollars,
            tier=tiers.tier(application.dollars, limit.limit),
            asked_at=now,
            news=(
                AidRequestEntry(now, by, AidRequestState.ASKED.value, "confirmed that it is true"),
            ),
        )
        settled = ruled(new, tiers, limit, asked_before=earlier)
        aid.add(settled)
        aid.erase_incomes(now - bureau.keep_incomes)
    return settled


def _make_way(aid: Aid, learner: Learner, tiers: TierSet, *, now: datetime) -> bool:
    """Expire outdated approvals. Returns whether the learner withdrew a request before."""
    found = aid.search(AidRequestSearch(tier_set=tiers.name, learner=learner.id, limit=MOST_ASKED))
    for request in found:
        if request.stands and not request.over(now):
            raise AskedAlready(tiers.title)
        if request.stands:
            why = "its time was over, and the learner asked anew"
            aid.save(
                request.moved_to(
                    AidRequestState.EXPIRED, at=now, by=Actor.learner(learner.id), why=why
                )
            )
    return any(request.state is AidRequestState.WITHDRAWN for request in found)


@repeated_on_conflict
def withdraw(learner: Learner, *, tier_set: str, bureau: Bureau) -> None:
    """Withdraw an undecided request, if there is one."""
    now = bureau.now()
    with bureau.records.change() as aid:
        mine = AidRequestSearch(tier_set=tier_set, learner=learner.id, limit=MOST_ASKED)
        for request in aid.search(mine):
            if request.state in UNDECIDED:
                by = Actor.learner(learner.id)
                aid.save(
                    request.moved_to(AidRequestState.WITHDRAWN, at=now, by=by, why="taken back")
                )


def approve(
    request: RequestId,
    from_income: Money | None = None,
    *,
    by: Actor,
    why: str,
    bureau: Bureau,
    dry_run: bool = False,
) -> AidRequest:
    """Grant a request at its own tier, or at the tier that begins at from_income.

    Raises UnknownRequest, RequestCannotMove, NotATierSet or ReasonIsMissing.
    """

    def approved(aid: Aid, found: AidRequest, at: datetime) -> AidRequest:
        tiers = aid.tier_set(found.tier_set)
        tier = found.tier if from_income is None else tiers.tier_from(from_income)
        return found.approved(tier, tiers.valid_days, at=at, by=by, why=required_reason(why))

    return _changed(request, approved, bureau=bureau, dry_run=dry_run)


def move(
    request: RequestId,
    wanted: AidRequestState,
    *,
    by: Actor,
    why: str,
    bureau: Bureau,
    dry_run: bool = False,
) -> AidRequest:
    """Deny, revoke or reset a request, hold it, or let it wait for documents.

    Placed orders do not change. Raises UnknownRequest, RequestCannotMove or ReasonIsMissing.
    """

    def moved(_: Aid, found: AidRequest, at: datetime) -> AidRequest:
        if wanted is AidRequestState.APPROVED:
            raise RequestCannotMove(found.id, found.state, wanted)
        return found.moved_to(wanted, at=at, by=by, why=required_reason(why))

    return _changed(request, moved, bureau=bureau, dry_run=dry_run)


@repeated_on_conflict
def _changed(
    request: RequestId,
    change: Callable[[Aid, AidRequest, datetime], AidRequest],
    *,
    bureau: Bureau,
    dry_run: bool,
) -> AidRequest:
    if dry_run:
        with bureau.records.read() as aid:
            return change(aid, aid.get(request), bureau.now())
    with bureau.records.change() as aid:
        changed = change(aid, aid.get(request), bureau.now())
        aid.save(changed)
    return changed


def forget_incomes(*, bureau: Bureau) -> int:
    """Erase the incomes whose retention time is over. Returns their number."""
    with bureau.records.change() as aid:
        return aid.erase_incomes(bureau.now() - bureau.keep_incomes)
