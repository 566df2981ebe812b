"""Personal data in the tables: find it, and erase it in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import (
    WAITING,
    attempts,
    basket_items,
    baskets,
    discount_assignments,
    discounts,
    inbox,
    journal,
    order_history,
    order_lines,
    orders,
    outbox,
    redemptions,
    refund_requests,
    refunds,
)
from core.discount_code import DiscountCode
from core.identity import ActorKind, LearnerId, without_case
from core.order_reference import Reference
from core.privacy.personal_data import ERASED, FORGOTTEN, Erasure, Holdings, Person
from core.products.product import Sku

_LEARNER = ActorKind.LEARNER.value
_WHO = sa.select(orders.c.learner_id, orders.c.email_key, orders.c.learner_name).distinct()
_NOT_TOLD = "the learner was forgotten"


class SqlPersonalData:
    def __init__(self, run: Statements):
        self._run = run

    def find(self, text: str, /) -> Person:
        rows = self._run.rows(_WHO.where(orders.c.learner_id == text))
        key = without_case(text)
        if not rows and "@" in text and not self._holds(Person((LearnerId(text),), ())):
            theirs = sa.select(orders.c.learner_id).where(orders.c.email_key == key)
            rows = self._run.rows(_WHO.where(orders.c.learner_id.in_(theirs)))
            return _person(rows, email=key)
        return _person(rows, learner=text)

    def holdings(self, person: Person, /) -> Holdings:
        found = self._run.rows(
            sa.select(orders.c.reference)
            .where(orders.c.learner_id.in_(person.ids))
            .order_by(orders.c.placed_at.desc(), orders.c.reference.desc())
        )
        items = self._run.rows(
            sa.select(basket_items.c.sku)
            .where(basket_items.c.shopper.in_(_baskets_of(person)))
            .order_by(basket_items.c.shopper, basket_items.c.position)
        )
        codes = self._run.rows(
            sa.select(discounts.c.code)
            .join_from(discount_assignments, discounts)
            .where(discount_assignments.c.assignee.in_(_assignees(person)))
            .distinct()
            .order_by(discounts.c.code)
        )
        references = [Reference(row.reference) for row in found]
        return Holdings(
            tuple(references),
            tuple(Sku(row.sku) for row in items),
            tuple(DiscountCode(row.code) for row in codes),
            self._untold(references) if references else 0,
        )

    def _untold(self, references: Sequence[Reference]) -> int:
        number = sa.func.count().label("number")
        waiting = sa.and_(outbox.c.reference.in_(references), WAITING)
        [row] = self._run.rows(sa.select(number).where(waiting))
        return int(row.number)

    def erase(self, erasing: Erasure, /) -> None:
        person = erasing.person
        references = list(self.holdings(person).orders)
        self._erase_around(person)
        self._erase_journal(erasing)
        if not references:
            return
        # Texts first: their rows are found by the ids that are erased afterwards.
        self._erase_texts(erasing, references)
        self._erase_events(erasing, references)
        for learner, pseudonym in erasing.pseudonyms.items():
            self._rename(learner, pseudonym, references)

    def _holds(self, person: Person) -> bool:
        return bool(self.holdings(person))

    def _erase_around(self, person: Person) -> None:
        shoppers = _baskets_of(person)
        self._run.change(basket_items.delete().where(basket_items.c.shopper.in_(shoppers)))
        self._run.change(baskets.delete().where(baskets.c.shopper.in_(shoppers)))
        mine = discount_assignments.c.assignee.in_(_assignees(person))
        self._run.change(discount_assignments.delete().where(mine))

    def _erase_journal(self, erasing: Erasure) -> None:
        person = erasing.person
        theirs = [*person.ids, *person.emails]
        about_them = sa.and_(journal.c.subject_kind == "learner", journal.c.subject_id.in_(theirs))
        told = [
            _holds_text(column, text)
            for text in person.emails
            for column in (journal.c.what, journal.c.why)
        ]
        rows = self._run.rows(journal.select().where(sa.or_(about_them, *told)))
        new_id = next(iter(erasing.pseudonyms.values()), LearnerId(f"{FORGOTTEN}address"))
        for row in rows:
            subject = row.subject_id
            if row.subject_kind == "learner" and subject in theirs:
                subject = erasing.pseudonyms.get(subject, new_id)
            texts = {"what": erasing.text(row.what), "why": erasing.text(row.why)}
            self._amend(journal, row, subject_id=subject, **texts)

    def _erase_texts(self, erasing: Erasure, references: Sequence[Reference]) -> None:
        """Erase names in texts about the orders, and the names of their authors."""
        for row in self._of(order_history, references):
            by = erasing.named(row.by_name) if row.by_kind == _LEARNER else row.by_name
            self._amend(order_history, row, by_name=by, why=erasing.entry(row.why))
        for row in self._of(refunds, references):
            by = erasing.named(row.by_name) if row.by_kind == _LEARNER else row.by_name
            outcome = row.outcome and erasing.text(row.outcome)
            self._amend(refunds, row, by_name=by, reason=erasing.text(row.reason), outcome=outcome)
        for row in self._of(attempts, references):
            # The reason of a cancellation is stored with the attempt too.
            reason = row.reason and erasing.text(row.reason)
            self._amend(attempts, row, session=None, reason=reason)
        for row in self._of(refund_requests, references):
            told = {"reason": ERASED, "answer": erasing.text(row.answer)}
            self._amend(refund_requests, row, learner=erasing.named(row.learner), **told)
        for row in self._run.rows(inbox.select().where(_about(references))):
            self._amend(inbox, row, raw=erasing.body(row.raw), why=erasing.text(row.why))
        for row in self._of(orders, references):
            if row.attention is not None:
                self._amend(orders, row, attention=erasing.text(row.attention))

    def _erase_events(self, erasing: Erasure, references: Sequence[Reference]) -> None:
        for row in self._of(outbox, references):
            # A mail server's error may quote the address.
            error = row.last_error and erasing.text(row.last_error)
            self._amend(outbox, row, body=erasing.body(row.body), last_error=error)
        self._run.change(
            outbox.update()
            .where(outbox.c.reference.in_(references), WAITING)
            .values(given_up_at=outbox.c.at, next_try_at=None, last_error=_NOT_TOLD)
        )

    def _rename(self, learner: str, pseudonym: str, references: Sequence[Reference]) -> None:
        self._run.change(
            redemptions.update()
            .where(redemptions.c.reference.in_(references), redemptions.c.learner == learner)
            .values(learner=pseudonym)
        )
        self._run.change(
            order_lines.update()
            .where(order_lines.c.reference.in_(references), order_lines.c.owner == learner)
            .values(owner=pseudonym)
        )
        self._run.change(
            orders.update()
            .where(orders.c.learner_id == learner)
            .values(
                learner_id=pseudonym,
                learner_email="",
                learner_name="",
                email_key="",
                version=orders.c.version + 1,
            )
        )

    def _of(self, table: sa.Table, references: Sequence[Reference]) -> Sequence[AnyRow]:
        return self._run.rows(table.select().where(table.c.reference.in_(references)))

    def _amend(self, table: sa.Table, row: AnyRow, **columns: Any) -> None:
        """Write the changed columns of one row, if any."""
        changed = {name: new for name, new in columns.items() if getattr(row, name) != new}
        if changed:
            [key] = table.primary_key.columns
            self._run.change(table.update().where(key == getattr(row, key.name)), changed)


def _holds_text(column: sa.Column[str], text: str) -> sa.ColumnElement[bool]:
    """Whether the column contains text, ignoring case."""
    return sa.or_(
        column.contains(text, autoescape=True),
        sa.func.lower(column).contains(text.lower(), autoescape=True),
    )


def _person(rows: Sequence[AnyRow], *, learner: str = "", email: str = "") -> Person:
    ids = {learner, *(row.learner_id for row in rows)} - {""}
    emails = {email, *(row.email_key for row in rows)} - {""}
    names = {row.learner_name for row in rows} - {""}
    return Person(tuple(map(LearnerId, sorted(ids))), tuple(sorted(emails)), tuple(sorted(names)))


def _about(references: Sequence[Reference]) -> sa.ColumnElement[bool]:
    """The condition for gateway messages about these orders, processed or not."""
    return sa.or_(inbox.c.reference.in_(references), inbox.c.code.in_(references))


def _baskets_of(person: Person) -> list[str]:
    return [f"learner:{learner}" for learner in person.ids]


def _assignees(person: Person) -> list[str]:
    return [*(f"id:{each}" for each in person.ids), *(f"email:{each}" for each in person.emails)]
