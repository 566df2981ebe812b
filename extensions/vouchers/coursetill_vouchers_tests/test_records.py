"""The records of vouchers, on SQLite and PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
import sqlalchemy as sa

from adapters.sql.engine import open_engine
from core.errors import Conflict
from core.identity import Actor, EmailAddress, LearnerId
from core.money import Money
from core.products.product import Sku
from coursetill_vouchers.document import Document
from coursetill_vouchers.personal_data import LearnersVouchers
from coursetill_vouchers.records import TABLES, SqlVoucherRecords
from coursetill_vouchers.voucher import (
    UnknownVoucher,
    Voucher,
    VoucherId,
    VoucherSearch,
    VoucherState,
)
from coursetill_vouchers_tests.conftest import NOW

ANN = Actor.staff("ann")
DOCUMENT = Document(
    "V-2041", "Acme", "Ada Lovelace", "STATS-1", Money(1933), EmailAddress("ada@example.org"), NOW
)


def entered(number: str, document: Document = DOCUMENT, by: Actor = ANN) -> Voucher:
    return Voucher.entered(VoucherId(number), document, at=NOW, by=by)


def claimed(number: str, learner: str) -> Voucher:
    return entered(number, by=Actor.learner(LearnerId(learner)))


def keep(records: SqlVoucherRecords, *vouchers: Voucher) -> None:
    with records.change() as kept:
        kept.add(vouchers)


def test_the_migration_creates_the_tables_that_the_code_uses(address: str) -> None:
    engine = open_engine(address)
    found = sa.inspect(engine)
    for table in TABLES.sorted_tables:
        columns = {column["name"] for column in found.get_columns(table.name)}
        assert columns == {column.name for column in table.columns}
    engine.dispose()


def test_a_stored_voucher_is_read_back_unchanged(records: SqlVoucherRecords) -> None:
    matched = entered("A").matched(Sku("STATS-1"), at=NOW, by=ANN, why="exact")
    keep(records, matched)
    with records.read() as kept:
        assert kept.get(matched.id) == attrs.evolve(matched, news=())
        assert [entry.state.value for entry in kept.history(matched.id)] == ["entered", "matched"]


def test_an_unknown_voucher_is_absent(records: SqlVoucherRecords) -> None:
    with records.read() as kept, pytest.raises(UnknownVoucher):
        kept.get(VoucherId("NONE"))


def test_one_document_has_one_good_voucher(records: SqlVoucherRecords) -> None:
    keep(records, entered("A"))
    with pytest.raises(Conflict):
        keep(records, entered("B"))
    with records.read() as kept:
        assert [voucher.id for voucher in kept.search(VoucherSearch())] == ["A"]


def test_each_learner_may_have_a_claim_beside_the_good_voucher(records: SqlVoucherRecords) -> None:
    keep(records, entered("A"), claimed("B", "ada-1"), claimed("C", "bob-2"))
    with pytest.raises(Conflict):
        keep(records, claimed("D", "ada-1"))
    with records.read() as kept:
        assert [voucher.id for voucher in kept.claims(DOCUMENT.key)] == ["B", "C"]
        assert kept.held_by(LearnerId("ada-1")) == 1
        good = kept.good(DOCUMENT.key)
        assert good is not None
        assert good.id == "A"


def test_the_second_of_two_concurrent_changes_is_refused(records: SqlVoucherRecords) -> None:
    keep(records, entered("A"))
    with records.read() as kept:
        before = kept.get(VoucherId("A"))
    moved = before.matched(Sku("STATS-1"), at=NOW, by=ANN, why="exact")
    with records.change() as kept:
        kept.save(moved)
    with pytest.raises(Conflict), records.change() as kept:
        kept.save(moved)


def test_a_search_lists_the_newest_first_page_by_page(records: SqlVoucherRecords) -> None:
    documents = [attrs.evolve(DOCUMENT, number=f"V-{n}") for n in range(3)]
    keep(records, *(entered(f"A{n}", document) for n, document in enumerate(documents)))
    with records.read() as kept:
        first = kept.search(VoucherSearch(limit=2))
        rest = kept.search(VoucherSearch(after=first[-1].id))
        assert [voucher.id for voucher in (*first, *rest)] == ["A2", "A1", "A0"]
        assert [v.id for v in kept.search(VoucherSearch(number="V-1"))] == ["A1"]
        assert kept.search(VoucherSearch(state=VoucherState.HELD)) == ()
        ada = VoucherSearch(email=EmailAddress("ada@example.org"))
        assert len(kept.search(ada)) == 3


def test_concurrent_entries_of_one_document_make_one_voucher(records: SqlVoucherRecords) -> None:
    together = threading.Barrier(8)

    def enters(number: int) -> bool:
        together.wait()
        try:
            keep(records, entered(f"R{number}"))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as people:
        assert sorted(people.map(enters, range(8))) == [False] * 7 + [True]


def test_erasing_a_learner_keeps_the_amounts(records: SqlVoucherRecords) -> None:
    keep(records, entered("A"), claimed("B", "ada-1"))
    personal = LearnersVouchers(records.tables)
    told = personal.export(LearnerId("ada-1"), "ADA@example.org")
    assert [each["number"] for each in told["vouchers"]] == ["V-2041", "V-2041"]
    personal.forget(LearnerId("ada-1"), "ada@example.org")
    personal.forget(LearnerId("ada-1"), "ada@example.org")
    assert personal.export(LearnerId("ada-1"), "ada@example.org") == {}
    with records.read() as kept:
        for voucher in kept.search(VoucherSearch()):
            assert (voucher.document.employee, voucher.document.email) == ("forgotten", None)
            assert (voucher.learner, voucher.document.amount) == (None, Money(1933))
            by = {entry.by.name for entry in kept.history(voucher.id)}
            assert by <= {"ann", "forgotten"}


def test_a_learner_without_vouchers_has_nothing_to_export(records: SqlVoucherRecords) -> None:
    keep(records, entered("A"))
    assert LearnersVouchers(records.tables).export(LearnerId("bob-2"), "bob@example.org") == {}
