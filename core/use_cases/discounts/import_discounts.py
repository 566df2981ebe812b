"""Use case: import discounts from rows; an export writes the same rows."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import attrs

from core.audit_log import AuditEntry, Subject
from core.discount_code import DiscountCode, PaymentType
from core.discounts.discount import (
    Discount,
    DiscountId,
    Offer,
    RedemptionType,
    Source,
)
from core.discounts.kinds import KINDS
from core.discounts.saving import Kinds
from core.discounts.selection import batch_name
from core.errors import ShopError
from core.identity import Actor, Assignee, EmailAddress
from core.products.catalogue_rows import (
    NotReadable,
    RowProblem,
    RowReader,
    RowsHaveProblems,
    parsed_time,
)
from core.products.product import Sku
from core.progress import Progress, unwatched
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict
from core.use_cases.discounts.create_discount import DiscountDraft, ScopeLookup

COLUMNS = (
    "code",
    "kind",
    "amount",
    "currency",
    "source",
    "skus",
    "courses",
    "activates_at",
    "expires_at",
    "redemption_type",
    "max_redemptions",
    "max_per_learner",
    "payment_type",
    "batch",
    "learners",
    "emails",
)
"""The columns of a discount row. Times are ISO 8601 with a zone; lists are separated by spaces.

