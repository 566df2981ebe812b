"""Tables of moves between states."""

import enum

import pytest

from core.moves import CannotMove, Moves


class Light(enum.Enum):
    RED = "red"
    GREEN = "green"
    BROKEN = "broken"


class LightCannotMove(CannotMove):
    """A light cannot become what was wanted."""


TABLE = {
    Light.RED: frozenset({Light.GREEN, Light.BROKEN}),
    Light.GREEN: frozenset({Light.RED, Light.BROKEN}),
    Light.BROKEN: frozenset(),
}
MOVES = Moves(TABLE, LightCannotMove)


@pytest.mark.parametrize("state", Light)
@pytest.mark.parametrize("wanted", Light)
def test_a_move_is_refused_unless_the_table_has_it(state, wanted):
    if wanted in TABLE[state]:
        MOVES.check(state, wanted, "light 7")
        return
    with pytest.raises(LightCannotMove) as refused:
        MOVES.check(state, wanted, "light 7")
    assert (refused.value.subject, refused.value.state, refused.value.wanted) == (
        "light 7",
        state,
        wanted,
    )


def test_a_table_is_read_like_the_mapping_that_it_was_made_of():
    assert dict(MOVES) == TABLE
    assert len(MOVES) == len(Light)
