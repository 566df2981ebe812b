"""Use cases of the tables that staff edit: set tiers, import country limits and rates."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

import attrs

from core.errors import Refused
from core.identity import Actor
from core.products.catalogue_rows import RowProblem, RowsHaveProblems
from core.products.product import UnknownProduct
from core.unit_of_work import repeated_on_conflict
from coursetill_financial_aid.countries import CountryLimit, CountryLimits
from coursetill_financial_aid.decide_request import Bureau
from coursetill_financial_aid.incomes import Rate, Rates
from coursetill_financial_aid.request import AidRequestEntry
from coursetill_financial_aid.tiers import OfProgram, Scope, TierSet

T = TypeVar("T")


@attrs.frozen
class NotATable(Refused):
    why: str


@attrs.frozen
class TableHasProblems(RowsHaveProblems):
    """Nothing of a file was imported, because of these problems."""


def read_countries(content: bytes) -> CountryLimits:
    """Parse limits from columns country, income, documents; "*" is every other country.

    Raises NotATable or TableHasProblems.
    """
    needed, more = ("country", "income"), ("name", "documents")

    def limit(row: Mapping[str, str]) -> tuple[str, CountryLimit]:
        read = CountryLimit.of(row["country"], row["income"], row.get("documents", ""))
        return read.country, read

    return CountryLimits.of(_read(content, limit, needed=needed, more=more))


def read_rates(content: bytes) -> Rates:
    """Parse rates from columns currency, per_usd, name. Raises NotATable or TableHasProblems."""

    def rate(row: Mapping[str, str]) -> tuple[str, Rate]:
        read = Rate.of(row["currency"], row["per_usd"], row.get("name", ""))
        return read.currency, read

    return Rates.of(_read(content, rate, needed=("currency", "per_usd"), more=("name",)))


def _read(
    content: bytes,
    each: Callable[[Mapping[str, str]], tuple[str, T]],
    *,
    needed: Collection[str],
    more: Collection[str],
) -> tuple[T, ...]:
    found: dict[str, T] = {}
    problems: list[RowProblem] = []
    for line, row in _rows(content, needed, more):
        try:
            key, read = each(row)
        except Refused as refusal:
            problems.append(RowProblem(line, next(iter(needed)), refusal))
            continue
        if key in found:
            problems.append(RowProblem(line, next(iter(needed)), f"{key} stands there twice"))
        found[key] = read
    if problems:
        raise TableHasProblems(tuple(problems))
    if not found:
        raise NotATable("there is nothing in it")
    return tuple(found.values())


def _rows(
    content: bytes, needed: Collection[str], more: Collection[str]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotATable("it is not UTF-8") from None
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = tuple(rows.fieldnames or ())
        if not set(needed) <= set(columns) <= {*needed, *more} or len(set(columns)) < len(columns):
            written = ", ".join((*needed, *(f"{column} (if you like)" for column in more)))
            raise NotATable(
                f"its columns are {', '.join(columns) or 'none'} and should be {written}"
            )
        for row in rows:
            if None in row or None in row.values():
                raise NotATable(f"line {rows.line_num} has not as many columns as the first")
            yield rows.line_num, row
    except csv.Error as error:
        raise NotATable(f"line {rows.line_num}: {error}") from None


@attrs.frozen
class Differences:
    """The changes of an import, by country or currency."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    @classmethod
    def between(cls, old: Mapping[str, T], new: Mapping[str, T]) -> Differences:
        return cls(
            tuple(sorted(new.keys() - old.keys())),
            tuple(sorted(key for key in new.keys() & old.keys() if new[key] != old[key])),
            tuple(sorted(old.keys() - new.keys())),
        )

    def __str__(self) -> str:
        parts = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        parts_text = [f"{', '.join(keys)} {what}" for what, keys in parts if keys]
        return "; ".join(parts_text) or "nothing changed"


@repeated_on_conflict
def import_countries(
    limits: CountryLimits, *, by: Actor, why: str, bureau: Bureau, dry_run: bool = False
) -> Differences:
    """Replace all limits. Decisions do not change."""
    with bureau.records.read() as aid:
        changes = Differences.between(aid.countries().limits, limits.limits)
    if not dry_run:
        with bureau.records.change() as aid:
            aid.keep_countries(limits, AidRequestEntry(bureau.now(), by, str(changes), why))
    return changes


@repeated_on_conflict
def import_rates(
    rates: Rates, *, by: Actor, why: str, bureau: Bureau, dry_run: bool = False
) -> Differences:
    """Replace all rates. Decisions do not change."""
    with bureau.records.read() as aid:
        changes = Differences.between(aid.rates().rates, rates.rates)
    if not dry_run:
        with bureau.records.change() as aid:
            aid.keep_rates(rates, AidRequestEntry(bureau.now(), by, str(changes), why))
    return changes


@repeated_on_conflict
def set_tiers(
    tiers: TierSet, *, by: Actor, why: str, bureau: Bureau, dry_run: bool = False
) -> None:
    """Save these tiers, replacing those of the same name. Raises UnknownProduct.

    Approved requests do not change.
    """
    title_of(tiers.scope, bureau)
    if not dry_run:
        written = ", ".join(f"{tier.from_income.plain} {tier.description}" for tier in tiers.tiers)
        with bureau.records.change() as aid:
            aid.keep_tier_set(
                tiers, AidRequestEntry(bureau.now(), by, f"{tiers.scope}: {written}", why)
            )


def title_of(scope: Scope, bureau: Bureau) -> str:
    """The title of the program or of a course run. Raises UnknownProduct."""
    with bureau.read() as work:
        if isinstance(scope, OfProgram):
            program = work.products.get(scope.program)
            if not program.courses:
                raise UnknownProduct(f"{scope.program}, which is no program")
            return program.title
        runs = work.products.runs_of([scope.course])
    if not runs:
        raise UnknownProduct(scope.course)
    return runs[-1].title
