"""The outbox of events in SQL, with claims for delivery."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from adapters.sql.columns import TEXT, UtcDateTime
from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import GIVEN_UP, WAITING, outbox
from core.errors import Conflict
from core.messaging.outbox import (
    TOO_LATE_WORDS,
    Event,
    EventName,
    Json,
    OutboxEntry,
    OutboxSearch,
    Receiver,
    UnknownEvent,
)
from core.order_reference import Reference

_STATES = {
    "waiting": WAITING,
    "delivered": outbox.c.delivered_at.is_not(None),
    "given up": GIVEN_UP,
}

_NOW = sa.bindparam("now", type_=UtcDateTime)
_RECEIVER = sa.bindparam("to", type_=TEXT)
_earlier = outbox.alias("earlier")
_DUE = (
    sa.select(outbox.c.sequence)
    .where(
        WAITING,
        outbox.c.receiver == _RECEIVER,
        sa.or_(outbox.c.next_try_at.is_(None), outbox.c.next_try_at <= _NOW),
        sa.or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= _NOW),
        ~sa.exists().where(
            _earlier.c.reference == outbox.c.reference,
            _earlier.c.receiver == _RECEIVER,
            _earlier.c.sequence < outbox.c.sequence,
            _earlier.c.delivered_at.is_(None),
            _earlier.c.given_up_at.is_(None),
        ),
    )
    .order_by(outbox.c.sequence)
    .limit(sa.bindparam("at_most", type_=sa.Integer))
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    outbox.update()
    .where(outbox.c.sequence.in_(_DUE))
    .values(claimed_until=sa.bindparam("until", type_=UtcDateTime))
    .returning(outbox)
)


class SqlOutbox:
    def __init__(self, run: Statements):
        self._run = run

    def add(self, events: Collection[Event], /) -> None:
        if not events:
            return
        try:
            self._run.change(outbox.insert(), [_columns(event) for event in events])
        except Conflict as error:
            raise ValueError("one of these events is in the outbox already") from error

    def claim(
        self, receiver: Receiver, at: datetime, /, *, until: datetime, limit: int
    ) -> tuple[OutboxEntry, ...]:
        claim = {"to": receiver.value, "now": at, "until": until, "at_most": limit}
        rows = self._run.changed(_CLAIM, claim)
        return tuple(map(_entry, sorted(rows, key=lambda row: int(row.sequence))))

    def give_up_older(self, receiver: Receiver, than: datetime, /, *, at: datetime) -> int:
        return self._run.change(
            outbox.update()
            .where(
                WAITING,
                outbox.c.receiver == receiver.value,
                sa.func.coalesce(outbox.c.next_try_at, outbox.c.at) < than,
            )
            .values(given_up_at=at, next_try_at=None, claimed_until=None, last_error=TOO_LATE_WORDS)
        )

    def save(self, entry: OutboxEntry, /) -> None:
        # If a slow worker lost its claim and another delivered the event, that delivery stands.
        self._run.change(
            outbox.update()
            .where(outbox.c.sequence == entry.sequence, outbox.c.delivered_at.is_(None))
            .values(
                tries=entry.tries,
                next_try_at=entry.next_try_at,
                claimed_until=None,
                delivered_at=entry.delivered_at,
                given_up_at=entry.given_up_at,
                last_error=entry.last_error,
            )
        )

    def revive(self, event: str, at: datetime, /) -> Reference | None:
        revived = self._run.changed(
            outbox.update()
            .where(outbox.c.event == event, GIVEN_UP)
            .values(given_up_at=None, next_try_at=at, claimed_until=None, tries=0)
            .returning(outbox.c.reference)
        )
        if revived:
            return Reference(revived[0].reference)
        if self._run.row(sa.select(outbox.c.sequence).where(outbox.c.event == event)) is None:
            raise UnknownEvent(event)
        return None

    def search(self, wanted: OutboxSearch, /) -> tuple[OutboxEntry, ...]:
        query = outbox.select().where(outbox.c.sequence > wanted.after)
        if wanted.reference is not None:
            query = query.where(outbox.c.reference == wanted.reference)
        if wanted.state is not None:
            query = query.where(_STATES[wanted.state])
        if wanted.receiver is not None:
            query = query.where(outbox.c.receiver == wanted.receiver.value)
        rows = self._run.rows(query.order_by(outbox.c.sequence).limit(wanted.limit))
        return tuple(map(_entry, rows))


def _columns(event: Event) -> dict[str, Any]:
    return {
        "event": event.id,
        "name": event.name.value,
        "receiver": event.receiver.value,
        "reference": event.reference,
        "at": event.at,
        "body": event.body,
        "position": event.position,
        "tries": 0,
    }


def event_of(row: AnyRow) -> Event:
    return Event(
        id=row.event,
        name=EventName(row.name),
        reference=Reference(row.reference),
        at=row.at,
        body={name: _json(value) for name, value in row.body.items()},
        position=row.position,
    )


def _entry(row: AnyRow) -> OutboxEntry:
    return OutboxEntry(
        sequence=row.sequence,
        event=event_of(row),
        tries=row.tries,
        next_try_at=row.next_try_at,
        delivered_at=row.delivered_at,
        given_up_at=row.given_up_at,
        last_error=row.last_error,
    )


def _json(value: object) -> Json:
    """JSON from the database as the core has it: lists become tuples."""
    if isinstance(value, list):
        return tuple(map(_json, value))
    if isinstance(value, dict):
        return {str(name): _json(part) for name, part in value.items()}
    return cast("Json", value)
