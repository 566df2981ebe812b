"""Challenges of 3-D Secure in the card frame, and their answers."""

from enum import Enum
from threading import Lock

import attrs

from coursetill_simulators.cybersource.state.vault import TransientToken


class ChallengeAnswer(Enum):
    """The payer's answer."""

    ACCEPT = "accept"
    FAIL = "fail"
    CANCEL = "cancel"


@attrs.frozen(kw_only=True)
class Challenge:
    """One challenge of one token. Without an answer it is open."""

    id: str
    token: TransientToken
    answer: ChallengeAnswer | None = None


class Challenges:
    """All challenges."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: dict[str, Challenge] = {}

    def keep(self, challenge: Challenge) -> None:
        """Store a challenge, or its answer."""
        with self._lock:
            self._asked[challenge.id] = challenge

    def find(self, challenge_id: str) -> Challenge | None:
        """The challenge with that id, or None."""
        return self._asked.get(challenge_id)

    def clear(self) -> None:
        """Remove all."""
        with self._lock:
            self._asked.clear()
