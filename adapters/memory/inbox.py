"""The inbox in memory."""

from __future__ import annotations

from datetime import datetime

import attrs

from adapters.memory.records import Draft
from core.messaging.inbox import (
    AlreadyReceived,
    InboxMessage,
    InboxMessageHasChanged,
    InboxSearch,
    UnknownInboxMessage,
)
from core.payments.account import GatewayAccount


class MemoryInbox:
    def __init__(self, draft: Draft):
        self._draft = draft

    def add(self, message: InboxMessage, /) -> InboxMessage:
        with self._draft.change() as records:
            if any(_key(kept) == _key(message) for kept in records.inbox.values()):
                raise AlreadyReceived(message.notice.key)
            number = records.numbers["inbox"] = records.numbers.get("inbox", 0) + 1
            records.inbox[number] = attrs.evolve(message, number=number)
            return records.inbox[number]

    def get(self, number: int, /) -> InboxMessage:
        try:
            return self._draft.records.inbox[number]
        except KeyError:
            raise UnknownInboxMessage(number) from None

    def to_act(self, at: datetime, limit: int, /) -> tuple[InboxMessage, ...]:
        due = sorted(
            (message.act_at, message.number)
            for message in self._draft.records.inbox.values()
            if message.act_at is not None and message.act_at <= at
        )
        return tuple(self.get(number) for _, number in due[:limit])

    def save(self, message: InboxMessage, /) -> None:
        with self._draft.change() as records:
            if self.get(message.number).version != message.version:
                raise InboxMessageHasChanged(message.number)
            records.inbox[message.number] = attrs.evolve(message, version=message.version + 1)

    def remove_older(self, before: datetime, limit: int, /) -> int:
        with self._draft.change() as records:
            old = sorted(
                (message.notice.heard_at, message.number)
                for message in records.inbox.values()
                if message.is_over and message.notice.heard_at < before
            )
            for _, number in old[:limit]:
                del records.inbox[number]
            return len(old[:limit])

    def search(self, wanted: InboxSearch, /) -> tuple[InboxMessage, ...]:
        found = [
            message
            for message in self._draft.records.inbox.values()
            if message.number > wanted.after
            and wanted.state in (None, message.state)
            and wanted.code in (None, message.notice.code, message.reference)
        ]
        return tuple(found[: wanted.limit])


def _key(message: InboxMessage) -> tuple[GatewayAccount, str]:
    return message.notice.account, message.notice.key
