"""Many discounts at once: generated, extended, ended and assigned, or none of them."""

import itertools

import attrs
import pytest

from core.audit_log import AuditSearch, Subject
from core.discount_code import DiscountCode
from core.discounts.discount import DiscountId, DiscountSearch, Source, UnknownCode
from core.discounts.selection import Selection
from core.discounts.window import EndAt, ExtendUntil
from core.identity import EmailAddress
from core.products.product import Sku, UnknownProduct
from core.use_cases.discounts.bulk_discounts import (
    AT_ONCE,
    BatchIsTaken,
    NotAllAssigned,
    NothingSelected,
    OverAlready,
    TooFewCodes,
    TooMuchToAssign,
    assign_discounts,
    generate_discounts,
    pages,
    reschedule_discounts,
    subjects_about,
)
from core.use_cases.discounts.create_discount import DiscountDraft, UnknownKind
from coursetill_testing.makers import ADA, BOB, CLERK, DAY, NOW, usd

FLYERS = DiscountDraft(
    "X", "percent-off", "25", batch="flyers", skus=("6.86x-1T2027",), expires_at=NOW + DAY
)
BATCH = Selection(batch="flyers")


def generates(till, count, written=FLYERS, codes=None, **more):
    numbers = itertools.count(1)
    drawn = iter(codes) if codes else (f"FLY-{n:05}" for n in numbers)
    return generate_discounts(
        written,
        count,
        new_code=lambda: DiscountCode(next(drawn)),
        new_id=lambda: DiscountId(f"d-{till.number()}"),
        by=CLERK,
        why="for the fair",
        begin=till.begin,
        now=NOW,
        **more,
    )


def reschedules(till, change, selection=BATCH, **more):
    how = {"by": CLERK, "why": "", "begin": till.begin, "now": NOW}
    return reschedule_discounts(selection, change, **how, **more)


def assigns(till, to, selection=BATCH, **more):
    how = {"by": CLERK, "why": "", "begin": till.begin, "now": NOW}
    return assign_discounts(selection, to, **how, **more)


def kept(till, **wanted):
    with till.read() as work:
        return [o.discount for o in work.discounts.search(DiscountSearch(limit=1000, **wanted))]


def told(till, subject):
    with till.read() as work:
        return [(e.what, e.why) for e in work.audit_log.search(AuditSearch(subject))]


def test_generated_discounts_differ_only_in_their_codes(till):
    made = generates(till, 3)
    assert kept(till, batch="flyers") == sorted(made, key=lambda each: each.code)
    assert sorted(each.code.text for each in made) == ["FLY-00001", "FLY-00002", "FLY-00003"]
    assert len({each.id for each in made}) == 3
    assert {attrs.evolve(each, id="", code="") for each in made} == {
        attrs.evolve(made[0], id="", code="")
    }
    assert made[0].scope.products == {Sku("6.86x-1T2027")}
    assert told(till, Subject.batch("flyers")) == [("generated 3 codes: 25 % off", "for the fair")]


def test_a_generated_code_takes_money_off(till):
    generates(till, 1)
    till.puts("6.86x-1T2027")
    till.enters("fly-00001")
    assert till.basket().quote.saved == usd("9.83")


def test_taken_or_repeated_random_codes_are_drawn_again(till):
    drawn = ["SPRING", "FLY-1", "FLY-1", "FLY-2", "FLY-2", "FLY-3"]
    made = generates(till, 3, codes=drawn)
    assert {each.code.text for each in made} == {"FLY-1", "FLY-2", "FLY-3"}


def test_no_discount_is_stored_if_no_free_code_is_found(till):
    with pytest.raises(TooFewCodes):
        generates(till, 2, codes=itertools.repeat("FLY-1"))
    assert kept(till, batch="flyers") == []


def test_a_large_batch_is_stored_in_parts_and_counted(till):
    reached = []
    made = generates(till, AT_ONCE + 1, progress=lambda *pair: reached.append(pair))
    assert len({each.code for each in made}) == AT_ONCE + 1
    assert reached == [(AT_ONCE, AT_ONCE + 1), (AT_ONCE + 1, AT_ONCE + 1)]
    with till.read() as work:
        assert [len(page) for page in pages(work, BATCH)] == [1000] * 5 + [1]


