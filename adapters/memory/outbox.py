"""The outbox in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import attrs

from adapters.memory.records import Draft
from core.messaging.outbox import (
    TOO_LATE_WORDS,
    Event,
    OutboxEntry,
    OutboxSearch,
    Receiver,
    UnknownEvent,
)
from core.order_reference import Reference


class MemoryOutbox:
    def __init__(self, draft: Draft):
        self._draft = draft

    def add(self, events: Collection[Event], /) -> None:
        with self._draft.change() as records:
            known = {entry.event.id for entry in self._all()}
            for event in events:
                if event.id in known:
                    raise ValueError("one of these events is in the outbox already")
                known.add(event.id)
                sequence = len(records.outbox) + 1
                records.outbox[sequence] = OutboxEntry(sequence, event)

    def claim(
        self, receiver: Receiver, at: datetime, /, *, until: datetime, limit: int
    ) -> tuple[OutboxEntry, ...]:
        with self._draft.change() as records:
            first: dict[Reference, OutboxEntry] = {}
            for entry in self._all():
                if entry.state == "waiting" and entry.event.receiver is receiver:
                    first.setdefault(entry.event.reference, entry)
            due = [
                entry
                for entry in first.values()
                if (entry.next_try_at is None or entry.next_try_at <= at)
                and records.claims.get(entry.sequence, at) <= at
            ][:limit]
            records.claims.update((entry.sequence, until) for entry in due)
            return tuple(due)

    def give_up_older(self, receiver: Receiver, than: datetime, /, *, at: datetime) -> int:
        with self._draft.change() as records:
            late = [
                entry
                for entry in self._all()
                if entry.state == "waiting"
                and entry.event.receiver is receiver
                and (entry.next_try_at or entry.event.at) < than
            ]
            for entry in late:
                records.outbox[entry.sequence] = attrs.evolve(
                    entry, given_up_at=at, next_try_at=None, last_error=TOO_LATE_WORDS
                )
                records.claims.pop(entry.sequence, None)
            return len(late)

    def save(self, entry: OutboxEntry, /) -> None:
        with self._draft.change() as records:
            # If a slow worker lost its claim and another delivered the event, that delivery stands.
            kept = records.outbox[entry.sequence]
            if kept.delivered_at is None:
                records.outbox[entry.sequence] = attrs.evolve(entry, event=kept.event)
                records.claims.pop(entry.sequence, None)

    def revive(self, event: str, at: datetime, /) -> Reference | None:
        with self._draft.change() as records:
            for entry in self._all():
                if entry.event.id != event:
                    continue
                if entry.given_up_at is None:
                    return None
                records.outbox[entry.sequence] = attrs.evolve(
                    entry, given_up_at=None, next_try_at=at, tries=0
                )
                return entry.event.reference
        raise UnknownEvent(event)

    def search(self, wanted: OutboxSearch, /) -> tuple[OutboxEntry, ...]:
        found = [
            entry
            for entry in self._all()
            if entry.sequence > wanted.after
            and wanted.reference in {None, entry.event.reference}
            and wanted.state in {None, entry.state}
            and wanted.receiver in {None, entry.event.receiver}
        ]
        return tuple(found[: wanted.limit])

    def _all(self) -> Iterable[OutboxEntry]:
        return self._draft.records.outbox.values()
