"""The contract of personal data: export and erasure of a person."""

import attrs
import pytest

from core.audit_log import AuditEntry, AuditSearch, Subject
from core.identity import Actor, EmailAddress, Learner, LearnerId
from core.messaging.inbox import InboxSearch, MessageState
from core.messaging.outbox import OutboxSearch
from core.order_reference import Reference
from core.orders.order import NOTE, OrderSearch
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId
from core.privacy.personal_data import Erasure, Holdings, Person
from coursetill_testing.contracts.samples import (
    BOB,
    NOW,
    a_basket,
    a_plain_attempt,
    a_plain_discount,
    a_plain_message,
    a_plain_order,
    a_plain_refund,
    a_refund_request,
    a_transaction,
    an_event_of,
    changing,
)

EVA = Learner(LearnerId("eva-77"), "Eva.Curie@Example.org", "Eva Curie")
PERSON = Person((EVA.id,), ("eva.curie@example.org",), (EVA.name,))
ERASING = Erasure(PERSON, {EVA.id: LearnerId("forgotten-x")})
STAFF = Actor.staff("zoë")
MINE, BOBS = Reference("SHOP-1"), Reference("SHOP-2")


def body(learner):
    return {
        "learner": {"id": learner.id, "email": learner.email, "name": learner.name},
        "because": "eva curie called",
        "total": {"amount": "1.01", "currency": "USD"},
    }


@pytest.fixture
def full(shop):
    """A shop with all kinds of personal data of Eva, and some of Bob."""
    with changing(shop.begin) as work:
        for reference, learner in ((MINE, EVA), (BOBS, BOB)):
            order = a_plain_order(reference, learner=learner, attention="ask Eva Curie")
            by = Actor.learner(learner.id)
            paid = order.placed(by).moved_to(OrderState.PAID, at=NOW, by=STAFF, why="for Eva Curie")
            work.orders.add(paid.annotated("her sister Irène called", at=NOW, by=STAFF))
            number = reference[-1]
            attempt = a_plain_attempt(f"PAY-{number}", reference=reference)
            why = f"{learner.name} rang"
            work.attempts.add(attrs.evolve(attempt, session={"for": EVA.email}, reason=why))
            moved = {"reference": reference, "gateway_id": number, "attempt": attempt.id}
            work.transactions.add(attrs.evolve(a_transaction(), **moved))
            refund = a_plain_refund(f"RFD-{number}", reference=reference, by=by)
            work.refunds.add(
                attrs.evolve(
                    refund,
                    attempt=AttemptId(attempt.id),
                    reason="eva.curie@example.org asked",
                    outcome=f"the card of {learner.name} is closed",
                )
            )
            asked = {"reference": reference, "learner": learner.id, "id": f"q-{number}"}
            asked |= {"reason": f"I, {learner.name}, am ill", "answer": f"get well, {learner.name}"}
            work.refund_requests.add(attrs.evolve(a_refund_request(), **asked))
            event = an_event_of(reference, f"e-{number}")
            work.outbox.add([attrs.evolve(event, body=body(learner))])
            [entry] = work.outbox.claim(event.receiver, event.at, until=NOW, limit=1)
            work.outbox.save(entry.failed(f"550 {learner.email}: no such user", NOW))
            raw = {"customer": learner.name, "code": reference}
            message = a_plain_message(f"m-{number}")
            notice = attrs.evolve(message.notice, code=reference, raw=raw)
            failed = message.ended(MessageState.FAILED, f"ask {learner.name}")
            work.inbox.add(attrs.evolve(failed, notice=notice))
        work.discounts.add(a_plain_discount())
        work.discounts.assign(a_plain_discount().id, [EVA.id, BOB.id, EmailAddress(EVA.email)])
        work.redemptions.reserve([a_plain_discount()], MINE, EVA.id, NOW)
        work.baskets.save(attrs.evolve(a_basket(), shopper=EVA))
        work.audit_log.add(
            [
                AuditEntry(NOW, STAFF, Subject.learner(EVA.id), "told Eva Curie", "eva-77 asked"),
                AuditEntry(
                    NOW, STAFF, Subject.discount("TEA"), "ended", "for eva.CURIE@example.org"
                ),
                AuditEntry(NOW, STAFF, Subject.product("X"), "price $1.00", "the new fees"),
            ]
        )
    return shop


def test_staff_notes_about_a_code_name_no_erased_person(full):
    def written(*whys):
        about = Subject.discount("AID")
        return [AuditEntry(NOW, STAFF, about, f"created for {why}", why) for why in whys]

    # Names are not unique, so a name must select nothing in the audit log.
    others = written("Eva, of finance", "100%", "eva-77", "Eva Curie, of finance")
    with changing(full.begin) as work:
        work.audit_log.add([*written("Eva.Curie@Example.ORG", "eva.curie@example.org"), *others])
    erase(full)
    with full.read() as work:
        found = work.audit_log.search(AuditSearch(Subject.discount("AID")))
    kept = [entry for entry in found if entry.why != "[erased]"]
    assert len(found) == len(kept) + 2
    assert all("[erased]" in entry.what for entry in found if entry not in kept)
    assert sorted(entry.why for entry in kept) == sorted(entry.why for entry in others)


def erase(shop):
    with changing(shop.begin) as work:
        work.personal_data.erase(ERASING)


@pytest.mark.parametrize("text", ["eva-77", "Eva.Curie@example.ORG"])
def test_a_person_is_found_by_id_and_by_address(full, text):
    with full.read() as work:
        assert work.personal_data.find(text) == PERSON


