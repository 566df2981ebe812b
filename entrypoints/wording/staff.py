"""Sentences for staff that differ from those for learners: the cause, and what to do."""

from __future__ import annotations

from core.discounts.personal_offers import PricingUnavailable
from core.payments.gateway import GatewayUnavailable
from core.use_cases.payments.enquire import StillChecking
from entrypoints.extensions.loader import ExtensionFailed
from entrypoints.wording.sentences import Entries, Wording, phrase


def one_line(reason: str) -> str:
    """A database driver's message in one line."""
    return " ".join(reason.split())


def _gateway(refused: GatewayUnavailable, words: Wording) -> str:
    return words.say(
        "The payment gateway cannot be used: {reason}", reason=one_line(refused.reason)
    )


def _extension(refused: PricingUnavailable | ExtensionFailed, words: Wording) -> str:
    name = refused.source if isinstance(refused, PricingUnavailable) else refused.name
    cause = refused.__cause__
    return words.say(
        "The extension {name} failed: {kind}: {cause}",
        name=name,
        kind=type(cause).__name__,
        cause=one_line(words.sentence(cause)),
    )


STAFF: Entries = (
    phrase(
        StillChecking,
        "The shop is still checking with the gateway how the payment for order {reference} "
        "ended, and has changed nothing. Try again in a few minutes",
    ),
    phrase(GatewayUnavailable, _gateway),
    phrase(PricingUnavailable, _extension),
    phrase(ExtensionFailed, _extension),
)
