"""Prices and discounts that come from outside the shop, and what happens when they do not come."""

import attrs
import pytest

from core.discount_code import DiscountCode, NotACode, OfferCode, PaymentType, line_code
from core.discounts.discount import Source
from core.discounts.personal_offers import PersonalOffer, PricingUnavailable, offers_for
from core.errors import Conflict, Refused, Unavailable
from core.identity import Visitor
from core.money import Currency
from core.orders.line import Reduction
from core.orders.order_state import OrderState
from core.payments.gateway import Captured
from core.use_cases.jobs.maintenance import run_maintenance
from coursetill_testing.makers import ADA, BOB, HOUR, NOW, discount, personal, run, usd

RUN, OTHER = "14.310x-1T2027", "6.86x-1T2027"


@attrs.define
class Aid:
    """A source with something for one learner, which counts how often it was asked."""

    offered: tuple[PersonalOffer, ...] = ()
    whose: str = "ada"
    name: str = "aid"
    asked: list[list[str]] = attrs.field(factory=list)

    def offers(self, learner, products, at, /):
        self.asked.append(sorted(product.sku.text for product in products))
        wanted = {product.sku for product in products}
        theirs = learner.id == self.whose
        return [offer for offer in self.offered if theirs and offer.sku in wanted]


@attrs.define
class Broken:
    """A source that fails as it is told to, at once or while it is being read."""

    error: BaseException
    late: bool = False
    name: str = "broken"
    asked: int = 0

    def offers(self, learner, products, at, /):
        self.asked += 1
        if not self.late:
            raise self.error
        return self._slowly(products)

    def _slowly(self, products):
        yield personal(products[0].sku.text, code="BROKEN/1")
        raise self.error


@attrs.define
class Raw:
    """A source that answers whatever it is told to."""

    answer: object
    name: str = "aid"

    def offers(self, learner, products, at, /):
        return self.answer


@attrs.frozen
class Crooked:
    """A saving that makes no sense of a price."""

    off_: object = None
    currency: Currency | None = None

    def off(self, price):
        return self.off_


def taken(till, by=ADA):
    return [(str(line.due), str(line.priced.taken.code)) for line in till.basket(by).quote.lines]


def test_a_personal_fixed_price_is_the_price_of_the_line(till):
    till.sources = (Aid((personal(RUN, "fixed-price", "50.00", "AID/DEDP-75"),)),)
    till.puts(RUN)
    assert taken(till) == [("$50.00", "AID/DEDP-75")]


def test_a_source_is_called_once_per_basket_and_not_for_picked_runs(till):
    source = Aid()
    till.sources = (source,)
    till.puts("DEDP", RUN)
    till.puts(OTHER)
    till.basket()
    assert source.asked == [[OTHER, "DEDP"]]


def test_no_source_is_called_for_an_empty_basket_or_an_anonymous_visitor(till):
    till.sources = (Broken(RuntimeError()),)
    visitor = Visitor("somebody")
    till.puts(RUN, by=visitor)
    assert till.basket(visitor).quote.total == usd("199.99")
    assert till.basket(BOB).quote.lines == ()


def test_the_best_of_all_offers_and_discounts_applies_and_nothing_stacks(till):
    till.sources = (
        Aid((personal(RUN, "percent-off", "30", "AID/30"),)),
        Aid((personal(RUN, "dollars-off", "10.00", "CLUB/10"),), name="club"),
    )
    till.puts(RUN)
    till.enters("SPRING")
    assert taken(till) == [("$139.99", "AID/30")]
    till.offers(discount("BEST", "percent-off", "31"))
    till.enters("BEST")
    assert taken(till) == [("$137.99", "BEST")]


def test_a_typed_code_is_reported_as_beaten_by_a_better_offer(till):
    till.sources = (Aid((personal(RUN, "fixed-price", "50.00"),)),)
    till.puts(RUN)
    till.enters("SPRING")
    [code] = till.basket().quote.codes
    assert (code.beaten, code.lines, code.why_not) == (True, 0, None)
    assert code.beaten_by == (OfferCode("aid", "75"),)


def test_an_order_stores_its_offer_and_calls_no_source_again(till):
    till.sources = (Aid((personal(RUN, "fixed-price", "50.00", "AID/DEDP-75"),)),)
    order = till.checks_out(RUN)
    till.sources = (Broken(RuntimeError()),)
    paid = till.pays(order)
    assert (paid.state, paid.total) == (OrderState.PAID, usd("50.00"))
    [line] = till.order(order.reference).lines
    assert line.reduction == Reduction(
        OfferCode("AID", "DEDP-75"),
        "price $50.00",
        usd("149.99"),
        PaymentType.FINANCIAL_ASSISTANCE,
    )
    till.refunds(paid)
    assert till.order(order.reference).state is OrderState.REFUNDED
    assert till.refunds_of(order)[0].amount == usd("50.00")


