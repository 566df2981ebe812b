"""The contract of the inbox."""

from datetime import timedelta

import attrs
import pytest

from core.messaging.inbox import (
    AlreadyReceived,
    InboxMessageHasChanged,
    InboxSearch,
    MessageState,
    UnknownInboxMessage,
)
from core.payments.dispute import Dispute, DisputeStage
from core.payments.gateway import (
    Authorized,
    Cancelled,
    Captured,
    Declined,
    InReview,
    NotCarriedOut,
    RefundAccepted,
    RefundFailed,
    RefundSettled,
    Unknown,
)
from coursetill_testing.contracts.samples import (
    ACCOUNT,
    ELSEWHERE,
    NOW,
    OTHER_ACCOUNT,
    a_message,
    a_plain_message,
    changing,
    euros,
    hours,
)

SECOND = timedelta(seconds=1)


def kept(shop, *messages):
    with changing(shop.begin) as work:
        return [work.inbox.add(message) for message in messages]


def get(shop, number):
    with shop.read() as work:
        return work.inbox.get(number)


def to_act(shop, at=NOW, limit=10):
    with shop.read() as work:
        return [message.notice.key for message in work.inbox.to_act(at, limit)]


def search(shop, **wanted):
    with shop.read() as work:
        return [message.notice.key for message in work.inbox.search(InboxSearch(**wanted))]


def test_a_message_is_read_back_unchanged(shop):
    [message] = kept(shop, a_message())
    assert message == attrs.evolve(a_message(), number=message.number)
    assert get(shop, message.number) == message


def test_one_key_in_two_accounts_is_two_messages(shop):
    here, there = (
        attrs.evolve(a_plain_message(), notice=attrs.evolve(a_plain_message().notice, account=a))
        for a in (ACCOUNT, OTHER_ACCOUNT)
    )
    assert len({message.number for message in kept(shop, here, there)}) == 2
    for again in (here, there):
        with pytest.raises(AlreadyReceived):
            kept(shop, again)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        Captured("g", euros("0.07")),
        Authorized("g", euros("29.51")),
        Declined("Zu wenig Geld"),
        Declined("no", "g"),
        InReview("g", "held"),
        Cancelled(),
        NotCarriedOut("refused"),
        Unknown("lost"),
        RefundAccepted("g", {"status": "PENDING"}),
        RefundSettled("g"),
        RefundFailed("the account is closed"),
        Dispute(DisputeStage.OPENED, ELSEWHERE, "«fraude»"),
        Dispute(DisputeStage.WON, NOW),
    ],
    ids=repr,
)
def test_every_payment_result_in_a_message_is_read_back_unchanged(shop, answer):
    plain = a_plain_message()
    [message] = kept(shop, attrs.evolve(plain, notice=attrs.evolve(plain.notice, answer=answer)))
    assert get(shop, message.number).notice.answer == answer


def test_a_repeated_message_is_stored_once(shop):
    kept(shop, a_plain_message("m-1"))
    with pytest.raises(AlreadyReceived):
        kept(shop, a_plain_message("m-1", why="another"))
    assert search(shop) == ["m-1"]


def test_message_numbers_only_grow(shop):
    numbers = [message.number for message in kept(shop, *map(a_plain_message, "cab"))]
    assert numbers == sorted(set(numbers))
    assert search(shop) == ["c", "a", "b"]


def test_an_unknown_message_is_absent(shop):
    with pytest.raises(UnknownInboxMessage):
        get(shop, 77)


def test_due_messages_are_sorted_longest_waiting_first(shop):
    kept(
        shop,
        a_plain_message("done"),
        a_plain_message("now", act_at=NOW),
        a_plain_message("later", act_at=NOW + SECOND),
        a_plain_message("long ago", act_at=NOW - hours(1)),
        a_plain_message("also now", act_at=NOW),
    )
    assert to_act(shop) == ["long ago", "now", "also now"]
    assert to_act(shop, limit=1) == ["long ago"]
    assert to_act(shop, NOW + SECOND)[-1] == "later"


def test_the_outcome_of_a_message_is_stored(shop):
    [message] = kept(shop, a_plain_message("m-1", act_at=NOW))
    after = attrs.evolve(
        message, state=MessageState.ACTED, why="paid", tries=4, act_at=None, reference="SHOP-1"
    )
    with changing(shop.begin) as work:
        work.inbox.save(after)
    assert get(shop, message.number) == attrs.evolve(after, version=1)
    assert to_act(shop) == []


def test_the_second_of_two_concurrent_changes_of_a_message_conflicts(shop):
    [message] = kept(shop, a_plain_message())
    with changing(shop.begin) as work:
        work.inbox.save(message.claimed(NOW))
    with pytest.raises(InboxMessageHasChanged), changing(shop.begin) as work:
        work.inbox.save(message.ended(MessageState.ACTED, "too late"))
    assert get(shop, message.number).state is MessageState.RECEIVED


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["a", "b", "c", "d"]),
        ({"limit": 2}, ["a", "b"]),
        ({"code": "SHOP-1"}, ["a", "b"]),
        ({"code": "RFD-1"}, ["b"]),
        ({"code": "NOBODY"}, []),
        ({"state": MessageState.FAILED}, ["c"]),
        ({"state": MessageState.RECEIVED}, ["a", "b"]),
        ({"state": MessageState.IGNORED, "code": "SHOP-2"}, ["d"]),
    ],
)
def test_a_search_finds_messages_by_number(shop, wanted, found):
    def about(key, code, **different):
        plain = a_plain_message(key, **different)
        return attrs.evolve(plain, notice=attrs.evolve(plain.notice, code=code))

    kept(
        shop,
        about("a", "SHOP-1"),
        about("b", "RFD-1", reference="SHOP-1"),
        about("c", "SHOP-2", state=MessageState.FAILED),
        about("d", "SHOP-2", state=MessageState.IGNORED),
    )
    assert search(shop, **wanted) == found


def test_a_search_continues_after_the_last_message_seen(shop):
    first, *_ = kept(shop, *map(a_plain_message, "abc"))
    assert search(shop, after=first.number) == ["b", "c"]


def test_old_closed_messages_are_removed_oldest_first(shop):
    def came(key, hours_ago, **different):
        plain = a_plain_message(key, **different)
        return attrs.evolve(
            plain, notice=attrs.evolve(plain.notice, heard_at=NOW - hours(hours_ago))
        )

    over = {"state": MessageState.ACTED}
    messages = kept(
        shop,
        came("young", 1, **over),
        came("on the hour", 2, **over),
        came("old", 3, **over),
        came("older", 4, state=MessageState.IGNORED),
        came("to be seen", 5, state=MessageState.FAILED),
        came("to be acted on", 6, act_at=NOW),
    )
    with changing(shop.begin) as work:
        assert work.inbox.remove_older(NOW - hours(2), 1) == 1
    assert search(shop) == ["young", "on the hour", "old", "to be seen", "to be acted on"]
    with changing(shop.begin) as work:
        assert work.inbox.remove_older(NOW - hours(2), 10) == 1
        assert work.inbox.remove_older(NOW - hours(2), 10) == 0
    assert search(shop) == ["young", "on the hour", "to be seen", "to be acted on"]
    [again] = kept(shop, a_plain_message("old"))
    assert again.number > messages[-1].number


def test_a_message_number_is_never_reused(shop):
    [first] = kept(shop, a_plain_message("a", state=MessageState.ACTED))
    with changing(shop.begin) as work:
        assert work.inbox.remove_older(NOW + SECOND, 10) == 1
    [second] = kept(shop, a_plain_message("a"))
    assert second.number > first.number
