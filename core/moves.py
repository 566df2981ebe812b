"""Moves between states: one table for each kind of thing, and the refusal of any other move."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import attrs

from core.errors import Refused

S = TypeVar("S", bound=enum.Enum)


@attrs.frozen
class CannotMove(Refused):
    """A move that the table does not have. Each kind of thing has a class of its own.

    `subject` is the id or name of the thing, `state` the state it is in.
    """

    subject: str
    state: enum.Enum
    wanted: enum.Enum


class Moves(Mapping[S, frozenset[S]], Generic[S]):
    """The states that may follow each state."""

    def __init__(self, table: Mapping[S, frozenset[S]], refusal: type[CannotMove]):
        self._table = table
        self._refusal = refusal

    def __getitem__(self, state: S) -> frozenset[S]:
        return self._table[state]

    def __iter__(self) -> Iterator[S]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def check(self, state: S, wanted: S, subject: Any) -> None:
        """Raise the refusal of this kind of thing if no move leads from `state` to `wanted`."""
        if wanted not in self._table[state]:
            raise self._refusal(str(subject), state, wanted)