@pytest.mark.parametrize(
    "changes, refused",
    [({"kind": "half"}, UnknownKind), ({"skus": ("NOTHING",)}, UnknownProduct)],
)
def test_an_invalid_batch_is_refused(till, changes, refused):
    with pytest.raises(refused):
        generates(till, 2, attrs.evolve(FLYERS, **changes))


def test_a_batch_cannot_be_made_twice(till):
    generates(till, 1)
    with pytest.raises(BatchIsTaken):
        generates(till, 1, codes=["FLY-2"])


def test_a_dry_run_reports_the_effect_and_changes_nothing(till):
    assert len(generates(till, 2, dry_run=True)) == 2
    assert kept(till, batch="flyers") == []
    generates(till, 2)
    assert reschedules(till, EndAt(NOW), dry_run=True).changed == 2
    assert {each.window.expires_at for each in kept(till, batch="flyers")} == {NOW + DAY}
    assert len(told(till, Subject.batch("flyers"))) == 1


def test_extending_moves_only_earlier_ends_and_counts_them(till):
    generates(till, 3)
    reschedules(till, EndAt(NOW), Selection(DiscountCode("FLY-00002")))
    done = reschedules(till, ExtendUntil(NOW + DAY))
    assert (done.selected, done.changed) == (3, 1)
    assert {each.window.expires_at for each in kept(till, batch="flyers")} == {NOW + DAY}


def test_extending_to_a_past_time_is_refused(till):
    generates(till, 1)
    with pytest.raises(OverAlready):
        reschedules(till, ExtendUntil(NOW))


def test_a_paid_order_keeps_its_price_after_its_code_ended(till):
    generates(till, 1)
    till.puts("6.86x-1T2027")
    till.enters("FLY-00001")
    order = till.checks_out()
    reschedules(till, EndAt(NOW))
    with till.read() as work:
        kept_order = work.orders.get(order.reference)
    assert (kept_order.total, kept_order.lines) == (order.total, order.lines)


@pytest.mark.parametrize(
    "selection, refused",
    [
        (Selection(DiscountCode("NOTHING")), UnknownCode),
        (Selection(prefix="NOTHING"), NothingSelected),
        (BATCH, NothingSelected),
    ],
)
def test_an_empty_selection_is_an_error(till, selection, refused):
    with pytest.raises(refused):
        reschedules(till, EndAt(NOW), selection)
    with pytest.raises(refused):
        assigns(till, [ADA.id], selection)


def test_the_journal_of_a_code_includes_actions_on_its_batch_and_prefix(till):
    [discount] = generates(till, 1)
    reschedules(till, EndAt(NOW), Selection(prefix="FLY"))
    reschedules(till, ExtendUntil(NOW + DAY), Selection(discount.code))
    with till.read() as work:
        entries = work.audit_log.search(AuditSearch(about=subjects_about(discount)))
    assert [str(entry.subject) for entry in entries] == [
        "discount FLY-00001",
        "prefix FLY",
        "batch flyers",
    ]


GIFTS = attrs.evolve(FLYERS, source=Source.ASSIGNED)


def test_assigned_learners_can_use_the_discounts(till):
    generates(till, 2, GIFTS)
    done = assigns(till, [ADA.id, EmailAddress("zoe@example.org")])
    assert (done.selected, done.changed) == (2, 4)
    assert assigns(till, [ADA.id]).changed == 0
    for learner in (ADA, BOB):
        till.puts("6.86x-1T2027", by=learner)
    assert till.basket(ADA).quote.saved == usd("9.83")
    assert till.basket(BOB).quote.saved == usd("0")


def test_a_typed_discount_cannot_be_assigned(till):
    generates(till, 2)
    with pytest.raises(NotAllAssigned, match="others 2"):
        assigns(till, [ADA.id])


def test_more_than_a_million_assignments_are_refused_before_any_is_made(till):
    generates(till, 2, GIFTS)
    with pytest.raises(TooMuchToAssign, match="pairs 1000002"):
        assigns(till, range(500_001))
