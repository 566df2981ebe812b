"""What staff change about one product: price, listing, seats and window, told to the journal."""

from datetime import datetime

import pytest

from core.audit_log import AuditSearch, ReasonIsMissing, Subject
from core.products.product import FewerSeatsThanTaken, Listing, NoTimeToBuy, Sku, UnknownProduct
from core.use_cases.catalogue.edit_product import reprice, set_listing, set_seats, set_window
from coursetill_testing.makers import CLERK, DAY, NOW, TICK, run, usd
from coursetill_testing.till import Till

SKU = Sku("14.310x-1T2027")
WHO = {"by": CLERK, "why": " fees of 2027 "}


@pytest.fixture
def till():
    till = Till()
    till.sells(run(), run("6.86x-1T2027", seats=3, seats_taken=2))
    return till


def does(till, verb, *arguments, **different):
    return verb(*arguments, **{**WHO, **different}, begin=till.begin, now=till.now)


def journal(till, sku=SKU):
    with till.read() as work:
        found = work.audit_log.search(AuditSearch(Subject.product(sku)))
    return [(entry.what, str(entry.by), entry.why) for entry in found]


def prices(till):
    with till.read() as work:
        return [str(version.price) for version in work.products.prices(SKU)]


def test_a_new_price_adds_one_version_and_the_same_price_none(till):
    does(till, reprice, SKU, usd("210.01"))
    does(till, reprice, SKU, usd("210.01"))
    assert prices(till) == ["$199.99", "$210.01"]


def test_a_price_change_requires_a_reason(till):
    with pytest.raises(ReasonIsMissing):
        does(till, reprice, SKU, usd("210.01"), why="  ")
    assert prices(till) == ["$199.99"]


@pytest.mark.parametrize("listing", Listing)
def test_a_listing_can_be_set_to_any_value(till, listing):
    assert does(till, set_listing, SKU, listing).listing is listing
    assert till.product(SKU.text).listing is listing


@pytest.mark.parametrize("seats", [2, 3, 4, None])
def test_seats_can_be_lowered_to_those_taken_or_made_unlimited(till, seats):
    does(till, set_seats, Sku("6.86x-1T2027"), seats)
    product = till.product("6.86x-1T2027")
    assert (product.seats, product.seats_taken) == (seats, 2)


def test_fewer_seats_than_taken_are_refused(till):
    with pytest.raises(FewerSeatsThanTaken) as refused:
        does(till, set_seats, Sku("6.86x-1T2027"), 1)
    assert refused.value.args == (Sku("6.86x-1T2027"), "Course 6.86x", 1, 2)
    assert till.product("6.86x-1T2027").seats == 3
    assert journal(till, "6.86x-1T2027") == []


def window(till):
    product = till.product(SKU.text)
    return product.enrollment_opens_at, product.payment_deadline_at


def test_an_omitted_end_of_the_window_stays(till):
    does(till, set_window, SKU, opens_at=NOW, deadline_at=NOW + DAY)
    does(till, set_window, SKU, deadline_at=NOW + 2 * DAY)
    assert window(till) == (NOW, NOW + 2 * DAY)
    does(till, set_window, SKU, opens_at=None)
    assert window(till) == (None, NOW + 2 * DAY)
    does(till, set_window, SKU, opens_at=NOW + TICK, deadline_at=None)
    assert window(till) == (NOW + TICK, None)


@pytest.mark.parametrize("deadline", [NOW, NOW - TICK])
def test_an_empty_window_is_refused(till, deadline: datetime):
    does(till, set_window, SKU, opens_at=NOW)
    with pytest.raises(NoTimeToBuy):
        does(till, set_window, SKU, deadline_at=deadline)
    assert window(till) == (NOW, None)


def test_the_journal_names_the_actor_the_change_and_the_reason(till):
    does(till, set_seats, SKU, 40)
    does(till, set_window, SKU, opens_at=NOW, deadline_at=NOW + DAY)
    does(till, set_listing, SKU, Listing.HIDDEN)
    who = ("staff clerk", "fees of 2027")
    opens, deadline = "22 November 2026, 12:00 UTC", "23 November 2026, 12:00 UTC"
    assert journal(till) == [
        ("on-sale → hidden", *who),
        (f"opens none → {opens}; deadline none → {deadline}", *who),
        ("seats none → 40", *who),
    ]


def test_a_change_without_effect_adds_no_journal_entry(till):
    does(till, reprice, SKU, usd("199.99"))
    does(till, set_listing, SKU, Listing.ON_SALE)
    does(till, set_seats, SKU, None)
    does(till, set_window, SKU, opens_at=None)
    assert journal(till) == []
    assert till.product(SKU.text).version == run().version


@pytest.mark.parametrize(
    "verb, value",
    [(reprice, [usd("1.01")]), (set_listing, [Listing.HIDDEN]), (set_seats, [1]), (set_window, [])],
)
def test_an_unknown_product_cannot_be_changed(till, verb, value):
    with pytest.raises(UnknownProduct):
        does(till, verb, Sku("nothing"), *value)
