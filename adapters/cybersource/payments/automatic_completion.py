"""The auto flow: what the browser brings back is a hint, and the transaction is read anew."""

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
from adapters.cybersource.rest.jwts import NotGenuine, believed, content_of, key_id_of
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
"""Where a result may have its parts: no document says."""


@attrs.frozen
class AutomaticCompletion:
    """Payments that CyberSource's own form completes, with 3-D Secure and Decision Manager."""

    _keys: PublicKeys
    _searches: TransactionSearch
    _payments: PaymentApi

    def verify(self, attempt: Attempt, text: str) -> Token:
        """
        The result for this attempt. Raises TokenRefused where it is for another, or is none.

        Which key signs a result is not documented: the session's own is tried, then a published
        one. One that neither signed is taken as well, because it decides nothing.
        """
        if not _JWT.fullmatch(text):
            raise TokenRefused("The card form sent back nothing that can be used")
        claims, genuine = self._read(attempt, text)
        code = _text(claims, "clientReferenceInformation.code")
        if code and code != attempt.reference:
            raise TokenRefused("The result did not come from this payment's card form")
        if not genuine:
            _log.warning("operation=verify ours=%s outcome=a hint that nobody signed", attempt.id)
        jti = claims.text("jti")
        usable = genuine and _JTI.fullmatch(jti)
        return Token(jti if usable else hashlib.sha256(text.encode()).hexdigest(), text)

    def answer(self, attempt: Attempt, token: Token) -> Answer:
        """How the payment ended, by the gateway's own books; Unknown until they show it."""
        hinted = _text(_content(token.text), "id")
        if _GATEWAY_ID.fullmatch(hinted):
            told = self._details(hinted, attempt)
            if told is not None:
                return told
        found = self._payments.find(attempt)
        if isinstance(found, NotFound):
            return Unknown("the payment service does not show the payment yet")
        return found

    def _details(self, gateway_id: str, attempt: Attempt) -> Answer | None:
        """What the transaction says that the result names, if it is this attempt's."""
        try:
            row = self._searches.details(gateway_id, attempt.id)
        except (NotSent, ApiRefusal, Lost):
            return None
        told = result_of_row(row, attempt)
        return None if told is None else self._payments.answer(attempt, told)

    def _read(self, attempt: Attempt, text: str) -> tuple[JsonFields, bool]:
        """What a result claims, and whether anybody of CyberSource signed it."""
        kept = attempt.session or {}
        try:
            if key_id_of(text) == kept.get("kid"):
                return believed(text, json.loads(kept["jwk"])), True
            return self._keys.believed(text, attempt.id), True
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
