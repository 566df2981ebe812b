"""Who buys, and who acts: Learner, Visitor, Shopper, Actor."""

from __future__ import annotations

import enum
from typing import NewType

import attrs

LearnerId = NewType("LearnerId", str)
"""What the identity provider calls a learner; opaque to the shop."""


@attrs.frozen
class Learner:
    """Somebody who has signed in, as the identity provider describes them."""

    id: LearnerId = attrs.field(validator=attrs.validators.min_len(1))
    email: str
    name: str


@attrs.frozen
class Visitor:
    """Somebody who has not signed in, known by a random id that their browser keeps."""

    id: str = attrs.field(validator=attrs.validators.min_len(1))


Shopper = Learner | Visitor


class ActorKind(enum.Enum):
    LEARNER = "learner"
    STAFF = "staff"
    GATEWAY = "gateway"
    TIMER = "timer"


@attrs.frozen
class Actor:
    """Who changed something: a learner, a named member of staff, the gateway or the clock."""

    kind: ActorKind
    name: str = ""

    @classmethod
    def learner(cls, learner: LearnerId) -> Actor:
        return cls(ActorKind.LEARNER, learner)

    @classmethod
    def staff(cls, name: str) -> Actor:
        return cls(ActorKind.STAFF, name)

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}".strip()


GATEWAY = Actor(ActorKind.GATEWAY)
TIMER = Actor(ActorKind.TIMER)
