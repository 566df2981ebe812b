"""Endpoint families, and which of them accept encrypted messages."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping


class EndpointFamily(enum.Enum):
    """Endpoints that share one encryption setting."""

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


PLAIN_ONLY = frozenset(
    {EndpointFamily.SESSIONS, EndpointFamily.PUBLIC_KEYS, EndpointFamily.WEBHOOKS}
)
"""Families without encryption, by the vendor's SDK 0.0.80. The others accept both."""

ENCRYPTABLE = frozenset(EndpointFamily) - PLAIN_ONLY

_PATHS: Mapping[str, EndpointFamily] = {
    r"/pts/v2/payments": EndpointFamily.PAYMENTS,
    r"/pts/v2/payments/[^/]+/captures": EndpointFamily.CAPTURES,
    r"/pts/v2/(payments|captures)/[^/]+/refunds": EndpointFamily.REFUNDS,
    r"/pts/v2/(payments|captures|refunds|credits)/[^/]+/voids": EndpointFamily.VOIDS,
    r"/pts/v2/voids/?": EndpointFamily.VOIDS,
    r"/pts/v2/payments/[^/]+/reversals": EndpointFamily.REVERSALS,
    r"/pts/v2/reversals/?": EndpointFamily.REVERSALS,
    r"/tss/v2/searches(/[^/]+)?": EndpointFamily.SEARCHES,
    r"/tss/v2/transactions/[^/]+": EndpointFamily.DETAILS,
    r"/uc/v1/sessions": EndpointFamily.SESSIONS,
    r"/flex/v2/public-keys/[^/]+": EndpointFamily.PUBLIC_KEYS,
    r"/notification-subscriptions/v2/.*": EndpointFamily.WEBHOOKS,
    r"/kms/egress/v2/.*": EndpointFamily.WEBHOOKS,
}


def endpoint_family(path: str) -> EndpointFamily | None:
    """The family of a path; None for an unknown path, which is sent plain."""
    bare = path.partition("?")[0]
    return next((found for shape, found in _PATHS.items() if re.fullmatch(shape, bare)), None)
