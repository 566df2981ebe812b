"""The promises about personal data, kept by every adapter of the records."""

import pytest
import sqlalchemy as sa

from adapters.sql.tables import metadata
from core.identity import LearnerId
from core.privacy.personal_data import Erasure, Person
from coursetill_testing.contracts.people import *  # noqa: F403
from coursetill_testing.contracts.people import ERASING, EVA, PERSON
from coursetill_testing.contracts.samples import BOB, changing


@pytest.mark.parametrize("shop", ["sqlite", "postgresql"], indirect=True)
def test_no_row_of_any_table_names_the_erased_person(full):
    with changing(full.begin) as work:
        bob = Person((BOB.id,), (BOB.email,), (BOB.name, EVA.name, *PERSON.emails))
        work.personal_data.erase(Erasure(bob, {BOB.id: LearnerId("forgotten-b")}))
        work.personal_data.erase(ERASING)
    with full._engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                told = str(row).casefold()
                assert "eva" not in told, table
                assert "irène" not in told, table
