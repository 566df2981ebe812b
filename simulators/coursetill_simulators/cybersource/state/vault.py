"""What the browser side leaves behind: sessions, and the cards behind transient tokens."""

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
    One session of Unified Checkout or Microform: what the merchant sent, and the one-time key.

    `context_type` and `library` are what its token says of itself. One that is not `priced` names
    no amount: the payment does.
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
        """Whether `now` is past its life; the end is exclusive."""
        return now >= self.expires_at

    @property
    def order(self) -> Mapping[str, Any]:
        """The merchant's orderInformation."""
        order: Mapping[str, Any] = self.request.get("data", {}).get("orderInformation", {})
        return order

    @property
    def mandate(self) -> Mapping[str, Any] | None:
        """The completeMandate in the words of version 1, or None where there is none."""
        mandate: Mapping[str, Any] | None = self.request.get("completeMandate")
        if mandate is None:
            return None
        authentication = mandate.get("consumerAuthentication", "NONE")
        if isinstance(authentication, bool):
            # Version 0 says yes or no.
            authentication = "3DS" if authentication else "NONE"
        usual = {"type": "SALE", "decisionManager": True}
        return {**usual, **mandate, "consumerAuthentication": authentication}


@attrs.frozen(kw_only=True)
class TransientToken:
    """A card that was entered in a session's frame, waiting to be charged."""

    id: str
    session: Session
    card: PaymentCard
    bill_to: Mapping[str, str]
    expires_at: datetime


class Vault:
    """The sessions and tokens of this run."""

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
        """The session of that id, ended or not."""
        return self._sessions.get(session_id)

    def session_of_key(self, key_id: str) -> Session | None:
        """The session whose one-time key has that id."""
        with self._lock:
            found = [each for each in self._sessions.values() if each.key.key_id == key_id]
        return found[0] if found else None

    def token(self, token_id: str) -> TransientToken | None:
        """The token of that id (its jti), expired or not."""
        return self._tokens.get(token_id)

    def spend(self, token: TransientToken) -> bool:
        """Note that the token pays; whether it is the first time."""
        with self._lock:
            first = token.id not in self._spent
            self._spent.add(token.id)
            return first

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._sessions.clear()
            self._tokens.clear()
            self._spent.clear()
