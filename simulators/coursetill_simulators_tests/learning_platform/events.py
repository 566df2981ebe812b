"""Events as a shop sends them: JSON, signed by Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import attrs
import requests

from coursetill_simulators.learning_platform.app import RunningPlatform

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ORDER = "CT-7K3M-Q9XD-2FVT"
COURSE = "course-v1:MITxT+14.310x+1T2027"
SECRET = "a-long-random-text-that-nobody-knows"
GRANT = "line.fulfilment_requested"
REVOKE = "line.revocation_requested"


def line_event(
    name: str = GRANT, *, order: str = ORDER, runs: tuple[str, ...] = (), **changed: Any
) -> dict[str, Any]:
    """An event about the first line of an order."""
    return {
        "id": f"{order}/1/{name}",
        "name": name,
        "reference": order,
        "at": AT.isoformat(),
        "position": 1,
        "body": {
            "reference": order,
            "learner": {"id": "ada", "email": "ada@example.org", "name": "Ada <b>"},
            "title": "Data Analysis",
            "readable_id": COURSE,
            "runs": [{"sku": "run", "readable_id": run} for run in runs],
        },
        **changed,
    }


def signature_headers(
    event_id: str, body: bytes, *, key: bytes = SECRET.encode(), at: datetime = AT
) -> dict[str, str]:
    """The headers of Standard Webhooks for a body."""
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


@attrs.frozen
class Shop:
    """A shop that sends events to a platform."""

    platform: RunningPlatform

    def sends(self, event: Mapping[str, Any], *, secret: str = SECRET) -> requests.Response:
        """Post a signed event; the platform's reply."""
        body = json.dumps(event).encode()
        return self.posts(body, signature_headers(event["id"], body, key=secret.encode()))

    def posts(self, body: bytes, headers: Mapping[str, str]) -> requests.Response:
        """Post these bytes under these headers; the platform's reply."""
        return requests.post(self.platform.events_url, data=body, headers=dict(headers), timeout=5)
