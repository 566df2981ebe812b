"""The learning platform's simulator believes what the shop sends, and nothing signed otherwise."""

from collections.abc import Iterator

import pytest
import requests

from adapters.learning_platform.webhook import WebhookReceiver
from core.messaging.outbox import Event, EventName, NotReceived
from coursetill_simulators.learning_platform.app import RunningPlatform
from tests.adapters.learning_platform.events import AT, COURSE, ORDER, line_event

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def platform() -> Iterator[RunningPlatform]:
    with RunningPlatform(SECRET, now=lambda: AT) as running:
        yield running


def receiver_of(platform: RunningPlatform, secret: str = SECRET) -> WebhookReceiver:
    return WebhookReceiver(platform.events_url, secret, now=lambda: AT)


def test_a_paid_line_grants_access_and_a_revoked_one_removes_it(
    platform: RunningPlatform,
) -> None:
    receiver = receiver_of(platform)
    receiver.receive(line_event())
    assert platform.enrolments.may_enter("ada", COURSE)
    receiver.receive(line_event(EventName.REVOCATION_REQUESTED))
    assert not platform.enrolments.may_enter("ada", COURSE)


def test_a_program_grants_access_to_its_picked_runs(platform: RunningPlatform) -> None:
    receiver_of(platform).receive(line_event(runs=("course-v1:MITxT+6.86x+1T2027",)))
    assert platform.enrolments.may_enter("ada", "course-v1:MITxT+6.86x+1T2027")


def test_every_event_of_the_shop_is_received(platform: RunningPlatform) -> None:
    receiver = receiver_of(platform)
    for name in EventName:
        if name.value.startswith("line."):
            receiver.receive(line_event(name))
        else:
            receiver.receive(Event(f"{ORDER}/{name.value}", name, ORDER, AT, {}))


def test_a_wrong_secret_is_refused(platform: RunningPlatform) -> None:
    with pytest.raises(NotReceived, match="HTTP 401"):
        receiver_of(platform, "another secret").receive(line_event())
    assert platform.enrolments.by_learner() == {}


def test_a_failing_platform_has_not_received_the_event(platform: RunningPlatform) -> None:
    requests.post(f"{platform.url}/failing", data={"failing": "yes"}, timeout=5)
    with pytest.raises(NotReceived, match="HTTP 503"):
        receiver_of(platform).receive(line_event())
