"""How financial aid stands, for the doctor."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from coursetill_financial_aid.decide_request import Bureau
from coursetill_financial_aid.request import AidRequestState
from entrypoints.extensions.api import HealthCheck


def checks_of(bureau: Bureau) -> Callable[[], Iterable[HealthCheck]]:
    """What stands in the way of requests, and what waits for staff."""

    def checks() -> Iterable[HealthCheck]:
        with bureau.records.read() as aid:
            sets, countries, counts = aid.tier_sets(), aid.countries(), aid.counts()
            overdue = aid.overdue_incomes(bureau.now() - bureau.keep_incomes)
        if not sets:
            says = "there are no tiers, so nobody can ask for help"
            yield HealthCheck("warning", says, "coursetill financial-aid tiers set")
        if not countries.limits:
            says = "no country has a limit of its own"
            yield HealthCheck("warning", says, "coursetill financial-aid countries import")
        if overdue:
            says = f"incomes are kept longer than promised: {overdue}"
            yield HealthCheck("warning", says, "coursetill financial-aid tidy")
        held = sum(each.number for each in counts if each.state is AidRequestState.HELD)
        waiting = sum(
            each.number for each in counts if each.state is AidRequestState.PENDING_DOCUMENTS
        )
        yield HealthCheck("ok", f"requests held: {held}, waiting for documents: {waiting}")

    return checks
