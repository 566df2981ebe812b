"""The promises of the port to webhooks, kept by CyberSource and by the gateway in memory."""

import pytest

from adapters.cybersource.webhooks.verify import WebhookReader, WebhookSettings
from adapters.memory.gateway_messages import MemoryMessages, MemoryNotices
from adapters.memory.payment_gateway import MemoryGateway
from core.payments.attempt import Attempt
from core.payments.gateway import Answer, Captured, Declined
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import ACCOUNT, START, MemoryWorld, new_id
from coursetill_testing.contracts.notice_reader import *  # noqa: F403
from coursetill_testing.contracts.notice_reader import Message, NoticeWorld
from tests.adapters.cybersource.notifier import KEY
from tests.features.webhooks import PlayedSource


def result(attempt: Attempt, good: bool) -> Answer:
    return Captured(new_id(), attempt.amount) if good else Declined("no money", new_id())


class MemoryNoticeWorld:
    """Webhooks in memory, signed in a header."""

    def __init__(self) -> None:
        self.clock, self.account = Clock(START), ACCOUNT
        gateway = MemoryGateway(now=self.clock, new_id=new_id, account=ACCOUNT)
        self._messages = MemoryMessages(gateway)
        self.reader = MemoryNotices(self._messages)

    def sent(self, attempt: Attempt, *, good: bool = True) -> Message:
        return self._messages.write(attempt, result(attempt, good))


class CyberSourceNoticeWorld:
    """CyberSource's webhooks, signed with a shared key."""

    def __init__(self) -> None:
        self.clock, self.account = Clock(START), ACCOUNT
        self.reader = WebhookReader(WebhookSettings(account=ACCOUNT, keys=(KEY,)))
        self._world = MemoryWorld()
        self._source = PlayedSource(self._world)

    def sent(self, attempt: Attempt, *, good: bool = True) -> Message:
        self._world.gateway.ends_elsewhere(attempt, result(attempt, good))
        (sent,) = self._source.sent([attempt], [])
        return sent.headers, sent.body


@pytest.fixture(params=[MemoryNoticeWorld, CyberSourceNoticeWorld])
def world(request: pytest.FixtureRequest) -> NoticeWorld:
    made: NoticeWorld = request.param()
    return made
