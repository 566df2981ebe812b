"""The page of the example keeps the promises of every hosted page."""

from collections.abc import Iterator

import pytest

from coursetill_testing.contracts.hosted_pages import *  # noqa: F403
from coursetill_testing.contracts.hosted_pages import HostedPageWorld
from tests.examples.cardhouse_messages import a_page_world


@pytest.fixture
def world() -> Iterator[HostedPageWorld]:
    with a_page_world() as there:
        yield there
