"""The port to a gateway's own payment page (hosted page)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import attrs

from core.money import Money
from core.payments.attempt import Attempt, AttemptId
from core.payments.notice import Notice


@attrs.frozen
class HostedPage:
    """The redirect to the gateway's page: a form that the browser posts unchanged.

    It is posted to `address` until `usable_until`; the page can be paid until `expires_at`. The
    fields are signed, so changed fields are refused.
    """

    address: str
    fields: Mapping[str, str] = attrs.field(repr=False)
    usable_until: datetime
    expires_at: datetime


@attrs.frozen
class HostedPageLine:
    """A line of the order, for display on the gateway's page."""

    sku: str
    title: str
    due: Money


@attrs.frozen(kw_only=True)
class HostedPageRequest:
    """The learner to redirect, and the lines of their order.

    `learner` is their id, `network_address` their browser's address, or "".
    """

    learner: str
    network_address: str = ""
    lines: tuple[HostedPageLine, ...] = ()


class HostedPages(Protocol):
    """The port to a gateway's payment pages: forms and messages, without network calls."""

    def open(self, attempt: Attempt, request: HostedPageRequest, at: datetime, /) -> HostedPage:
        """The redirect for an attempt, signed at that time."""
        ...

    def page(self, attempt: Attempt, request: HostedPageRequest, /) -> HostedPage:
        """The open redirect of this attempt again."""
        ...

    def about(self, message: bytes, /) -> AttemptId:
        """The attempt that a genuine message is about. Raises NoticeRefused."""
        ...

    def notice(self, message: bytes, attempt: Attempt, at: datetime, /) -> Notice:
        """The notice in a genuine message about that attempt, received at that time.

        Raises NoticeRefused, also if it names another reference, amount or currency.
        """
        ...
