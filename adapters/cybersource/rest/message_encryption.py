"""Message-level encryption: bodies that CyberSource alone can read, replies that we alone can."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import RSAKey

from adapters.cybersource.rest.certificates import Certificate, CertificateNotUsable, cybersource_in
from adapters.cybersource.rest.endpoints import (
    ENCRYPTABLE,
    PLAIN_ONLY,
    EndpointFamily,
    endpoint_family,
)
from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.keys import KeyExpiry

_ALGORITHMS = ("RSA-OAEP-256", "A256GCM")


class _LongMessages(JWERegistry):
    """A search of many rows is longer than the library takes by itself."""

    max_ciphertext_length = 1_000_000


# The vendor adds `iat` to the header, which no standard has there.
_REGISTRY = _LongMessages(algorithms=_ALGORITHMS, strict_check_header=False)


@attrs.frozen
class Unreadable(ValueError):
    """An encrypted text that none of our keys opens."""

    why: str

    def __str__(self) -> str:
        return self.why


@attrs.frozen(kw_only=True)
class ReplyKey:
    """A private key of ours, as PEM, that CyberSource encrypts for; known to it by `key_id`."""

    key_id: str
    pem: bytes = attrs.field(repr=False)
    ends_at: datetime | None = None

    @property
    def key(self) -> RSAKey:
        """The key itself. Raises CertificateNotUsable."""
        try:
            key = RSAKey.import_key(self.pem)
        except (JoseError, TypeError, ValueError):
            key = None
        if key is None or not key.is_private:
            raise CertificateNotUsable(f"the key {self.key_id} is not an RSA private key as PEM")
        return key


@attrs.frozen(kw_only=True)
class Encryption:
    """
    What is encrypted: by default every request that may be, and no reply.

    `certificate` is that of CyberSource, as PEM; without it the one in the P12 file is taken. The
    first of `reply_keys` is asked for, all of them are tried.
    """

    certificate: bytes = attrs.field(default=b"", repr=False)
    reply_keys: tuple[ReplyKey, ...] = ()
    requests: frozenset[EndpointFamily] = ENCRYPTABLE
    replies: frozenset[EndpointFamily] = frozenset()

    def wrong(self, in_p12: Certificate | None) -> Iterator[tuple[str, str]]:
        """What is wrong with it: the name of the part, and a sentence."""
        plain = sorted(each.value for each in (self.requests | self.replies) & PLAIN_ONLY)
        if plain:
            yield "encryption", f"CyberSource takes no encrypted messages for {', '.join(plain)}"
        if self.replies and not self.reply_keys:
            yield "reply_keys", "replies can only be encrypted for a key of yours"
        try:
            self.for_requests(in_p12)
        except CertificateNotUsable as why:
            yield "encryption_certificate", str(why)
        for each in self.reply_keys:
            try:
                _ = each.key
            except CertificateNotUsable as why:
                yield "reply_keys", str(why)

    def for_requests(self, in_p12: Certificate | None) -> Certificate | None:
        """Whom requests are encrypted for; None where none is. Raises CertificateNotUsable."""
        if self.certificate:
            return cybersource_in(self.certificate)
        if self.requests and in_p12 is None:
            raise CertificateNotUsable(
                "CyberSource's certificate is needed: no P12 file brings it along"
            )
        return in_p12


class MessageOpener:
    """Our private keys, by their ids: whatever was encrypted for one of them can be read."""

    def __init__(self, keys: Iterable[ReplyKey]) -> None:
        held = tuple(keys)
        self._keys = {each.key_id: each.key for each in held}
        self.endings = tuple(
            KeyExpiry(f"The reply key {each.key_id}", each.ends_at) for each in held
        )

    def opened(self, text: str) -> bytes:
        """What a compact JWE says. Raises Unreadable."""
        last = "we have no key for it"
        for key in self._candidates(text):
            try:
                found = jwe.decrypt_compact(text, key, registry=_REGISTRY).plaintext
            except (JoseError, KeyError, TypeError, ValueError) as why:
                last = type(why).__name__
            else:
                return found or b""
        raise Unreadable(f"it cannot be decrypted ({last})")

    def _candidates(self, text: str) -> Iterable[RSAKey]:
        """The key that it names; all of them, where it names none that we know."""
        header = text.partition(".")[0]
        try:
            named = JsonFields.parsed(urlsafe_b64decode(header + "=" * (-len(header) % 4))).text(
                "kid"
            )
        except ValueError:
            return ()
        known = self._keys.get(named)
        return self._keys.values() if known is None else (known,)


@attrs.frozen
class MessageSealer:
    """Puts requests into envelopes and takes replies out of them, family by family."""

    _opener: MessageOpener = attrs.field(factory=lambda: MessageOpener(()))
    _theirs: Certificate | None = None
    _reply_key: str | None = None
    _requests: frozenset[EndpointFamily] = frozenset()
    _replies: frozenset[EndpointFamily] = frozenset()

    @classmethod
    def of(cls, encryption: Encryption | None, in_p12: Certificate | None) -> MessageSealer:
        """What the settings say; without any, everything is plain. Raises CertificateNotUsable."""
        if encryption is None:
            return cls()
        return cls(
            MessageOpener(encryption.reply_keys),
            encryption.for_requests(in_p12),
            next((each.key_id for each in encryption.reply_keys), None),
            encryption.requests,
            encryption.replies,
        )

    def sealed(self, path: str, body: bytes, at: datetime) -> bytes:
        """The body as it is sent there."""
        if self._theirs is None or endpoint_family(path) not in self._requests:
            return body
        header = {
            "alg": _ALGORITHMS[0],
            "enc": _ALGORITHMS[1],
            "kid": self._theirs.key_id,
            "iat": int(at.timestamp()),
        }
        text = jwe.encrypt_compact(header, body, self._theirs.key, registry=_REGISTRY)
        return json.dumps({"encryptedRequest": text}).encode()

    def reply_key(self, path: str) -> str | None:
        """The id of the key that the reply is to be encrypted for, if it is to be."""
        return self._reply_key if endpoint_family(path) in self._replies else None

    def endings(self) -> Iterator[KeyExpiry]:
        """When each of the keys ends."""
        if self._theirs is not None:
            name = f"CyberSource's encryption certificate {self._theirs.key_id}"
            yield KeyExpiry(name, self._theirs.ends_at)
        yield from self._opener.endings

    def opened(self, body: bytes) -> bytes:
        """What a reply says. Raises Unreadable; a reply that is not encrypted says what it says."""
        try:
            text = JsonFields.parsed(body).text("encryptedResponse")
        except ValueError:
            return body
        return self._opener.opened(text) if text else body
