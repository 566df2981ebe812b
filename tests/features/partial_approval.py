"""A card that the bank approves for a part of the amount only."""

from __future__ import annotations

from adapters.cybersource.payments.partial_approvals import ONLY_A_PART
from core.payments.gateway import CardForm, Declined
from coursetill_testing.contracts.gateway_world import GatewayWorld, MemoryWorld
from tests.contracts.gateways import CyberSourceWorld

PARTLY_APPROVED = "4000000000001109"


def type_card(gateway_world: GatewayWorld, form: CardForm) -> str:
    """Type such a card into a form; what the browser brings to the shop.

    The simulator approves one half. An adapter releases that part and answers Declined, so this is
    what the gateway in memory answers.
    """
    match gateway_world:
        case MemoryWorld():
            gateway_world.gateway.answers_next(Declined(ONLY_A_PART))
            return gateway_world.type_good_card(form)
        case CyberSourceWorld():
            return gateway_world.shop.browser.type_card(form, PARTLY_APPROVED)
    raise ValueError("this gateway approves all of an amount or nothing")
