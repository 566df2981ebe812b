"""A change that met another is done again from the start, a few times at most."""

import pytest

from core.errors import Conflict, Refused
from core.unit_of_work import TRIES, repeated_on_conflict


def changing(conflicts, error=Conflict):
    """A change that fails so often before it succeeds, and the list of its tries."""
    tries = []

    @repeated_on_conflict
    def change(*, name):
        tries.append(name)
        if len(tries) <= conflicts:
            raise error("somebody was faster")
        return f"changed {name}"

    return change, tries


@pytest.mark.parametrize("conflicts", range(TRIES))
def test_a_change_succeeds_if_conflicts_are_fewer_than_its_tries(conflicts):
    change, tries = changing(conflicts)
    assert change(name="it") == "changed it"
    assert tries == ["it"] * (conflicts + 1)


def test_a_change_that_always_conflicts_raises_at_the_end():
    change, tries = changing(TRIES)
    with pytest.raises(Conflict, match="somebody was faster"):
        change(name="it")
    assert len(tries) == TRIES


def test_a_refused_change_is_not_repeated():
    change, tries = changing(1, Refused)
    with pytest.raises(Refused):
        change(name="it")
    assert len(tries) == 1
