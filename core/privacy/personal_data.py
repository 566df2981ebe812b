"""Whom the records know something about, what that is, and how it is erased from every kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs

from core.discount_code import DiscountCode
from core.identity import LearnerId
from core.messaging.outbox import Json
from core.order_reference import Reference
from core.orders.order import NOTE
from core.products.product import Sku

ERASED = "[erased]"
FORGOTTEN = "forgotten-"
"""What the ids begin with that the books keep in the place of forgotten learners'."""

_SHORTEST = 3
"""Shorter names would be found within other words."""


@attrs.frozen
class Person:
    """Somebody by every learner id, address (as it is compared) and name that belong together."""

    ids: tuple[LearnerId, ...]
    emails: tuple[str, ...]
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join((*self.ids, *self.emails))


@attrs.frozen
class Holdings:
    """What the records hold about a person besides their names and addresses."""

    orders: tuple[Reference, ...] = ()
    basket: tuple[Sku, ...] = ()
    codes: tuple[DiscountCode, ...] = ()
    untold: int = 0
    """How many events and letters about the orders are still to be delivered."""

    def __bool__(self) -> bool:
        return bool(self.orders or self.basket or self.codes)


@attrs.frozen
class Erasure:
    """One person being erased: which id the books keep for each of theirs, and what texts become.

    Notes of staff's, and what the learner wrote, go altogether, since nobody can tell whom they
    name; from every other text about them go the person's ids, addresses and names. What is about
    somebody or something else counts as about them where it has an address of theirs: ids and names
    may be words that others use, and whoever picks one must not pick words out of the journal.
    """

    person: Person
    pseudonyms: Mapping[LearnerId, LearnerId]

    def text(self, text: str) -> str:
        told = (*self.person.ids, *self.person.emails, *self.person.names)
        for each in sorted({t for t in told if len(t) >= _SHORTEST}, key=len, reverse=True):
            pattern = rf"(?<!\w){re.escape(each)}(?!\w)"
            text = re.sub(pattern, lambda _: ERASED, text, flags=re.IGNORECASE)
        return text

    def entry(self, why: str) -> str:
        """Why, of an entry of an order's history."""
        return f"{NOTE}{ERASED}" if why.startswith(NOTE) else self.text(why)

    def named(self, learner: str) -> str:
        """The id to keep in the place of a learner's: another one where it is theirs."""
        return self.pseudonyms.get(LearnerId(learner), LearnerId(learner))

    def body(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """An event's body, with nobody in it."""
        return {name: self._json(name, value) for name, value in body.items()}

    def _json(self, name: str, value: Json) -> Json:
        if isinstance(value, Mapping):
            if name == "learner" and "id" in value:
                return {**dict.fromkeys(value, ""), "id": self.named(str(value["id"]))}
            return self.body(value)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Sequence):
            return tuple(self._json(name, each) for each in value)
        return value


class PersonalData(Protocol):
    """What is known about people, across the records of every kind."""

    def known(self, text: str, /) -> Person:
        """Whoever is meant by a learner id or an e-mail address, with all that goes with it.

        An id comes first. Where nothing is known, the id or the address alone.
        """
        ...

    def holdings(self, person: Person, /) -> Holdings:
        """What is held about the person: orders newest first, codes assigned to them alone."""
        ...

    def erase(self, erasing: Erasure, /) -> None:
        """Erase the person from everything; amounts, lines, references and transactions stay.

        What was still to be told about their orders is given up on. A second time changes nothing.
        """
        ...
