"""Use case: import a catalogue, all of it or nothing, with a preview."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from core.audit_log import AuditEntry, Subject
from core.identity import Actor
from core.products.catalogue_rows import ProductRow, RowProblem, RowsHaveProblems, read_rows
from core.products.changes import product_changes
from core.products.product import Product, Sku
from core.progress import Progress, unwatched
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict

BATCH = 500


@attrs.frozen
class CatalogueHasProblems(RowsHaveProblems):
    """The catalogue was not imported. `problems` names every error in it."""


@attrs.frozen
class PlannedChange:
    """A product that an import adds or changes, and the differences."""

    product: Product
    what: tuple[str, ...]


@attrs.frozen
class ImportPlan:
    """The effects of an import."""

    added: tuple[Product, ...]
    changed: tuple[PlannedChange, ...]
    unchanged: int

    @property
    def repriced(self) -> int:
        return sum(any(what.startswith("price") for what in c.what) for c in self.changed)

    def entries(self, *, at: datetime, by: Actor, why: str) -> tuple[AuditEntry, ...]:
        """One journal entry for each product that is added or changed."""
        changes = (
            *((product.sku, f"added at {product.price}") for product in self.added),
            *((change.product.sku, "; ".join(change.what)) for change in self.changed),
        )
        return tuple(AuditEntry(at, by, Subject.product(sku), what, why) for sku, what in changes)


def import_catalogue(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    *,
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
    progress: Progress = unwatched,
) -> ImportPlan:
    """Import a catalogue: all of it or nothing.

    `rows` are numbered lines of column to text. Importing again changes nothing; a changed price
    makes one new version. Products that are missing in the rows are unchanged; so is whether a
    product is hidden or withdrawn. Raises CatalogueHasProblems, which names every wrong line.
    """
    return _import(
        _valid_rows(rows), by=by, why=why.strip(), begin=begin, now=now, progress=progress
    )


def plan_import(
    rows: Iterable[tuple[int, Mapping[str, str]]], *, read: Begin, now: datetime
) -> ImportPlan:
    """Preview `import_catalogue`. Raises CatalogueHasProblems."""
    product_rows = _valid_rows(rows)
    with read() as work:
        return _plan(work, product_rows, now)


def _valid_rows(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[ProductRow, ...]:
    product_rows, problems = read_rows(rows)
    if problems:
        raise CatalogueHasProblems(problems)
    return product_rows


@repeated_on_conflict
def _import(
    product_rows: Sequence[ProductRow],
    *,
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
    progress: Progress,
) -> ImportPlan:
    with begin() as work:
        plan = _plan(work, product_rows, now)
        _store(work, plan, progress)
        work.audit_log.add(plan.entries(at=now, by=by, why=why))
        work.commit()
        return plan


def _plan(work: UnitOfWork, product_rows: Sequence[ProductRow], now: datetime) -> ImportPlan:
    stored = {product.sku: product for product in work.products.everything()}
    sku_of = {product.readable_id: product.sku for product in stored.values()}
    added, changed, problems, unchanged = [], [], [], 0
    for new in product_rows:
        old = stored.get(new.sku)
        problem = _clash(new, old, sku_of)
        if problem is not None:
            problems.append(problem)
        elif old is None:
            added.append(new.product(now))
        elif what := product_changes(old, product := new.applied_to(old, now)):
            changed.append(PlannedChange(product, what))
        else:
            unchanged += 1
    if problems:
        raise CatalogueHasProblems(tuple(problems))
    return ImportPlan(tuple(added), tuple(changed), unchanged)


def _clash(new: ProductRow, old: Product | None, sku_of: Mapping[str, Sku]) -> RowProblem | None:
    """Problems of a row that appear only beside the stored products."""
    holder = sku_of.get(new.readable_id)
    if holder is not None and holder != new.sku:
        return RowProblem(new.line, "readable_id", f"{new.readable_id} is sold as {holder} already")
    if old is None:
        return None
    if old.readable_id != new.readable_id:
        return RowProblem(
            new.line, "readable_id", f"{new.sku} stands for {old.readable_id}; use another sku"
        )
    if new.seats is not None and new.seats < old.seats_taken:
        return RowProblem(
            new.line,
            "seats",
            f"{old.seats_taken} seats of {new.sku} are taken; {new.seats} is less",
        )
    return None


def _store(work: UnitOfWork, plan: ImportPlan, progress: Progress) -> None:
    changed = tuple(change.product for change in plan.changed)
    done, total = 0, len(plan.added) + len(changed)
    for store, products in ((work.products.add, plan.added), (work.products.save, changed)):
        for start in range(0, len(products), BATCH):
            batch = products[start : start + BATCH]
            store(batch)
            done += len(batch)
            progress(done, total)


def every_product(work: UnitOfWork) -> Iterator[Product]:
    """All products by sku, also hidden and withdrawn ones, read in small parts to limit memory."""
    last = None
    while page := work.products.following(last, BATCH):
        yield from page
        last = page[-1].sku
