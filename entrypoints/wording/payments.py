"""Sentences about payments: card forms, attempts, the gateway and its messages."""

from __future__ import annotations

from core.messaging.inbox import AlreadyReceived, InboxMessageHasChanged, UnknownInboxMessage
from core.payments.account import AccountNotConfigured, GatewayAccount
from core.payments.attempt import (
    AttemptCannotMove,
    AttemptHasChanged,
    PaidOrUsedBefore,
    UnknownAttempt,
)
from core.payments.gateway import GatewayUnavailable, TokenRefused
from core.payments.notice import NoticeRefused
from core.payments.transaction import TransactionIsRecorded
from core.use_cases.jobs.maintenance import PutOff
from core.use_cases.payments.card_form import FormWithdrawn, JustExpired, NotPayable
from core.use_cases.payments.enquire import StillChecking
from core.use_cases.payments.process_notices import NotYetKnown
from entrypoints.wording.sentences import Entries, error, phrase

PAYMENTS: Entries = (
    error(UnknownAttempt, "unknown-attempt", "There is no such payment attempt"),
    error(
        AttemptCannotMove,
        "attempt-cannot-move",
        "Payment attempt {subject} cannot become {wanted}: it is {state}",
    ),
    error(
        AttemptHasChanged,
        "attempt-has-changed",
        "This payment was changed at the same moment. Please look again",
    ),
    error(
        PaidOrUsedBefore,
        "paid-or-used-before",
        "This payment was used before, or its order is paid already",
    ),
    error(
        TransactionIsRecorded,
        "transaction-is-recorded",
        "Transaction {gateway_id} was recorded already",
    ),
    error(
        NotPayable,
        "not-payable",
        "Order {reference} is {state}, so there is nothing to pay",
    ),
    error(
        FormWithdrawn,
        "form-withdrawn",
        "The card form for order {reference} was opened elsewhere. Go on with that one",
    ),
    error(
        JustExpired,
        "just-expired",
        "The card form for order {reference} has just expired. Whether it was paid in its last "
        "moment shows within a minute: please open another form then, so that you are not "
        "charged twice",
    ),
    error(
        StillChecking,
        "still-checking",
        "We are still checking with the payment service how your payment for order {reference} "
        "ended. You will not be charged twice. Please look again in a minute",
    ),
    error(
        TokenRefused,
        "token-refused",
        "{reason}. Nothing was charged. Please enter the card again",
    ),
    error(
        GatewayUnavailable,
        "gateway-unavailable",
        "The payment service does not answer at the moment. Nothing was charged, and your basket "
        "is kept. Please try again in a few minutes",
    ),
    phrase(GatewayAccount, "{account} at {gateway} ({environment})"),
    error(
        AccountNotConfigured,
        "account-not-configured",
        "The payment account {account} is not configured any more, so nothing was asked or "
        "refunded there. Configure it again, or do it at the payment service itself and note it "
        "on the order",
    ),
    phrase(PutOff, "{what}: {error}"),
    error(NoticeRefused, "notice-refused", "{why}"),
    error(NotYetKnown, "not-yet-known", "{why}"),
    error(AlreadyReceived, "heard-before", "The message {key} was heard before"),
    error(
        InboxMessageHasChanged,
        "message-has-changed",
        "This message was acted on at the same moment",
    ),
    error(UnknownInboxMessage, "unknown-message", "There is no message {number} in the inbox"),
)
