"""What a simulator is told when it starts, and the worthless credentials of the demo."""

from base64 import b64encode
from collections.abc import Mapping

import attrs

DEMO_MERCHANT_ID = "simulated_merchant"
DEMO_KEY_ID = "00000000-0000-4000-8000-000000000000"
# It opens nothing but a simulator.
DEMO_SECRET = b64encode(b"worthless-secret-of-the-simulator-only").decode()


def _demo_keys() -> dict[str, str]:
    return {DEMO_KEY_ID: DEMO_SECRET}


@attrs.frozen(kw_only=True)
class SimulatorSettings:
    """
    One merchant's account at the simulator, and the switches of its behaviour.

    Each switch stands for something that differs between merchants or processors, or that the
    vendor's documents leave open.
    """

    merchant_id: str = DEMO_MERCHANT_ID
    # Key id to base64 secret, for tokens signed with HS256, HS384 or HS512.
    shared_keys: Mapping[str, str] = attrs.field(factory=_demo_keys)
    # Key id to the public key of a P12, as PEM, for RS and PS 256 to 512.
    p12_public_keys: Mapping[str, str] = attrs.field(factory=dict)
    # Names that a token may claim as its request-host, besides this simulator's own.
    host_names: tuple[str, ...] = ("apitest.cybersource.com",)
    # Hosts that this process is configured to call: the simulator stands beside no real one.
    gateway_hosts: tuple[str, ...] = ()
    # The real one takes https origins alone; a demo on one machine has no certificate.
    allow_http_loopback: bool = True
    # Whether the account's defaults are merged in where a session leaves its mandate out.
    payment_processing: bool = True
    index_lag_seconds: float = 2.0
    clock_skew_seconds: int = 60
    # How long the slow card keeps its reply back.
    slow_seconds: float = 20.0
    amount_triggers: bool = True
    refuse_token_reuse: bool = False
    refuse_over_refund: bool = True
    # A transaction id is unique on Visa Platform Connect; other processors ignore it.
    enforce_transaction_ids: bool = True
