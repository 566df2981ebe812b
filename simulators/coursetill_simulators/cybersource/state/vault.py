"""The vault: sessions, and the cards of transient tokens."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any

import attrs

from coursetill_simulators.cybersource.keys import SigningKey
from coursetill_simulators.cybersource.wire_format.cards import PaymentCard

SESSION_LIFETIME = timedelta(minutes=15)
TOKEN_LIFETIME = timedelta(minutes=15)


@attrs.frozen(kw_only=True)
class Session:
    """
    One session of Unified Checkout or Microform: the merchant's request, and the one-time key.

    `context_type` and `library` go into its token. A session that is not `priced` has no amount:
    the payment has it.
    """

    id: str
    key: SigningKey
    request: Mapping[str, Any]
    context_type: str
    library: str
    priced: bool
    amount: Decimal
    currency: str
    target_origins: tuple[str, ...]
    expires_at: datetime

    def ended(self, now: datetime) -> bool:
        """Whether the session has expired. It is no longer valid at its end."""
        return now >= self.expires_at

    @property
    def order(self) -> Mapping[str, Any]:
        """The merchant's orderInformation."""
        order: Mapping[str, Any] = self.request.get("data", {}).get("orderInformation", {})
        return order

    @property
    def mandate(self) -> Mapping[str, Any] | None:
        """The completeMandate in the form of version 1, or None."""
        mandate: Mapping[str, Any] | None = self.request.get("completeMandate")
        if mandate is None:
            return None
        authentication = mandate.get("consumerAuthentication", "NONE")
        if isinstance(authentication, bool):
            # Version 0 has only true or false.
            authentication = "3DS" if authentication else "NONE"
        usual = {"type": "SALE", "decisionManager": True}
        return {**usual, **mandate, "consumerAuthentication": authentication}


@attrs.frozen(kw_only=True)
class TransientToken:
    """A card that was entered in a session's frame, ready to be charged."""

    id: str
    session: Session
    card: PaymentCard
    bill_to: Mapping[str, str]
    expires_at: datetime


class Vault:
    """The sessions and tokens since the start."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sessions: dict[str, Session] = {}
        self._tokens: dict[str, TransientToken] = {}
        self._spent: set[str] = set()

    def keep_session(self, session: Session) -> None:
        with self._lock:
            self._sessions[session.id] = session

    def keep_token(self, token: TransientToken) -> None:
        with self._lock:
            self._tokens[token.id] = token

    def session(self, session_id: str) -> Session | None:
        """The session with that id, expired or not."""
        return self._sessions.get(session_id)

    def session_of_key(self, key_id: str) -> Session | None:
        """The session of the one-time key with that id."""
        with self._lock:
            found = [each for each in self._sessions.values() if each.key.key_id == key_id]
        return found[0] if found else None

    def token(self, token_id: str) -> TransientToken | None:
        """The token with that id (its jti), expired or not."""
        return self._tokens.get(token_id)

    def spend(self, token: TransientToken) -> bool:
        """Record that the token is used. Returns whether this is the first use."""
        with self._lock:
            first = token.id not in self._spent
            self._spent.add(token.id)
            return first

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._sessions.clear()
            self._tokens.clear()
            self._spent.clear()