All columns but the first three may be empty.
"""

NEEDED = COLUMNS[:3]
AT_ONCE = 5000
MOST_USES = 10**9

E = TypeVar("E", bound=enum.Enum)


@attrs.frozen
class DiscountsHaveProblems(RowsHaveProblems):
    """The discounts were not imported. `problems` names every error."""


@attrs.frozen
class DiscountImport:
    """The effects of an import; `assigned` counts the new assignments."""

    added: tuple[Discount, ...]
    unchanged: int
    assigned: int


@attrs.frozen
class _ParsedRow:
    """One row that is valid by itself."""

    line: int
    draft: DiscountDraft
    terms: Discount


def row_of(discount: Discount, assignees: Collection[Assignee] = ()) -> Mapping[str, str]:
    """A discount as an import reads it."""
    saving, scope, limits = discount.saving, discount.scope, discount.limits
    return {
        "code": discount.code.text,
        "kind": saving.kind,
        "amount": saving.written,
        "currency": saving.currency.code if saving.currency else "",
        "source": discount.source.value,
        "skus": " ".join(sorted(sku.text for sku in scope.products | scope.programs)),
        "courses": " ".join(sorted(scope.courses)),
        "activates_at": _time_text(discount.window.activates_at),
        "expires_at": _time_text(discount.window.expires_at),
        "redemption_type": limits.type.value,
        "max_redemptions": str(limits.max_redemptions or ""),
        "max_per_learner": str(limits.max_per_learner or ""),
        "payment_type": discount.payment_type.value,
        "batch": discount.batch or "",
        "learners": _together(a for a in assignees if not isinstance(a, EmailAddress)),
        "emails": _together(a.text for a in assignees if isinstance(a, EmailAddress)),
    }


def _together(texts: Iterable[str]) -> str:
    return " ".join(sorted(texts))


def _time_text(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat()


def import_discounts(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    *,
    batch: str,
    new_id: Callable[[], DiscountId],
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
    dry_run: bool = False,
    progress: Progress = unwatched,
    kinds: Kinds = KINDS,
) -> DiscountImport:
    """Import discounts from numbered rows of column to text: all of them or nothing.

    Rows without a batch get `batch`. A stored discount on the same terms is unchanged, and the
    row's learners are added to its assignments. Raises DiscountsHaveProblems, which names every
    wrong line, also a code that is taken on other terms.
    """
    return _import(
        _read(rows, new_id, kinds),
        batch_name(batch),
        by=by,
        why=why,
        begin=begin,
        now=now,
        dry_run=dry_run,
        progress=progress,
    )


@repeated_on_conflict
def _import(
    rows: Sequence[_ParsedRow],
    batch: str,
    *,
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
    dry_run: bool,
    progress: Progress,
) -> DiscountImport:
    with begin() as work:
        scoped = _scoped(work, rows)
        problems: list[RowProblem] = []
        added: list[Discount] = []
        assigned = 0
        for start in range(0, len(rows), AT_ONCE):
            part = scoped[start : start + AT_ONCE]
            stored = work.discounts.among([discount.code for _, discount in part])
            new = [
                attrs.evolve(discount, batch=discount.batch or batch)
                for _, discount in part
                if discount.code not in stored
            ]
            problems += _clashes(part, stored)
            if problems:
                continue
            work.discounts.add_many(new)
            assigned += work.discounts.assign_many(_assignments(part, stored))
            added += new
            progress(start + len(part), len(rows))
        if problems:
            raise DiscountsHaveProblems(tuple(problems))
        _note(work, added, by=by, why=why, now=now)
        if not dry_run:
            work.commit()
        return DiscountImport(tuple(added), len(rows) - len(added), assigned)


def _scoped(work: UnitOfWork, rows: Sequence[_ParsedRow]) -> list[tuple[_ParsedRow, Discount]]:
    lookup = ScopeLookup.of(work, [row.draft for row in rows])
    scoped, problems = [], []
    for row in rows:
        try:
            scoped.append((row, lookup.scoped(row.terms, row.draft)))
        except ShopError as error:
            problems.append(RowProblem(row.line, "skus", error))
    if problems:
        raise DiscountsHaveProblems(tuple(problems))
    return scoped


def _clashes(
    rows: Iterable[tuple[_ParsedRow, Discount]], stored: Mapping[DiscountCode, Offer]
) -> list[RowProblem]:
    """The rows whose codes are taken on other terms."""
    return [
        RowProblem(row.line, "code", f"there is a discount {discount.code} already, on other terms")
        for row, discount in rows
        if discount.code in stored and not _same(discount, stored[discount.code].discount)
    ]


def _same(imported: Discount, stored: Discount) -> bool:
    batch = imported.batch or stored.batch
    return attrs.evolve(imported, id=stored.id, version=stored.version, batch=batch) == stored


def _assignments(
    rows: Iterable[tuple[_ParsedRow, Discount]], stored: Mapping[DiscountCode, Offer]
) -> list[tuple[DiscountId, Assignee]]:
    return [
        (stored[discount.code].discount.id if discount.code in stored else discount.id, assignee)
        for row, discount in rows
        for assignee in row.draft.assignees
    ]


def _note(
    work: UnitOfWork, added: Iterable[Discount], *, by: Actor, why: str, now: datetime
) -> None:
    """One journal entry for each batch, whatever its size."""
    counts: dict[str, int] = {}
    for discount in added:
        if discount.batch is not None:
            counts[discount.batch] = counts.get(discount.batch, 0) + 1
    work.audit_log.add(
        [
            AuditEntry(now, by, Subject.batch(name), f"imported {count:,}", why.strip())
            for name, count in sorted(counts.items())
        ]
    )


def _read(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    new_id: Callable[[], DiscountId],
    kinds: Kinds,
) -> list[_ParsedRow]:
    """Each row as a discount. Raises DiscountsHaveProblems with all errors."""
    problems: list[RowProblem] = []
    parsed_rows: list[_ParsedRow] = []
    first_line: dict[DiscountCode, int] = {}
    for line, row in rows:
        reader = RowReader(line, row, problems)
        before = len(problems)
        parsed = _parsed(reader, new_id, kinds)
        if parsed is None or len(problems) > before:
            continue
        code = parsed.terms.code
        if first_line.setdefault(code, line) != line:
            reader.says("code", f"{code} stands on line {first_line[code]} too")
        parsed_rows.append(parsed)
    if not parsed_rows and not problems:
        problems.append(RowProblem(1, "code", "there are no discounts in this file"))
    if problems:
        raise DiscountsHaveProblems(tuple(problems))
    return parsed_rows


def _parsed(row: RowReader, new_id: Callable[[], DiscountId], kinds: Kinds) -> _ParsedRow | None:
    before = row.found
    draft = DiscountDraft(
        code=row.text("code"),
        kind=row.text("kind"),
        amount=row.text("amount"),
        currency=row.text("currency") or "USD",
        source=row.read("source", _one_of(Source, Source.TYPED)) or Source.TYPED,
        skus=tuple(row.text("skus").split()),
        courses=tuple(row.text("courses").split()),
        activates_at=row.read("activates_at", parsed_time),
        expires_at=row.read("expires_at", parsed_time),
        redemption_type=row.read(
            "redemption_type", _one_of(RedemptionType, RedemptionType.UNLIMITED)
        )
        or RedemptionType.UNLIMITED,
        max_redemptions=row.read("max_redemptions", _uses),
        max_per_learner=row.read("max_per_learner", _uses),
        payment_type=row.read("payment_type", _one_of(PaymentType, PaymentType.MARKETING))
        or PaymentType.MARKETING,
        batch=row.text("batch") or None,
        learners=tuple(row.text("learners").split()),
        emails=tuple(row.text("emails").split()),
    )
    row.read("skus", lambda _: [Sku.of(text) for text in draft.skus])
    assignees = row.read("emails", lambda _: draft.assignees)
    if assignees and draft.source is not Source.ASSIGNED:
        row.says("source", "only an assigned discount has learners: write assigned")
    if row.found > before:
        return None
    terms = row.read("code", lambda _: draft.terms(new_id(), kinds))
    return None if terms is None else _ParsedRow(row.line, draft, terms)


def _one_of(kind: type[E], otherwise: E) -> Callable[[str], E]:
    def read(text: str) -> E:
        if not text:
            return otherwise
        try:
            return kind(text)
        except ValueError:
            allowed = ", ".join(str(each.value) for each in kind)
            raise NotReadable(f'"{text[:60]}" is not one of {allowed}') from None

    return read


def _uses(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:11]) <= MOST_USES):
        raise NotReadable(f'"{text[:60]}" is not a number of uses: write digits, from 1 on')
    return int(text)
