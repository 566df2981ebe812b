"""Which refusals mean that another change was saved first."""

from core.errors import Conflict, ShopError
from core.messaging.inbox import AlreadyReceived
from core.orders.refund_request import RefundRequestIsAnswered
from core.use_cases.checkout.place_order import RequestKeyReused, TotalHasChanged
from core.use_cases.payments.card_form import JustExpired
from core.use_cases.payments.enquire import StillChecking

EXPECTED_ALONE = (
    AlreadyReceived,
    JustExpired,
    RefundRequestIsAnswered,
    RequestKeyReused,
    StillChecking,
    TotalHasChanged,
)


def lost_a_race(refused: ShopError) -> bool:
    """Whether the records refused the change, as they do only where two change the same."""
    return isinstance(refused, Conflict) and not isinstance(refused, EXPECTED_ALONE)
