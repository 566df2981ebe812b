"""The families of endpoints, and whether each of them takes encrypted messages."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping


class Family(enum.Enum):
    """Endpoints that are switched to encrypted messages together."""

    PAYMENTS = "payments"
    CAPTURES = "captures"
    REFUNDS = "refunds"
    VOIDS = "voids"
    REVERSALS = "reversals"
    SEARCHES = "searches"
    DETAILS = "details"
    SESSIONS = "sessions"
    PUBLIC_KEYS = "public-keys"
    WEBHOOKS = "webhooks"


PLAIN_ONLY = frozenset({Family.SESSIONS, Family.PUBLIC_KEYS, Family.WEBHOOKS})
"""Families that take no encrypted message, by the vendor's SDK 0.0.80; the others take both."""

ENCRYPTABLE = frozenset(Family) - PLAIN_ONLY

_PATHS: Mapping[str, Family] = {
    r"/pts/v2/payments": Family.PAYMENTS,
    r"/pts/v2/payments/[^/]+/captures": Family.CAPTURES,
    r"/pts/v2/(payments|captures)/[^/]+/refunds": Family.REFUNDS,
    r"/pts/v2/(payments|captures|refunds|credits)/[^/]+/voids": Family.VOIDS,
    r"/pts/v2/voids/?": Family.VOIDS,
    r"/pts/v2/payments/[^/]+/reversals": Family.REVERSALS,
    r"/pts/v2/reversals/?": Family.REVERSALS,
    r"/tss/v2/searches(/[^/]+)?": Family.SEARCHES,
    r"/tss/v2/transactions/[^/]+": Family.DETAILS,
    r"/uc/v1/sessions": Family.SESSIONS,
    r"/flex/v2/public-keys/[^/]+": Family.PUBLIC_KEYS,
    r"/notification-subscriptions/v2/.*": Family.WEBHOOKS,
    r"/kms/egress/v2/.*": Family.WEBHOOKS,
}


def family_of(path: str) -> Family | None:
    """The family of a path; None for one that is in no table, which is then sent plain."""
    bare = path.partition("?")[0]
    return next((found for shape, found in _PATHS.items() if re.fullmatch(shape, bare)), None)
