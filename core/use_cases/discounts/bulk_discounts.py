"""Use cases for many discounts at once, all or nothing: generate, extend, expire, assign."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime

import attrs

from core.audit_log import AuditEntry, Subject
from core.discount_code import DiscountCode
from core.discounts.discount import (
    Discount,
    DiscountId,
    Discounts,
    DiscountSearch,
    Offer,
    Source,
    UnknownCode,
)
from core.discounts.kinds import KINDS
from core.discounts.saving import Kinds
from core.discounts.selection import Selection, batch_name
from core.discounts.window import ExtendUntil, Rescheduling
from core.errors import Absent, Refused
from core.identity import Actor, Assignee
from core.progress import Progress, unwatched
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict
from core.use_cases.discounts.create_discount import DiscountDraft, ScopeLookup

AT_ONCE = 5000
"""Codes that are generated and stored in one step."""

MOST_ASSIGNED = 1_000_000


@attrs.frozen
class BatchIsTaken(Refused):
    batch: str


@attrs.frozen
class TooFewCodes(Refused):
    wanted: int


@attrs.frozen
class NothingSelected(Absent):
    selection: Selection


@attrs.frozen
class OverAlready(Refused):
    until: datetime


@attrs.frozen
class NotAllAssigned(Refused):
    selection: Selection
    others: int


@attrs.frozen
class TooMuchToAssign(Refused):
    pairs: int


@attrs.frozen
class BulkChange:
    """The number of selected discounts, and the number of changes."""

    selection: Selection
    selected: int
    changed: int


@repeated_on_conflict
def generate_discounts(
    draft: DiscountDraft,
    count: int,
    *,
    new_code: Callable[[], DiscountCode],
    new_id: Callable[[], DiscountId],
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
    dry_run: bool = False,
    progress: Progress = unwatched,
    kinds: Kinds = KINDS,
) -> tuple[Discount, ...]:
    """Create `count` equal discounts with new codes, in the batch that `draft` names.

    The code in `draft` is a placeholder. Raises the errors of `create_discount`, BatchIsTaken or
    TooFewCodes.
    """
    terms = draft.terms(new_id(), kinds)
    batch = batch_name(draft.batch or "")
    with begin() as work:
        if sum(work.discounts.tally(Selection(batch=batch)).values()):
            raise BatchIsTaken(batch)
        scoped = ScopeLookup.of(work, [draft]).scoped(terms, draft)
        made: list[Discount] = []
        for codes in _free_codes(work.discounts, count, new_code):
            part = [attrs.evolve(scoped, id=new_id(), code=code) for code in codes]
            work.discounts.add_many(part)
            made += part
            progress(len(made), count)
        what = f"generated {count:,} codes: {terms.saving}"
        work.audit_log.add([AuditEntry(now, by, Subject.batch(batch), what, why.strip())])
        if not dry_run:
            work.commit()
        return tuple(made)


def _free_codes(
    discounts: Discounts, count: int, new_code: Callable[[], DiscountCode]
) -> Iterator[Sequence[DiscountCode]]:
    """Generate `count` unused codes without repetition, in parts. Raises TooFewCodes."""
    seen: set[DiscountCode] = set()
    while len(seen) < count:
        size = min(AT_ONCE, count - len(seen))
        drawn = {new_code() for _ in range(size)} - seen
        free = list(drawn - discounts.among(drawn).keys())
        if not free:
            raise TooFewCodes(count)
        seen.update(free)
        yield free


@repeated_on_conflict
def reschedule_discounts(
    selection: Selection,
    change: Rescheduling,
    *,
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
    dry_run: bool = False,
) -> BulkChange:
    """Change the end of the selected discounts. Orders that used them are unchanged.

    Raises UnknownCode, NothingSelected or OverAlready.
    """
    if isinstance(change, ExtendUntil) and change.until <= now:
        raise OverAlready(change.until)
    with begin() as work:
        selected = sum(_selected(work, selection).values())
        changed = work.discounts.reschedule(selection, change)
        _note(work, selection, f"{change}: {changed:,} of {selected:,}", by=by, why=why, now=now)
        if not dry_run:
            work.commit()
        return BulkChange(selection, selected, changed)


@repeated_on_conflict
def assign_discounts(
    selection: Selection,
    to: Collection[Assignee],
    *,
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
    dry_run: bool = False,
    progress: Progress = unwatched,
) -> BulkChange:
    """Assign each selected discount to each learner; `changed` counts the new assignments.

    Raises UnknownCode, NothingSelected, NotAllAssigned or TooMuchToAssign.
    """
    with begin() as work:
        tally = _selected(work, selection)
        selected, others = sum(tally.values()), sum(tally.values()) - tally.get(Source.ASSIGNED, 0)
        if others:
            raise NotAllAssigned(selection, others)
        if selected * len(to) > MOST_ASSIGNED:
            raise TooMuchToAssign(selected * len(to))
        done = assigned = 0
        for page in pages(work, selection):
            pairs = [(offer.discount.id, assignee) for offer in page for assignee in to]
            assigned += work.discounts.assign_many(pairs)
            done += len(page)
            progress(done, selected)
        what = f"assigned to {len(to):,}, new {assigned:,}"
        _note(work, selection, what, by=by, why=why, now=now)
        if not dry_run:
            work.commit()
        return BulkChange(selection, selected, assigned)


def pages(work: UnitOfWork, selection: Selection | None) -> Iterator[Sequence[Offer]]:
    """The selected discounts, or all of them, sorted by code, in pages of a thousand."""
    if selection is not None and selection.code is not None:
        yield tuple(work.discounts.among([selection.code]).values())
        return
    prefix, batch = (selection.prefix, selection.batch) if selection else ("", None)
    query = DiscountSearch(prefix, batch, limit=1000)
    while page := work.discounts.search(query):
        yield page
        if len(page) < query.limit:
            return
        query = attrs.evolve(query, after=page[-1].discount.code)


def subject_of(selection: Selection) -> Subject:
    if selection.code is not None:
        return Subject.discount(selection.code)
    return Subject.batch(selection.batch) if selection.batch else Subject.prefix(selection.prefix)


def subjects_about(discount: Discount) -> frozenset[Subject]:
    """Every subject under which the journal may mention a discount."""
    code = discount.code.text
    prefixes = (Subject.prefix(code[:end]) for end in range(1, len(code) + 1))
    batch = [Subject.batch(discount.batch)] if discount.batch else []
    return frozenset({Subject.discount(code), *prefixes, *batch})


def _selected(work: UnitOfWork, selection: Selection) -> dict[Source, int]:
    tally = work.discounts.tally(selection)
    if not sum(tally.values()):
        raise UnknownCode(selection.code) if selection.code else NothingSelected(selection)
    return dict(tally)


def _note(
    work: UnitOfWork, selection: Selection, what: str, *, by: Actor, why: str, now: datetime
) -> None:
    work.audit_log.add([AuditEntry(now, by, subject_of(selection), what, why.strip())])
