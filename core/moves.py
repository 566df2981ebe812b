"""State machines: a table of allowed moves, and the refusal of every other move."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import attrs

from core.errors import Refused

S = TypeVar("S", bound=enum.Enum)


@attrs.frozen
class CannotMove(Refused):
    """The table does not allow this move. Each state machine has its own subclass.

    `subject` is an id or a name, `state` its current state, `wanted` the refused state.
    """

    subject: str
    state: enum.Enum
    wanted: enum.Enum


class Moves(Mapping[S, frozenset[S]], Generic[S]):
    """A table: for each state, the states that may follow it."""

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
        """Raise the refusal if the table has no move from `state` to `wanted`."""
        if wanted not in self._table[state]:
            raise self._refusal(str(subject), state, wanted)
