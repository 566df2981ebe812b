"""The inbox of gateway messages in SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from adapters.sql.account_columns import account_columns, account_of
from adapters.sql.gateway_answers import answer_of, json_of
from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import FAILED, OVER, TO_ACT, inbox
from adapters.sql.versions import update_at_version
from core.messaging.inbox import (
    AlreadyReceived,
    InboxMessage,
    InboxMessageHasChanged,
    InboxSearch,
    MessageState,
    UnknownInboxMessage,
)
from core.order_reference import Reference
from core.payments.notice import About, Notice

_ADD = inbox.insert().returning(inbox.c.number)


class SqlInbox:
    def __init__(self, run: Statements):
        self._run = run

    def add(self, message: InboxMessage, /) -> InboxMessage:
        columns = {**_notice_columns(message.notice), **_moving_columns(message)}
        [row] = self._run.changed(
            _ADD,
            {**columns, "version": message.version},
            taken=AlreadyReceived(message.notice.key),
        )
        return attrs.evolve(message, number=row.number)

    def get(self, number: int, /) -> InboxMessage:
        row = self._run.row(inbox.select().where(inbox.c.number == number))
        if row is None:
            raise UnknownInboxMessage(number)
        return _message(row)

    def to_act(self, at: datetime, limit: int, /) -> tuple[InboxMessage, ...]:
        rows = self._run.rows(
            inbox.select()
            .where(TO_ACT, inbox.c.act_at <= at)
            .order_by(inbox.c.act_at, inbox.c.number)
            .limit(limit)
        )
        return tuple(map(_message, rows))

    def save(self, message: InboxMessage, /) -> None:
        update_at_version(
            self._run,
            inbox,
            message.number,
            version=message.version,
            values=_moving_columns(message),
            changed=InboxMessageHasChanged(message.number),
        )

    def remove_older(self, before: datetime, limit: int, /) -> int:
        old = (
            sa.select(inbox.c.number)
            .where(OVER, inbox.c.heard_at < before)
            .order_by(inbox.c.heard_at, inbox.c.number)
            .limit(limit)
        )
        gone = inbox.delete().where(inbox.c.number.in_(old)).returning(inbox.c.number)
        return len(self._run.changed(gone))

    def search(self, wanted: InboxSearch, /) -> tuple[InboxMessage, ...]:
        query = inbox.select().where(inbox.c.number > wanted.after)
        if wanted.code is not None:
            query = query.where(
                sa.or_(inbox.c.code == wanted.code, inbox.c.reference == wanted.code)
            )
        if wanted.state is MessageState.FAILED:
            query = query.where(FAILED)
        elif wanted.state is not None:
            query = query.where(inbox.c.state == wanted.state.value)
        rows = self._run.rows(query.order_by(inbox.c.number).limit(wanted.limit))
        return tuple(map(_message, rows))


def _notice_columns(notice: Notice) -> dict[str, Any]:
    return {
        "key": notice.key,
        "about": notice.about.value,
        "code": notice.code,
        "attempt": notice.attempt,
        "answer": None if notice.answer is None else json_of(notice.answer),
        "at": notice.at,
        "heard_at": notice.heard_at,
        "event": notice.event,
        "form": notice.form,
        "raw": dict(notice.raw),
        **account_columns(notice.account),
    }


def _moving_columns(message: InboxMessage) -> dict[str, Any]:
    """The columns that may change. The message itself never does."""
    return {
        "state": message.state.value,
        "why": message.why,
        "tries": message.tries,
        "act_at": message.act_at,
        "reference": message.reference,
    }


def _message(row: AnyRow) -> InboxMessage:
    notice = Notice(
        key=row.key,
        about=About(row.about),
        code=row.code,
        attempt=row.attempt,
        answer=None if row.answer is None else answer_of(row.answer),
        at=row.at,
        heard_at=row.heard_at,
        event=row.event,
        form=row.form,
        raw=row.raw,
        account=account_of(row),
    )
    return InboxMessage(
        notice,
        MessageState(row.state),
        row.why,
        row.tries,
        row.act_at,
        None if row.reference is None else Reference(row.reference),
        number=row.number,
        version=row.version,
    )
