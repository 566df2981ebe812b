"""The contract of the outbox."""

from datetime import timedelta

import attrs
import pytest

from core.messaging.outbox import (
    GIVE_UP_AFTER,
    TOO_LATE_WORDS,
    OutboxEntry,
    OutboxSearch,
    Receiver,
    UnknownEvent,
)
from coursetill_testing.contracts.samples import (
    NOW,
    a_letter_of,
    an_event,
    an_event_of,
    changing,
    hours,
)

SECOND = timedelta(seconds=1)
UNTIL = NOW + hours(1)


def told(shop, *events):
    with changing(shop.begin) as work:
        work.outbox.add(events)


def claim(shop, at=NOW, until=UNTIL, limit=10, to=Receiver.PLATFORM):
    with changing(shop.begin) as work:
        return work.outbox.claim(to, at, until=until, limit=limit)


def save(shop, entry):
    with changing(shop.begin) as work:
        work.outbox.save(entry)


def ids(entries):
    return [entry.event.id for entry in entries]


def search(shop, **wanted):
    with shop.read() as work:
        return work.outbox.search(OutboxSearch(**wanted))


@pytest.fixture
def waiting(shop):
    """A shop with two events of one order and one of another."""
    told(shop, an_event_of("A", "a-1"), an_event_of("A", "a-2"), an_event_of("B", "b-1"))
    return shop


def test_an_event_is_read_back_unchanged(shop):
    told(shop, an_event())
    [entry] = search(shop)
    assert entry == OutboxEntry(entry.sequence, an_event())
    assert claim(shop) == (entry,)


def test_an_event_id_is_stored_once(waiting):
    with pytest.raises(ValueError, match="already"):
        told(waiting, an_event_of("C", "c-1"), an_event_of("B", "a-1"))
    with pytest.raises(ValueError, match="already"):
        told(waiting, an_event_of("C", "c-1"), an_event_of("C", "c-1"))
    assert ids(search(waiting)) == ["a-1", "a-2", "b-1"]


def test_events_keep_the_order_they_were_written_in(waiting):
    told(waiting, an_event_of("A", "0"))
    told(waiting)
    entries = search(waiting)
    assert ids(entries) == ["a-1", "a-2", "b-1", "0"]
    assert [e.sequence for e in entries] == sorted({e.sequence for e in entries})


def test_only_the_earliest_event_of_each_order_is_claimed(waiting):
    assert ids(claim(waiting)) == ["a-1", "b-1"]


def test_a_claim_respects_its_limit(waiting):
    assert ids(claim(waiting, limit=1)) == ["a-1"]
    assert ids(claim(waiting, limit=1)) == ["b-1"]


def test_a_claimed_event_is_hidden_from_others_until_the_claim_ends(waiting):
    claim(waiting)
    assert claim(waiting, at=UNTIL - SECOND, until=UNTIL + hours(1)) == ()
    assert ids(claim(waiting, at=UNTIL, until=UNTIL + hours(1))) == ["a-1", "b-1"]


def test_an_uncommitted_claim_does_not_count(waiting):
    with waiting.begin() as work:
        assert len(work.outbox.claim(Receiver.PLATFORM, NOW, until=UNTIL, limit=10)) == 2
    assert ids(claim(waiting)) == ["a-1", "b-1"]


def test_the_next_event_of_an_order_can_be_claimed_after_a_delivery(waiting):
    for entry in claim(waiting):
        save(waiting, entry.delivered(NOW))
    assert ids(claim(waiting)) == ["a-2"]
    [first] = search(waiting, reference="B")
    assert (first.tries, first.delivered_at, first.state) == (1, NOW, "delivered")


def test_a_failed_delivery_waits_and_holds_back_later_events(waiting):
    [entry, _] = claim(waiting)
    failed = entry.failed("503 Service Unavailable — «non»", NOW)
    save(waiting, failed)
    assert search(waiting)[0] == failed
    assert claim(waiting, at=failed.next_try_at - SECOND) == ()
    assert ids(claim(waiting, at=failed.next_try_at)) == ["a-1"]


def test_an_abandoned_event_holds_nothing_back(waiting):
    [entry, _] = claim(waiting)
    for _ in range(GIVE_UP_AFTER):
        entry = entry.failed("no", NOW)
    save(waiting, entry)
    assert search(waiting)[0] == entry
    assert ids(claim(waiting)) == ["a-2"]
    assert ids(search(waiting, state="given up")) == ["a-1"]


def test_a_late_failure_of_a_slow_deliverer_does_not_undo_a_delivery(waiting):
    [slow, _] = claim(waiting, limit=2)
    [quick, _] = claim(waiting, at=UNTIL, until=UNTIL + hours(1))
    save(waiting, quick.delivered(UNTIL))
    save(waiting, slow.failed("timed out", UNTIL))
    assert search(waiting)[0] == quick.delivered(UNTIL)


