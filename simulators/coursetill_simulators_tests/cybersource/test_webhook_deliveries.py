"""Webhook delivery: retries, waits, suspension, replays and faults."""

from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators.cybersource.webhooks.subscription_store import RetryPolicy, Spacing
from coursetill_simulators.testing.merchant_server import ReceivedRequest, running_merchant_server
from coursetill_simulators_tests.cybersource.merchant import Clock, Merchant
from coursetill_simulators_tests.cybersource.subscriber import Subscriber, one_event


def test_a_failed_delivery_is_retried_three_times(subscriber: Subscriber, clock: Clock) -> None:
    one_event(subscriber)
    subscriber.receiver.answers.extend([500, 404, 302, 503, 200])
    subscriber.merchant.pays()
    minutes = []
    for minute in range(10):
        if subscriber.round():
            minutes.append(minute)
        clock.advance(60)
    # Waits of one, two and three minutes.
    assert minutes == [0, 1, 3, 6]
    kinds = [(each["requestType"], each["retryNumber"]) for each in subscriber.told()]
    assert kinds == [("NEW", 0), ("RETRY", 1), ("RETRY", 2), ("RETRY", 3)]
    assert len({each["transactionTraceId"] for each in subscriber.told()}) == 1
    assert all(subscriber.verified(each) for each in subscriber.receiver.webhooks())
    (delivery,) = subscriber.deliveries()
    assert delivery["state"] == "failed"
    assert [each["answer"] for each in delivery["tries"]] == [500, 404, 302, 503]


def test_an_accepted_delivery_is_not_retried(subscriber: Subscriber, clock: Clock) -> None:
    one_event(subscriber)
    subscriber.receiver.answers.extend([500, 204])
    subscriber.merchant.pays()
    for _ in range(5):
        subscriber.round()
        clock.advance(60)
    assert [each["state"] for each in subscriber.deliveries()] == ["delivered"]
    assert len(subscriber.told()) == 2


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        (RetryPolicy(), [1, 2, 3, None]),
        (RetryPolicy(interval=0), [1, 1, 1, None]),
        (RetryPolicy(number_of_retries=0), [None]),
        (
            RetryPolicy(algorithm=Spacing.GEOMETRIC, first_retry=2, interval=3),
            [2, 6, 18, None],
        ),
        (
            RetryPolicy(number_of_retries=2, repeat_sequence_count=1, repeat_sequence_wait=10),
            [1, 2, 11, 2, None],
        ),
    ],
    ids=["usual", "even", "none", "geometric", "repeated"],
)
def test_the_retry_policy_sets_the_waits(policy: RetryPolicy, waits: list[int | None]) -> None:
    found = [policy.wait(failures) for failures in range(1, len(waits) + 1)]
    assert [each and each.total_seconds() / 60 for each in found] == waits


def test_a_subscription_with_many_failures_is_suspended_until_its_health_check_passes(
    subscriber: Subscriber, clock: Clock
) -> None:
    policy = {"numberOfRetries": 1, "firstRetry": 1, "deactivateFlag": "true"}
    webhook = one_event(subscriber, retryPolicy=policy)
    subscriber.receiver.answers.extend([500, 500])
    subscriber.receiver.healthy = False
    subscriber.merchant.pays(code="FIRST")
    subscriber.round()
    clock.advance(60)
    subscriber.round()
    assert subscriber.status(webhook) == "SUSPENDED"

    subscriber.merchant.pays(code="SECOND")
    clock.advance(300)
    subscriber.round()
    assert len(subscriber.told()) == 2
    subscriber.receiver.healthy = True
    clock.advance(300)
    subscriber.round()
    assert subscriber.status(webhook) == "ACTIVE"
    codes = [each["payload"]["clientReferenceInformation"]["code"] for each in subscriber.told()]
    assert codes == ["FIRST", "FIRST", "SECOND"]


@pytest.mark.parametrize(
    ("asked", "again"),
    [
        ({"byDeliveryStatus": {"status": "FAILED"}}, 1),
        ({"byDeliveryStatus": {"status": "FAILED", "startTime": "2026-11-22T13:00:00Z"}}, 0),
        ({"byDeliveryStatus": {"status": "FAILED", "endTime": "2026-11-22T13:00:00Z"}}, 1),
        ({"byDeliveryStatus": {"status": "FAILED", "eventType": "x"}}, 0),
        ({"byTransactionTraceIdentifiers": ["none of them"]}, 0),
    ],
)
def test_a_failed_delivery_can_be_replayed(
    subscriber: Subscriber, asked: dict[str, Any], again: int
) -> None:
    webhook = one_event(subscriber, retryPolicy={"numberOfRetries": 0})
    subscriber.receiver.answers.append(500)
    subscriber.merchant.pays()
    subscriber.round()
    assert subscriber.round() == 0
    path = f"/nrtf/v1/webhooks/{webhook}/replays"
    assert subscriber.merchant.post(path, asked).status_code == 202
    assert subscriber.round() == again


