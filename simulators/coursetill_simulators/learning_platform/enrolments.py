"""What the demo's learning platform keeps: who may enter which course."""

from __future__ import annotations

import enum
import threading
from collections.abc import Mapping
from typing import Any

import attrs

GRANT = "line.fulfilment_requested"
REVOKE = "line.revocation_requested"


class EnrolmentStatus(enum.Enum):
    ENROLLED = "enrolled"
    REVOKED = "revoked"


@attrs.frozen
class Enrolment:
    """One line of one order: which courses it opens to a learner, and whether it still does."""

    learner: str
    name: str
    reference: str
    position: int
    title: str
    courses: tuple[str, ...]
    standing: EnrolmentStatus
    told_at: str


class Enrolments:
    """
    Every enrolment, in the order in which each learner's were told of.

    The same event told twice changes nothing, and what was revoked is never opened again by a
    message that comes late.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._kept: dict[tuple[str, int], Enrolment] = {}

    def take(self, event: Mapping[str, Any]) -> bool:
        """Act on an event; whether it was new. Raises ValueError where it cannot be read."""
        told = _read(event)
        with self._lock:
            if event["id"] in self._seen:
                return False
            self._seen.add(event["id"])
            if told is not None:
                self._keep(told)
            return True

    def by_learner(self) -> dict[str, list[Enrolment]]:
        """Each learner's enrolments, as they were told of."""
        with self._lock:
            kept = list(self._kept.values())
        learners: dict[str, list[Enrolment]] = {}
        for each in kept:
            learners.setdefault(each.learner, []).append(each)
        return learners

    def may_enter(self, learner: str, course: str) -> bool:
        """Whether any order of theirs still opens the course."""
        return any(
            course in each.courses and each.standing is EnrolmentStatus.ENROLLED
            for each in self.by_learner().get(learner, [])
        )

    def _keep(self, told: Enrolment) -> None:
        key = (told.reference, told.position)
        kept = self._kept.get(key)
        if kept is None or kept.standing is EnrolmentStatus.ENROLLED:
            self._kept[key] = told


def _read(event: Mapping[str, Any]) -> Enrolment | None:
    """The enrolment that an event is about, or None where it is about something else."""
    try:
        if not event["id"]:
            raise KeyError("id")
        if event["name"] not in (GRANT, REVOKE):
            return None
        body = event["body"]
        return Enrolment(
            learner=str(body["learner"]["id"]),
            name=str(body["learner"]["name"]),
            reference=str(event["reference"]),
            position=int(event["position"]),
            title=str(body["title"]),
            courses=(str(body["readable_id"]), *(str(r["readable_id"]) for r in body["runs"])),
            standing=EnrolmentStatus.ENROLLED
            if event["name"] == GRANT
            else EnrolmentStatus.REVOKED,
            told_at=str(event["at"]),
        )
    except (KeyError, TypeError) as missing:
        raise ValueError(f"the event lacks {missing}") from missing
