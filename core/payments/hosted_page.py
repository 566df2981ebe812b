"""The port to a payment page of the gateway's own, for a payment that goes on there."""

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
    """The way to the gateway's own page: a form that the browser posts as it is.

    It goes to `address` until `usable_until`; what it leads to may be paid until `expires_at`. The
    fields are signed, so that whoever changes one of them gets nowhere.
    """

    address: str
    fields: Mapping[str, str] = attrs.field(repr=False)
    usable_until: datetime
    expires_at: datetime


@attrs.frozen
class HostedPageLine:
    """A line of the order as the gateway's page may show it."""

    sku: str
    title: str
    due: Money


@attrs.frozen(kw_only=True)
class HostedPageRequest:
    """Who goes to the gateway's page, and for what.

    `learner` is their id, `network_address` where their browser calls from, or "".
    """

    learner: str
    network_address: str = ""
    lines: tuple[HostedPageLine, ...] = ()


class HostedPages(Protocol):
    """A gateway's own payment pages. Nothing here speaks to anybody: forms and messages alone."""

    def open(self, attempt: Attempt, going: HostedPageRequest, at: datetime, /) -> HostedPage:
        """The way to the page for an attempt, signed at that moment."""
        ...

    def page(self, attempt: Attempt, going: HostedPageRequest, /) -> HostedPage:
        """The way that was opened for this attempt, again."""
        ...

    def about(self, message: bytes, /) -> AttemptId:
        """The attempt that a genuine message is about. Raises NoticeRefused."""
        ...

    def notice(self, message: bytes, attempt: Attempt, at: datetime, /) -> Notice:
        """What a genuine message that came at this moment says of that attempt.

        Raises NoticeRefused, also where it is about another reference, amount or currency.
        """
        ...
