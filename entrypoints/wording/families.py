"""Sentences for the four families of errors and refused moves: used if one has no other."""

from __future__ import annotations

from core.errors import Absent, Conflict, Refused, ShopError, Unavailable
from core.moves import CannotMove
from entrypoints.wording.sentences import Entries, error

FAMILIES: Entries = (
    error(ShopError, "shop-error", "This cannot be done"),
    error(Absent, "absent", "This is not there"),
    error(Refused, "refused", "This cannot be done"),
    error(Conflict, "conflict", "Somebody else changed this at the same moment. Please look again"),
    error(CannotMove, "cannot-move", "{subject} cannot become {wanted}: it is {state}"),
    error(Unavailable, "unavailable", "This cannot be done at the moment. Please try again later"),
)
