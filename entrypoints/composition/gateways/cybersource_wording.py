"""The sentences of the CyberSource gateway and its commands."""

from __future__ import annotations

from adapters.cybersource.webhooks.subscriptions import NotOffered
from entrypoints.composition.gateways.cybersource_errors import TellsOfLess, UnknownSubscription
from entrypoints.wording.sentences import Entries, error

CYBERSOURCE: Entries = (
    error(
        NotOffered,
        "not-offered",
        "CyberSource does not offer this merchant to tell of {event}",
    ),
    error(UnknownSubscription, "unknown-subscription", "The gateway knows no subscription {id}"),
    error(
        TellsOfLess,
        "tells-of-less",
        "The subscription {id} is there already and does not tell of {event}. "
        "Delete it first, then subscribe again",
    ),
)
