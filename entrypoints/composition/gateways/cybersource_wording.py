"""The sentences of the CyberSource gateway."""

from __future__ import annotations

from adapters.cybersource.webhooks.subscriptions import NotOffered
from entrypoints.wording.sentences import Entries, error

CYBERSOURCE: Entries = (
    error(
        NotOffered,
        "not-offered",
        "CyberSource does not offer this merchant to tell of {event}",
    ),
)
