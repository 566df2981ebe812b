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
    """One key, ready to sign, and when it ends."""

    ending: KeyExpiry
    by: Authentication


@attrs.frozen
class RequestSigners:
    """
    The keys in the order of the settings: the first that has not ended signs.

    So a new key is added behind the old one, takes over when the old one ends, and the old one is
    then taken away: no request is ever without a key that is good.
    """

    _signers: tuple[RequestSigner, ...]

    @classmethod
    def of(cls, settings: CyberSourceSettings, new_id: Callable[[], str]) -> RequestSigners:
        return cls(tuple(_signer(key, settings, new_id) for key in settings.signing_keys))

    def headers(self, request: Unsigned, at: datetime, /) -> Mapping[str, str]:
        ends = ((each, each.ending.ends_at) for each in self._signers)
        alive = (each for each, end in ends if end is None or at < end)
        # A key whose end was mistyped may be good still: it is CyberSource who refuses.
        return next(alive, self._signers[0]).by.headers(request, at)

    def endings(self) -> Iterator[KeyExpiry]:
        """When each of the keys ends."""
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
