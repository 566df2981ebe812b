"""The enrolments at the demo's learning platform."""

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
    """One order line: the courses that it opens to a learner, and whether it is still active."""

    learner: str
    name: str
    reference: str
    position: int
    title: str
    courses: tuple[str, ...]
    status: EnrolmentStatus
    told_at: str


class Enrolments:
    """
    All enrolments, in the order of arrival for each learner.

    A repeated event changes nothing. A late event never reopens a revoked enrolment.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._kept: dict[tuple[str, int], Enrolment] = {}

    def take(self, event: Mapping[str, Any]) -> bool:
        """Apply an event. Returns whether it was new. Raises ValueError if it is not readable."""
        enrolment = _read(event)
        with self._lock:
            if event["id"] in self._seen:
                return False
            self._seen.add(event["id"])
            if enrolment is not None:
                self._keep(enrolment)
            return True

    def by_learner(self) -> dict[str, list[Enrolment]]:
        """The enrolments of each learner, in order of arrival."""
        with self._lock:
            stored = list(self._kept.values())
        learners: dict[str, list[Enrolment]] = {}
        for each in stored:
            learners.setdefault(each.learner, []).append(each)
        return learners

    def may_enter(self, learner: str, course: str) -> bool:
        """Whether any order of the learner still opens the course."""
        return any(
            course in each.courses and each.status is EnrolmentStatus.ENROLLED
            for each in self.by_learner().get(learner, [])
        )

    def _keep(self, enrolment: Enrolment) -> None:
        key = (enrolment.reference, enrolment.position)
        stored = self._kept.get(key)
        if stored is None or stored.status is EnrolmentStatus.ENROLLED:
            self._kept[key] = enrolment


def _read(event: Mapping[str, Any]) -> Enrolment | None:
    """The enrolment in an event, or None if the event is about something else."""
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
            status=EnrolmentStatus.ENROLLED if event["name"] == GRANT else EnrolmentStatus.REVOKED,
            told_at=str(event["at"]),
        )
    except (KeyError, TypeError) as missing:
        raise ValueError(f"the event lacks {missing}") from missing
