"""The whole of checking out and giving up, by many learners at once."""

from itertools import count

from adapters.memory.payment_gateway import MemoryGateway
from core.baskets.basket import Basket, Item
from core.discounts.discount import Limits, UsedUp
from core.identity import Learner, LearnerId
from core.money import Money
from core.order_reference import Reference
from core.orders.order import OrderSearch
from core.orders.order_state import OrderState
from core.products.product import Sku, SoldOut
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.checkout.place_order import PlaceOrder, TotalHasChanged, place_order
from coursetill_testing.contracts.samples import NOW, a_plain_discount, a_plain_run, changing
from tests.races.conftest import CROWD, all_at_once, kinds

CODE = a_plain_discount("CODE", limits=Limits(max_redemptions=CROWD))
TOTAL = Money(1999 - 1005)
TABS = 6


def learner(number):
    return Learner(LearnerId(f"learner-{number}"), "", "")


def open_shop(shop, *products, code=CODE):
    """The shop with these products on its shelf, and one of each in every learner's basket."""
    items = tuple(Item(product.sku, product.price, NOW) for product in products)
    with changing(shop.begin) as work:
        work.products.add(products)
        work.discounts.add(code)
        for number in range(CROWD):
            work.baskets.save(Basket(learner(number), items, (code.code,)))


def place(shop, number, *, key=None, total=TOTAL):
    return place_order(
        learner(number),
        total,
        PlaceOrder(key or f"press-{number:04}", Reference(f"SHOP-{number}")),
        begin=shop.begin,
        gateway=MemoryGateway(now=lambda: NOW, new_id=lambda: "g-1"),
        now=NOW,
    )


def test_the_last_seats_are_sold_once_each(shop):
    open_shop(shop, a_plain_run("wanted", seats=5))
    placed, refusals = all_at_once(lambda number: place(shop, number))
    assert len(placed) == 5
    assert kinds(refusals) == {SoldOut}
    with shop.read() as work:
        assert work.products.get(Sku("wanted")).seats_taken == 5
        assert work.discounts.get(CODE.code).used == 5


def test_the_last_uses_of_a_code_are_sold_once_each(shop):
    code = a_plain_discount("FEW", limits=Limits(max_redemptions=5))
    open_shop(shop, a_plain_run("wanted", seats=CROWD), code=code)
    placed, refusals = all_at_once(lambda number: place(shop, number))
    assert len(placed) == 5
    assert kinds(refusals) <= {UsedUp, TotalHasChanged}
    with shop.read() as work:
        assert work.products.get(Sku("wanted")).seats_taken == 5
        assert work.discounts.get(code.code).used == 5


def test_concurrent_clicks_make_one_order(shop):
    open_shop(shop, a_plain_run("wanted"))
    references = count()

    def click(_):
        gateway = MemoryGateway(now=lambda: NOW, new_id=lambda: "g-1")
        placing = PlaceOrder("one press", Reference(f"CLICK-{next(references)}"))
        return place_order(learner(0), TOTAL, placing, begin=shop.begin, gateway=gateway, now=NOW)

    placed, refusals = all_at_once(click)
    assert refusals == []
    assert len({order.reference for order in placed}) == 1
    with shop.read() as work:
        assert len(work.orders.search(OrderSearch(learner=learner(0).id))) == 1
        assert work.products.get(Sku("wanted")).seats_taken == 1


def test_six_tabs_of_one_learner_make_one_order(shop):
    """Each tab has a form, and so a request key, of its own: decision 7."""
    open_shop(shop, a_plain_run("wanted", seats=TABS))
    references = count()

    def check_out(number):
        gateway = MemoryGateway(now=lambda: NOW, new_id=lambda: "g-1")
        placing = PlaceOrder(f"tab number {number}", Reference(f"TAB-{next(references)}"))
        return place_order(learner(0), TOTAL, placing, begin=shop.begin, gateway=gateway, now=NOW)

    placed, refusals = all_at_once(check_out, TABS)
    assert refusals == []
    assert len({order.reference for order in placed}) == 1
    with shop.read() as work:
        assert len(work.orders.search(OrderSearch(learner=learner(0).id))) == 1
        assert work.products.get(Sku("wanted")).seats_taken == 1
        assert work.discounts.get(CODE.code).used == 1


def test_orders_placed_and_cancelled_concurrently_leave_nothing_reserved(shop):
    runs = [a_plain_run(f"run-{n}", seats=CROWD) for n in range(3)]
    open_shop(shop, *runs)

    def place_and_give_up(number):
        order = place(shop, number, total=Money(3 * TOTAL.minor))
        return cancel_order(
            order.reference,
            learner(number).id,
            begin=shop.begin,
            gateway=MemoryGateway(now=lambda: NOW, new_id=lambda: "g-1"),
            now=NOW,
        )

    given_up, refusals = all_at_once(place_and_give_up)
    assert refusals == []
    assert {order.state for order in given_up} == {OrderState.CANCELLED}
    with shop.read() as work:
        assert {product.seats_taken for product in work.products.everything()} == {0}
        assert work.discounts.get(CODE.code).used == 0
