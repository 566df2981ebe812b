"""What the browser side leaves behind: sessions, and the cards behind transient tokens."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any

import attrs

from adapters.cybersource.simulator.keys import SigningKey
from adapters.cybersource.simulator.words.cards import Card

SESSION_LIFETIME = timedelta(minutes=15)
TOKEN_LIFETIME = timedelta(minutes=15)


@attrs.frozen(kw_only=True)
class Session:
    """One Unified Checkout session: what the merchant sent, and the one-time key."""

    id: str
    key: SigningKey
    request: Mapping[str, Any]
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
        order: Mapping[str, Any] = self.request["data"]["orderInformation"]
        return order


@attrs.frozen(kw_only=True)
class TransientToken:
    """A card that was entered in a session's frame, waiting to be charged."""

    id: str
    session: Session
    card: Card
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
