"""The auto flow. The browser's result is only a hint: the transaction is read from CyberSource."""

from __future__ import annotations

import hashlib
import json
import logging
import re

import attrs

from adapters.cybersource.payments.payment_results import result_of_row
from adapters.cybersource.payments.payments import PaymentApi
from adapters.cybersource.payments.transaction_search import TransactionSearch
from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.jwts import NotGenuine, content_of, key_id_of, verified
from adapters.cybersource.rest.public_keys import PublicKeys
from adapters.cybersource.rest.transport import ApiRefusal
from adapters.http_client import Lost, NotSent
from core.payments.attempt import Attempt
from core.payments.gateway import Answer, NotFound, Token, TokenRefused, Unknown

_log = logging.getLogger("coursetill.cybersource")

_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_JTI = re.compile(r"[A-Za-z0-9_-]{8,128}", re.ASCII)
_GATEWAY_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_LEVELS = ("", "details", "data", "content")
"""The levels at which a result may hold its fields; no document says which."""


@attrs.frozen
class AutomaticCompletion:
    """Payments that the card form completes, with 3-D Secure and Decision Manager."""

    _keys: PublicKeys
    _searches: TransactionSearch
    _payments: PaymentApi

    def verify(self, attempt: Attempt, text: str) -> Token:
        """
        Read the result for this attempt. Raises TokenRefused if it is for another, or not readable.

        CyberSource does not document which key signs a result: the session's key is tried, then a
        published key. A result without a valid signature is accepted too, because it decides
        nothing.
        """
        if not _JWT.fullmatch(text):
            raise TokenRefused("The card form sent back nothing that can be used")
        claims, genuine = self._read(attempt, text)
        code = _text(claims, "clientReferenceInformation.code")
        if code and code != attempt.reference:
            raise TokenRefused("The result did not come from this payment's card form")
        if not genuine:
            _log.warning("operation=verify ours=%s outcome=an unsigned hint", attempt.id)
        jti = claims.text("jti")
        usable = genuine and _JTI.fullmatch(jti)
        return Token(jti if usable else hashlib.sha256(text.encode()).hexdigest(), text)

    def answer(self, attempt: Attempt, token: Token) -> Answer:
        """The outcome of the payment as CyberSource records it; Unknown until it shows there."""
        gateway_id = _text(_content(token.text), "id")
        if _GATEWAY_ID.fullmatch(gateway_id):
            answer = self._details(gateway_id, attempt)
            if answer is not None:
                return answer
        found = self._payments.find(attempt)
        if isinstance(found, NotFound):
            return Unknown("the payment service does not show the payment yet")
        return found

    def _details(self, gateway_id: str, attempt: Attempt) -> Answer | None:
        """The outcome of the transaction in the result; None if it is not this attempt's."""
        try:
            row = self._searches.details(gateway_id, attempt.id)
        except (NotSent, ApiRefusal, Lost):
            return None
        result = result_of_row(row, attempt)
        return None if result is None else self._payments.answer(attempt, result)

    def _read(self, attempt: Attempt, text: str) -> tuple[JsonFields, bool]:
        """The claims of a result, and whether CyberSource signed it."""
        session = attempt.session or {}
        try:
            if key_id_of(text) == session.get("kid"):
                return verified(text, json.loads(session["jwk"])), True
            return self._keys.verified(text, attempt.id), True
        except (NotGenuine, NotSent, ApiRefusal, Lost):
            return _content(text), False


def _content(text: str) -> JsonFields:
    try:
        return content_of(text)
    except NotGenuine:
        return JsonFields({})


def _text(claims: JsonFields, path: str) -> str:
    levels = (claims if not level else claims.part(level) for level in _LEVELS)
    return next(filter(None, (level.text(path) for level in levels)), "")
