"""Message-level encryption (MLE) of request and reply bodies."""

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
    """Allows longer messages than the default: a search may return many rows."""

    max_ciphertext_length = 1_000_000


# CyberSource adds `iat` to the header, which the JWE standard does not define.
_REGISTRY = _LongMessages(algorithms=_ALGORITHMS, strict_check_header=False)


@attrs.frozen
class Unreadable(ValueError):
    """An encrypted text that none of our keys can decrypt."""

    why: str

    def __str__(self) -> str:
        return self.why


@attrs.frozen(kw_only=True)
class ReplyKey:
    """Our private key (PEM) for encrypted replies. CyberSource knows it as `key_id`."""

    key_id: str
    pem: bytes = attrs.field(repr=False)
    ends_at: datetime | None = None

    @property
    def key(self) -> RSAKey:
        """The loaded key. Raises CertificateNotUsable."""
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
    Which messages are encrypted. Default: every request that can be, and no reply.

    `certificate` is CyberSource's certificate (PEM); without it, the one in the P12 file is used.
    Replies are requested for the first of `reply_keys`; decryption tries all of them.
    """

    certificate: bytes = attrs.field(default=b"", repr=False)
    reply_keys: tuple[ReplyKey, ...] = ()
    requests: frozenset[EndpointFamily] = ENCRYPTABLE
    replies: frozenset[EndpointFamily] = frozenset()

    def wrong(self, in_p12: Certificate | None) -> Iterator[tuple[str, str]]:
        """The problems of these settings: the name of the setting, and a reason."""
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
        """The certificate to encrypt requests for; None for no encryption.

        Raises CertificateNotUsable.
        """
        if self.certificate:
            return cybersource_in(self.certificate)
        if self.requests and in_p12 is None:
            raise CertificateNotUsable(
                "CyberSource's certificate is needed: no P12 file brings it along"
            )
        return in_p12


class MessageOpener:
    """Decrypts messages with our private keys."""

    def __init__(self, keys: Iterable[ReplyKey]) -> None:
        held = tuple(keys)
        self._keys = {each.key_id: each.key for each in held}
        self.endings = tuple(
            KeyExpiry(f"The reply key {each.key_id}", each.ends_at) for each in held
        )

    def opened(self, text: str) -> bytes:
        """The plaintext of a compact JWE. Raises Unreadable."""
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
        """The key that the message names. All keys if it names an unknown one."""
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
    """Encrypts requests and decrypts replies, by endpoint family."""

    _opener: MessageOpener = attrs.field(factory=lambda: MessageOpener(()))
    _theirs: Certificate | None = None
    _reply_key: str | None = None
    _requests: frozenset[EndpointFamily] = frozenset()
    _replies: frozenset[EndpointFamily] = frozenset()

    @classmethod
    def of(cls, encryption: Encryption | None, in_p12: Certificate | None) -> MessageSealer:
        """Build it from the settings; None leaves all messages plain.

        Raises CertificateNotUsable.
        """
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
        """The body to send to path: encrypted if its family is, else unchanged."""
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
        """The key id for an encrypted reply; None for a plain one."""
        return self._reply_key if endpoint_family(path) in self._replies else None

    def endings(self) -> Iterator[KeyExpiry]:
        """The expiry of each key."""
        if self._theirs is not None:
            name = f"CyberSource's encryption certificate {self._theirs.key_id}"
            yield KeyExpiry(name, self._theirs.ends_at)
        yield from self._opener.endings

    def opened(self, body: bytes) -> bytes:
        """The decrypted body; a plain body is returned as it is. Raises Unreadable."""
        try:
            text = JsonFields.parsed(body).text("encryptedResponse")
        except ValueError:
            return body
        return self._opener.opened(text) if text else body
