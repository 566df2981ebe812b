"""The contract of the event log."""

import pytest

from core.messaging.event_log import Checkpoint, CheckpointHasMoved, LoggedEvent
from coursetill_testing.contracts.samples import a_letter_of, an_event, an_event_of, changing


def add(shop, *events):
    with changing(shop.begin) as work:
        work.outbox.add(events)


def extend(shop, limit=100):
    with changing(shop.begin) as work:
        return work.event_log.extend(limit)


def read(shop, after=0, limit=100):
    with shop.read() as work:
        return work.event_log.read(after, limit)


def checkpoint(shop, reader="books"):
    with shop.read() as work:
        return work.event_log.checkpoint(reader)


def advance(shop, after, to):
    with changing(shop.begin) as work:
        work.event_log.advance("books", after=after, to=to)


@pytest.fixture
def logged(shop):
    add(shop, an_event_of("A", "a-1"), a_letter_of("A", "a-2"), an_event_of("B", "b-1"))
    assert extend(shop) == 3
    return shop


def test_an_event_is_read_back_unchanged(shop):
    add(shop, an_event())
    extend(shop)
    assert read(shop) == (LoggedEvent(1, an_event()),)


def test_offsets_start_at_one_and_have_no_gaps_despite_rollbacks(logged):
    with logged.begin() as work:
        work.outbox.add([an_event_of("C", "c-1")])
    add(logged, an_event_of("C", "c-2"))
    assert extend(logged) == 1
    assert [(each.offset, each.event.id) for each in read(logged)] == [
        (1, "a-1"),
        (2, "a-2"),
        (3, "b-1"),
        (4, "c-2"),
    ]


def test_extending_respects_its_limit_and_continues_there(shop):
    add(shop, *(an_event_of("A", f"a-{number}") for number in range(5)))
    assert [extend(shop, 2), extend(shop, 2), extend(shop, 2), extend(shop, 2)] == [2, 2, 1, 0]
    assert [each.event.id for each in read(shop)] == [f"a-{number}" for number in range(5)]


def test_an_uncommitted_extension_leaves_the_events_waiting(shop):
    add(shop, an_event_of("A", "a-1"))
    with shop.begin() as work:
        assert work.event_log.extend(10) == 1
    assert read(shop) == ()
    assert extend(shop) == 1


def test_a_page_of_the_log_starts_after_an_offset(logged):
    assert [each.event.id for each in read(logged, after=1, limit=1)] == ["a-2"]
    assert [each.event.id for each in read(logged, after=1)] == ["a-2", "b-1"]
    assert read(logged, after=3) == ()
    assert read(logged, after=30) == ()


def test_the_length_includes_events_not_yet_appended(logged):
    add(logged, an_event_of("C", "c-1"))
    with logged.read() as work:
        assert work.event_log.length() == 4


def test_a_reader_starts_at_zero_and_continues_from_its_checkpoint(logged):
    assert checkpoint(logged) == Checkpoint()
    advance(logged, checkpoint(logged), 2)
    advance(logged, checkpoint(logged), 3)
    assert checkpoint(logged).offset == 3
    assert checkpoint(logged, "invoices") == Checkpoint()


def test_a_stale_checkpoint_is_not_stored(logged):
    seen = checkpoint(logged)
    advance(logged, seen, 2)
    with pytest.raises(CheckpointHasMoved):
        advance(logged, seen, 1)
    assert checkpoint(logged).offset == 2


def test_a_checkpoint_reset_to_its_old_position_counts_as_moved(logged):
    seen = checkpoint(logged)
    with changing(logged.begin) as work:
        work.event_log.set_checkpoint("books", seen.offset)
    with pytest.raises(CheckpointHasMoved):
        advance(logged, seen, 1)
    assert checkpoint(logged).offset == 0


@pytest.mark.parametrize("seen", [Checkpoint(2, 0), Checkpoint(0, 1)])
def test_a_new_reader_can_only_advance_from_zero(logged, seen):
    with pytest.raises(CheckpointHasMoved):
        advance(logged, seen, 3)


def test_a_transaction_cannot_be_committed_after_a_refused_checkpoint(logged):
    with logged.begin() as work:
        with pytest.raises(CheckpointHasMoved):
            work.event_log.advance("books", after=Checkpoint(2, 2), to=3)
        with pytest.raises(ValueError, match="nothing can be committed"):
            work.commit()


def test_a_reader_can_be_set_to_any_offset(logged):
    with changing(logged.begin) as work:
        work.event_log.set_checkpoint("books", 3)
    assert checkpoint(logged).offset == 3
    with changing(logged.begin) as work:
        work.event_log.set_checkpoint("books", 0)
    assert checkpoint(logged).offset == 0


def test_events_of_all_receivers_share_one_log(logged):
    assert {each.event.receiver.value for each in read(logged)} == {"platform", "post"}
