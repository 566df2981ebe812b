"""All sentences of the shop itself. Adapters, commands and extensions bring their own."""

from __future__ import annotations

from entrypoints.wording.baskets import BASKETS
from entrypoints.wording.discounts import DISCOUNTS
from entrypoints.wording.families import FAMILIES
from entrypoints.wording.messaging import MESSAGING
from entrypoints.wording.orders import ORDERS
from entrypoints.wording.payments import PAYMENTS
from entrypoints.wording.products import PRODUCTS
from entrypoints.wording.refunds import REFUND_REQUESTS, REFUNDS
from entrypoints.wording.sentences import Entries
from entrypoints.wording.setup import SETUP
from entrypoints.wording.values import VALUES

SHOP: Entries = (
    *FAMILIES,
    *VALUES,
    *PRODUCTS,
    *BASKETS,
    *DISCOUNTS,
    *ORDERS,
    *PAYMENTS,
    *REFUNDS,
    *REFUND_REQUESTS,
    *MESSAGING,
    *SETUP,
)
