"""Sell one course with the core and the records in memory: no framework, no database."""

from datetime import UTC, datetime

from adapters.memory import MemoryShop
from adapters.memory.payment_gateway import MemoryGateway
from core.identity import Actor, Learner, LearnerId
from core.order_reference import reference_from
from core.payments.attempt import AttemptId
from core.products.catalogue_rows import COLUMNS
from core.products.product import Sku
from core.use_cases.catalogue.import_catalogue import import_catalogue
from core.use_cases.checkout.place_order import HOLD, PlaceOrder, place_order
from core.use_cases.order_lifecycle.order_details import order_details
from core.use_cases.payments.card_form import open_card_form, pay_with_token
from core.use_cases.shopping.basket import add_to_basket, show_basket

now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ids = iter(range(1, 1000))
shop = MemoryShop()
gateway = MemoryGateway(now=lambda: now, new_id=lambda: f"G-{next(ids)}")
ada = Learner(LearnerId("ada"), "ada@example.org", "Ada Lovelace")

row = dict.fromkeys(COLUMNS, "") | {
    "sku": "14.310x-1T2027",
    "kind": "course-run",
    "readable_id": "course-v1:MITxT+14.310x+1T2027",
    "course": "course-v1:MITxT+14.310x",
    "title": "Data Analysis in Social Science",
    "price": "199.99",
    "currency": "USD",
    "seats": "1",
}
import_catalogue([(1, row)], by=Actor.staff("ann"), why="first run", begin=shop.begin, now=now)

add_to_basket(ada, Sku("14.310x-1T2027"), begin=shop.begin, now=now)
total = show_basket(ada, read=shop.read, now=now).quote.total
placing = PlaceOrder("a-key-per-click", reference_from("SHOP", bytes(range(8))))
how = {"begin": shop.begin, "gateway": gateway, "now": now}
order = place_order(ada, total, placing, **how)

form = open_card_form(order.reference, ada.id, AttemptId("A-1"), hold=HOLD, **how)
card = gateway.type_card(form.form)  # in reality the browser does this, in the gateway's frame
pay_with_token(form.attempt.id, ada.id, card, hold=HOLD, **how)

with shop.read() as work:
    sold = order_details(work, order.reference)
print(f"{sold.order.reference}: {sold.order.total} {sold.order.state.value} by {sold.card}")
