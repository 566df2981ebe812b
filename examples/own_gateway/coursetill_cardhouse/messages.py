"""Messages from Cardhouse: webhooks, and the posts of its own payment page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt, AttemptId
from core.payments.dispute import Dispute, DisputeStage
from core.payments.gateway import Captured
from core.payments.hosted_page import HostedPage, HostedPageRequest, PageReply
from core.payments.notice import About, NotForUs, Notice, NoticeRefused
from coursetill_cardhouse.client import Cardhouse
from coursetill_cardhouse.gateway import answer_of

HEADER = "Cardhouse-Signature"
RESULT = ("attempt", "reference", "payment", "state", "minor", "currency", "brand", "last_four")
_PAGE_LASTS = timedelta(minutes=20)
_OLDEST = timedelta(minutes=10)


DISPUTES = {
    "dispute.opened": DisputeStage.OPENED,
    "dispute.won": DisputeStage.WON,
    "dispute.lost": DisputeStage.LOST,
}
"""The events of disputes, and the stage that each tells."""


def _dispute(
    told: Mapping[str, Any], stage: DisputeStage, *, account: GatewayAccount, at: datetime
) -> Notice:
    happened_at = datetime.fromisoformat(str(told["at"]))
    return Notice(
        key=str(told["event_id"]),
        about=About.DISPUTE,
        code=str(told["reference"]),
        attempt=str(told["attempt"]),
        answer=Dispute(stage, happened_at, str(told["reason"])),
        at=at,
        heard_at=at,
        event=str(told["event"]),
        account=account,
    )


def _notice(told: Mapping[str, Any], key: str, *, account: GatewayAccount, at: datetime) -> Notice:
    answer = answer_of(told)
    return Notice(
        key=key,
        about=About.PAYMENT,
        code=str(told["reference"]),
        attempt=str(told["attempt"]),
        answer=answer,
        at=at,
        heard_at=at,
        event=f"payment.{told['state']}",
        account=account,
    )


class CardhouseWebhooks:
    """Reads webhooks: "t=SECONDS,v1=SIGNATURE" in a header, over the time and the body."""

    def __init__(self, service: Cardhouse, account: GatewayAccount) -> None:
        self._service = service
        self._account = account

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime, /) -> Notice | NotForUs:
        given = {name.lower(): text for name, text in headers.items()}.get(HEADER.lower(), "")
        parts = dict(each.partition("=")[::2] for each in given.split(","))
        sent, text = parts.get("t", ""), body.decode("utf-8", "replace")
        if not self._service.genuine(parts.get("v1", ""), sent, text) or not sent.isdigit():
            raise NoticeRefused("its signature is wrong")
        signed_at = datetime.fromtimestamp(int(sent), UTC)
        if abs(at - signed_at) > _OLDEST:
            raise NoticeRefused("it is too old, or our clock is wrong")
        told = json.loads(text)
        if "attempt" not in told:
            return NotForUs(f"a {told.get('event')} is of no use here")
        stage = DISPUTES.get(str(told.get("event")))
        if stage is not None:
            return _dispute(told, stage, account=self._account, at=at)
        return _notice(told, str(told["event_id"]), account=self._account, at=at)


class CardhousePages:
    """Cardhouse's own page: the browser posts a signed form there, and returns by GET."""

    def __init__(self, service: Cardhouse, account: GatewayAccount, return_url: str) -> None:
        self._service = service
        self._account = account
        self._return_url = return_url

    def open(self, attempt: Attempt, request: HostedPageRequest, at: datetime, /) -> HostedPage:
        return self._page(attempt, at + _PAGE_LASTS)

    def page(self, attempt: Attempt, request: HostedPageRequest, /) -> HostedPage:
        if attempt.session_expires_at is None:
            raise ValueError(f"attempt {attempt.id} has no payment page")
        return self._page(attempt, attempt.session_expires_at)

    def _page(self, attempt: Attempt, until: datetime) -> HostedPage:
        fields = {
            "attempt": str(attempt.id),
            "reference": str(attempt.reference),
            "minor": str(attempt.amount.minor),
            "currency": attempt.amount.currency.code,
            "until": until.isoformat(),
            "return": self._return_url,
        }
        signed = self._service.signed("page", *fields.values())
        return HostedPage(
            f"{self._service.url}/pay",
            {**fields, "signature": signed},
            usable_until=until,
            expires_at=until,
        )

    def about(self, reply: PageReply, /) -> AttemptId:
        return AttemptId(self._believed(reply.content)["attempt"])

    def notice(self, reply: PageReply, attempt: Attempt, at: datetime, /) -> Notice:
        told = self._believed(reply.content)
        key = f"{told['payment']}-{told['state']}"
        notice = _notice(told, key, account=self._account, at=at)
        answer = notice.answer
        other_amount = isinstance(answer, Captured) and answer.amount != attempt.amount
        if other_amount or told["reference"] != attempt.reference:
            raise NoticeRefused("it is about another order or amount")
        return notice

    def _believed(self, content: bytes) -> dict[str, str]:
        told = dict(parse_qsl(content.decode("utf-8", "replace")))
        parts = [told.get(name, "") for name in RESULT]
        if not self._service.genuine(told.get("signature", ""), "back", *parts):
            raise NoticeRefused("its signature is wrong")
        return told
