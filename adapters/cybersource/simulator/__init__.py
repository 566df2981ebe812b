"""
A CyberSource that runs on this machine and moves no money.

It is the other side of the wire: it speaks CyberSource's words over HTTP, verifies every
signature it is sent, and keeps a ledger of its own, so that a test can ask how much money moved.
It imports neither the core nor the adapter it answers.

Where the vendor's documents are silent, this is what was assumed:

* A genuine v1 session has not been published. `ctx[0].type` is that of the documented v0 sample;
  everything sent is echoed under `ctx[0].data`, and `orderInformation`, which the v0 sample shows
  at that level, is there as well as under `data`.
* The real card frame encrypts the card to the session's key inside CyberSource's own page. Here
  the frame posts it to the same origin over loopback, in clear.
* The real form asks for whatever `captureMandate` says; this one asks for the card, the name, the
  postal code and the country.
* The texts inside error details, the reason of a refund above what is left (INVALID_AMOUNT), of an
  unknown payment (INVALID_PAYMENT_ID) and of a page whose origin is not a target origin
  (UNUSED_TARGET_ORIGINS) are guesses among the documented names.
* The card numbers for refusals are invented (`outcomes`); the amounts are those documented for
  Visa Platform Connect, and the statuses they lead to are read from the reason codes.
* A transient token lives 15 minutes from its making, whatever is left of its session, and may pay
  more than once unless `SimulatorSettings.refuse_token_reuse` says otherwise.
* A decided review changes the payment's own row in the search.
* Message-level encryption, HTTP Signature, webhooks, captures, the automatic flow and Secure
  Acceptance are not spoken.
"""

from adapters.cybersource.simulator.app import create_simulator
from adapters.cybersource.simulator.guards import (
    BesideProduction,
    NotLoopback,
    refuse_production,
)
from adapters.cybersource.simulator.server import RunningSimulator
from adapters.cybersource.simulator.settings import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    SimulatorSettings,
)

__all__ = [
    "DEMO_KEY_ID",
    "DEMO_MERCHANT_ID",
    "DEMO_SECRET",
    "BesideProduction",
    "NotLoopback",
    "RunningSimulator",
    "SimulatorSettings",
    "create_simulator",
    "refuse_production",
]
