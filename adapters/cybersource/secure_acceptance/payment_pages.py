"""Secure Acceptance as the shop's port to a payment page of the gateway's own."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta

import attrs

from adapters.cybersource.rest.keys import expiring_soon
from adapters.cybersource.secure_acceptance.form import (
    WARNING,
    FormItem,
    SecureAcceptance,
    SecureAcceptanceSettings,
)
from adapters.cybersource.secure_acceptance.replies import ReplyReader, SentForm
from core.payments.attempt import Attempt, AttemptId
from core.payments.gateway import Unknown
from core.payments.hosted_page import HostedPage, HostedPageRequest
from core.payments.notice import Notice, NoticeRefused

_log = logging.getLogger("coursetill.cybersource")

FORM_LASTS = timedelta(minutes=10)
"""How long a form is shown after it was signed: nowhere is said how old it may be."""

PAGE_LASTS = timedelta(minutes=15)
"""How long the page that a form leads to is taken to live: nowhere is said either."""

_OURS = re.compile(r"[A-Z0-9-]{1,30}", re.ASCII)


class SecureAcceptancePages:
    """The PaymentPages of one Secure Acceptance profile."""

    def __init__(self, settings: SecureAcceptanceSettings) -> None:
        self._settings = settings
        self._forms = SecureAcceptance(settings)
        self._replies = ReplyReader(settings)

    def open(self, attempt: Attempt, going: HostedPageRequest, at: datetime, /) -> HostedPage:
        """The form as signed at that moment."""
        form = self._forms.form(
            attempt,
            at,
            items=[
                FormItem(code=line.sku, name=line.title, price=line.due) for line in going.lines
            ],
            learner=going.learner,
            address=going.network_address,
        )
        return HostedPage(
            form.action,
            form.fields,
            usable_until=at + FORM_LASTS,
            expires_at=at + FORM_LASTS + PAGE_LASTS,
        )

    def page(self, attempt: Attempt, going: HostedPageRequest, /) -> HostedPage:
        """The same form again, signed as of then, so that it lasts no longer."""
        if attempt.session_expires_at is None:
            raise ValueError(f"attempt {attempt.id} has no payment page")
        return self.open(attempt, going, attempt.session_expires_at - FORM_LASTS - PAGE_LASTS)

    def about(self, message: bytes, /) -> AttemptId:
        """The attempt that a reply with a right signature names. Raises NoticeRefused."""
        ours = self._replies.believed(message).transaction_uuid
        if not _OURS.fullmatch(ours):
            raise NoticeRefused("it is about a transaction that no shop of ours has made")
        return AttemptId(ours)

    def notice(self, message: bytes, attempt: Attempt, at: datetime, /) -> Notice:
        """What the reply says of that attempt. Raises NoticeRefused.

        What is not clear from it is unknown, and asked about: the learner waits for it.
        """
        notice = self._replies.notice(self._replies.believed(message), SentForm.of(attempt), at)
        _log.info("operation=reply ours=%s outcome=%s", attempt.id, notice.event)
        unclear = Unknown(f"the payment page answered {notice.event}")
        return attrs.evolve(notice, answer=notice.answer or unclear)

    def warnings(self, at: datetime) -> tuple[str, ...]:
        """What is to be said at every start: the product's end, and keys that end soon."""
        return (WARNING, *expiring_soon(self._settings.endings(), at))
