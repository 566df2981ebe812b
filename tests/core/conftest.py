"""What tests of the core's verbs begin with."""

import pytest

from coursetill_testing.till import Till, stocked


@pytest.fixture
def till() -> Till:
    """A shop in memory with a program, some runs and a code."""
    return stocked()
