"""The bank's question of 3-D Secure, asked in the card frame, and its answers."""

from enum import Enum
from threading import Lock

import attrs

from coursetill_simulators.cybersource.state.vault import TransientToken


class ChallengeAnswer(Enum):
    """What the payer did."""

    ACCEPT = "accept"
    FAIL = "fail"
    CANCEL = "cancel"


@attrs.frozen(kw_only=True)
class Challenge:
    """One question, about one token; without an answer it is open."""

    id: str
    token: TransientToken
    answer: ChallengeAnswer | None = None


class Challenges:
    """Every question that was asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: dict[str, Challenge] = {}

    def keep(self, challenge: Challenge) -> None:
        """Write down a question, or its answer."""
        with self._lock:
            self._asked[challenge.id] = challenge

    def find(self, challenge_id: str) -> Challenge | None:
        """The question of that id, or None."""
        return self._asked.get(challenge_id)

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._asked.clear()
