"""From a document to a discount: claims, staff decisions, and crashes in between."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import attrs
import pytest

from core.discounts.discount import Offer
from core.identity import Actor, EmailAddress, Learner, LearnerId
from core.money import Currency, Money
from core.products.product import Sku, UnknownProduct
from coursetill_testing.town import Town
from coursetill_vouchers.document import Document
from coursetill_vouchers.matching import InAnotherCurrency, NotForVouchers
from coursetill_vouchers.redeem_voucher import (
    MOST_HELD,
    Office,
    TooManyHeld,
    UsedAlready,
    cancel,
    claim,
    enter,
    issue,
    match,
    verify,
    waiting,
)
from coursetill_vouchers.voucher import (
    EnteredAlready,
    Voucher,
    VoucherCannotMove,
    VoucherId,
    VoucherRecords,
    Vouchers,
    VoucherState,
)
from coursetill_vouchers_tests.conftest import Killed

ANN = Actor.staff("ann")
ADA = Learner(LearnerId("ada-lovelace"), "ada@example.org", "Ada Lovelace", email_verified=True)
BOB = Learner(LearnerId("bob-kahn"), "bob@example.org", "Bob Kahn", email_verified=True)
DOCUMENT = Document("V-2041", "Acme", "Ada Lovelace", "STATS-1", Money(1933))
ADDRESSED = attrs.evolve(DOCUMENT, email=EmailAddress("ada@example.org"))

NewId = Callable[[], VoucherId]


def offer_of(voucher: Voucher, office: Office) -> Offer | None:
    with office.read() as work:
        return work.discounts.among([voucher.code]).get(voucher.code)


def test_an_addressed_voucher_becomes_a_discount_at_once(office: Office, new_id: NewId) -> None:
    voucher = enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    assert voucher.state is VoucherState.ISSUED
    offer = offer_of(voucher, office)
    assert offer is not None
    assert str(offer.discount.saving) == "$19.33 off"
    with office.read() as work:
        ours = work.discounts.offered([], ADA, office.now())
        theirs = work.discounts.offered([], BOB, office.now())
    assert [each.discount.code for each in ours] == [voucher.code]
    assert theirs == ()


def test_a_voucher_without_address_waits_for_a_matching_claim(
    office: Office, new_id: NewId
) -> None:
    entered = enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    assert entered.state is VoucherState.MATCHED
    assert offer_of(entered, office) is None
    mine = claim(DOCUMENT, new_id(), ADA, office=office)
    assert (mine.id, mine.state, mine.learner) == (entered.id, VoucherState.ISSUED, ADA.id)


@pytest.mark.parametrize(
    "claimed",
    [
        attrs.evolve(DOCUMENT, amount=Money(9999)),
        attrs.evolve(DOCUMENT, employee="Bob Kahn"),
        attrs.evolve(DOCUMENT, number="V-9999"),
        attrs.evolve(DOCUMENT, employer="Other"),
    ],
)
def test_a_mismatched_claim_is_held_and_reveals_nothing(
    claimed: Document, office: Office, new_id: NewId
) -> None:
    entered = enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    held = claim(claimed, new_id(), BOB, office=office)
    assert (held.state, held.learner) == (VoucherState.HELD, BOB.id)
    assert held.id != entered.id
    assert offer_of(held, office) is None


def test_a_colleague_with_name_and_amount_gets_no_addressed_voucher(
    office: Office, new_id: NewId
) -> None:
    enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    assert claim(DOCUMENT, new_id(), BOB, office=office).state is VoucherState.HELD


def test_an_unverified_address_matches_no_voucher(office: Office, new_id: NewId) -> None:
    enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    unproven = attrs.evolve(BOB, email="ada@example.org", email_verified=False)
    assert claim(ADDRESSED, new_id(), unproven, office=office).state is VoucherState.HELD


def test_a_second_matching_claim_gets_no_voucher(office: Office, new_id: NewId) -> None:
    enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    claim(DOCUMENT, new_id(), ADA, office=office)
    assert claim(DOCUMENT, new_id(), BOB, office=office).state is VoucherState.HELD


def test_the_same_claim_twice_changes_nothing_for_a_learner(office: Office, new_id: NewId) -> None:
    first = claim(DOCUMENT, new_id(), ADA, office=office)
    again = claim(DOCUMENT, new_id(), ADA, office=office)
    assert (again.id, again.version, again.news) == (first.id, first.version, ())


def test_staff_see_that_a_document_was_entered_before(office: Office, new_id: NewId) -> None:
    enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    with pytest.raises(EnteredAlready, match="number V-2041, employer acme"):
        enter(attrs.evolve(DOCUMENT, employer="acme"), new_id(), by=ANN, why="", office=office)


def test_too_many_mismatched_claims_wait_for_staff(office: Office, new_id: NewId) -> None:
    for number in range(MOST_HELD):
        claim(attrs.evolve(DOCUMENT, number=f"V-{number}"), new_id(), BOB, office=office)
    with pytest.raises(TooManyHeld):
        claim(attrs.evolve(DOCUMENT, number="V-99"), new_id(), BOB, office=office)
    assert claim(DOCUMENT, new_id(), ADA, office=office).state is VoucherState.HELD


def test_a_voucher_entered_later_is_issued_to_the_earlier_claim(
    office: Office, new_id: NewId
) -> None:
    held = claim(DOCUMENT, new_id(), ADA, office=office)
    claim(attrs.evolve(DOCUMENT, amount=Money(9999)), new_id(), BOB, office=office)
    entered = enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    assert (entered.state, entered.learner) == (VoucherState.ISSUED, ADA.id)
    with office.vouchers.read() as kept:
        assert kept.get(held.id).over


def test_two_claims_of_one_document_are_not_issued_automatically(
    office: Office, new_id: NewId
) -> None:
    claim(DOCUMENT, new_id(), ADA, office=office)
    claim(DOCUMENT, new_id(), BOB, office=office)
    entered = enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    assert (entered.state, entered.learner) == (VoucherState.MATCHED, None)


def test_staff_can_approve_a_claim(office: Office, new_id: NewId) -> None:
    held = claim(DOCUMENT, new_id(), ADA, office=office)
    verified = verify(held.id, by=ANN, why="Acme says so", office=office)
    assert verified.state is VoucherState.ISSUED
    with pytest.raises(VoucherCannotMove):
        verify(held.id, by=ANN, why="again", office=office)


@pytest.mark.parametrize(
    "course, sku",
    [
        ("STATS-1", "STATS-1"),
        ("c:U+14.310x+1T27", "STATS-1"),
        ("c:U+14.73x", "POVERTY-1"),  # One run of the course is on sale.
        ("c:U+14.310x", None),  # Two runs are on sale.
        ("c:U+1.00x", None),  # No run is on sale.
        ("Data Analysis", None),
        ("DEDP", None),  # A program.
        ("EURO", None),  # In another currency.
        ("../etc", None),
    ],
)
def test_an_ambiguous_course_is_not_matched(
    course: str, sku: str | None, office: Office, new_id: NewId
) -> None:
    voucher = enter(attrs.evolve(DOCUMENT, course=course), new_id(), by=ANN, why="", office=office)
    assert voucher.sku == (Sku(sku) if sku else None)


def test_staff_match_an_unclear_course_to_a_product(office: Office, new_id: NewId) -> None:
    document = attrs.evolve(ADDRESSED, course="Data Analysis")
    entered = enter(document, new_id(), by=ANN, why="", office=office)
    assert entered.state is VoucherState.ENTERED
    for wrong, why in (("DEDP", NotForVouchers), ("EURO", InAnotherCurrency)):
        with pytest.raises(why):
            match(entered.id, Sku(wrong), by=ANN, why="", office=office)
    with pytest.raises(UnknownProduct):
        match(entered.id, Sku("NONE"), by=ANN, why="", office=office)
    matched = match(entered.id, Sku("STATS-1"), by=ANN, why="", office=office)
    assert matched.state is VoucherState.ISSUED


def test_a_voucher_in_euros_pays_for_products_in_euros(office: Office, new_id: NewId) -> None:
    document = attrs.evolve(ADDRESSED, course="EURO", amount=Money(1000, Currency.EUR))
    voucher = enter(document, new_id(), by=ANN, why="", office=office)
    offer = offer_of(voucher, office)
    assert offer is not None
    assert offer.discount.saving.currency is Currency.EUR


def test_an_expired_voucher_is_not_issued(office: Office, town: Town, new_id: NewId) -> None:
    document = attrs.evolve(DOCUMENT, valid_until=town.clock() + timedelta(days=1))
    entered = enter(document, new_id(), by=ANN, why="", office=office)
    town.clock.advance(days=1)
    late = claim(document, new_id(), ADA, office=office)
    assert (late.id, late.state) == (entered.id, VoucherState.MATCHED)
    assert offer_of(entered, office) is None


def test_the_discount_expires_with_its_voucher(office: Office, town: Town, new_id: NewId) -> None:
    until = town.clock() + timedelta(days=1)
    document = attrs.evolve(ADDRESSED, valid_until=until)
    voucher = enter(document, new_id(), by=ANN, why="", office=office)
    offer = offer_of(voucher, office)
    assert offer is not None
    assert offer.discount.window.expires_at == until


def test_a_cancelled_voucher_gives_no_discount(office: Office, new_id: NewId) -> None:
    voucher = enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    cancel(voucher.id, by=ANN, why="Acme took it back", office=office)
    with office.read() as work:
        assert work.discounts.offered([], ADA, office.now()) == ()
    with pytest.raises(VoucherCannotMove):
        issue(voucher.id, by=ANN, office=office)


def test_a_document_can_be_entered_again_after_cancellation(office: Office, new_id: NewId) -> None:
    voucher = enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    cancel(voucher.id, by=ANN, why="mistyped", office=office)
    again = enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    assert again.state is VoucherState.ISSUED
    assert again.code != voucher.code


def test_a_voucher_used_by_an_order_cannot_be_cancelled(
    office: Office, town: Town, new_id: NewId
) -> None:
    ada = town.person("Ada Lovelace")
    held = ada.page
    assert held.status == 303
    learner = _signed_in(town, "Ada Lovelace")
    enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    mine = claim(DOCUMENT, new_id(), learner, office=office)
    ada.pays(ada.orders("STATS-1"))
    with pytest.raises(UsedAlready):
        cancel(mine.id, by=ANN, why="too late", office=office)


def _signed_in(town: Town, name: str) -> Learner:
    from entrypoints.web.demo_sign_in import demo_learner

    return demo_learner(name)


class _Stop:
    """Kills the process at the start of the change with this number."""

    def __init__(self, records: VoucherRecords, at: int):
        self._records, self._at, self._changes = records, at, itertools.count(1)

    @contextmanager
    def read(self) -> Iterator[Vouchers]:
        with self._records.read() as vouchers:
            yield vouchers

    @contextmanager
    def change(self) -> Iterator[Vouchers]:
        if next(self._changes) == self._at:
            raise Killed()
        with self._records.change() as vouchers:
            yield vouchers


def test_a_crash_before_the_issue_is_stored_does_not_issue_twice(
    office: Office, new_id: NewId
) -> None:
    dying = attrs.evolve(office, vouchers=_Stop(office.vouchers, at=2))
    with pytest.raises(Killed):
        enter(ADDRESSED, new_id(), by=ANN, why="", office=dying)
    [left] = waiting(office)
    assert offer_of(left, office) is not None
    assert issue(left.id, by=ANN, office=office).state is VoucherState.ISSUED
    assert issue(left.id, by=ANN, office=office).state is VoucherState.ISSUED
    assert waiting(office) == ()
    with office.read() as work:
        assert len(work.discounts.offered([], ADA, office.now())) == 1


def test_a_crash_during_cancellation_leaves_no_discount(office: Office, new_id: NewId) -> None:
    dying = attrs.evolve(office, vouchers=_Stop(office.vouchers, at=2))
    with pytest.raises(Killed):
        enter(ADDRESSED, new_id(), by=ANN, why="", office=dying)
    [left] = waiting(office)
    cancel(left.id, by=ANN, why="taken back", office=office)
    with office.read() as work:
        assert work.discounts.offered([], ADA, office.now()) == ()
