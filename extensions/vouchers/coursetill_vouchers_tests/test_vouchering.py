"""From a document to a discount, whoever comes first and whoever is killed on the way."""

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


def test_an_exact_document_with_an_address_is_a_discount_at_once(
    office: Office, new_id: NewId
) -> None:
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


def test_without_an_address_it_waits_for_the_learner_who_says_the_same(
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
def test_whoever_says_something_else_is_held_and_learns_nothing(
    claimed: Document, office: Office, new_id: NewId
) -> None:
    entered = enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    held = claim(claimed, new_id(), BOB, office=office)
    assert (held.state, held.learner) == (VoucherState.HELD, BOB.id)
    assert held.id != entered.id
    assert offer_of(held, office) is None


def test_a_colleague_who_knows_name_and_amount_does_not_get_an_addressed_one(
    office: Office, new_id: NewId
) -> None:
    enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    assert claim(DOCUMENT, new_id(), BOB, office=office).state is VoucherState.HELD


def test_an_address_that_nobody_vouches_for_opens_nothing(office: Office, new_id: NewId) -> None:
    enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    unproven = attrs.evolve(BOB, email="ada@example.org", email_verified=False)
    assert claim(ADDRESSED, new_id(), unproven, office=office).state is VoucherState.HELD


def test_the_second_who_says_the_same_does_not_get_it_again(office: Office, new_id: NewId) -> None:
    enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    claim(DOCUMENT, new_id(), ADA, office=office)
    assert claim(DOCUMENT, new_id(), BOB, office=office).state is VoucherState.HELD


def test_entering_the_same_twice_changes_nothing_for_a_learner(
    office: Office, new_id: NewId
) -> None:
    first = claim(DOCUMENT, new_id(), ADA, office=office)
    again = claim(DOCUMENT, new_id(), ADA, office=office)
    assert (again.id, again.version, again.news) == (first.id, first.version, ())


def test_staff_are_told_that_it_was_entered_already(office: Office, new_id: NewId) -> None:
    enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    with pytest.raises(EnteredAlready, match="number V-2041, employer acme"):
        enter(attrs.evolve(DOCUMENT, employer="acme"), new_id(), by=ANN, why="", office=office)


def test_a_learner_who_guesses_has_to_wait_for_staff(office: Office, new_id: NewId) -> None:
    for number in range(MOST_HELD):
        claim(attrs.evolve(DOCUMENT, number=f"V-{number}"), new_id(), BOB, office=office)
    with pytest.raises(TooManyHeld):
        claim(attrs.evolve(DOCUMENT, number="V-99"), new_id(), BOB, office=office)
    assert claim(DOCUMENT, new_id(), ADA, office=office).state is VoucherState.HELD


def test_what_staff_enter_later_goes_to_the_learner_who_claimed_it(
    office: Office, new_id: NewId
) -> None:
    held = claim(DOCUMENT, new_id(), ADA, office=office)
    claim(attrs.evolve(DOCUMENT, amount=Money(9999)), new_id(), BOB, office=office)
    entered = enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    assert (entered.state, entered.learner) == (VoucherState.ISSUED, ADA.id)
    with office.vouchers.read() as kept:
        assert kept.get(held.id).over


def test_two_who_claim_the_same_get_nothing_by_themselves(office: Office, new_id: NewId) -> None:
    claim(DOCUMENT, new_id(), ADA, office=office)
    claim(DOCUMENT, new_id(), BOB, office=office)
    entered = enter(DOCUMENT, new_id(), by=ANN, why="", office=office)
    assert (entered.state, entered.learner) == (VoucherState.MATCHED, None)


def test_staff_vouch_for_what_a_learner_entered(office: Office, new_id: NewId) -> None:
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
        ("c:U+14.73x", "POVERTY-1"),  # One run of it can be bought.
        ("c:U+14.310x", None),  # Two of its runs can.
        ("c:U+1.00x", None),  # None of its runs can.
        ("Data Analysis", None),
        ("DEDP", None),  # A program.
        ("EURO", None),  # In another currency.
        ("../etc", None),
    ],
)
def test_a_course_is_matched_only_where_there_is_no_doubt(
    course: str, sku: str | None, office: Office, new_id: NewId
) -> None:
    voucher = enter(attrs.evolve(DOCUMENT, course=course), new_id(), by=ANN, why="", office=office)
    assert voucher.sku == (Sku(sku) if sku else None)


def test_a_person_matches_the_others(office: Office, new_id: NewId) -> None:
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


def test_an_amount_in_euro_pays_for_what_costs_euro(office: Office, new_id: NewId) -> None:
    document = attrs.evolve(ADDRESSED, course="EURO", amount=Money(1000, Currency.EUR))
    voucher = enter(document, new_id(), by=ANN, why="", office=office)
    offer = offer_of(voucher, office)
    assert offer is not None
    assert offer.discount.saving.currency is Currency.EUR


def test_one_that_is_no_longer_valid_is_not_issued(
    office: Office, town: Town, new_id: NewId
) -> None:
    document = attrs.evolve(DOCUMENT, valid_until=town.clock() + timedelta(days=1))
    entered = enter(document, new_id(), by=ANN, why="", office=office)
    town.clock.advance(days=1)
    late = claim(document, new_id(), ADA, office=office)
    assert (late.id, late.state) == (entered.id, VoucherState.MATCHED)
    assert offer_of(entered, office) is None


def test_its_discount_ends_with_it(office: Office, town: Town, new_id: NewId) -> None:
    until = town.clock() + timedelta(days=1)
    document = attrs.evolve(ADDRESSED, valid_until=until)
    voucher = enter(document, new_id(), by=ANN, why="", office=office)
    offer = offer_of(voucher, office)
    assert offer is not None
    assert offer.discount.window.expires_at == until


def test_a_cancelled_one_takes_nothing_off_any_more(office: Office, new_id: NewId) -> None:
    voucher = enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    cancel(voucher.id, by=ANN, why="Acme took it back", office=office)
    with office.read() as work:
        assert work.discounts.offered([], ADA, office.now()) == ()
    with pytest.raises(VoucherCannotMove):
        issue(voucher.id, by=ANN, office=office)


def test_after_it_was_cancelled_the_document_can_be_entered_anew(
    office: Office, new_id: NewId
) -> None:
    voucher = enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    cancel(voucher.id, by=ANN, why="mistyped", office=office)
    again = enter(ADDRESSED, new_id(), by=ANN, why="", office=office)
    assert again.state is VoucherState.ISSUED
    assert again.code != voucher.code


def test_one_that_an_order_used_is_not_cancelled(office: Office, town: Town, new_id: NewId) -> None:
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
    """Kills whoever begins the change with this number."""

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


def test_killed_before_it_is_kept_as_issued_it_is_issued_once_all_the_same(
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


def test_one_that_is_cancelled_half_way_leaves_no_discount(office: Office, new_id: NewId) -> None:
    dying = attrs.evolve(office, vouchers=_Stop(office.vouchers, at=2))
    with pytest.raises(Killed):
        enter(ADDRESSED, new_id(), by=ANN, why="", office=dying)
    [left] = waiting(office)
    cancel(left.id, by=ANN, why="taken back", office=office)
    with office.read() as work:
        assert work.discounts.offered([], ADA, office.now()) == ()
