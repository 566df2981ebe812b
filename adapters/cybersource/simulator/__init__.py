"""
A CyberSource that runs on this machine and moves no money.

It is the other side of the wire: it speaks CyberSource's words over HTTP, verifies every
signature it is sent, and keeps a ledger of its own, so that a test can ask how much money moved.
It imports neither the core nor the adapter it answers.

It speaks Unified Checkout (manual and automatic, with 3-D Secure), payments, captures, refunds,
voids, reversals, search, details, reports, webhooks, and Secure Acceptance's hosted page; calls
come by JWT (shared secret or P12), by HTTP Signature until that is switched off, encrypted or not.
Its page and its control API (`control`) let things go wrong. What it sends, it sends to loopback
addresses alone.

Where is what: the routes stand in `sessions`, `payments`, `reports`, `subscriptions`, `hosted` and
`control`; what they work with in `books`, `webhooks` and `secure_acceptance`; who may come in, in
`door`; what can go wrong, in `mishaps`; and how CyberSource writes things, in `words`. `app` puts
it together, `workings` holds the parts of one simulator, `wire` stands between them and HTTP.

Where the vendor's documents are silent, this is what was assumed (each part says more):

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
* The card numbers for refusals are invented (`books.outcomes`); the amounts are those documented
  for Visa Platform Connect, and the statuses they lead to are read from the reason codes.
* A transient token lives 15 minutes from its making, whatever is left of its session, and may pay
  more than once unless `SimulatorSettings.refuse_token_reuse` says otherwise.
* A decided review changes the payment's own row in the search.
* What was captured separately is refunded by its capture alone; several captures may share one
  authorisation. A refund that fails late is FAILED, and its money counts as never given back.
* HTTP Signature has no replay check, as it has no token id. A body that is encrypted where it need
  not be known, or in clear where encryption is mandatory, is refused with INVALID_DATA.
* A subscription to webhooks needs a signature key first. The names of the risk events are guesses.
* The result of the automatic flow is signed by the session's key and holds every status, declines
  too; a failed authentication is an error without a result, and leaves a declined row.
* Data that the merchant defines on a hosted form is shown by searches, as for other payments.
* Each declined try on the hosted page is posted to the merchant. The page lives 15 minutes.
* Reports of nothing are empty, not absent.
* Not spoken: version 0 of Unified Checkout, Microform, Click to Pay and other wallets, tokens that
  are kept, Checkout API (/silent), the webhook security by OAuth, the CSV reports.
"""

from adapters.cybersource.simulator.app import create_simulator
from adapters.cybersource.simulator.guards import (
    BesideProduction,
    NotLoopback,
    refuse_production,
)
from adapters.cybersource.simulator.profiles import (
    DEMO_ACCESS_KEY,
    DEMO_PROFILE_ID,
    DEMO_PROFILE_SECRET,
    Profile,
)
from adapters.cybersource.simulator.server import RunningSimulator
from adapters.cybersource.simulator.settings import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    SimulatorSettings,
)

__all__ = [
    "DEMO_ACCESS_KEY",
    "DEMO_KEY_ID",
    "DEMO_MERCHANT_ID",
    "DEMO_PROFILE_ID",
    "DEMO_PROFILE_SECRET",
    "DEMO_SECRET",
    "BesideProduction",
    "NotLoopback",
    "Profile",
    "RunningSimulator",
    "SimulatorSettings",
    "create_simulator",
    "refuse_production",
]
