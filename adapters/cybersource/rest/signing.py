"""Which of the merchant's keys signs a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import attrs

from adapters.cybersource.rest.certificates import opened
from adapters.cybersource.rest.http_signature import HttpSignature
from adapters.cybersource.rest.jwt_authentication import (
    Authentication,
    PrivateKey,
    SharedSecret,
    Unsigned,
)
from adapters.cybersource.rest.keys import KeyExpiry, P12Key, RestKey, SharedKey
from adapters.cybersource.rest.settings import CyberSourceSettings


@attrs.frozen
class RequestSigner:
    """A key that can sign requests, and its expiry."""

    ending: KeyExpiry
    by: Authentication


@attrs.frozen
class RequestSigners:
    """
    The signing keys in the order of the settings. The first that has not expired signs.

    To replace a key, add the new one behind the old one. The new key takes over when the old one
    expires. Then remove the old one. Every request has a valid key all the time.
    """

    _signers: tuple[RequestSigner, ...]

    @classmethod
    def of(cls, settings: CyberSourceSettings, new_id: Callable[[], str]) -> RequestSigners:
        return cls(tuple(_signer(key, settings, new_id) for key in settings.signing_keys))

    def headers(self, request: Unsigned, at: datetime, /) -> Mapping[str, str]:
        ends = ((each, each.ending.ends_at) for each in self._signers)
        alive = (each for each, end in ends if end is None or at < end)
        # If all have expired, the first one signs: its expiry may be mistyped. CyberSource decides.
        return next(alive, self._signers[0]).by.headers(request, at)

    def endings(self) -> Iterator[KeyExpiry]:
        """The expiry of each key."""
        return (each.ending for each in self._signers)


def _signer(
    key: RestKey, settings: CyberSourceSettings, new_id: Callable[[], str]
) -> RequestSigner:
    match key:
        case SharedKey(key_id=key_id):
            ending = KeyExpiry(f"The REST key {key_id}", key.ends_at)
            if settings.http_signature:
                return RequestSigner(
                    ending, HttpSignature(settings.merchant_id, key_id, key.content)
                )
            jwt = SharedSecret(settings.merchant_id, key_id, key.content, new_id=new_id)
            return RequestSigner(ending, jwt)
        case P12Key():
            p12 = opened(key.content, key.password, settings.merchant_id)
            ending = KeyExpiry(f"The P12 key {p12.key_id}", p12.ends_at)
            own = PrivateKey(settings.merchant_id, p12.key_id, p12.key, new_id=new_id)
            return RequestSigner(ending, own)
