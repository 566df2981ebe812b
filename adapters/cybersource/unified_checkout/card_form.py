"""The card form: opens and checks sessions, shows them again, and verifies tokens."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

import attrs

from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.jwts import NotGenuine, end_of, key_id_of, verified
from adapters.cybersource.rest.public_keys import PublicKeys
from adapters.cybersource.rest.settings import CyberSourceSettings
from adapters.cybersource.rest.transport import ApiCall, ApiRefusal, Transport
from adapters.cybersource.unified_checkout import sessions
from adapters.cybersource.unified_checkout.flow import AUTO, FLOW, is_automatic
from adapters.cybersource.unified_checkout.sessions import SessionRequest
from adapters.http_client import Lost, NotSent
from core.payments.attempt import Attempt
from core.payments.gateway import CardForm, GatewayUnavailable, Token, TokenRefused

_log = logging.getLogger("coursetill.cybersource")

TOKEN_ISSUER = "Flex/00"  # noqa: S105 (the name of the issuer, not a secret)
LONGEST_TOKEN = 10_000
_TOKEN_ID = re.compile(r"[A-Za-z0-9_-]{8,128}", re.ASCII)
_NOT_OURS = "The card details did not come from this payment's card form"


@attrs.frozen
class UnifiedCheckout:
    """
    Unified Checkout v1 in the manual flow: the form makes a token, and the shop charges it.

    Each session comes with its own key, which signs its token. The key is stored with the attempt,
    so that a token of another session is refused.
    """

    _settings: CyberSourceSettings
    _transport: Transport
    _keys: PublicKeys
    _now: Callable[[], datetime] = attrs.field(kw_only=True, repr=False)

    def open(self, request: SessionRequest, ours: str) -> CardForm:
        """Open a session. Raises GatewayUnavailable, also if the session fails verification."""
        call = ApiCall(
            operation="session",
            ours=ours,
            path=sessions.PATH,
            body=sessions.request_body(request, self._settings),
            accept="application/jwt",
        )
        try:
            text = self._transport.text(call)
            claims = self._keys.verified(text, ours)
            data = sessions.checked(claims, request, self._settings)
            return self._form(text, claims, data)
        except NotGenuine as why:
            _log.error("operation=session ours=%s outcome=%s", ours, json.dumps(f"refused: {why}"))
            raise GatewayUnavailable(f"CyberSource's session was refused: {why}") from why
        except (NotSent, Lost, ApiRefusal) as why:
            raise GatewayUnavailable(f"CyberSource opened no session: {why}") from why

    def form(self, attempt: Attempt) -> CardForm:
        """The card form that this attempt has already."""
        if attempt.session is None or attempt.session_expires_at is None:
            raise ValueError(f"attempt {attempt.id} has no card form")
        session = attempt.session
        return CardForm(
            library=session["library"],
            integrity=session["integrity"],
            session=session["session"],
            origins=tuple(session["origins"].split()),
            expires_at=attempt.session_expires_at,
            remember=session,
            takes_payment=is_automatic(session),
        )

    def verify(self, attempt: Attempt, text: str) -> Token:
        """Verify the transient token of this attempt. Raises TokenRefused."""
        text = text.strip()
        if not text or len(text) > LONGEST_TOKEN:
            raise TokenRefused("The card form sent back nothing that can be used")
        session = attempt.session
        if session is None:
            raise TokenRefused(_NOT_OURS)
        try:
            if key_id_of(text) != session["kid"]:
                raise NotGenuine("another key signed it")
            claims = verified(text, json.loads(session["jwk"]))
            ends_at = end_of(claims)
        except NotGenuine as why:
            _log.warning(
                "operation=verify ours=%s outcome=%s", attempt.id, json.dumps(f"refused: {why}")
            )
            raise TokenRefused(_NOT_OURS) from why
        if self._now() >= ends_at:
            raise TokenRefused("The card details were entered too long ago")
        if claims.text("iss") != TOKEN_ISSUER or not _TOKEN_ID.fullmatch(claims.text("jti")):
            raise TokenRefused(_NOT_OURS)
        return Token(claims.text("jti"), text)

    def _form(self, text: str, claims: JsonFields, data: JsonFields) -> CardForm:
        expires_at = end_of(claims)
        if self._now() >= expires_at:
            raise NotGenuine("the session has expired already")
        jwk = claims.part("flx.jwk")
        if jwk.text("kty") != "RSA" or not all(map(jwk.text, ("kid", "n", "e"))):
            raise NotGenuine("the session has no key of its own")
        origins = tuple(dict.fromkeys(self._origins(claims, data)))
        remember = {
            "session": text,
            "jti": claims.text("jti"),
            "kid": jwk.text("kid"),
            "jwk": json.dumps({name: jwk.text(name) for name in ("kty", "n", "e")}),
            "library": data.text("clientLibrary"),
            "integrity": data.text("clientLibraryIntegrity"),
            "origins": " ".join(origins),
        }
        if self._settings.auto is not None:
            remember[FLOW] = AUTO
        return CardForm(
            library=remember["library"],
            integrity=remember["integrity"],
            session=text,
            origins=origins,
            expires_at=expires_at,
            remember=remember,
            takes_payment=is_automatic(remember),
        )

    def _origins(self, claims: JsonFields, data: JsonFields) -> Iterator[str]:
        """The origins that the page may connect to: the trusted hosts in the session."""
        named = (
            self._settings.origin,
            data.text("clientLibrary"),
            data.text("serviceOrigin"),
            claims.text("flx.origin"),
            *(str(url) for url in data.part("iframes").content.values()),
        )
        for url in named:
            if self._settings.trusts(url):
                parts = urlsplit(url)
                yield f"{parts.scheme}://{parts.netloc}"
