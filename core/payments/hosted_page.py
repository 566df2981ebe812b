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
    """How the learner's browser gets to the gateway's own page.

    The browser posts `fields` as a form to `address`; the gateway checks their signature. If
    `fields` is None, the browser goes to `address` by GET. It may do so until `usable_until`; the
    page can be paid until `expires_at`. `remember` is for the gateway adapter alone, such as the
    id of a session that the gateway stores: the attempt keeps it as `Attempt.session`.
    """

    address: str
    fields: Mapping[str, str] | None = attrs.field(repr=False)
    usable_until: datetime
    expires_at: datetime
    remember: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class PageReply:
    """A message of the gateway's own page, as the shop received it.

    The learner's browser brings it, or the gateway sends it. `content` is the body of a POST or the
    query of a GET, unchanged, since a signature may cover each byte. `headers` may hold the
    signature.
    """

    content: bytes = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)


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
    """The port to a gateway's payment pages. Only `open` may call the gateway."""

    def open(self, attempt: Attempt, request: HostedPageRequest, at: datetime, /) -> HostedPage:
        """The page for an attempt, opened at that time. Raises GatewayUnavailable.

        If the attempt was opened before, its `session` holds what was remembered, and it must not
        become payable twice.
        """
        ...

    def page(self, attempt: Attempt, request: HostedPageRequest, /) -> HostedPage:
        """The open page of this attempt again, without a call to the gateway."""
        ...

    def about(self, reply: PageReply, /) -> AttemptId:
        """The attempt that a genuine message is about. Raises NoticeRefused."""
        ...

    def notice(self, reply: PageReply, attempt: Attempt, at: datetime, /) -> Notice:
        """The notice in a genuine message about that attempt, received at that time.

        Raises NoticeRefused, also if it names another reference, amount or currency.
        """
        ...
