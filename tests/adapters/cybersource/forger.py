"""A CyberSource that signs whatever it is told to: sessions and tokens, right and wrong."""

import json
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey

from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.transport import ApiCall
from coursetill_testing.contracts.gateway_world import START

LONG_LIVED = RSAKey.generate_key(2048)
ONE_TIME = RSAKey.generate_key(2048)
STRANGERS = RSAKey.generate_key(2048)

Claims = dict[str, Any]


def public(key: RSAKey, key_id: str, use: str = "enc") -> dict[str, str]:
    numbers = key.as_dict(private=False)
    return {"kty": "RSA", "use": use, "kid": key_id, "n": numbers["n"], "e": numbers["e"]}


def signed(claims: object, key: object, header: dict[str, Any]) -> str:
    algorithms = ["RS256", "PS256", "RS512", "HS256"]
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=algorithms)


def session_claims(request: dict[str, Any], origin: str) -> Claims:
    """What CyberSource claims of the session that request asks for, as the one sample shows it."""
    shown = {
        **request,
        "orderInformation": request["data"]["orderInformation"],
        "clientLibrary": f"{origin}/uc/v1/assets/1.0.0/UnifiedCheckout.js",
        "clientLibraryIntegrity": "sha256-mKOaXy6/3PW53vgxD48JHVTKKv6Q8Km54h1SrrSuz8w=",
        "iframes": {"mce": "https://testup.cybersource.com/mce", "ga": "https://ads.example"},
    }
    return {
        "flx": {"origin": origin, "jwk": public(ONE_TIME, "one-time-key")},
        "ctx": [{"type": "gda-0.10.0", "data": shown}],
        "iss": "Flex API",
        "iat": int(START.timestamp()),
        "exp": int(START.timestamp()) + 900,
        "jti": "Zs3kQ9w1LmP0aB7c",
    }


def token_claims(**changed: object) -> Claims:
    """What a transient token says."""
    return {
        "iss": "Flex/00",
        "iat": int(START.timestamp()),
        "exp": int(START.timestamp()) + 900,
        "jti": "1D4JY6NLCSAUZV4OAUHYR7LX2GSW4XZZ",
    } | changed


class Forger:
    """
    Stands where the transport is, answering sessions and public keys.

    `change` alters the claims before they are signed (bool leaves them alone), `header` the
    header, `key` who signs; `published` is the key that is given out.
    """

    def __init__(
        self,
        origin: str,
        *,
        change: Callable[[Claims], object] = bool,
        header: dict[str, Any] | None = None,
        key: RSAKey = LONG_LIVED,
    ) -> None:
        self.origin = origin
        self.change = change
        self.header = {"kid": "zu", "alg": "RS256"} | (header or {})
        self.key = key
        self.published = LONG_LIVED
        self.calls: list[ApiCall] = []

    def text(self, call: ApiCall) -> str:
        self.calls.append(call)
        assert call.body is not None
        claims = session_claims(json.loads(json.dumps(call.body)), self.origin)
        self.change(claims)
        return signed(claims, self.key, self.header)

    def ask(self, call: ApiCall) -> JsonFields:
        self.calls.append(call)
        return JsonFields(public(self.published, call.path.rsplit("/", 1)[1], "sig"))

    @property
    def fetched(self) -> list[str]:
        """The addresses of the keys that were fetched."""
        return [call.path for call in self.calls if call.operation == "public-key"]
