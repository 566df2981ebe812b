"""The limit on guessing discount codes."""

from datetime import UTC, datetime

import pytest

from entrypoints.web.code_guess_limit import MOST_BY_ADDRESS, WITHIN, CodeGuessLimit

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "tried_from, asked_from, waits",
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:0:ffff::", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "", True),
    ],
)
def test_guesses_from_one_network_count_as_one_visitor(tried_from, asked_from, waits):
    tries = CodeGuessLimit()
    for number in range(MOST_BY_ADDRESS):
        tries.in_vain(f"visitor {number}", tried_from, NOW)
    assert tries.wait("somebody new", asked_from, NOW) == (WITHIN if waits else None)