def test_a_revived_event_starts_with_a_fresh_count_of_tries(waiting):
    entry = attrs.evolve(claim(waiting)[0], tries=12, given_up_at=NOW, last_error="no")
    save(waiting, entry)
    with changing(waiting.begin) as work:
        assert work.outbox.revive("a-1", NOW + hours(1)) == entry.event.reference
    assert "a-1" not in ids(claim(waiting, at=NOW + hours(1) - SECOND))
    [revived, *_] = claim(waiting, at=NOW + hours(1), until=NOW + hours(2))
    assert (revived.event.id, revived.tries, revived.given_up_at) == ("a-1", 0, None)
    assert revived.last_error == "no"


def test_reviving_an_event_that_was_not_abandoned_changes_nothing(waiting):
    save(waiting, claim(waiting)[1].delivered(NOW))
    before = search(waiting)
    with changing(waiting.begin) as work:
        assert work.outbox.revive("a-2", NOW) is None
        assert work.outbox.revive("b-1", NOW) is None
    assert search(waiting) == before


def test_an_unknown_event_cannot_be_revived(waiting):
    with waiting.begin() as work, pytest.raises(UnknownEvent):
        work.outbox.revive("nothing", NOW)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["a-1", "a-2", "b-1"]),
        ({"limit": 2}, ["a-1", "a-2"]),
        ({"reference": "A"}, ["a-1", "a-2"]),
        ({"state": "waiting"}, ["a-2", "b-1"]),
        ({"state": "delivered"}, ["a-1"]),
        ({"state": "waiting", "reference": "A"}, ["a-2"]),
        ({"state": "given up"}, []),
        ({"receiver": Receiver.PLATFORM}, ["a-1", "a-2", "b-1"]),
        ({"receiver": Receiver.POST}, []),
    ],
)
def test_a_search_finds_entries_by_sequence(waiting, wanted, found):
    save(waiting, claim(waiting)[0].delivered(NOW))
    assert ids(search(waiting, **wanted)) == found


def test_a_search_continues_after_the_last_entry_seen(waiting):
    first = search(waiting, limit=1)
    assert ids(search(waiting, after=first[0].sequence)) == ["a-2", "b-1"]


@pytest.fixture
def both(shop):
    """A shop with events for the platform and letters for the mail, of the same orders."""
    told(shop, an_event_of("A", "a-1"), a_letter_of("A", "a-letter"), a_letter_of("A", "a-later"))
    told(shop, a_letter_of("B", "b-letter"), an_event_of("B", "b-1"))
    return shop


def test_each_receiver_has_its_own_schedule(both):
    assert ids(claim(both, to=Receiver.POST)) == ["a-letter", "b-letter"]
    assert ids(claim(both)) == ["a-1", "b-1"]


def test_a_failing_receiver_does_not_delay_the_other(both):
    letter, _ = claim(both, to=Receiver.POST)
    save(both, letter.failed("no", NOW))
    assert ids(claim(both)) == ["a-1", "b-1"]
    assert ids(claim(both, at=UNTIL, until=UNTIL + hours(1), to=Receiver.POST)) == [
        "a-letter",
        "b-letter",
    ]


def test_a_released_claim_leaves_the_event_unchanged(both):
    [entry, _] = claim(both)
    save(both, entry)
    assert claim(both) == (entry,)


def give_up_older(shop, than):
    with changing(shop.begin) as work:
        return work.outbox.give_up_older(Receiver.POST, than, at=UNTIL)


def test_an_event_too_old_for_its_receiver_is_abandoned(both):
    assert give_up_older(both, NOW) == 0
    assert give_up_older(both, NOW + SECOND) == 3
    given_up = search(both, state="given up")
    assert ids(given_up) == ["a-letter", "a-later", "b-letter"]
    assert {(e.given_up_at, e.last_error, e.tries) for e in given_up} == {
        (UNTIL, TOO_LATE_WORDS, 0)
    }
    assert claim(both, to=Receiver.POST) == ()


def test_an_event_still_in_retry_is_not_too_old(both):
    letter, other = claim(both, to=Receiver.POST)
    save(both, letter.failed("no", NOW))
    save(both, other.delivered(NOW))
    assert give_up_older(both, NOW + SECOND) == 1
    assert ids(search(both, state="given up")) == ["a-later"]


def test_a_revived_event_is_not_too_old(both):
    give_up_older(both, NOW + SECOND)
    with changing(both.begin) as work:
        work.outbox.revive("a-later", UNTIL)
    assert give_up_older(both, UNTIL) == 0
    assert ids(claim(both, at=UNTIL, to=Receiver.POST)) == ["a-later"]