def test_an_offer_is_no_code_of_the_order_and_has_no_redemption(till):
    till.sources = (Aid((personal(RUN, "fixed-price", "50.00"),)),)
    till.puts(OTHER)
    till.enters("SPRING")
    order = till.checks_out(RUN)
    assert order.codes == (DiscountCode("SPRING"),)
    assert till.uses_of(order) == {"SPRING": "reserved"}
    till.pays(order)
    assert till.uses_of(order) == {"SPRING": "redeemed"}


def test_a_late_payment_uses_the_offer_stored_in_the_order(till):
    till.sources = (Aid((personal(RUN, "fixed-price", "50.00"),)),)
    order = till.checks_out(RUN)
    opened = till.opens(order)
    till.passes(3 * HOUR)
    run_maintenance(begin=till.begin, gateway=till.gateway, now=till.now)
    assert till.order(order.reference).state is OrderState.EXPIRED
    till.sources = (Broken(RuntimeError()),)
    after = till.hears(opened.attempt, Captured("g-late", usd("50.00")))
    assert (after.state, after.total) == (OrderState.PAID, usd("50.00"))
    assert till.refunds_of(order) == ()


def test_an_order_made_free_by_an_offer_is_paid_at_once(till):
    till.sources = (Aid((personal(RUN, "percent-off", "100"),)),)
    assert till.checks_out(RUN).state is OrderState.PAID


def test_the_same_basket_with_another_offer_is_another_order(till):
    till.sources = (Aid((personal(RUN, "fixed-price", "50.00", "AID/A"),)),)
    first = till.checks_out(RUN)
    till.sources = (Aid((personal(RUN, "fixed-price", "50.00", "AID/B"),)),)
    second = till.checks_out()
    assert second.reference != first.reference
    assert till.order(first.reference).state is OrderState.CANCELLED


ANYTHING = [
    RuntimeError("no such table"),
    Refused(),
    Conflict(),
    Unavailable(),
    AssertionError(),
]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("error", ANYTHING, ids=lambda error: type(error).__name__)
def test_a_failing_source_stops_the_sale(till, error, late):
    till.puts(RUN)
    total = till.basket().quote.total
    till.sources = (Aid(), Broken(error, late))
    with pytest.raises(PricingUnavailable) as failed:
        till.basket()
    assert (failed.value.source, failed.value.__cause__) == ("broken", error)
    with pytest.raises(PricingUnavailable):
        till.enters("SPRING")
    with pytest.raises(PricingUnavailable):
        till.checks_out(confirmed=total)
    till.sources = ()
    assert till.basket().quote.codes == ()
    assert till.seats_taken(RUN) == 0


def test_a_failing_source_is_called_once(till):
    source = Broken(Conflict())
    till.puts(RUN)
    till.sources = (source,)
    with pytest.raises(PricingUnavailable):
        till.checks_out(confirmed=usd("199.99"))
    assert source.asked == 1


NONSENSE = {
    "no offer": ["half price"],
    "one offer alone": personal(RUN),
    "nothing at all": None,
    "another currency": [personal(RUN, currency=Currency.EUR)],
    "a product nobody asked about": [personal(OTHER)],
    "the code of another source": [personal(RUN, code="CLUB/75")],
    "a saving that is no money": [attrs.evolve(personal(RUN), saving=Crooked())],
    "a saving in another currency": [
        attrs.evolve(personal(RUN), saving=Crooked(off_=usd("5").of("5", Currency.EUR)))
    ],
    "a saving that is none": [attrs.evolve(personal(RUN), saving=None)],
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE.keys())
def test_an_invalid_offer_stops_the_sale(till, answer):
    till.puts(RUN)
    till.sources = (Raw(answer),)
    with pytest.raises(PricingUnavailable):
        till.basket()


@pytest.mark.parametrize("how", [tuple, list, iter, set])
def test_a_source_may_return_any_collection(how):
    product, offer = run(), personal(RUN)
    assert offers_for(ADA, [product], NOW, sources=(Raw(how([offer])),)) == (offer,)


def test_an_offer_carries_its_reason():
    with pytest.raises(ValueError, match="why"):
        personal(RUN, why="")


def test_offers_count_as_assigned():
    assert personal(RUN).source is Source.ASSIGNED


def test_the_code_of_an_offer_cannot_be_typed():
    assert OfferCode("financial-aid", "dedp-75").text == "FINANCIAL-AID/DEDP-75"
    with pytest.raises(NotACode):
        DiscountCode.of("FINANCIAL-AID/DEDP-75")


@pytest.mark.parametrize(
    "code", [DiscountCode("SPRING"), OfferCode("AID", "75"), OfferCode("A-B", "..A")]
)
def test_the_code_of_an_offer_survives_storage(code):
    assert line_code(code.text) == code


@pytest.mark.parametrize(
    "source, name", [("", "A"), ("A/B", "C"), ("-A", "B"), ("A", ""), ("A", "B/C")]
)
def test_a_code_of_an_offer_has_two_parts_and_one_slash(source, name):
    with pytest.raises(ValueError, match="must match"):
        OfferCode(source, name)
