"""Use cases: export a person's data, and erase it while the accounts stay complete."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import attrs

from core.audit_log import AuditEntry, Subject, required_reason
from core.errors import Refused
from core.identity import Actor, LearnerId
from core.order_reference import Reference
from core.orders.order_state import UNDECIDED
from core.orders.refund_request import RefundRequestState
from core.payments.refund import REFUND_MOVES
from core.privacy.personal_data import FORGOTTEN, Erasure, Holdings, Person
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict


@attrs.frozen
class OrdersUnderWay(Refused):
    """Orders or refunds are still open; they could not be finished for an erased person."""

    reference: Reference
    what: str


@attrs.frozen
class HeldData:
    """A person and their stored data."""

    person: Person
    holdings: Holdings


def held_data(identifier: str, *, read: Begin) -> HeldData:
    """Find a person by learner id or e-mail address, and read their data."""
    with read() as work:
        return _held(work, identifier)


def check_erasable(identifier: str, *, read: Begin) -> HeldData:
    """The same, if the person can be erased. Raises OrdersUnderWay."""
    with read() as work:
        held = _held(work, identifier)
        _check(work, held.holdings.orders)
        return held


@repeated_on_conflict
def erase_person(
    identifier: str,
    pseudonym: str,
    *,
    extensions: Collection[str] = (),
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
) -> HeldData:
    """Erase a person; returns the data from before. Erasing again does nothing.

    `extensions` names the extensions that have erased their own data of the person.

    Amounts, lines, references and transactions stay, under an id made of `pseudonym` that cannot be
    linked to the person. A person who comes back is a new learner. Raises OrdersUnderWay while an
    order or refund is open, and ReasonIsMissing.
    """
    why = required_reason(why)
    with begin() as work:
        held = _held(work, identifier)
        if not (held.holdings or extensions):
            return held
        _check(work, held.holdings.orders)
        erasing = Erasure(held.person, _pseudonyms(held.person, pseudonym))
        work.personal_data.erase(erasing)
        about = Subject.learner(f"{FORGOTTEN}{pseudonym}")
        what = _forgotten(held.holdings, extensions)
        work.audit_log.add([AuditEntry(now, by, about, what, erasing.text(why))])
        work.commit()
        return held


def _forgotten(holdings: Holdings, extensions: Collection[str]) -> str:
    """The journal entry of an erasure; it contains no personal data."""
    orders = len(holdings.orders)
    orders_text = f"{orders or 'no'} {'order' if orders == 1 else 'orders'} kept without a name"
    parts = [orders_text, *(f"what {name} kept is gone" for name in extensions)]
    return f"forgotten: {', '.join(parts)}"


def _held(work: UnitOfWork, identifier: str) -> HeldData:
    person = work.personal_data.find(identifier.strip())
    return HeldData(person, work.personal_data.holdings(person))


def _pseudonyms(person: Person, pseudonym: str) -> dict[LearnerId, LearnerId]:
    """A new id for each old id; ids of one person cannot be told from ids of several people."""
    return {
        learner: LearnerId(f"{FORGOTTEN}{pseudonym}" + (f"-{n}" if n else ""))
        for n, learner in enumerate(person.ids)
    }


def _check(work: UnitOfWork, references: Iterable[Reference]) -> None:
    """Raises OrdersUnderWay."""
    for reference in references:
        if work.orders.get(reference).state in UNDECIDED:
            raise OrdersUnderWay(reference, "the payment")
        if any(
            attempt.in_doubt or attempt.next_enquiry_at for attempt in work.attempts.of(reference)
        ):
            raise OrdersUnderWay(reference, "a payment")
        if any(
            request.state is RefundRequestState.OPEN
            for request in work.refund_requests.of(reference)
        ):
            raise OrdersUnderWay(reference, "a refund request")
        if any(REFUND_MOVES[refund.state] for refund in work.refunds.of(reference)):
            raise OrdersUnderWay(reference, "a refund")
