"""A payment page of the gateway's own, in memory: what it says is a line of text, and genuine."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from core.payments.attempt import Attempt, AttemptId
from core.payments.gateway import Answer
from core.payments.hosted_page import HostedPage, HostedPageRequest
from core.payments.notice import About, Notice

WAY_LASTS = timedelta(minutes=10)
PAGE_LASTS = timedelta(minutes=25)


@attrs.define
class MemoryPages:
    """The PaymentPages of a gateway that lives in this process."""

    said: list[tuple[AttemptId, Answer]] = attrs.field(factory=list)

    def open(self, attempt: Attempt, _: HostedPageRequest, at: datetime, /) -> HostedPage:
        fields = {"attempt": attempt.id}
        return HostedPage("https://pay.test", fields, at + WAY_LASTS, at + PAGE_LASTS)

    def page(self, attempt: Attempt, going: HostedPageRequest, /) -> HostedPage:
        assert attempt.session_expires_at is not None
        return self.open(attempt, going, attempt.session_expires_at - PAGE_LASTS)

    def says(self, attempt: Attempt, answer: Answer) -> bytes:
        """The message by which the page tells what came of an attempt."""
        self.said.append((attempt.id, answer))
        return str(len(self.said) - 1).encode()

    def about(self, message: bytes, /) -> AttemptId:
        return self.said[int(message)][0]

    def notice(self, message: bytes, attempt: Attempt, at: datetime, /) -> Notice:
        return Notice(
            key=f"page-{message.decode()}",
            about=About.PAYMENT,
            code=attempt.reference,
            attempt=attempt.id,
            answer=self.said[int(message)][1],
            at=at,
            heard_at=at,
            account=attempt.account,
        )
