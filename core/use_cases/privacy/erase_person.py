"""Verbs about what is held about a person: say it, and forget them while the books are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import attrs

from core.audit_log import JournalEntry, Subject, stated
from core.errors import Refused
from core.identity import Actor, LearnerId
from core.order_reference import Reference
from core.orders.order_state import UNDECIDED
from core.orders.refund_request import RequestState
from core.payments.refund import REFUND_MOVES
from core.privacy.personal_data import FORGOTTEN, Erasing, Holdings, Person
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict


@attrs.frozen
class StillUnderWay(Refused):
    """Something that could not end well for somebody whom nobody knows any more."""

    reference: Reference
    what: str

    def __str__(self) -> str:
        return f"Nothing was erased: {self.what} of order {self.reference} is still under way"


@attrs.frozen
class Held:
    """A person, and what is held about them."""

    person: Person
    holdings: Holdings


def what_is_held(text: str, *, look: Begin) -> Held:
    """Whoever is meant by a learner id or an e-mail address, and what is held about them."""
    with look() as work:
        return _held(work, text)


def may_be_forgotten(text: str, *, look: Begin) -> Held:
    """The same, before they are forgotten. Raises StillUnderWay."""
    with look() as work:
        held = _held(work, text)
        _check(work, held.holdings.orders)
        return held


@repeated_on_conflict
def forget(
    text: str,
    pseudonym: str,
    *,
    elsewhere: Collection[str] = (),
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
) -> Held:
    """Erase who somebody is; returns what was held before. A second time finds nothing to do.

    `elsewhere` names the extensions that kept something of theirs and have forgotten it.

    The books keep amounts, lines, references and transactions under an id made of `pseudonym`,
    from which nobody can tell who it was; whoever comes back starts anew. Raises StillUnderWay
    while an order is open or money is on its way, and ReasonIsMissing.
    """
    why = stated(why)
    with begin() as work:
        held = _held(work, text)
        if not (held.holdings or elsewhere):
            return held
        _check(work, held.holdings.orders)
        erasing = Erasing(held.person, _pseudonyms(held.person, pseudonym))
        work.people.erase(erasing)
        about = Subject.learner(f"{FORGOTTEN}{pseudonym}")
        what = _forgotten(held.holdings, elsewhere)
        work.journal.add([JournalEntry(now, by, about, what, erasing.text(why))])
        work.commit()
        return held


def _forgotten(holdings: Holdings, elsewhere: Collection[str]) -> str:
    """What the journal says was done; it names nobody."""
    orders = len(holdings.orders)
    kept = f"{orders or 'no'} {'order' if orders == 1 else 'orders'} kept without a name"
    return f"forgotten: {', '.join([kept, *(f'what {name} kept is gone' for name in elsewhere)])}"


def _held(work: UnitOfWork, text: str) -> Held:
    person = work.people.known(text.strip())
    return Held(person, work.people.holdings(person))


def _pseudonyms(person: Person, pseudonym: str) -> dict[LearnerId, LearnerId]:
    """A new id for each; several ids of one person cannot be told from several people."""
    return {
        learner: LearnerId(f"{FORGOTTEN}{pseudonym}" + (f"-{n}" if n else ""))
        for n, learner in enumerate(person.ids)
    }


def _check(work: UnitOfWork, references: Iterable[Reference]) -> None:
    """Raises StillUnderWay."""
    for reference in references:
        if work.orders.get(reference).state in UNDECIDED:
            raise StillUnderWay(reference, "the payment")
        if any(attempt.in_doubt or attempt.ask_at for attempt in work.attempts.of(reference)):
            raise StillUnderWay(reference, "a payment")
        if any(
            request.state is RequestState.OPEN for request in work.refund_requests.of(reference)
        ):
            raise StillUnderWay(reference, "a refund request")
        if any(REFUND_MOVES[refund.state] for refund in work.refunds.of(reference)):
            raise StillUnderWay(reference, "a refund")
