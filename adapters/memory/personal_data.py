"""Personal data in memory: find it, and erase it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from adapters.memory.records import Draft, Records
from core.identity import Actor, ActorKind, Assignee, EmailAddress, Learner, LearnerId, without_case
from core.orders.order import Order
from core.privacy.personal_data import ERASED, FORGOTTEN, Erasure, Holdings, Person

_NOT_TOLD = "the learner was forgotten"


class MemoryPersonalData:
    def __init__(self, draft: Draft):
        self._draft = draft

    def find(self, text: str, /) -> Person:
        orders = self._draft.records.orders.values()
        own = [order.learner for order in orders if order.learner.id == text]
        key = without_case(text)
        if not own and "@" in text and not self.holdings(Person((LearnerId(text),), ())):
            ids = {o.learner.id for o in orders if without_case(o.learner.email) == key}
            return _person([o.learner for o in orders if o.learner.id in ids], email=key)
        return _person(own, learner=text)

    def holdings(self, person: Person, /) -> Holdings:
        records = self._draft.records
        own = [order for order in records.orders.values() if order.learner.id in person.ids]
        own.sort(key=lambda order: (order.placed_at, order.reference), reverse=True)
        kept = (records.baskets.get(_key(learner)) for learner in person.ids)
        references = {order.reference for order in own}
        return Holdings(
            tuple(order.reference for order in own),
            tuple(item.sku for basket in kept if basket is not None for item in basket.items),
            tuple(
                sorted(
                    records.discounts[discount].code
                    for discount, assignees in records.assigned.items()
                    if _theirs(person, assignees)
                )
            ),
            sum(
                entry.state == "waiting" and entry.event.reference in references
                for entry in records.outbox.values()
            ),
        )

    def erase(self, erasing: Erasure, /) -> None:
        with self._draft.change() as records:
            person = erasing.person
            references = self.holdings(person).orders
            for learner in person.ids:
                records.baskets.pop(_key(learner), None)
            for discount, assignees in records.assigned.items():
                records.assigned[discount] = assignees - _theirs(person, assignees)
            _erase_journal(records, erasing)
            for reference in references:
                order = records.orders[reference]
                records.orders[reference] = _order(order, erasing)
                records.history[reference] = tuple(
                    attrs.evolve(entry, by=_by(entry.by, erasing), why=erasing.entry(entry.why))
                    for entry in records.history.get(reference, ())
                )
            _erase_money(records, erasing, set(references))
            _erase_events(records, erasing, set(references))


def _order(order: Order, erasing: Erasure) -> Order:
    return attrs.evolve(
        order,
        learner=Learner(LearnerId(erasing.named(order.learner.id)), "", ""),
        attention=None if order.attention is None else erasing.text(order.attention),
        version=order.version + 1,
    )


def _erase_money(records: Records, erasing: Erasure, references: set[str]) -> None:
    for attempt in records.attempts.values():
        if attempt.reference in references:
            told = attempt.reason and erasing.text(attempt.reason)
            records.attempts[attempt.id] = attrs.evolve(attempt, session=None, reason=told)
    for refund in records.refunds.values():
        if refund.reference in references:
            by, reason = _by(refund.by, erasing), erasing.text(refund.reason)
            outcome = refund.outcome and erasing.text(refund.outcome)
            records.refunds[refund.id] = attrs.evolve(refund, by=by, reason=reason, outcome=outcome)
    for request in records.refund_requests.values():
        if request.reference in references:
            learner, answer = erasing.named(request.learner), erasing.text(request.answer)
            records.refund_requests[request.id] = attrs.evolve(
                request, learner=LearnerId(learner), reason=ERASED, answer=answer
            )
    for number, (discount, use) in records.redemptions.items():
        if use.reference in references:
            learner = LearnerId(erasing.named(use.learner))
            records.redemptions[number] = (discount, attrs.evolve(use, learner=learner))


def _erase_events(records: Records, erasing: Erasure, references: set[str]) -> None:
    for number, entry in records.outbox.items():
        if entry.event.reference in references:
            event = attrs.evolve(entry.event, body=erasing.body(entry.event.body))
            error = entry.last_error and erasing.text(entry.last_error)
            changed = attrs.evolve(entry, event=event, last_error=error)
            if entry.state == "waiting":
                changed = attrs.evolve(
                    changed, given_up_at=event.at, next_try_at=None, last_error=_NOT_TOLD
                )
            records.outbox[number] = changed
    for number, message in records.inbox.items():
        if references & {message.reference, message.notice.code}:
            raw = {name: erasing.text(text) for name, text in message.notice.raw.items()}
            notice = attrs.evolve(message.notice, raw=raw)
            records.inbox[number] = attrs.evolve(
                message, notice=notice, why=erasing.text(message.why)
            )


def _erase_journal(records: Records, erasing: Erasure) -> None:
    person = erasing.person
    new_id = next(iter(erasing.pseudonyms.values()), LearnerId(f"{FORGOTTEN}address"))
    for number, entry in records.journal.items():
        subject = entry.subject
        about_them = subject.kind == "learner" and subject.id in (*person.ids, *person.emails)
        written = f"{entry.what}\n{entry.why}".lower()
        if about_them:
            about = erasing.pseudonyms.get(LearnerId(subject.id), new_id)
            subject = attrs.evolve(subject, id=about)
        if about_them or any(text.lower() in written for text in person.emails):
            records.journal[number] = attrs.evolve(
                entry,
                subject=subject,
                what=erasing.text(entry.what),
                why=erasing.text(entry.why),
            )


def _by(actor: Actor, erasing: Erasure) -> Actor:
    if actor.kind is not ActorKind.LEARNER:
        return actor
    return attrs.evolve(actor, name=erasing.named(actor.name))


def _person(learners: Iterable[Learner], *, learner: str = "", email: str = "") -> Person:
    learners = list(learners)
    ids = {learner, *(each.id for each in learners)} - {""}
    emails = {email, *(without_case(each.email) for each in learners)} - {""}
    names = {each.name for each in learners} - {""}
    return Person(tuple(map(LearnerId, sorted(ids))), tuple(sorted(emails)), tuple(sorted(names)))


def _key(learner: LearnerId) -> tuple[str, str]:
    return (Learner.__name__, learner)


def _theirs(person: Person, assignees: frozenset[Assignee]) -> frozenset[Assignee]:
    """The assignees that are this person."""
    return frozenset(
        each
        for each in assignees
        if (each.text in person.emails if isinstance(each, EmailAddress) else each in person.ids)
    )
