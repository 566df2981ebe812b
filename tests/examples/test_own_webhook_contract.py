"""The webhook of the example keeps the promises of every webhook."""

import pytest

from coursetill_testing.contracts.notice_reader import *  # noqa: F403
from coursetill_testing.contracts.notice_reader import NoticeWorld
from tests.examples.cardhouse_messages import a_notice_world


@pytest.fixture
def world() -> NoticeWorld:
    return a_notice_world()
