"""Cardhouse's own page and its webhooks: a learner pays over HTTP, and the shop's side listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import attrs
import requests
from coursetill_cardhouse.client import Cardhouse
from coursetill_cardhouse.messages import CardhousePages, CardhouseWebhooks
from coursetill_cardhouse.service import NO_MONEY, Books
from coursetill_cardhouse.testing import GOOD, SECRET, running_cardhouse

from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt
from core.payments.hosted_page import HostedPage, HostedPages, PageReply
from core.payments.notice import NoticeReader
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import ACCOUNT, START
from coursetill_testing.contracts.notice_reader import Message

RETURN_URL = "http://shop.test/payments/cardhouse/return"


@attrs.define
class CardhousePageWorld:
    """The page at Cardhouse, and the address it sends the browser back to."""

    pages: HostedPages
    clock: Clock
    account: GatewayAccount = ACCOUNT

    def pay(self, page: HostedPage) -> PageReply:
        return self._paid(page, GOOD)

    def pay_without_funds(self, page: HostedPage) -> PageReply:
        return self._paid(page, NO_MONEY)

    def forged(self, reply: PageReply) -> PageReply:
        return PageReply(reply.content.replace(b"minor=24751", b"minor=24750"))

    def _paid(self, page: HostedPage, number: str) -> PageReply:
        assert page.fields is not None
        form = {**page.fields, "number": number}
        answer = requests.post(page.address, form, timeout=10, allow_redirects=False)
        assert answer.status_code == 303, answer.text
        return PageReply(urlsplit(answer.headers["Location"]).query.encode())


@attrs.define
class CardhouseNoticeWorld:
    """Webhooks as Cardhouse writes them after a payment."""

    reader: NoticeReader
    books: Books
    clock: Clock
    account: GatewayAccount = ACCOUNT

    def sent(self, attempt: Attempt, *, good: bool = True) -> Message:
        order = {
            "attempt": attempt.id,
            "reference": attempt.reference,
            "minor": attempt.amount.minor,
            "currency": attempt.amount.currency.code,
        }
        self.books.pay(order, GOOD if good else NO_MONEY)
        return self.books.message(attempt.id)


@contextmanager
def a_page_world() -> Iterator[CardhousePageWorld]:
    clock = Clock(START)
    with running_cardhouse(Books(SECRET, clock)) as url:
        yield CardhousePageWorld(CardhousePages(Cardhouse(url, SECRET), ACCOUNT, RETURN_URL), clock)


def a_notice_world() -> CardhouseNoticeWorld:
    clock = Clock(START)
    reader = CardhouseWebhooks(Cardhouse("http://cardhouse.test", SECRET), ACCOUNT)
    return CardhouseNoticeWorld(reader, Books(SECRET, clock), clock)
