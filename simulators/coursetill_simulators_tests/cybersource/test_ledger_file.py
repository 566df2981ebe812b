"""The ledger file: each run reads the entries of the last one, even after a crash."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators.cybersource.state.ledger import LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.ledger_file import StoredState, UnreadableLedgerFile
from coursetill_simulators.cybersource.state.merchant_references import Notes
from coursetill_simulators.cybersource.state.outcomes import OUTCOMES
from coursetill_simulators.cybersource.wire_format.cards import PaymentCard
from coursetill_simulators_tests.cybersource.merchant import VISA, Clock, Merchant

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


@contextmanager
def run(books: Path, clock: Clock) -> Iterator[Merchant]:
    settings = SimulatorSettings(ledger_file=books)
    with RunningSimulator(settings, now=clock, rounds_every=None) as running:
        yield Merchant(running.url, clock)


def entry(number: int = 1, outcome: str = "authorized") -> LedgerEntry:
    """An entry without default values, except the card's prefix, which is not stored."""
    card = PaymentCard(VISA, "12", "2031", "123").on_file
    return LedgerEntry(
        id=f"{number:022d}",
        kind=LedgerKind.PAYMENT,
        status="AUTHORIZED",
        code="ORDER-42",
        requested=Decimal("247.50"),
        approved=Decimal("247.5"),
        currency="USD",
        submitted_at=NOON,
        transaction_id="attempt-1",
        parent_id="parent",
        outcome=attrs.evolve(OUTCOMES[outcome], fault=None),
        capture=True,
        settled=True,
        settled_at=NOON,
        fails_in_batch=True,
        card=attrs.evolve(card, prefix=""),
        bill_to={"country": "US"},
        notes=Notes(marks=(("1", "A"), ("2", "B")), customer_id="ada", ip_address="203.0.113.7"),
    )


def test_a_sale_from_an_earlier_run_can_be_refunded(tmp_path: Path, clock: Clock) -> None:
    books = tmp_path / "demo.gateway"
    with run(books, clock) as merchant:
        sale = merchant.pays().json()["id"]
        held = merchant.pays("4000000000004806", code="ORDER-43").json()["id"]
        merchant.commands(f"reviews/{held}", decision="accept")
        merchant.refunds(sale, "100.00")
        before = merchant.ledger()
    with run(books, clock) as merchant:
        assert merchant.ledger() == before
        assert merchant.refunds(sale, "147.51").json()["reason"] == "INVALID_AMOUNT"
        assert merchant.refunds(sale, "147.50").status_code == 201
        clock.advance(60)
        (row,) = merchant.finds(f"id:{sale}")
        assert row["paymentInformation"]["card"]["suffix"] == "1111"
        span = "startTime=2026-01-01T00:00:00.000Z&endTime=2027-01-01T00:00:00.000Z"
        report = merchant.get(f"/reporting/v3/conversion-details?{span}").json()
        assert [each["requestId"] for each in report["conversionDetails"]] == [held]


def test_the_file_holds_no_card_number_and_is_readable_by_its_owner_only(
    tmp_path: Path, clock: Clock
) -> None:
    books = tmp_path / "demo.gateway"
    with run(books, clock) as merchant:
        merchant.pays()
    assert stat.S_IMODE(books.stat().st_mode) == 0o600
    assert b"411111" not in books.read_bytes()


def test_a_deleted_entry_stays_deleted(tmp_path: Path, clock: Clock) -> None:
    books = tmp_path / "demo.gateway"
    with run(books, clock) as merchant:
        merchant.pays()
        merchant.commands("reset")
    with run(books, clock) as merchant:
        assert merchant.ledger()["payments"] == []


@pytest.mark.parametrize("outcome", ["authorized", "partial", "risk-declined", "lost-reply"])
def test_an_entry_is_read_back_unchanged(tmp_path: Path, outcome: str) -> None:
    books = tmp_path / "books"
    kept = entry(outcome=outcome)
    StoredState.kept_in(books).ledger.append(kept)
    (found,) = StoredState.kept_in(books).ledger.entries()
    assert found == kept


def test_the_last_version_of_an_entry_counts_and_keeps_the_first_position(tmp_path: Path) -> None:
    books = tmp_path / "books"
    ledger = StoredState.kept_in(books).ledger
    for each in (entry(1), entry(2), attrs.evolve(entry(1), status="FAILED")):
        ledger.append(each)
    found = StoredState.kept_in(books).ledger.entries()
    assert [each.status for each in found] == ["FAILED", "AUTHORIZED"]


@given(cut=st.integers(1, 200))
def test_a_line_cut_off_by_a_crash_is_dropped(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    books = tmp_path_factory.mktemp("crash") / "books"
    ledger = StoredState.kept_in(books).ledger
    ledger.append(entry(1))
    ledger.append(entry(2))
    books.write_bytes(books.read_bytes()[: -cut - 1])
    again = StoredState.kept_in(books).ledger
    assert again.entries() == [entry(1)]
    again.append(entry(3))
    assert StoredState.kept_in(books).ledger.entries() == [entry(1), entry(3)]


@pytest.mark.parametrize(
    "content",
    [b"1\n", b"[]\n", b'{"entry": {"id": "1"}}\n', b'{"a": 1}\n', b"SQLite format 3\0\n", b"\xff"],
)
def test_a_file_with_other_content_is_refused(tmp_path: Path, content: bytes) -> None:
    books = tmp_path / "notes.json"
    books.write_bytes(content)
    with pytest.raises(UnreadableLedgerFile, match=r"notes\.json holds something else"):
        StoredState.kept_in(books)
    assert books.read_bytes() == content