def test_an_unknown_person_is_an_id_or_an_address_alone(full):
    with full.read() as work:
        assert work.personal_data.find("nobody") == Person((LearnerId("nobody"),), ())
        assert work.personal_data.find("No@Body.org") == Person((), ("no@body.org",))
        assert not work.personal_data.holdings(work.personal_data.find("nobody"))


def test_an_id_that_looks_like_an_address_is_matched_as_an_id_first(shop):
    ida = Learner(LearnerId("ida@campus"), "ida@example.org", "Ida")
    other = attrs.evolve(BOB, email="ida@campus")
    with changing(shop.begin) as work:
        work.orders.add(a_plain_order(MINE, learner=ida))
        work.orders.add(a_plain_order(BOBS, learner=other))
    with shop.read() as work:
        assert work.personal_data.find("ida@campus").ids == (ida.id,)


def test_the_export_lists_every_record_about_a_person(full):
    with full.read() as work:
        held = work.personal_data.holdings(PERSON)
    skus = tuple(item.sku for item in a_basket().items)
    assert held == Holdings((MINE,), skus, (a_plain_discount().code,), untold=1)


def test_erasure_removes_names_from_journal_reasons_and_keeps_other_words(full):
    erase(full)
    with full.read() as work:
        entries = [
            (str(entry.subject), entry.what, entry.why)
            for entry in work.audit_log.search(AuditSearch())
        ]
    assert entries == [
        ("product X", "price $1.00", "the new fees"),
        ("discount TEA", "ended", "for [erased]"),
        ("learner forgotten-x", "told [erased]", "[erased] asked"),
    ]


def test_erasure_removes_names_from_texts_written_by_others(full):
    erase(full)
    with full.read() as work:
        [entry] = work.outbox.search(OutboxSearch(MINE))
        [message] = work.inbox.search(InboxSearch(MINE))
        [refund] = work.refunds.of(MINE)
        attempt = work.attempts.get(AttemptId("PAY-1"))
    assert entry.last_error == "the learner was forgotten"
    assert (message.notice.raw["customer"], message.why) == ("[erased]", "ask [erased]")
    assert refund.outcome == "the card of [erased] is closed"
    assert attempt.reason == "[erased] rang"


def test_erasure_removes_addresses_from_old_mail_server_errors(full):
    with changing(full.begin) as work:
        [entry] = work.outbox.search(OutboxSearch(MINE))
        work.outbox.save(entry.refused(f"550 {EVA.email}: no such user", NOW))
    erase(full)
    with full.read() as work:
        [entry] = work.outbox.search(OutboxSearch(MINE))
    assert entry.last_error == "550 [erased]: no such user"


def test_erasure_removes_all_personal_data_and_keeps_the_books(full):
    with full.read() as work:
        before = work.orders.get(MINE)
    erase(full)
    with full.read() as work:
        assert work.personal_data.holdings(PERSON) == Holdings()
        assert work.personal_data.find(EVA.email) == Person((), PERSON.emails)
        order = work.orders.get(MINE)
        assert order.learner == Learner(LearnerId("forgotten-x"), "", "")
        assert (order.lines, order.total, order.state) == (
            before.lines,
            before.total,
            before.state,
        )
        assert len(work.transactions.of(MINE)) == 1
        [refund] = work.refunds.of(MINE)
        assert (refund.by.name, refund.reason) == ("forgotten-x", "[erased] asked")
        [request] = work.refund_requests.of(MINE)
        assert (request.learner, request.reason, request.answer) == (
            "forgotten-x",
            "[erased]",
            "get well, [erased]",
        )
        assert [(use.learner, use.code) for use in work.redemptions.of(MINE)] == [
            ("forgotten-x", a_plain_discount().code)
        ]
        assert work.orders.owned(EVA.id, [line.sku for line in order.lines]) == {}
        assert [work.attempts.get(AttemptId("PAY-1")).session] == [None]
        assert work.baskets.of(EVA).items == ()


def test_the_history_keeps_the_events_and_no_name(full):
    erase(full)
    with full.read() as work:
        entries = [(str(entry.by), entry.why) for entry in work.orders.history(MINE)]
    assert entries == [
        ("learner forgotten-x", "placed"),
        ("staff zoë", "for [erased]"),
        ("staff zoë", f"{NOTE}[erased]"),
    ]


def test_erasure_abandons_undelivered_events_and_removes_their_names(full):
    erase(full)
    with full.read() as work:
        [mine] = work.outbox.search(OutboxSearch(MINE))
        [bobs] = work.outbox.search(OutboxSearch(BOBS))
    assert (mine.state, bobs.state) == ("given up", "waiting")
    assert mine.event.body == {
        "learner": {"id": "forgotten-x", "email": "", "name": ""},
        "because": "[erased] called",
        "total": {"amount": "1.01", "currency": "USD"},
    }


def test_erasure_changes_no_other_person(full):
    def bobs():
        with full.read() as work:
            return (
                work.orders.search(OrderSearch(learner=BOB.id)),
                work.orders.history(BOBS),
                work.refunds.of(BOBS),
                work.attempts.of(BOBS),
                work.personal_data.holdings(Person((BOB.id,), ())),
            )

    before = bobs()
    erase(full)
    assert bobs() == before


def test_a_second_erasure_changes_nothing(full):
    erase(full)
    with full.read() as work:
        once = work.orders.get(MINE), work.orders.history(MINE), work.outbox.search(OutboxSearch())
    erase(full)
    with full.read() as work:
        twice = work.orders.get(MINE), work.orders.history(MINE), work.outbox.search(OutboxSearch())
    assert once == twice
