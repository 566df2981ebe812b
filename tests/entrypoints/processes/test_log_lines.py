"""What is written to the log is one line each, and steers nobody's terminal."""

import logging

import pytest

from entrypoints.processes.web_server import OneLine


@pytest.mark.parametrize("control", ["\n", "\r", "\x1b[2J", "\x9b", "\x00", "\u2028", "\u202e"])
def test_a_foreign_text_cannot_break_a_log_line_or_control_a_terminal(control: str) -> None:
    record = logging.LogRecord("shop", logging.ERROR, "", 0, "told %s", (f"a{control}b",), None)
    told = OneLine("%(levelname)s %(message)s").format(record)
    assert told == f"ERROR told {(f'a{control}b').encode('unicode_escape').decode()}"
