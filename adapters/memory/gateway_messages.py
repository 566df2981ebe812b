"""The hosted pages and the webhooks of a payment gateway in this process."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from adapters.memory.payment_gateway import MemoryGateway
from core.order_reference import Reference
from core.payments.attempt import Attempt, AttemptId
from core.payments.gateway import Answer, Captured, NotFound, Unknown
from core.payments.hosted_page import HostedPage, HostedPageRequest, PageReply
from core.payments.notice import About, NotForUs, Notice, NoticeRefused

SIGNATURE = "Memory-Signature"
"""The header that holds the signature of a message."""

PAGE_ADDRESS = "https://pay.memory.test"
PAGE_LASTS = timedelta(minutes=25)


@attrs.define
class MemoryMessages:
    """Messages that the gateway signs in a header, each about one attempt and its answer."""

    _gateway: MemoryGateway
    _secret: bytes = attrs.field(factory=lambda: secrets.token_bytes(32), repr=False)
    _answers: list[tuple[Attempt, Answer]] = attrs.field(factory=list)

    def write(self, attempt: Attempt, answer: Answer) -> tuple[dict[str, str], bytes]:
        """The headers and the body of a new message."""
        self._answers.append((attempt, answer))
        facts = {"attempt": attempt.id, "number": len(self._answers) - 1}
        body = json.dumps(facts).encode()
        return {SIGNATURE: self._signature(body)}, body

    def read(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """The facts of a genuine message. Raises NoticeRefused."""
        given = {name.lower(): text for name, text in headers.items()}.get(SIGNATURE.lower(), "")
        if not hmac.compare_digest(given.encode(), self._signature(body).encode()):
            raise NoticeRefused("its signature is wrong")
        facts: dict[str, Any] = json.loads(body)
        return facts

    def notice(self, facts: Mapping[str, Any], at: datetime) -> Notice:
        """The notice of a message that came at this moment."""
        attempt, answer = self._answers[facts["number"]]
        return Notice(
            key=f"memory-{facts['number']}",
            about=About.PAYMENT,
            code=attempt.reference,
            attempt=attempt.id,
            answer=answer,
            at=at,
            heard_at=at,
            account=self._gateway.account,
        )

    def _signature(self, body: bytes) -> str:
        return hmac.new(self._secret, body, hashlib.sha256).hexdigest()


class MemoryNotices:
    """The NoticeReader of a gateway in this process."""

    def __init__(self, messages: MemoryMessages) -> None:
        self._messages = messages

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime, /) -> Notice | NotForUs:
        """What a message says. Raises NoticeRefused."""
        return self._messages.notice(self._messages.read(headers, body), at)


class MemoryHostedPages:
    """
    The HostedPages of a gateway in this process.

    The gateway remembers a session for each attempt, and the browser goes to the address of the
    session by GET. An attempt has one session, however often its page is opened.
    """

    def __init__(
        self,
        gateway: MemoryGateway,
        *,
        new_id: Callable[[], str],
        messages: MemoryMessages | None = None,
    ) -> None:
        self._gateway = gateway
        self._new_id = new_id
        self._messages = MemoryMessages(gateway) if messages is None else messages
        self._sessions: dict[str, Attempt] = {}

    # What the shop asks.

    def open(self, attempt: Attempt, request: HostedPageRequest, at: datetime, /) -> HostedPage:
        """The page of the attempt's session. Raises GatewayUnavailable."""
        self._gateway.check()
        if attempt.session:
            return self.page(attempt, request)
        session = self._new_id()
        self._sessions[session] = attempt
        return _page({"session": session}, at + PAGE_LASTS)

    def page(self, attempt: Attempt, request: HostedPageRequest, /) -> HostedPage:
        """The page that was opened for this attempt."""
        if not attempt.session or attempt.session_expires_at is None:
            raise ValueError(f"attempt {attempt.id} has no hosted page")
        return _page(attempt.session, attempt.session_expires_at)

    def about(self, reply: PageReply, /) -> AttemptId:
        """The attempt that a genuine message names. Raises NoticeRefused."""
        return AttemptId(self._messages.read(reply.headers, reply.content)["attempt"])

    def notice(self, reply: PageReply, attempt: Attempt, at: datetime, /) -> Notice:
        """What the message says. Raises NoticeRefused, also if it is about another payment."""
        notice = self._messages.notice(self._messages.read(reply.headers, reply.content), at)
        answer = notice.answer
        other_amount = isinstance(answer, Captured) and answer.amount != attempt.amount
        same = notice.attempt == attempt.id and Reference(notice.code) == attempt.reference
        if other_amount or not same:
            raise NoticeRefused("it is about another payment or amount")
        return notice

    # What a test does to it.

    def pay(self, page: HostedPage, ended: Answer | None = None) -> PageReply:
        """Somebody pays on the page, once for each session: the message that says how it ended.

        Without `ended` the card is good.
        """
        attempt = self._sessions[page.remember["session"]]
        before = self._gateway.find(attempt)
        if isinstance(before, NotFound | Unknown):
            before = ended or Captured(self._new_id(), attempt.amount)
            self._gateway.ends_elsewhere(attempt, before)
        return self.says(attempt, before)

    def says(self, attempt: Attempt, answer: Answer) -> PageReply:
        """The message by which the page says what came of an attempt."""
        headers, content = self._messages.write(attempt, answer)
        return PageReply(content, headers)


def _page(remember: Mapping[str, str], until: datetime) -> HostedPage:
    return HostedPage(
        f"{PAGE_ADDRESS}/{remember['session']}",
        None,
        usable_until=until,
        expires_at=until,
        remember=remember,
    )
