"""Sends each event to the learning platform as one signed POST."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from adapters.http_client import HttpClient, HttpRequest, Lost, NotSent, Timeouts
from adapters.learning_platform.signing import key_of, signature_headers
from core.messaging.outbox import Event, NotReceived, ReceiverIsDown

_LARGEST_REPLY = 64_000


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WebhookReceiver:
    """
    An EventReceiver at a URL.

    The body is JSON: id, name, reference, at (ISO 8601, UTC), position (of the line, or null) and
    body (the event's own data). The signature follows Standard Webhooks. Only a 2xx status means
    "received". Retries are the outbox's work.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        timeouts: Timeouts | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._url = url
        self._key = key_of(secret)
        self._wire = HttpClient(timeouts or Timeouts(connect=5, read=10), largest=_LARGEST_REPLY)
        self._now = now

    def receive(self, event: Event, /) -> None:
        """Send the event. Raises NotReceived, or ReceiverIsDown if there is no answer at all."""
        body = body_of(event)
        headers = signature_headers(event.id, body, key=self._key, at=self._now())
        headers["Content-Type"] = "application/json"
        try:
            reply = self._wire.send(HttpRequest("POST", self._url, headers, body))
        except (NotSent, Lost) as why:
            # Every further event would wait as long, and the claims would expire meanwhile.
            raise ReceiverIsDown(str(why)) from why
        if not 200 <= reply.status < 300:
            raise NotReceived(f"it answered HTTP {reply.status}")


def body_of(event: Event) -> bytes:
    """The body of an event: the same bytes for every delivery."""
    told = {
        "id": event.id,
        "name": event.name.value,
        "reference": event.reference,
        "at": event.at.astimezone(UTC).isoformat(),
        "position": event.position,
        "body": event.body,
    }
    return json.dumps(told, default=_plain, sort_keys=True, separators=(",", ":")).encode()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not plain JSON")
