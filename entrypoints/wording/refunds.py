"""Sentences about refunds and refund requests."""

from __future__ import annotations

from core.orders.refund_policy import (
    GivenBackAlready,
    RefundPolicy,
    RefundsAreNotAskedFor,
    TooLateForARefund,
)
from core.orders.refund_request import (
    LONGEST_REASON,
    NoRequest,
    RefundRequestExists,
    RefundRequestHasChanged,
    RefundRequestIsAnswered,
    UnknownRefundRequest,
)
from core.payments.refund import RefundCannotMove, RefundExists, RefundHasChanged, UnknownRefund
from core.use_cases.refunds.issue_refund import (
    LineIsRefunded,
    NoOverpayment,
    NothingToRefund,
    PaymentIsDisputed,
    RefundTooLarge,
)
from core.use_cases.refunds.refund_requests import (
    ChooseWhat,
    ConsentIsMissing,
    NothingToAskFor,
    RequestIsOpen,
    SayWhy,
)
from entrypoints.wording.sentences import Entries, Wording, error, phrase


def _answered(refused: RefundRequestIsAnswered, words: Wording) -> str:
    template = "The refund request for order {reference} was {state} already"
    if refused.by:
        template = "The refund request for order {reference} was {state} already by {by}"
    return words.say(template, reference=refused.reference, state=refused.state, by=refused.by)


def _policy(policy: RefundPolicy, words: Wording) -> str:
    return words.counted(
        policy.window.days,
        "You can ask for a refund within {count} day of buying, or, for what you bought before it "
        "started, within {count} day of its start",
        "You can ask for a refund within {count} days of buying, or, for what you bought before it "
        "started, within {count} days of its start",
    )


def _say_why(_: SayWhy, words: Wording) -> str:
    return words.say(
        "Say in a few words why you want a refund, in {most:,} characters at most",
        most=LONGEST_REASON,
    )


REFUNDS: Entries = (
    error(UnknownRefund, "unknown-refund", "There is no refund {refund}"),
    error(
        RefundCannotMove,
        "refund-cannot-move",
        "Refund {subject} cannot become {wanted}: it is {state}",
    ),
    error(RefundExists, "refund-exists", "Refund {refund} was requested already"),
    error(
        RefundHasChanged,
        "refund-has-changed",
        "Refund {refund} was changed at the same moment. Please look again",
    ),
    error(
        NothingToRefund,
        "nothing-to-refund",
        "Order {reference} is {state}: there is nothing to refund",
    ),
    error(
        NoOverpayment,
        "no-excess",
        "Order {reference} has no payment too many that still has to go back: "
        "none was made, or its refund is on its way",
    ),
    error(
        RefundTooLarge,
        "refund-too-large",
        "{wanted} cannot be refunded: of order {reference} at most {left} is left to refund",
    ),
    error(
        PaymentIsDisputed,
        "payment-is-disputed",
        "The cardholder has disputed the payment of order {reference} with the bank. While that is "
        "open, and after it is lost, a refund would pay the money back twice",
    ),
    error(
        LineIsRefunded,
        "line-is-refunded",
        "Line {position} of order {reference} is refunded already",
    ),
)

REFUND_REQUESTS: Entries = (
    phrase(RefundPolicy, _policy),
    error(
        TooLateForARefund,
        "too-late-for-a-refund",
        "A refund of {title} could be asked for until {until}",
    ),
    error(GivenBackAlready, "given-back-already", "{title} is refunded already"),
    error(
        RefundsAreNotAskedFor,
        "refunds-are-not-asked-for",
        "This shop takes no refund requests on its pages",
    ),
    error(UnknownRefundRequest, "unknown-request", "There is no refund request {request}"),
    error(NoRequest, "no-request", "Nobody has asked for a refund of order {reference}"),
    error(
        RefundRequestExists,
        "request-exists",
        "A refund of order {reference} was asked for already",
    ),
    error(
        RefundRequestHasChanged,
        "request-has-changed",
        "The request for order {reference} was answered at the same moment. Please look again",
    ),
    error(RefundRequestIsAnswered, "request-is-answered", _answered),
    error(
        NothingToAskFor,
        "nothing-to-ask-for",
        "Order {reference} is {state}: no refund can be asked for",
    ),
    error(
        RequestIsOpen,
        "request-is-open",
        "You have asked for a refund of this order already, and we are looking at it",
    ),
    error(
        ConsentIsMissing,
        "consent-is-missing",
        "Tick that you lose access to what is refunded: without that we cannot refund it",
    ),
    error(SayWhy, "say-why", _say_why),
    error(ChooseWhat, "choose-what", "Choose what you want a refund for"),
)
