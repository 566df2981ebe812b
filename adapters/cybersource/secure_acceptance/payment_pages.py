"""The hosted payment pages of Secure Acceptance, behind the shop's port."""

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
from core.payments.hosted_page import HostedPage, HostedPageRequest, PageReply
from core.payments.notice import Notice, NoticeRefused

_log = logging.getLogger("coursetill.cybersource")

FORM_LASTS = timedelta(minutes=10)
"""How long a signed form is offered. CyberSource documents no limit."""

PAGE_LASTS = timedelta(minutes=15)
"""The assumed lifetime of the page that a form opens. CyberSource documents no limit."""

_OURS = re.compile(r"[A-Z0-9-]{1,30}", re.ASCII)


class SecureAcceptancePages:
    """The PaymentPages of one Secure Acceptance profile."""

    def __init__(self, settings: SecureAcceptanceSettings) -> None:
        self._settings = settings
        self._forms = SecureAcceptance(settings)
        self._replies = ReplyReader(settings)

    def open(self, attempt: Attempt, request: HostedPageRequest, at: datetime, /) -> HostedPage:
        """Make the form, signed at `at`."""
        form = self._forms.form(
            attempt,
            at,
            items=[
                FormItem(code=line.sku, name=line.title, price=line.due) for line in request.lines
            ],
            learner=request.learner,
            address=request.network_address,
        )
        return HostedPage(
            form.action,
            form.fields,
            usable_until=at + FORM_LASTS,
            expires_at=at + FORM_LASTS + PAGE_LASTS,
        )

    def page(self, attempt: Attempt, request: HostedPageRequest, /) -> HostedPage:
        """The same form again, with its first signing time, so that it does not last longer."""
        if attempt.session_expires_at is None:
            raise ValueError(f"attempt {attempt.id} has no payment page")
        return self.open(attempt, request, attempt.session_expires_at - FORM_LASTS - PAGE_LASTS)

    def about(self, reply: PageReply, /) -> AttemptId:
        """The attempt in a reply with a valid signature. Raises NoticeRefused."""
        ours = self._replies.verified(reply.content).transaction_uuid
        if not _OURS.fullmatch(ours):
            raise NoticeRefused("it is about a transaction that no shop of ours has made")
        return AttemptId(ours)

    def notice(self, reply: PageReply, attempt: Attempt, at: datetime, /) -> Notice:
        """The notice in a reply about that attempt. Raises NoticeRefused.

        An unclear answer becomes Unknown, so that an enquiry follows: the learner is waiting.
        """
        verified = self._replies.verified(reply.content)
        notice = self._replies.notice(verified, SentForm.of(attempt), at)
        _log.info("operation=reply ours=%s outcome=%s", attempt.id, notice.event)
        unclear = Unknown(f"the payment page answered {notice.event}")
        return attrs.evolve(notice, answer=notice.answer or unclear)

    def warnings(self, at: datetime) -> tuple[str, ...]:
        """Warnings for every start: the end of Secure Acceptance, and keys that expire soon."""
        return (WARNING, *expiring_soon(self._settings.endings(), at))
