"""Verifies and decrypts incoming webhooks, and turns them into notices."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from adapters.cybersource.payments.status_codes import StatusMeaning
from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.keys import KeyExpiry, SharedKey, expiring_soon
from adapters.cybersource.rest.message_encryption import MessageOpener, ReplyKey, Unreadable
from adapters.cybersource.rest.settings import WrongSettings
from adapters.cybersource.webhooks.events import EVENTS, Payload
from adapters.cybersource.webhooks.message_keys import MessageForm, key_of
from core.payments.account import GatewayAccount
from core.payments.notice import About, NotForUs, Notice, NoticeRefused

_log = logging.getLogger("coursetill.cybersource")

LARGEST_BYTES = 1_000_000
HEADER = "v-c-signature"
_SIGNATURE = re.compile(
    r"\s*t=(?P<t>\d{1,14})\s*;\s*keyId=(?P<key>[^;]{1,100})\s*;\s*sig=(?P<sig>[A-Za-z0-9+/=]{44})\s*",
    re.ASCII,
)
_EMPTY = frozenset({b"", b"{}", b"null", b'""'})
_EVENT = re.compile(r"[A-Za-z][A-Za-z0-9._]{0,99}", re.ASCII)


@attrs.frozen(kw_only=True)
class WebhookSettings:
    """
    The keys that verify and decrypt the webhooks of `account`. Raises WrongSettings.

    All of `keys` are tried, so that a new key can be made before the old one ends. `decryption`
    are our private keys for encrypted payloads. The age of a message is logged; a message older
    than `oldest` is refused. `forms` are the accepted readings of what CyberSource signs.
    """

    account: GatewayAccount
    keys: tuple[SharedKey, ...]
    decryption: tuple[ReplyKey, ...] = ()
    oldest: timedelta | None = None
    forms: frozenset[MessageForm] = frozenset(
        {MessageForm.RAW, MessageForm.DECRYPTED, MessageForm.PAYLOAD}
    )

    def __attrs_post_init__(self) -> None:
        problems = [("webhook_keys", why) for key in self.keys for _, why in key.wrong()]
        if not self.keys:
            problems.append(("webhook_keys", "without a key no webhook can be believed"))
        if problems:
            raise WrongSettings(tuple(problems))

    def endings(self) -> Iterator[KeyExpiry]:
        """The expiry of each key."""
        for key in self.keys:
            yield KeyExpiry(f"The webhook key {key.key_id}", key.ends_at)
        for own in self.decryption:
            yield KeyExpiry(f"The webhook decryption key {own.key_id}", own.ends_at)


def signature_of(secret: bytes, milliseconds: str, signed: bytes) -> str:
    """The signature over content that was signed at this time, in milliseconds since 1970."""
    message = milliseconds.encode() + b"." + signed
    return base64.b64encode(hmac.digest(secret, message, "sha256")).decode()


@attrs.frozen
class _Message:
    """The parsed body of a webhook, and the parts that may have been signed."""

    envelope: JsonFields
    payload: JsonFields
    signed: tuple[tuple[MessageForm, bytes], ...]


class WebhookReader:
    """Accepts only webhooks that CyberSource signed."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings
        self._secrets = [key.content for key in settings.keys]
        self._opener = MessageOpener(settings.decryption)

    def expiring(self, now: datetime) -> tuple[str, ...]:
        """A sentence for each key that expires soon or has expired."""
        return expiring_soon(self._settings.endings(), now)

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime, /) -> Notice | NotForUs:
        """Read a POST. Raises NoticeRefused, and no other error for any body."""
        if body.strip() in _EMPTY:
            return NotForUs("a health check")
        if len(body) > LARGEST_BYTES:
            raise NoticeRefused("it is too long")
        named = {name.lower(): value for name, value in headers.items()}
        found = _SIGNATURE.fullmatch(named.get(HEADER, ""))
        if found is None:
            raise NoticeRefused("it has no signature")
        message = self._taken_apart(body)
        form = self._verified(message, found["t"], found["sig"])
        at = datetime.fromtimestamp(int(found["t"]) / 1000, UTC)
        age = now - at
        if self._settings.oldest is not None and abs(age) > self._settings.oldest:
            raise NoticeRefused(f"it was signed at {at:%Y-%m-%d %H:%M:%S}, too far from now")
        _log.info("operation=webhook form=%s age=%d", form.value, age.total_seconds())
        signed_event = message.envelope.text("eventType")
        event = signed_event or named.get("v-c-event-type", "")
        if not _EVENT.fullmatch(event):
            return NotForUs("it names no event")
        # In the payload form, the name of the event is not signed.
        sure = bool(signed_event) and form is not MessageForm.PAYLOAD
        return _notice(message, event, _Verification(self._settings.account, at, now, form, sure))

    def _verified(self, message: _Message, t: str, signature: str) -> MessageForm:
        """The form whose signature matches one of our keys. Compares in constant time."""
        for form, signed in message.signed:
            for secret in self._secrets:
                if form in self._settings.forms and hmac.compare_digest(
                    signature_of(secret, t, signed), signature
                ):
                    return form
        raise NoticeRefused("its signature is wrong")

    def _taken_apart(self, body: bytes) -> _Message:
        try:
            return self._message(body)
        except Unreadable as why:
            raise NoticeRefused(str(why)) from why
        except (RecursionError, ValueError) as why:
            raise NoticeRefused("it cannot be read") from why

    def _message(self, body: bytes) -> _Message:
        outer = JsonFields.parsed(body)
        signed = [(MessageForm.RAW, body)]
        envelope, written = outer, body
        if text := outer.text("encryptedPayload"):
            decrypted = self._opener.opened(text)
            signed.append((MessageForm.DECRYPTED, decrypted))
            envelope, written = JsonFields.parsed(decrypted), decrypted
        payload = envelope.at("payload")
        if payload is None:
            return _Message(envelope, envelope, tuple(signed))
        signed.append((MessageForm.PAYLOAD, _stringified(json.loads(written)["payload"])))
        if isinstance(payload, Mapping) and isinstance(payload.get("encryptedPayload"), str):
            payload = payload["encryptedPayload"]
        if isinstance(payload, str):
            opened = self._opener.opened(payload) if _is_jwe(payload) else payload.encode()
            signed.append((MessageForm.PAYLOAD, opened))
            payload = JsonFields.parsed(opened).content
        if not isinstance(payload, Mapping):
            raise NoticeRefused("its payload is no object")
        return _Message(envelope, JsonFields(payload), tuple(signed))


