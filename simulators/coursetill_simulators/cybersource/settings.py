"""The settings of a simulator, and the worthless credentials of the demo."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import attrs

from coursetill_simulators.cybersource.profiles import Profile, demo_profiles

DEMO_MERCHANT_ID = "simulated_merchant"
DEMO_KEY_ID = "00000000-0000-4000-8000-000000000000"
# It is valid only at a simulator.
DEMO_SECRET = b64encode(b"worthless-secret-of-the-simulator-only").decode()


def _demo_keys() -> dict[str, str]:
    return {DEMO_KEY_ID: DEMO_SECRET}


@attrs.frozen(kw_only=True)
class SimulatorSettings:
    """
    One merchant's account at the simulator, and switches for its behaviour.

    Each switch is for a behaviour that differs between merchants or processors, or that the
    vendor's documents leave open.
    """

    merchant_id: str = DEMO_MERCHANT_ID
    # Key id to base64 secret, for tokens signed with HS256, HS384 or HS512.
    shared_keys: Mapping[str, str] = attrs.field(factory=_demo_keys)
    # Key id to the public key of a P12, as PEM, for RS and PS 256 to 512.
    p12_public_keys: Mapping[str, str] = attrs.field(factory=dict)
    # Key id to the simulator's own private key, as PEM, for encrypted requests. None makes one.
    mle_private_keys: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    # Key id to the merchant's public key, as PEM, for encrypted replies.
    reply_public_keys: Mapping[str, str] = attrs.field(factory=dict)
    # Names that a token may have as its request-host, besides this simulator's own.
    host_names: tuple[str, ...] = ("apitest.cybersource.com",)
    # The file of the ledger; None keeps it in memory.
    ledger_file: Path | None = None
    # Hosts that this process is configured to call. The simulator refuses to run beside a real one.
    gateway_hosts: tuple[str, ...] = ()
    # CyberSource accepts only https origins; a demo on one machine has no certificate.
    allow_http_loopback: bool = True
    # Whether a session without a mandate gets the account's default.
    payment_processing: bool = True
    index_lag_seconds: float = 2.0
    clock_skew_seconds: int = 60
    # The delay of the slow card's reply.
    slow_seconds: float = 20.0
    amount_triggers: bool = True
    refuse_token_reuse: bool = False
    refuse_over_refund: bool = True
    # A transaction id is unique on Visa Platform Connect; other processors ignore it.
    enforce_transaction_ids: bool = True
    # The account's own check: no payment with the same reference within 15 minutes.
    refuse_same_reference: bool = False
    # Whether the buyer and merchantDefinedInformation in a session's data reach the
    # payment that completes it: unknown.
    pass_on_notes: bool = True
    # Days after the authorisation: 180 on Visa Platform Connect, 60 on other processors.
    refund_window_days: int = 180
    # With consumerAuthentication 3DS: challenge every payer, not only those of two cards.
    challenge_everybody: bool = False
    # Secure Acceptance: the profiles of signed forms.
    profiles: tuple[Profile, ...] = attrs.field(factory=demo_profiles)
    # The allowed difference of a form's signed time, and the lifetime of its page: both unknown.
    hosted_skew_seconds: float = 900.0
    hosted_minutes: float = 15.0
    # The allowed retries after a declined card on the page (the profile's Retry Limit, 0 to 5).
    hosted_retries: int = 0
    # Whether the answer to a repeated transaction_uuid has the amount.
    repeated_with_amount: bool = True
    # Whether the merchant's server gets the result before the browser returns.
    merchant_post_first: bool = False
    # The vendor documents no retries.
    merchant_post_retries: int = 0
    # The delay of later posts after one without an answer within ten seconds.
    merchant_post_pause_seconds: float = 0.0
    # HTTP Signature after its end (March 2027): every such call is answered with 401.
    http_signature_ended: bool = False
    # Endpoints (`envelopes.ENDPOINTS`) where a body that is not encrypted is refused.
    mle_mandatory: tuple[str, ...] = ()
    # How a webhook carries its payload: object, string, jwe-payload or jwe-body.
    webhook_shape: str = attrs.field(
        default="object",
        validator=attrs.validators.in_(("object", "string", "jwe-payload", "jwe-body")),
    )
    # The signed part: the raw body, or the payload as JSON.stringify writes it.
    webhook_signed_form: str = attrs.field(
        default="raw", validator=attrs.validators.in_(("raw", "payload"))
    )
    # Webhook URLs must be approved before use (since September 2026).
    webhook_review: bool = False
    # From a subscription to its first health check; at CyberSource five to ten minutes.
    webhook_activation_seconds: float = 0.0
    # From an unanswered health check to the next.
    health_check_seconds: float = 300.0

    @property
    def hosted_life(self) -> timedelta:
        """The lifetime of a hosted payment page."""
        return timedelta(minutes=self.hosted_minutes)


# The switches that a control command may change at run time.
SWITCHES = (
    "http_signature_ended",
    "mle_mandatory",
    "payment_processing",
    "allow_http_loopback",
    "index_lag_seconds",
    "clock_skew_seconds",
    "slow_seconds",
    "amount_triggers",
    "refuse_token_reuse",
    "refuse_over_refund",
    "enforce_transaction_ids",
    "refuse_same_reference",
    "pass_on_notes",
    "refund_window_days",
    "challenge_everybody",
    "hosted_skew_seconds",
    "hosted_minutes",
    "hosted_retries",
    "repeated_with_amount",
    "merchant_post_first",
    "merchant_post_retries",
    "merchant_post_pause_seconds",
    "webhook_shape",
    "webhook_signed_form",
    "webhook_review",
    "webhook_activation_seconds",
    "health_check_seconds",
)
