"""Who buys, and who acts: Learner, EmailAddress, Visitor, Shopper, Actor."""

from __future__ import annotations

import enum
import re
from typing import NewType, TypeAlias

import attrs

from core.errors import Refused

LearnerId = NewType("LearnerId", str)
"""What the identity provider calls a learner; opaque to the shop."""


_ADDRESS = re.compile(r"(?=.{3,254}$)[^@\s]+@[^@\s]+")


@attrs.frozen
class NotAnEmailAddress(Refused):
    text: str


def without_case(text: str) -> str:
    """An address as it is compared: without case, and without the space around it."""
    return text.strip().casefold()


@attrs.frozen(order=True)
class EmailAddress:
    """An e-mail address, compared without case."""

    text: str = attrs.field(converter=without_case, validator=attrs.validators.matches_re(_ADDRESS))

    @classmethod
    def of(cls, text: str) -> EmailAddress:
        """The address a person wrote. Raises NotAnEmailAddress."""
        if not _ADDRESS.fullmatch(without_case(text)):
            raise NotAnEmailAddress(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text


Assignee: TypeAlias = LearnerId | EmailAddress
"""Whom something can be given to: a learner, or whoever signs in with this address."""


@attrs.frozen
class Learner:
    """Somebody who has signed in, as the identity provider describes them.

    `email_verified` says whether the provider vouches that the address is theirs: only then is
    what was given to the address theirs too.
    """

    id: LearnerId = attrs.field(validator=attrs.validators.min_len(1))
    email: str
    name: str
    email_verified: bool = attrs.field(default=False, eq=False, kw_only=True)

    @property
    def known_as(self) -> tuple[Assignee, ...]:
        """Everything under which something may have been given to them."""
        vouched = self.email_verified and _ADDRESS.fullmatch(without_case(self.email))
        return (self.id, EmailAddress(self.email)) if vouched else (self.id,)


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
