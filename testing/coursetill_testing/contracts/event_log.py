"""What every event log promises."""

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


def test_an_event_is_read_just_as_it_was_added(shop):
    add(shop, an_event())
    extend(shop)
    assert read(shop) == (LoggedEvent(1, an_event()),)


def test_offsets_begin_at_one_and_have_no_gaps_though_transactions_were_given_up(logged):
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


def test_extending_takes_no_more_than_it_was_asked_for_and_goes_on_there(shop):
    add(shop, *(an_event_of("A", f"a-{number}") for number in range(5)))
    assert [extend(shop, 2), extend(shop, 2), extend(shop, 2), extend(shop, 2)] == [2, 2, 1, 0]
    assert [each.event.id for each in read(shop)] == [f"a-{number}" for number in range(5)]


def test_extending_that_is_not_committed_leaves_the_events_waiting(shop):
    add(shop, an_event_of("A", "a-1"))
    with shop.begin() as work:
        assert work.event_log.extend(10) == 1
    assert read(shop) == ()
    assert extend(shop) == 1


def test_a_page_of_the_log_begins_after_an_offset(logged):
    assert [each.event.id for each in read(logged, after=1, limit=1)] == ["a-2"]
    assert [each.event.id for each in read(logged, after=1)] == ["a-2", "b-1"]
    assert read(logged, after=3) == ()
    assert read(logged, after=30) == ()


def test_the_length_counts_events_that_wait_to_be_appended(logged):
    add(logged, an_event_of("C", "c-1"))
    with logged.read() as work:
        assert work.event_log.length() == 4


def test_a_reader_begins_at_nothing_and_goes_on_where_it_was(logged):
    assert checkpoint(logged) == Checkpoint()
    advance(logged, checkpoint(logged), 2)
    advance(logged, checkpoint(logged), 3)
    assert checkpoint(logged).offset == 3
    assert checkpoint(logged, "invoices") == Checkpoint()


def test_a_checkpoint_that_was_moved_meanwhile_stays(logged):
    seen = checkpoint(logged)
    advance(logged, seen, 2)
    with pytest.raises(CheckpointHasMoved):
        advance(logged, seen, 1)
    assert checkpoint(logged).offset == 2


def test_a_checkpoint_that_was_set_to_where_it_was_has_moved(logged):
    seen = checkpoint(logged)
    with changing(logged.begin) as work:
        work.event_log.set_checkpoint("books", seen.offset)
    with pytest.raises(CheckpointHasMoved):
        advance(logged, seen, 1)
    assert checkpoint(logged).offset == 0


@pytest.mark.parametrize("seen", [Checkpoint(2, 0), Checkpoint(0, 1)])
def test_a_reader_of_whom_nothing_is_known_is_at_nothing_alone(logged, seen):
    with pytest.raises(CheckpointHasMoved):
        advance(logged, seen, 3)


def test_after_a_refused_checkpoint_nothing_can_be_committed(logged):
    with logged.begin() as work:
        with pytest.raises(CheckpointHasMoved):
            work.event_log.advance("books", after=Checkpoint(2, 2), to=3)
        with pytest.raises(ValueError, match="nothing can be committed"):
            work.commit()


def test_a_reader_is_set_to_any_offset(logged):
    with changing(logged.begin) as work:
        work.event_log.set_checkpoint("books", 3)
    assert checkpoint(logged).offset == 3
    with changing(logged.begin) as work:
        work.event_log.set_checkpoint("books", 0)
    assert checkpoint(logged).offset == 0


def test_events_of_one_kind_of_receiver_stand_among_all_others(logged):
    assert {each.event.receiver.value for each in read(logged)} == {"platform", "post"}
