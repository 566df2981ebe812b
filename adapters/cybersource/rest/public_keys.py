"""CyberSource's public keys for session tokens, fetched once each."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.jwts import NotGenuine, key_id_of, verified
from adapters.cybersource.rest.transport import ApiCall, Transport

_MOST_KEYS = 16


@attrs.frozen
class PublicKeys:
    """
    Verifies tokens with published keys: GET /flex/v2/public-keys/{kid}, no authentication.

    Keys are cached by id. If a cached key does not verify a token, it is fetched once more,
    because CyberSource may have replaced it under the same id.
    """

    _transport: Transport
    _kept: dict[str, Mapping[str, str]] = attrs.field(factory=dict, init=False, repr=False)

    def verified(self, text: str, ours: str) -> JsonFields:
        """The claims of a genuine token. Raises NotGenuine, NotSent, ApiRefusal or Lost."""
        key_id = key_id_of(text)
        kept = self._kept.get(key_id)
        if kept is not None:
            try:
                return verified(text, kept)
            except NotGenuine:
                self._kept.pop(key_id, None)
        fetched = self._fetched(key_id, ours)
        claims = verified(text, fetched)
        if len(self._kept) >= _MOST_KEYS:
            self._kept.clear()
        self._kept[key_id] = fetched
        return claims

    def _fetched(self, key_id: str, ours: str) -> Mapping[str, str]:
        call = ApiCall(
            operation="public-key",
            ours=ours,
            path=f"/flex/v2/public-keys/{key_id}",
            signed=False,
        )
        jwk = self._transport.ask(call)
        if jwk.text("kty") != "RSA" or jwk.text("kid") != key_id:
            raise NotGenuine("CyberSource published another kind of key")
        return {name: jwk.text(name) for name in ("n", "e")}
