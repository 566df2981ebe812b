"""The simulator's RSA keys: one long-lived key, and one for each session."""

from typing import Any

import attrs
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

# The key id of sessions in the documented samples.
LONG_LIVED_KEY_ID = "zu"


@attrs.frozen
class SigningKey:
    """An RSA key and its id; signs and verifies with RS256."""

    key_id: str
    _key: RSAKey = attrs.field(repr=False)

    @classmethod
    def generated(cls, key_id: str) -> "SigningKey":
        """A new key of 2048 bits."""
        return cls(key_id, RSAKey.generate_key(2048))

    def public(self, use: str) -> dict[str, str]:
        """The public half as a JWK; `use` is "sig" or, as the session's sample has it, "enc"."""
        numbers = self._key.as_dict(private=False)
        return {
            "kty": "RSA",
            "use": use,
            "kid": self.key_id,
            "n": str(numbers["n"]),
            "e": str(numbers["e"]),
        }

    def signed(self, claims: dict[str, Any]) -> str:
        """A JWT of `claims`."""
        header = {"kid": self.key_id, "alg": "RS256"}
        return jwt.encode(header, claims, self._key, default_type=None)

    def signed_as(self, claims: dict[str, Any], key_id: str) -> str:
        """A JWT of `claims` with another key id, under which the receiver has this key."""
        header = {"kid": key_id or self.key_id, "alg": "RS256"}
        return jwt.encode(header, claims, self._key, default_type=None)

    def verified(self, token: str) -> dict[str, Any] | None:
        """The claims of `token`, or None if this key did not sign it."""
        try:
            return dict(jwt.decode(token, self._key, algorithms=["RS256"]).claims)
        except (JoseError, ValueError):
            return None


def key_id_of(token: str) -> str | None:
    """The unverified key id of a token; None if it is not a token."""
    try:
        key_id = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError):
        return None
    return key_id if isinstance(key_id, str) else None
