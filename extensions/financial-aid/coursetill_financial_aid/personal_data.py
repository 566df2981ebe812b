"""Personal data in financial aid, exported and erased together with the shop's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from adapters.sql.extension_tables import ExtensionTables
from core.identity import ActorKind, LearnerId, without_case
from core.privacy.personal_data import ERASED
from coursetill_financial_aid.output import shape
from coursetill_financial_aid.records import SqlAid, request_of
from coursetill_financial_aid.request import UNDECIDED, AidRequest, AidRequestState, RequestId
from coursetill_financial_aid.tables import HISTORY, REQUESTS


@attrs.frozen
class LearnersAid:
    """The requests of a learner, found by id, by e-mail address, or by both."""

    tables: ExtensionTables

    def export(self, learner: LearnerId, email: str, /) -> Mapping[str, Any]:
        with self.tables.read() as connection:
            found = _of(connection, learner, email)
            aid = SqlAid(connection)
            requests = [shape(request, history=aid.history(request.id)) for request in found]
        return {"requests": requests} if requests else {}

    def forget(self, learner: LearnerId, email: str, /) -> None:
        """Erase everything except the decision."""
        with self.tables.change() as connection:
            ids = [request.id for request in _of(connection, learner, email)]
            if ids:
                _erase(connection, ids)


def _of(connection: sa.Connection, learner: LearnerId, email: str) -> tuple[AidRequest, ...]:
    theirs = []
    if learner:
        theirs.append(REQUESTS.c.learner == learner)
    if email:
        theirs.append(REQUESTS.c.email == without_case(email))
    if not theirs:
        return ()
    query = sa.select(REQUESTS).where(sa.or_(*theirs)).order_by(REQUESTS.c.sequence)
    return tuple(map(request_of, connection.execute(query)))


def _erase(connection: sa.Connection, ids: list[RequestId]) -> None:
    connection.execute(
        REQUESTS.update()
        .where(REQUESTS.c.id.in_(ids))
        .values(
            learner=ERASED,
            email=ERASED,
            # The request has no owner now. A learner who comes back starts anew.
            standing=None,
            income=None,
            income_currency=None,
            dollars=None,
        )
    )
    undecided = REQUESTS.c.state.in_([state.value for state in UNDECIDED])
    over = REQUESTS.update().where(REQUESTS.c.id.in_(ids), undecided)
    connection.execute(over.values(state=AidRequestState.WITHDRAWN.value))
    history = HISTORY.update().where(HISTORY.c.about.in_(ids))
    connection.execute(history.values(why=ERASED))
    mine = HISTORY.c.by_kind == ActorKind.LEARNER.value
    connection.execute(history.where(mine).values(by_name=ERASED))
