"""Stores financial aid in its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from adapters.sql.extension_tables import ExtensionTables
from core.errors import Conflict
from core.identity import Actor, ActorKind, LearnerId
from core.money import Currency, Money
from core.products.product import CourseId, Sku
from coursetill_financial_aid.countries import CountryLimit, CountryLimits
from coursetill_financial_aid.incomes import Income, Rate, Rates
from coursetill_financial_aid.request import (
    Aid,
    AidRequest,
    AidRequestEntry,
    AidRequestSearch,
    AidRequestState,
    Count,
    RequestId,
    UnknownAidRequest,
)
from coursetill_financial_aid.tables import COUNTRIES, HISTORY, RATES, REQUESTS, TIER_SETS
from coursetill_financial_aid.tiers import (
    OfCourse,
    OfProgram,
    Scope,
    Tier,
    TierSet,
    UnknownTierSet,
)


@attrs.frozen
class SqlAidRecords:
    """The SQL store of financial aid."""

    tables: ExtensionTables

    @contextmanager
    def read(self) -> Iterator[Aid]:
        with self.tables.read() as connection:
            yield SqlAid(connection)

    @contextmanager
    def change(self) -> Iterator[Aid]:
        with self.tables.change() as connection:
            yield SqlAid(connection)


@attrs.frozen
class SqlAid:
    """All records of financial aid, in one transaction."""

    _connection: sa.Connection

    def tier_sets(self) -> tuple[TierSet, ...]:
        rows = self._connection.execute(sa.select(TIER_SETS).order_by(TIER_SETS.c.name))
        return tuple(map(_tier_set, rows))

    def tier_set(self, name: str, /) -> TierSet:
        query = sa.select(TIER_SETS).where(TIER_SETS.c.name == name)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise UnknownTierSet(name)
        return _tier_set(row)

    def keep_tier_set(self, tiers: TierSet, entry: AidRequestEntry, /) -> None:
        columns = _tier_columns(tiers)
        there = TIER_SETS.update().where(TIER_SETS.c.name == tiers.name)
        if self._connection.execute(there.values(columns)).rowcount == 0:
            self._connection.execute(TIER_SETS.insert(), columns)
        self._tell([(f"tiers {tiers.name}", entry)])

    def countries(self) -> CountryLimits:
        rows = self._connection.execute(sa.select(COUNTRIES).order_by(COUNTRIES.c.country))
        return CountryLimits.of(
            CountryLimit(row.country, Money(row.income_limit), row.documents) for row in rows
        )

    def keep_countries(self, limits: CountryLimits, entry: AidRequestEntry, /) -> None:
        self._connection.execute(COUNTRIES.delete())
        rows = [
            {"country": each.country, "income_limit": each.limit.minor, "documents": each.documents}
            for each in limits.limits.values()
        ]
        self._connection.execute(COUNTRIES.insert(), rows)
        self._tell([("countries", entry)])

    def rates(self) -> Rates:
        rows = self._connection.execute(sa.select(RATES))
        return Rates.of(Rate(row.currency, row.millionths, row.name) for row in rows)

    def keep_rates(self, rates: Rates, entry: AidRequestEntry, /) -> None:
        self._connection.execute(RATES.delete())
        self._connection.execute(RATES.insert(), [attrs.asdict(r) for r in rates.rates.values()])
        self._tell([("rates", entry)])

    def get(self, request: RequestId, /) -> AidRequest:
        query = sa.select(REQUESTS).where(REQUESTS.c.id == request)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise UnknownAidRequest(request)
        return request_of(row)

    def search(self, filters: AidRequestSearch, /) -> tuple[AidRequest, ...]:
        found = sa.select(REQUESTS).where(*_conditions(filters))
        newest = found.order_by(REQUESTS.c.sequence.desc()).limit(filters.limit)
        return tuple(map(request_of, self._connection.execute(newest)))

    def counts(self) -> tuple[Count, ...]:
        by = (REQUESTS.c.tier_set, REQUESTS.c.tier, REQUESTS.c.country, REQUESTS.c.state)
        columns = (*by, REQUESTS.c.tier_currency, sa.func.count().label("number"))
        query = sa.select(*columns).group_by(*by, REQUESTS.c.tier_currency).order_by(*by)
        return tuple(
            Count(
                row.tier_set,
                _tier(row).description,
                row.country,
                AidRequestState(row.state),
                row.number,
            )
            for row in self._connection.execute(query)
        )

    def history(self, about: str, /) -> tuple[AidRequestEntry, ...]:
        query = sa.select(HISTORY).where(HISTORY.c.about == about).order_by(HISTORY.c.sequence)
        return tuple(
            AidRequestEntry(row.at, Actor(ActorKind(row.by_kind), row.by_name), row.what, row.why)
            for row in self._connection.execute(query)
        )

    def add(self, request: AidRequest, /) -> None:
        self._connection.execute(REQUESTS.insert(), _request_columns(request))
        self._tell((request.id, entry) for entry in request.news)

    def save(self, request: AidRequest, /) -> None:
        mine = (REQUESTS.c.id == request.id, REQUESTS.c.version == request.version)
        changed = _request_columns(attrs.evolve(request, version=request.version + 1))
        if self._connection.execute(REQUESTS.update().where(*mine).values(changed)).rowcount != 1:
            raise Conflict()
        self._tell((request.id, entry) for entry in request.news)

    def overdue_incomes(self, decided_before: datetime, /) -> int:
        due = sa.select(sa.func.count()).where(*_to_erase(decided_before))
        return int(self._connection.scalar(due) or 0)

    def erase_incomes(self, decided_before: datetime, /) -> int:
        nothing = {"income": None, "income_currency": None, "dollars": None}
        due = REQUESTS.update().where(*_to_erase(decided_before))
        return self._connection.execute(due.values(nothing)).rowcount

    def _tell(self, news: Iterable[tuple[str, AidRequestEntry]]) -> None:
        rows = [
            {
                "about": about,
                "at": entry.at,
                "by_kind": entry.by.kind.value,
                "by_name": entry.by.name,
                "what": entry.what,
                "why": entry.why,
            }
            for about, entry in news
        ]
        if rows:
            self._connection.execute(HISTORY.insert(), rows)


def _to_erase(decided_before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (REQUESTS.c.income.is_not(None), REQUESTS.c.decided_at <= decided_before)


def _conditions(filters: AidRequestSearch) -> Iterator[sa.ColumnElement[bool]]:
    equal: Mapping[str, Any] = {
        "state": filters.state and filters.state.value,
        "tier_set": filters.tier_set,
        "country": filters.country,
        "learner": filters.learner,
        "email": filters.email,
    }
    for column, value in equal.items():
        if value is not None:
            yield REQUESTS.c[column] == value
    if filters.after is not None:
        after = sa.select(REQUESTS.c.sequence).where(REQUESTS.c.id == filters.after)
        yield REQUESTS.c.sequence < after.scalar_subquery()


def _tier_columns(tiers: TierSet) -> dict[str, Any]:
    scope = tiers.scope
    return {
        "name": tiers.name,
        "title": tiers.title,
        "program": scope.program.text if isinstance(scope, OfProgram) else None,
        "course": scope.course if isinstance(scope, OfCourse) else None,
        "program_itself": isinstance(scope, OfProgram) and scope.itself,
        "tiers": [tier.written for tier in tiers.tiers],
        "currency": tiers.tiers[0].currency.code,
        "held_below": tiers.held_below.minor,
        "valid_days": tiers.valid_days,
    }


def scope_of(row: sa.Row[Any]) -> Scope:
    """The program or course of a row of tiers."""
    if row.program is not None:
        return OfProgram(Sku(row.program), row.program_itself)
    return OfCourse(CourseId(row.course))


def _tier_set(row: sa.Row[Any]) -> TierSet:
    currency = Currency.of(row.currency)
    tiers = tuple(Tier.of(each, currency) for each in row.tiers)
    held_below = Money(row.held_below)
    return TierSet(row.name, row.title, scope_of(row), tiers, held_below, row.valid_days)


def _request_columns(request: AidRequest) -> dict[str, Any]:
    income, dollars = request.income, request.dollars
    return {
        "id": request.id,
        "standing": f"{request.tier_set} {request.learner}" if request.stands else None,
        "learner": request.learner,
        "email": request.email,
        "tier_set": request.tier_set,
        "country": request.country,
        "income": income and income.units,
        "income_currency": income and income.currency,
        "dollars": None if dollars is None else dollars.minor,
        "tier": request.tier.written,
        "tier_currency": request.tier.currency.code,
        "asked_at": request.asked_at,
        "state": request.state.value,
        "decided_at": request.decided_at,
        "valid_until": request.valid_until,
        "version": request.version,
    }


def _tier(row: sa.Row[Any]) -> Tier:
    return Tier.of(row.tier, Currency.of(row.tier_currency))


def request_of(row: sa.Row[Any]) -> AidRequest:
    """The request of a row."""
    return AidRequest(
        id=RequestId(row.id),
        learner=LearnerId(row.learner),
        email=row.email,
        tier_set=row.tier_set,
        country=row.country,
        income=None if row.income is None else Income(row.income, row.income_currency),
        dollars=None if row.dollars is None else Money(row.dollars),
        tier=_tier(row),
        asked_at=row.asked_at,
        state=AidRequestState(row.state),
        decided_at=row.decided_at,
        valid_until=row.valid_until,
        version=row.version,
    )
