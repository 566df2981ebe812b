"""Every hosted page there is beside the example's, with a learner who pays on it."""

from __future__ import annotations

from urllib.parse import urlencode

import attrs

from adapters.memory.gateway_messages import MemoryHostedPages
from adapters.memory.payment_gateway import MemoryGateway
from core.payments.account import GatewayAccount
from core.payments.gateway import Declined
from core.payments.hosted_page import HostedPage, HostedPages, PageReply
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import ACCOUNT, START, new_id
from coursetill_testing.town import settings
from entrypoints.composition.gateways.cybersource import open_pages
from entrypoints.composition.gateways.cybersource_plugin import setup_in
from tests.entrypoints.web import hosted_town


class MemoryPageWorld:
    """The hosted page in memory: a redirect to a session, and messages signed in a header."""

    def __init__(self) -> None:
        self.clock = Clock(START)
        self.account = ACCOUNT
        self.gateway = MemoryGateway(now=self.clock, new_id=new_id, account=ACCOUNT)
        self.pages = MemoryHostedPages(self.gateway, new_id=new_id)

    def pay(self, page: HostedPage) -> PageReply:
        return self.pages.pay(page)

    def pay_without_funds(self, page: HostedPage) -> PageReply:
        return self.pages.pay(page, Declined("There is not enough money"))

    def forged(self, reply: PageReply) -> PageReply:
        return attrs.evolve(reply, content=reply.content.replace(b"0", b"1"))


class SecureAcceptanceWorld:
    """CyberSource's hosted page: a signed form, and posts whose fields are signed."""

    def __init__(self) -> None:
        told = settings(**hosted_town.HOSTED)
        pages = open_pages(setup_in(told), told.shop_url)
        assert pages is not None
        self.clock = Clock(START)
        self.account: GatewayAccount = hosted_town.ACCOUNT
        self.pages: HostedPages = pages
        self._paid = 0

    def pay(self, page: HostedPage) -> PageReply:
        return self._said(page, "ACCEPT", "100")

    def pay_without_funds(self, page: HostedPage) -> PageReply:
        return self._said(page, "DECLINE", "204")

    def forged(self, reply: PageReply) -> PageReply:
        return PageReply(reply.content.replace(b"247.51", b"247.50"), reply.headers)

    def _said(self, page: HostedPage, decision: str, code: str) -> PageReply:
        assert page.fields is not None
        self._paid += 1
        played = hosted_town.PlayedPage(page.fields, f"{self.clock.now:%Y-%m-%dT%H:%M:%SZ}")
        return PageReply(urlencode(played.reply(decision, code, self._paid)).encode())
