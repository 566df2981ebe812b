"""The allowed moves of a voucher."""

import pytest

from core.identity import Actor, LearnerId
from core.money import Money
from core.products.product import Sku
from coursetill_vouchers.document import Document
from coursetill_vouchers.voucher import (
    MOVES,
    Voucher,
    VoucherCannotMove,
    VoucherId,
    VoucherState,
)
from coursetill_vouchers_tests.conftest import NOW

ANN = Actor.staff("ann")
ADA = Actor.learner(LearnerId("ada-1"))
DOCUMENT = Document("V-2041", "Acme", "Ada Lovelace", "STATS-1", Money(1933))


def voucher(state: VoucherState) -> Voucher:
    return Voucher(VoucherId("TEST"), DOCUMENT, state)


def test_a_voucher_entered_by_staff_is_good_and_one_by_a_learner_is_held() -> None:
    by_staff = Voucher.entered(VoucherId("A"), DOCUMENT, at=NOW, by=ANN)
    by_learner = Voucher.entered(VoucherId("B"), DOCUMENT, at=NOW, by=ADA)
    assert (by_staff.state, by_staff.learner) == (VoucherState.ENTERED, None)
    assert (by_learner.state, by_learner.learner) == (VoucherState.HELD, "ada-1")


@pytest.mark.parametrize("before", VoucherState)
@pytest.mark.parametrize("after", VoucherState)
def test_a_voucher_allows_only_the_moves_of_the_table(
    before: VoucherState, after: VoucherState
) -> None:
    if after in MOVES[before]:
        moved = voucher(before).moved_to(after, at=NOW, by=ANN, why="so")
        assert (moved.state, moved.news[-1].why) == (after, "so")
    else:
        with pytest.raises(VoucherCannotMove, match=f"state {before.value}"):
            voucher(before).moved_to(after, at=NOW, by=ANN, why="so")


def test_only_staff_move_a_held_voucher_to_issued() -> None:
    assert VoucherState.ISSUED not in MOVES[VoucherState.HELD]
    assert VoucherState.MATCHED not in MOVES[VoucherState.HELD]


def test_good_vouchers_of_one_document_conflict_and_claims_do_not() -> None:
    keys = {voucher(state).key for state in (VoucherState.ENTERED, VoucherState.ISSUED)}
    held = Voucher.entered(VoucherId("B"), DOCUMENT, at=NOW, by=ADA)
    other = Voucher.entered(VoucherId("C"), DOCUMENT, at=NOW, by=Actor.learner(LearnerId("bob")))
    assert keys == {DOCUMENT.key}
    assert len({held.key, other.key, DOCUMENT.key, voucher(VoucherState.CANCELLED).key}) == 4


def test_the_discount_id_depends_only_on_the_voucher_id() -> None:
    plain, matched = voucher(VoucherState.ENTERED), voucher(VoucherState.ENTERED)
    matched = matched.matched(Sku("STATS-1"), at=NOW, by=ANN, why="exact")
    assert (plain.code, plain.discount_id) == (matched.code, matched.discount_id)