def test_a_single_event_is_replayed_by_its_trace_id(subscriber: Subscriber) -> None:
    webhook = one_event(subscriber, retryPolicy={"numberOfRetries": 0})
    subscriber.receiver.answers.extend([500, 500])
    subscriber.merchant.pays(code="A")
    subscriber.merchant.pays(code="B")
    subscriber.round()
    trace = subscriber.told()[1]["transactionTraceId"]
    path = f"/nrtf/v1/webhooks/{webhook}/replays"
    subscriber.merchant.post(path, {"byTransactionTraceIdentifiers": [trace]})
    assert subscriber.round() == 1
    assert subscriber.told()[-1]["transactionTraceId"] == trace


def codes_after(subscriber: Subscriber, fault: dict[str, object]) -> list[str]:
    one_event(subscriber)
    subscriber.merchant.commands("mishaps", channel="webhooks", **fault)
    subscriber.merchant.pays(code="A")
    subscriber.merchant.pays(code="B")
    subscriber.round()
    return [each["payload"]["clientReferenceInformation"]["code"] for each in subscriber.told()]


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ({"fault": "drop"}, ["B"]),
        ({"fault": "delay", "seconds": 30}, ["B"]),
        ({"fault": "duplicate"}, ["A", "A", "B"]),
        ({"fault": "duplicate", "copies": 4}, ["A", "A", "A", "A", "B"]),
        ({"fault": "reorder"}, ["B", "A"]),
        ({"fault": "drop", "times": 2}, []),
        ({"fault": "drop", "about": "B"}, ["A"]),
        ({"fault": "drop", "about": "C"}, ["A", "B"]),
        ({"fault": "drop", "about": "payments.authorization.status.accepted"}, ["B"]),
    ],
)
def test_a_message_is_lost_late_doubled_or_out_of_order(
    subscriber: Subscriber, fault: dict[str, object], codes: list[str]
) -> None:
    assert codes_after(subscriber, fault) == codes


def test_a_late_message_arrives_at_the_end_of_its_delay(
    subscriber: Subscriber, clock: Clock
) -> None:
    assert codes_after(subscriber, {"fault": "delay", "seconds": 30}) == ["B"]
    clock.advance(30)
    subscriber.round()
    assert len(subscriber.told()) == 2


def test_both_copies_of_a_doubled_message_name_the_same_transaction(subscriber: Subscriber) -> None:
    codes_after(subscriber, {"fault": "duplicate"})
    first, second, _ = subscriber.told()
    assert first["transactionTraceId"] == second["transactionTraceId"]


def test_a_message_with_a_wrong_signature_does_not_verify(subscriber: Subscriber) -> None:
    codes_after(subscriber, {"fault": "wrong-signature"})
    forged, right = subscriber.receiver.webhooks()
    assert not subscriber.verified(forged)
    assert subscriber.verified(right)


def test_a_retry_has_a_valid_signature_whatever_the_fault_of_the_first(
    subscriber: Subscriber, clock: Clock
) -> None:
    subscriber.receiver.answers.append(400)
    codes_after(subscriber, {"fault": "wrong-signature"})
    clock.advance(60)
    subscriber.round()
    forged, _, again = subscriber.receiver.webhooks()
    assert not subscriber.verified(forged)
    assert subscriber.verified(again)
    assert again.headers["v-c-request-type"] == "RETRY"


def test_a_message_from_a_wrong_clock_is_signed_with_that_time(
    subscriber: Subscriber, clock: Clock
) -> None:
    codes_after(subscriber, {"fault": "clock-skew", "seconds": -7200})
    skewed = subscriber.receiver.webhooks()[0]
    milliseconds = int(skewed.headers["v-c-signature"].split(";")[0].removeprefix("t="))
    assert milliseconds == (int(clock.now.timestamp()) - 7200) * 1000
    assert subscriber.verified(skewed)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"fault": "fire"},
        {"fault": "latin-1"},
        {"fault": "delay", "seconds": "long"},
        {"fault": "drop", "times": "many"},
    ],
)
def test_an_invalid_fault_is_refused(merchant: Merchant, told: dict[str, object]) -> None:
    assert merchant.commands("mishaps", channel="webhooks", **told).status_code == 400


def test_a_running_simulator_sends_due_messages() -> None:
    came = Event()

    def now() -> datetime:
        return datetime.now(UTC)

    with running_merchant_server() as quick:
        quick.received = Noticing(came)
        with RunningSimulator(SimulatorSettings(), rounds_every=0.01) as running:
            subscriber = Subscriber(Merchant(running.url, now), quick)
            one_event(subscriber)
            subscriber.merchant.pays()
            assert came.wait(10)
    assert subscriber.verified(quick.webhooks()[0])


class Noticing(list[ReceivedRequest]):
    """Records each request and signals each webhook."""

    def __init__(self, came: Event) -> None:
        super().__init__()
        self._came = came

    def append(self, received: ReceivedRequest) -> None:
        super().append(received)
        if received.path == "/hooks":
            self._came.set()
