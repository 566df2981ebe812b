"""Personal data: a person, what is stored about them, and how it is erased from all records."""

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
"""The prefix of the ids that replace those of erased learners."""

_SHORTEST = 3
"""Shorter names are not erased from texts: they occur inside other words."""


@attrs.frozen
class Person:
    """A person: their learner ids, addresses (as they are compared) and names."""

    ids: tuple[LearnerId, ...]
    emails: tuple[str, ...]
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join((*self.ids, *self.emails))


@attrs.frozen
class Holdings:
    """The data stored about a person, besides their names and addresses."""

    orders: tuple[Reference, ...] = ()
    basket: tuple[Sku, ...] = ()
    codes: tuple[DiscountCode, ...] = ()
    untold: int = 0
    """The number of events and letters about the orders that are not delivered yet."""

    def __bool__(self) -> bool:
        return bool(self.orders or self.basket or self.codes)


@attrs.frozen
class Erasure:
    """The erasure of one person: a new id for each old one, and the replacement of texts.

    Staff notes and the learner's own texts are removed completely, because nobody can tell whom
    they name. From all other texts about the person, their ids, addresses and names are removed. A
    text about another subject counts as about the person only if it contains one of their
    addresses: ids and names may be ordinary words, and a person who chose such a word must not
    erase it from the journal.
    """

    person: Person
    pseudonyms: Mapping[LearnerId, LearnerId]

    def text(self, text: str) -> str:
        identifiers = (*self.person.ids, *self.person.emails, *self.person.names)
        for each in sorted({t for t in identifiers if len(t) >= _SHORTEST}, key=len, reverse=True):
            pattern = rf"(?<!\w){re.escape(each)}(?!\w)"
            text = re.sub(pattern, lambda _: ERASED, text, flags=re.IGNORECASE)
        return text

    def entry(self, why: str) -> str:
        """The reason of a history entry, without personal data."""
        return f"{NOTE}{ERASED}" if why.startswith(NOTE) else self.text(why)

    def named(self, learner: str) -> str:
        """The id that replaces a learner's id; other people's ids are unchanged."""
        return self.pseudonyms.get(LearnerId(learner), LearnerId(learner))

    def body(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """An event's body without personal data."""
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
    """The port to all data about people, in all records."""

    def find(self, text: str, /) -> Person:
        """Find a person by learner id or e-mail address, with everything linked to it.

        An id has precedence. If nothing is stored, the person has only this id or address.
        """
        ...

    def holdings(self, person: Person, /) -> Holdings:
        """The data stored about the person: orders newest first, codes assigned to them alone."""
        ...

    def erase(self, erasing: Erasure, /) -> None:
        """Erase the person everywhere; amounts, lines, references and transactions stay.

        Undelivered events and letters about their orders are given up. Erasing again changes
        nothing.
        """
        ...