@attrs.frozen
class _Verification:
    """When and how a message was verified. `sure` means that the event's name is signed too."""

    account: GatewayAccount
    at: datetime
    heard_at: datetime
    form: MessageForm
    sure: bool


def _notice(message: _Message, event: str, verification: _Verification) -> Notice | NotForUs:
    payload = Payload.of(message.payload)
    if not payload.code:
        return NotForUs("it names nothing of ours")
    if event not in EVENTS:
        _log.warning("operation=webhook outcome=unlisted event %s", event)
    about, meaning = EVENTS.get(event, (About.OTHER, StatusMeaning.UNCLEAR))
    if about is About.OTHER and not verification.sure:
        return NotForUs(f"nobody here follows {event}")
    answer = None
    if verification.sure:
        read = payload.refund if about is About.REFUND else payload.payment
        answer = read(meaning)
    elif about is About.UNDOING:
        about = About.PAYMENT  # The undoing is not signed: make an enquiry.
    if about is About.CAPTURE and not (verification.sure and payload.went_well):
        about = About.PAYMENT
    signed_envelope = message.envelope if verification.sure else JsonFields({})
    trace = signed_envelope.text("transactionTraceId") or signed_envelope.text("webhookId")
    identity = (payload.code, payload.gateway_id, payload.status)
    return Notice(
        key=key_of(trace, signed_envelope.text("eventType"), *identity),
        about=about,
        code=payload.code,
        attempt="" if about is About.REFUND else payload.attempt,
        answer=answer,
        at=verification.at,
        heard_at=verification.heard_at,
        form=verification.form,
        event=event,
        raw=_stored_fields(signed_envelope) | payload.raw,
        account=verification.account,
    )


def _stored_fields(signed_envelope: JsonFields) -> dict[str, str]:
    """The fields of the envelope by which CyberSource can find the message again."""
    names = ("webhookId", "transactionTraceId", "eventDate")
    return {name: text[:100] for name in names if (text := signed_envelope.text(name))}


def _is_jwe(text: str) -> bool:
    return text.count(".") == 4 and not text.lstrip().startswith("{")


def _stringified(content: Any) -> bytes:
    """The payload as JSON.stringify writes it: compact, and whole numbers without a point."""
    text = json.dumps(_as_in_javascript(content), separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


def _as_in_javascript(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _as_in_javascript(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_as_in_javascript(value) for value in content]
    whole = isinstance(content, float) and content.is_integer() and abs(content) < 1e21
    return int(content) if whole else content
